"""Methods that upstream and downstream transport share beside legs: fuel, the energy of a site, and averages of hubs.

Source: calculation specification, 14.4; GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013),
categories 4 and 9, fuel-based and site-specific methods.
"""

import numpy as np

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import Method
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.carriers import fuel_term, no_fuel
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.footprint import unit_failure
from transforms.calculation.term import Term, factor_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved


def is_leg(fields: Fields) -> Bools:
    """Returns which records have the data of a leg, bool[n]."""
    return np.logical_and.reduce([fields.given(name) for name in ("transport_mode", "distance_km", "weight_tonnes")])


def _share(fields: Fields, name: str) -> Floats:
    return np.where(fields.given(name), fields.numbers(name), 1.0)


def by_fuel(resolver: Resolver, terms: Terms, fields: Fields, method: Method, open_rows: Bools, *, biogenic: bool) -> Attempt:
    """Returns the attempt by fuel: fuel_amount * allocation_share * EF[fuel].

    Args:
        open_rows: bool[n], records that may use it.
        biogenic: tell biogenic CO2 as a memo.
    """
    complete = open_rows & fields.given("fuel_type") & fields.given("fuel_amount")

    def make(fuel: str, unit: str | None, region: str, year: int) -> Term:
        named = {"fuel_field": "fuel_type", "unit_field": "fuel_unit"}
        return fuel_term(resolver, method, fuel, unit, region, year, biogenic=biogenic, **named)

    columns = [fields.texts("fuel_type"), fields.texts("fuel_unit"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(f"{method.label} {biogenic}", columns, complete, make)
    quantity = fields.numbers("fuel_amount") * _share(fields, "allocation_share")
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, quantity)


def by_site(
    resolver: Resolver, terms: Terms, fields: Fields, method: Method, open_rows: Bools, config: Config, *, biogenic: bool
) -> Attempt:
    """Returns the attempt by the energy of a warehouse or hub: site_allocation_share * energy."""
    complete = open_rows & has_energy(fields)
    sites = Sites.of_records(fields, complete, _share(fields, "site_allocation_share"))
    parts = energy_parts(resolver, terms, fields, method, sites, config, biogenic=biogenic)
    return Attempt(method, complete, np.zeros(fields.rows), parts=parts)


def by_hub(resolver: Resolver, terms: Terms, fields: Fields, method: Method, open_rows: Bools) -> Attempt:
    """Returns the attempt by an average of hubs: hub_quantity * EF[hub]."""
    complete = open_rows & fields.given("hub_type") & fields.given("hub_quantity")

    def make(key: str, unit: str | None, region: str, year: int) -> Term:
        failure = unit_failure("hub_unit", unit)
        if failure is not None or unit is None:
            return Term(failure=failure)
        found = resolver.resolve("hub", key, "direct", region, year, unit=unit)
        if isinstance(found, Unresolved):
            return Term(failure=no_fuel(found, "hub_type", key, "hub_unit", unit))
        return factor_term(found, method)

    columns = [fields.texts("hub_type"), fields.texts("hub_unit"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(method.label, columns, complete, make)
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, fields.numbers("hub_quantity"))
