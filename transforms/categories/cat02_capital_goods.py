"""Category 2, capital goods: what was acquired in the year, in full; nothing is spread over its life.

    1 supplier footprint  kg_co2e = supplier_pcf_total_kg_co2e, else quantity * supplier_pcf
    2 average data        kg_co2e = quantity * EF[product, cradle_to_gate]
    3 asset spend         kg_co2e = spend_amount * FX * emission_factor_kg_co2e_per_usd,
                          or spend_amount * FX * P(price year) / P(spend_year) * EF[asset_spend, asset_category]
    4 spend               kg_co2e = spend_amount * FX * P(price year) / P(spend_year) * EF[eeio, naics_code]

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 2;
calculation specification, 14.2. Which NAICS code stands for an asset class is a convention of this project.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from schemas.records.cat02_capital_goods import ASSET_CATEGORIES
from transforms.calculation.attempts import Attempt
from transforms.calculation.classes import Classes
from transforms.calculation.footprint import average_data, boundary_failure, given_cv, supplier_pcf
from transforms.calculation.spend import Prices, amounts, boundary_of, dollar_factor, in_dollars, spend_based, worth
from transforms.calculation.term import Term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_PCF, _AVERAGE, _ASSET, _SPEND = METHODS[2]


@dataclass(frozen=True)
class AssetClass:
    """Convention for a class of assets: cv of its spend factors, and the NAICS code that stands for it."""

    cv: float
    naics_code: str


ASSET_CLASSES = dict(
    zip(
        ASSET_CATEGORIES,
        (
            AssetClass(0.25, "236220"),
            AssetClass(0.20, "333249"),
            AssetClass(0.18, "336111"),
            AssetClass(0.15, "334111"),
            AssetClass(0.30, "337214"),
        ),
        strict=True,
    )
)

# A code that stands for a whole class is as far from the purchase as a three-digit one.
_CLASS_DEFAULT_SCORE = 4


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes."""
    amount, credit = amounts(fields)
    classes = Classes(fields, "asset_category", "asset_description", config)
    return [
        _footprint(terms, fields, credit, config),
        average_data(resolver, terms, fields, _AVERAGE, credit),
        _asset_spend(resolver, terms, fields, classes, amount, config),
        _spend(resolver, terms, fields, classes, amount),
    ], credit


def memo(fields: Fields, kg_co2e: Floats) -> dict[str, Floats]:
    """Returns kg_co2e by year of useful life, where the record gives one."""
    return {"annualised_kg_co2e": kg_co2e / fields.numbers("useful_life_years")}


def _footprint(terms: Terms, fields: Fields, credit: Bools, config: Config) -> Attempt:
    """Returns the attempt by a footprint of the whole purchase, else of a unit of it."""
    unit = supplier_pcf(terms, fields, _PCF, credit, config)
    whole = fields.given("supplier_pcf_total_kg_co2e") & ~credit

    def make(boundary: str | None) -> Term:
        failure = boundary_failure(boundary)
        if failure is not None:
            return Term(failure=failure)
        return record_term("supplier_pcf_total_kg_co2e", "kg_co2e", _PCF, warnings=["W_BOUNDARY_PCF"] if boundary is None else [])

    of_whole = terms.find("footprint of the purchase", [fields.texts("pcf_boundary")], whole, make)
    return Attempt(
        _PCF,
        whole | unit.complete,
        # A total has no quantity that could be wrong beside it.
        np.where(whole, 0.0, unit.activity_cv),
        np.where(whole, of_whole, unit.term),
        np.where(whole, fields.numbers("supplier_pcf_total_kg_co2e"), unit.quantity),
        np.where(whole, np.nan, fields.numbers("supplier_pcf")),
        given_cv(fields, "supplier_pcf_cv", config),
    )


