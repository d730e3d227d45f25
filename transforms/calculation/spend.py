"""Money: what an amount is worth in the dollars of a factor, and the spend-based method.

    kg_co2e = spend_amount * FX(spend_currency, spend_year) * P(price year) / P(spend_year) * EF_eeio(naics_code)

Convert first, then deflate with the US index: the reverse gives another number.
Source: calculation specification, 4 and 13.2; GHG Protocol, Technical Guidance for Calculating Scope 3
Emissions (2013), category 1, spend-based method.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.methods import Method
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.term import Basis, Failure, Term, factor_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved
from transforms.factors.row import FactorRow

USD = "USD"

# Answers kept: worths are few, and a run has some thousand codes.
_KEPT = 5_000


class Money(NamedTuple):
    """What one unit of a currency is worth.

    Attributes:
        usd_per_unit: of the year of the prices, or of the factor's price year.
        rows: exchange rate and indices used.
        warnings: currency assumed.
        failure: set where a rate or an index is missing; never is 1 assumed.
    """

    usd_per_unit: float
    rows: tuple[FactorRow, ...] = ()
    warnings: tuple[str, ...] = ()
    failure: Failure | None = None


@dataclass(frozen=True)
class Prices:
    """In which currency and prices of which year the amounts of n records are.

    Attributes:
        currency: string[n], ISO 4217; null is taken for US dollars.
        year: int64[n].
        currency_field, year_field: named where there is no rate or index.
    """

    currency: pa.Array
    year: pa.Array
    currency_field: str = "spend_currency"
    year_field: str = "spend_year"

    @classmethod
    def of(cls, fields: Fields, currency_field: str, year_field: str) -> "Prices":
        """Returns them by the names of their fields; without a year they are those of activity_year."""
        year = pc.coalesce(fields.integers(year_field), fields.integers("activity_year"))
        return cls(fields.texts(currency_field), year, currency_field, year_field)

    @classmethod
    def of_spend(cls, fields: Fields) -> "Prices":
        """Returns those of the spend block."""
        return cls.of(fields, "spend_currency", "spend_year")


def worth(resolver: Resolver, currency: str | None, year: int, currency_field: str = "spend_currency") -> Money:
    """Returns the worth of a unit of currency in US dollars of the same year."""
    warnings = ("W_CURRENCY_ASSUMED",) if currency is None else ()
    if currency is None or currency == USD:
        return Money(1.0, (), warnings)
    rate = resolver.exact("fx", currency, year)
    if rate is None:
        message = f"there is no exchange rate for {currency} in {year}; give the amount in USD, or load the rate with --factors"
        return Money(np.nan, failure=Failure(Code.E_NO_FACTOR, currency_field, currency, message))
    return Money(rate.value, (rate,))


@lru_cache(_KEPT)
def worth_at(
    resolver: Resolver,
    currency: str | None,
    year: int,
    price_year: int | None,
    series: tuple[str, ...],
    fields: tuple[str, str] = ("spend_currency", "spend_year"),
) -> Money:
    """Returns the worth of a unit of currency of a year in US dollars of a factor's price year.

    Args:
        resolver: finds rates and indices, of exactly these years.
        currency: ISO 4217; None is taken for US dollars.
        year: of the prices.
        price_year: of the factor; None where it counts in dollars of any year.
        series: price indices in the order in which they are tried.
        fields: of currency and year, named where there is no rate or index.
    """
    currency_field, year_field = fields
    money = worth(resolver, currency, year, currency_field)
    if money.failure is not None or price_year is None or price_year == year:
        return money
    for one in series:
        pair = resolver.exact_pair("price_index", one, (price_year, year))
        if pair is not None and pair[1].value > 0:
            target, base = pair
            return Money(money.usd_per_unit * target.value / base.value, (*money.rows, base, target), money.warnings)
    message = f"there is no price index for {year} and {price_year}; give the amount in prices of {price_year} with {year_field}, or load the index with --factors"
    return Money(np.nan, failure=Failure(Code.E_NO_FACTOR, year_field, str(year), message))


@lru_cache(_KEPT)
def price_series(resolver: Resolver, naics_code: str | None) -> tuple[str, ...]:
    """Returns the price indices to try, the nearest to what was bought first, that of all consumers last."""
    digits = naics_code if naics_code is not None and naics_code.isdigit() else ""
    prefixes = (digits[:length] for length in range(len(digits), 1, -1))
    return (*(one for one in prefixes if resolver.has("price_index", one)), "cpi")


def boundary_of(price_basis: str | None, margins: str | None) -> str:
    """Returns the boundary of an eeio factor that fits the prices of a record."""
    if price_basis == "basic":
        return "basic_price"
    return "without_margins" if margins == "without" else "with_margins"


def no_factor(field: str, value: str, found: Unresolved) -> Failure:
    """Returns the failure of a field whose value finds no factor."""
    return Failure(found.code, field, value, f"{field}: {found.detail}; correct it, or load a factor with --factors")


def dollar_factor(
    resolver: Resolver,
    method: Method,
    family: str,
    key: str,
    boundary: str,
    region: str,
    year: int,
    *,
    field: str,
    value: str,
    naics_code: str | None,
    technological: int = 1,
    default_cv: float | None = None,
    warnings: Sequence[str] = (),
) -> Term:
    """Returns the part of a term that is a factor per US dollar; `in_dollars` puts the worth of the money to it.

    Args:
        family, key, boundary: of the factor.
        region, year: of the record.
        field, value: that gave the key, for the failure.
        naics_code: for the price index.
        technological: score at least, where the key is only a stand-in for the record's own.
        default_cv: instead of the method's.
        warnings: on top.
    """
    found = resolver.resolve(family, key, boundary, region, year, unit=USD)
    if isinstance(found, Unresolved):
        return Term(failure=Failure(found.code, field, value, f"{field}: {found.detail}; correct it, or load a factor with --factors"))
    if found.technological < technological:
        found = found._replace(technological=technological)
    price = (found.price_year, price_series(resolver, naics_code))
    return factor_term(found, method, warnings=warnings, default_cv=default_cv, price=price)


def sector_factor(resolver: Resolver, method: Method, family: str, key: str, field: str, region: str, year: int) -> Term:
    """Returns the part of a term that is a factor of a sector per US dollar; its prices follow the index of all consumers.

    Args:
        family: sector_revenue or sector_assets.
        field: that gave the key.
    """
    return dollar_factor(resolver, method, family, key, "scope12", region, year, field=field, value=key, naics_code=None)


def in_dollars(resolver: Resolver, terms: Terms, prices: Prices, factors: Ints, complete: Bools) -> Ints:
    """Returns the terms of amounts of money with factors per US dollar, int64[n], -1 where not complete.

    A factor depends on code, region and year, a worth on currency and year: each is found once, and not each with each.

    Args:
        prices: of the amounts.
        factors: int64[n], parts that `dollar_factor` made, -1 where not complete.
        complete: bool[n].
    """
    if not complete.any():
        return np.full(len(complete), -1, np.int64)
    names = (prices.currency_field, prices.year_field)

    def worth_of(price: int, currency: str | None, year: int) -> Term:
        price_year, series = terms.prices[price]
        money = worth_at(resolver, currency, year, price_year, series, names)
        return Term(money.usd_per_unit, warnings=money.warnings, basis=Basis(rows=money.rows), failure=money.failure, part=True)

    terms.grow()
    price = np.where(complete, terms.price[factors], -1)
    worths = terms.find(f"worth in {names}", [pa.array(price), prices.currency, prices.year], price >= 0, worth_of)
    return terms.combine(factors, worths, complete)


def spend_based(resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools) -> Ints:
    """Returns the terms of the spend-based method by naics_code, int64[n], -1 where not complete."""

    def factor(code: str, region: str, year: int, basis: str | None, margins: str | None) -> Term:
        boundary, told = boundary_of(basis, margins), ["W_SPEND_BASED"]
        return dollar_factor(
            resolver, method, "eeio", code, boundary, region, year, field="naics_code", value=code, naics_code=code, warnings=told
        )

    columns = [fields.texts("naics_code"), fields.texts("region"), fields.integers("activity_year")]
    columns += [fields.texts("price_basis"), fields.texts("margins")]
    factors = terms.find(f"{method.label} by naics_code", columns, complete, factor)
    return in_dollars(resolver, terms, Prices.of_spend(fields), factors, complete)


def by_spend(resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools, amount: Floats) -> Attempt:
    """Returns the attempt by naics_code."""
    term = spend_based(resolver, terms, fields, method, complete)
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, amount)


def amounts(fields: Fields) -> tuple[Floats, Bools]:
    """Returns |spend_amount| and which rows are credit notes: a credit is calculated like a purchase, and then negated."""
    amount = fields.numbers("spend_amount")
    return np.abs(amount), amount < 0
