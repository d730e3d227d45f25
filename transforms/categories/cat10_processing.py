"""Category 10, processing of sold products: Scope 1 and 2 of those who process them further.

    1 direct    direct = sold_quantity * allocation_share * processing_kg_co2e_per_unit
    2 energy    direct = sold_quantity * allocation_share * (energy_direct per unit + waste_kg_per_unit * EF[waste, treatment])
    3 industry  direct = sold_quantity * EF[process, processing_type]
    4 proxy     direct = sold_quantity * E[process_energy, processing_type] * EF[grid, generation]

Upstream of 2 and 4 is reported beside the total. Source: GHG Protocol, Technical Guidance for Calculating Scope 3
Emissions (2013), category 10, site-specific and average-data methods; calculation specification, 14.10.
"""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import METHODS, Method
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.carriers import carrier_factor, no_carrier, no_fuel
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.footprint import unit_failure, unit_failures
from transforms.calculation.said import said
from transforms.calculation.term import Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.calculation.waste import Named, waste_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

_DIRECT, _ENERGY, _INDUSTRY, _PROXY = METHODS[10]

_OWN = "processing_kg_co2e_per_unit"


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    share = fields.numbers("allocation_share")
    owed = fields.numbers("sold_quantity") * np.where(np.isnan(share), 1.0, share)
    return [
        _direct(terms, fields, owed),
        _by_energy(resolver, terms, fields, owed, config),
        _by_industry(resolver, terms, fields),
        _by_proxy(resolver, terms, fields),
    ], np.zeros(fields.rows, bool)


def _all_owed(fields: Fields) -> pa.Array:
    """Returns the warning of records that do not say how much of the processing is owed to the product."""
    return said("W_ALLOCATION_ASSUMED", ~fields.given("allocation_share"))


def _direct(terms: Terms, fields: Fields, owed: Floats) -> Attempt:
    complete = fields.given(_OWN)

    def make(unit: str) -> Term:
        failure = unit_failure("quantity_unit", unit)
        return Term(failure=failure) if failure else record_term(_OWN, unit, _DIRECT)

    term = terms.find(_DIRECT.label, [fields.texts("quantity_unit")], complete, make)
    activity_cv = np.full(fields.rows, _DIRECT.activity_cv)
    return Attempt(_DIRECT, complete, activity_cv, term, owed, fields.numbers(_OWN), said=[_all_owed(fields)])


def _by_energy(resolver: Resolver, terms: Terms, fields: Fields, owed: Floats, config: Config) -> Attempt:
    complete = has_energy(fields, "_per_unit")
    sites = Sites.of_records(fields, complete, owed)
    energy = energy_parts(resolver, terms, fields, _ENERGY, sites, config, suffix="_per_unit")
    parts = [energy, _waste(resolver, terms, fields, owed, complete), unit_failures(terms, fields, "quantity_unit", complete)]
    return Attempt(_ENERGY, complete, np.zeros(fields.rows), parts=Parts.join(parts), said=[_all_owed(fields)])


def _waste(resolver: Resolver, terms: Terms, fields: Fields, owed: Floats, complete: Bools) -> Parts:
    """Returns the waste of the processing of some records, those that have any."""
    amount = owed * fields.numbers("waste_kg_per_unit")
    rows = np.flatnonzero(complete & (amount > 0))
    at = pa.array(rows)

    def make(waste_type: str, treatment: str, region: str, year: int) -> Term:
        named = Named("waste_type", waste_type, "waste_kg_per_unit")
        return waste_term(resolver, _ENERGY, waste_type, treatment, region, year, named, also=())

    columns = [fields.texts(name).take(at) for name in ("waste_type", "disposal_method", "region")]
    columns.append(fields.integers("activity_year").take(at))
    term = terms.find("waste of processing", columns, np.ones(len(rows), bool), make)
    return Parts(rows, term, amount[rows], np.full(len(rows), _ENERGY.activity_cv), np.full(len(rows), -1))


def _by_industry(resolver: Resolver, terms: Terms, fields: Fields) -> Attempt:
    def make(key: str, unit: str, region: str, year: int) -> Term:
        failure = unit_failure("quantity_unit", unit)
        if failure is not None:
            return Term(failure=failure)
        found = resolver.resolve("process", key, "scope12", region, year, unit=unit)
        if isinstance(found, Unresolved):
            return Term(failure=no_fuel(found, "processing_type", key, "quantity_unit", unit))
        return factor_term(found, _INDUSTRY)

    return _by_type(terms, fields, _INDUSTRY, make, "W_INDUSTRY_AVERAGE")


def _by_proxy(resolver: Resolver, terms: Terms, fields: Fields) -> Attempt:
    def make(key: str, unit: str, region: str, year: int) -> Term:
        failure = unit_failure("quantity_unit", unit)
        if failure is not None:
            return Term(failure=failure)
        energy = resolver.resolve("process_energy", key, "parameter", region, year, unit=unit)
        if isinstance(energy, Unresolved):
            return Term(failure=no_fuel(energy, "processing_type", key, "quantity_unit", unit))
        found = carrier_factor(resolver, "grid", "electricity", "kWh", region, year)
        if isinstance(found, Unresolved):
            return Term(failure=no_carrier("processing_type", "electricity", found))
        return factor_term(
            found.resolved.with_parameter(energy),
            _PROXY,
            kg_per_unit=energy.value * found.direct,
            upstream_kg_per_unit=energy.value * found.upstream,
            warnings=found.warnings,
        )

    return _by_type(terms, fields, _PROXY, make, "W_ESTIMATED")


def _by_type(terms: Terms, fields: Fields, method: Method, make: Callable[..., Term], warning: str) -> Attempt:
    """Returns an attempt by processing_type, whose term `make` gives by type, unit, region and year."""
    complete = fields.given("processing_type")
    columns = [fields.texts("processing_type"), fields.texts("quantity_unit"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(method.label, columns, complete, make)
    activity_cv = np.full(fields.rows, method.activity_cv)
    return Attempt(method, complete, activity_cv, term, fields.numbers("sold_quantity"), said=[said(warning, complete)])