def _asset_spend(resolver: Resolver, terms: Terms, fields: Fields, classes: Classes, amount: Floats, config: Config) -> Attempt:
    """Returns the attempt by the record's own factor per dollar, else by a loaded factor of the asset class."""
    own = fields.given("spend_amount") & fields.given("emission_factor_kg_co2e_per_usd")
    prices = Prices.of_spend(fields)

    def by_own(currency: str | None, year: int, asset_class: str | None) -> Term:
        money = worth(resolver, currency, year)
        if money.failure is not None:
            return Term(failure=money.failure)
        cv = ASSET_CLASSES[asset_class or "other_equipment"].cv
        name = "emission_factor_kg_co2e_per_usd"
        return record_term(name, "USD", _ASSET, kg_per_unit=money.usd_per_unit, cv=cv, more_rows=money.rows, warnings=money.warnings)

    def by_class(asset_class: str, warning: str | None, region: str, year: int, naics_code: str | None) -> Term:
        return dollar_factor(
            resolver,
            _ASSET,
            "asset_spend",
            asset_class,
            "cradle_to_gate",
            region,
            year,
            field="asset_category",
            value=asset_class,
            naics_code=naics_code,
            default_cv=ASSET_CLASSES[asset_class].cv,
            warnings=[] if warning is None else [warning],
        )

    term_own = terms.find("asset spend by own factor", [prices.currency, prices.year, classes.any], own, by_own)
    loaded = _loaded(resolver, classes.any)
    by_row = fields.given("spend_amount") & loaded & ~own
    columns = [classes.any, classes.warning, fields.texts("region"), fields.integers("activity_year"), fields.texts("naics_code")]
    term_row = in_dollars(resolver, terms, prices, terms.find("asset spend by class", columns, by_row, by_class), by_row)
    return Attempt(
        _ASSET,
        own | by_row,
        np.full(fields.rows, _ASSET.activity_cv),
        np.where(own, term_own, term_row),
        amount,
        np.where(own, fields.numbers("emission_factor_kg_co2e_per_usd"), np.nan),
        np.where(own, given_cv(fields, "emission_factor_cv", config), np.nan),
    )


def _loaded(resolver: Resolver, classes: pa.Array) -> Bools:
    """Returns which rows are of a class that a loaded factor is there for; without one the method has no data."""
    known = [one for one in ASSET_CATEGORIES if resolver.has("asset_spend", one)]
    return pc.fill_null(pc.is_in(classes, pa.array(known, pa.string())), False).to_numpy(zero_copy_only=False)


def _spend(resolver: Resolver, terms: Terms, fields: Fields, classes: Classes, amount: Floats) -> Attempt:
    """Returns the attempt by naics_code, else by the code that stands for the asset class."""
    by_code = fields.given("spend_amount") & fields.given("naics_code")
    by_class = fields.given("spend_amount") & classes.known & ~by_code

    def make(
        asset_class: str,
        warning: str | None,
        region: str,
        year: int,
        basis: str | None,
        margins: str | None,
    ) -> Term:
        return dollar_factor(
            resolver,
            _SPEND,
            "eeio",
            ASSET_CLASSES[asset_class].naics_code,
            boundary_of(basis, margins),
            region,
            year,
            field="asset_category",
            value=asset_class,
            # The code of the class is ours, not the record's: prices follow the index of all consumers.
            naics_code=None,
            technological=_CLASS_DEFAULT_SCORE,
            warnings=["W_SPEND_BASED", *([] if warning is None else [warning])],
        )

    columns = [classes.any, classes.warning, fields.texts("region"), fields.integers("activity_year")]
    columns += [fields.texts("price_basis"), fields.texts("margins")]
    of_code: Ints = spend_based(resolver, terms, fields, _SPEND, by_code)
    factors = terms.find(f"{_SPEND.label} by asset class", columns, by_class, make)
    of_class: Ints = in_dollars(resolver, terms, Prices.of_spend(fields), factors, by_class)
    term = np.where(by_code, of_code, of_class)
    return Attempt(_SPEND, by_code | by_class, np.full(fields.rows, _SPEND.activity_cv), term, amount)
