"""Emissions of companies and projects that are financed: reported, from their energy or output, or from money.

Source: PCAF, Global GHG Accounting and Reporting Standard, part A (2022), chapter 5 (listed equity and corporate bonds,
business loans and unlisted equity, project finance); calculation specification, 14.15.
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools
from schemas.config import Config
from schemas.free_text import Keywords
from schemas.methods import Method
from schemas.methods.cat15 import CORPORATE
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.classes import Classes
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.footprint import unit_failure
from transforms.calculation.pcaf import Attribution, amount_of, factor_cv_of, price_of_position, scored, sum_of
from transforms.calculation.said import said
from transforms.calculation.spend import Prices, in_dollars, no_factor, price_series, sector_factor
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

_VERIFIED, _REPORTED, _ENERGY, _PRODUCTION, _REVENUE, _ASSETS, _TURNOVER = CORPORATE

_SCOPES = ("company_scope1_t_co2e", "company_scope2_t_co2e")
_KG_PER_T = 1000.0
_SECTOR_FAMILIES = ("sector_revenue", "sector_assets", "sector_turnover")


def corporate(resolver: Resolver, terms: Terms, fields: Fields, shares: Attribution, config: Config) -> list[Attempt]:
    """Returns the attempts for equity, bonds, loans and projects."""
    ours = shares.corporate
    known = ours & shares.known
    sectors = Classes(fields, "sector", "portfolio_company_description", config, sector_keywords(resolver))
    physical = [said("W_PHYSICAL_ESTIMATE", ours)]
    economic = [pc.binary_join_element_wise("W_ECONOMIC_ESTIMATE sector=", sectors.any, ""), sectors.warning]
    sites = Sites.of_records(fields, known & has_energy(fields), shares.factor)
    energy = sum_of(_ENERGY, known & has_energy(fields), energy_parts(resolver, terms, fields, _ENERGY, sites, config))
    output = _by_production(resolver, terms, fields, known, shares, config)
    revenue = _by_revenue(resolver, terms, fields, known, shares, sectors, config)
    return [
        scored(_VERIFIED, shares, config, reported(terms, fields, _VERIFIED, known & is_verified(fields), shares)),
        scored(_REPORTED, shares, config, reported(terms, fields, _REPORTED, known & ~is_verified(fields), shares)),
        scored(_ENERGY, shares, config, energy),
        scored(_PRODUCTION, shares, config, output, told=physical),
        scored(_REVENUE, shares, config, revenue, told=economic),
        *(
            scored(
                method,
                shares,
                config,
                _by_money(resolver, terms, fields, method, ours, sectors, config),
                attributed=False,
                told=economic,
            )
            for method in (_ASSETS, _TURNOVER)
        ),
    ]


def is_verified(fields: Fields) -> Bools:
    """Says whose figures a third party verified, bool[n]."""
    return fields.flags("emissions_verified")


def reported(terms: Terms, fields: Fields, method: Method, wanted: Bools, shares: Attribution) -> Attempt:
    """Returns the attempt by reported Scope 1 and 2: 1000 * AF * (company_scope1_t_co2e + company_scope2_t_co2e).

    Args:
        wanted: bool[n], whose figures may be taken, if there are any.
    """
    given = [fields.given(name) for name in _SCOPES]
    complete = wanted & (given[0] | given[1])
    parts = []
    for name, has in zip(_SCOPES, given, strict=True):
        rows = np.flatnonzero(complete & has)
        term = terms.place(("reported", method.label, name), lambda name=name: record_term(name, "t_co2e", method, kg_per_unit=_KG_PER_T))  # type: ignore[misc]
        quantity = shares.factor[rows] * fields.numbers(name)[rows]
        parts.append(Parts(rows, np.full(len(rows), term), quantity, np.zeros(len(rows)), np.full(len(rows), -1)))
    missing = [said(f"W_SCOPE_MISSING given={name}", complete & ~other) for name, other in zip(_SCOPES, reversed(given), strict=True)]
    return Attempt(method, complete, np.zeros(fields.rows), parts=Parts.join(parts), said=missing)


def _by_production(resolver: Resolver, terms: Terms, fields: Fields, known: Bools, shares: Attribution, config: Config) -> Attempt:
    """Returns the attempt by output: AF * sum(amount * EF[production, key])."""
    complete = known & fields.given("production")
    made = fields.elements("production", np.flatnonzero(complete))
    at = pa.array(made.row)

    def make(key: str, unit: str | None, region: str, year: int) -> Term:
        failure = unit_failure("production[].unit", unit)
        if failure is not None:
            return Term(failure=failure)
        found = resolver.resolve("production", key, "scope12", region, year, unit=unit)
        if isinstance(found, Unresolved):
            field, value = ("unit", unit) if found.code.value == "E_UNIT" else ("key", key)
            message = f"production[].{field}: {found.detail}; correct it, or load a factor with --factors"
            return Term(failure=Failure(found.code, f"production[].{field}", value, message))
        return factor_term(found, _PRODUCTION)

    columns = [
        made.fields.texts("key"),
        made.fields.texts("unit"),
        fields.texts("region").take(at),
        fields.integers("activity_year").take(at),
    ]
    term = terms.find(_PRODUCTION.label, columns, np.ones(len(made.row), bool), make)
    quantity = shares.factor[made.row] * made.fields.numbers("amount")
    return sum_of(_PRODUCTION, complete, Parts(made.row, term, quantity, np.zeros(len(term)), made.place))


def _by_revenue(
    resolver: Resolver, terms: Terms, fields: Fields, known: Bools, shares: Attribution, sectors: Classes, config: Config
) -> Attempt:
    """Returns the attempt by revenue: AF * company_revenue in USD of the price year * EF[sector_revenue, sector]."""
    complete = known & fields.given("company_revenue") & sectors.known
    cv = factor_cv_of(_REVENUE, config)

    def make(sector: str, region: str, year: int) -> Term:
        return sector_factor(resolver, _REVENUE, "sector_revenue", sector, "sector", region, year)._replace(cv=cv)

    columns = [sectors.any, fields.texts("region"), fields.integers("activity_year")]
    factors = terms.find(_REVENUE.label, columns, complete, make)
    term = in_dollars(resolver, terms, Prices.of(fields, "currency", "revenue_year"), factors, complete)
    return amount_of(_REVENUE, complete, term, shares.factor * fields.numbers("company_revenue"))


def _by_money(resolver: Resolver, terms: Terms, fields: Fields, method: Method, ours: Bools, sectors: Classes, config: Config) -> Attempt:
    """Returns the attempt by the position alone: outstanding in USD of the price year * EF[sector_assets] or * P[sector_turnover] * EF[sector_revenue]."""
    complete = ours & sectors.known
    cv = factor_cv_of(method, config)

    def make(sector: str, region: str, year: int) -> Term:
        if method is _ASSETS:
            return sector_factor(resolver, method, "sector_assets", sector, "sector", region, year)._replace(cv=cv)
        return _turned_over(resolver, sector, region, year)._replace(cv=cv)

    columns = [sectors.any, fields.texts("region"), fields.integers("activity_year")]
    factors = terms.find(method.label, columns, complete, make)
    term = in_dollars(resolver, terms, price_of_position(fields), factors, complete)
    return amount_of(method, complete, term, fields.numbers("outstanding_amount"))


def _turned_over(resolver: Resolver, sector: str, region: str, year: int) -> Term:
    """Returns the part of a term that is the factor of a sector's revenue times its revenue per asset."""
    turnover = resolver.resolve("sector_turnover", sector, "parameter", region, year)
    found = resolver.resolve("sector_revenue", sector, "scope12", region, year, unit="USD")
    for one in (turnover, found):
        if isinstance(one, Unresolved):
            return Term(failure=no_factor("sector", sector, one))
    assert not isinstance(turnover, Unresolved) and not isinstance(found, Unresolved)
    joined = found.with_parameter(turnover)
    price = (found.price_year, price_series(resolver, None))
    return factor_term(joined, _TURNOVER, kg_per_unit=found.value * turnover.value, price=price)


@lru_cache(8)
def sector_keywords(resolver: Resolver) -> Keywords:
    """Returns the sectors that factors are loaded for, each with its name as the keyword."""
    keys = sorted({key for family in _SECTOR_FAMILIES for key in resolver.table.keys_of(family)})
    return tuple((key, (key.lower().replace("_", " "),)) for key in keys)
