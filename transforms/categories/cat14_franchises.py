"""Category 14, franchises: Scope 1 and 2 of franchisees, outside of the franchisor's own.

    1 reported         direct = franchisee_s1_kg_co2e + franchisee_s2_kg_co2e
    2 metered energy   direct = sum_r share_r * energy_direct(region r)
    3 floor area       direct = sum_r share_r * area * sum(I[building_energy, franchise_type:carrier] * EF_direct(carrier, r))
    4 outlet average   direct = sum_r n_r * EF[outlet_average, franchise_type, r]
    5 revenue          direct = revenue_amount * FX * P(price year) / P(revenue_year) * EF[sector_revenue, sector]

share_r = n_r / franchise_count of locations_by_region; without it there is one region, that of the record. Upstream is
reported beside the total. Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category
14; calculation specification, 14.14.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.buildings import floor_area_parts
from transforms.calculation.classes import Classes
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.said import said
from transforms.calculation.spend import Prices, in_dollars, sector_factor
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

_REPORTED, _ENERGY, _AREA, _AVERAGE, _REVENUE = METHODS[14]

# The building that an outlet of this type stands for where there is no intensity of its own.
_BUILDINGS = {
    **dict.fromkeys(("qsr", "fast_food", "casual_dining", "coffee_shop"), "food_service"),
    **dict.fromkeys(("retail_store", "convenience_store"), "retail"),
    "hotel": "lodging",
    "education": "education",
    "healthcare": "healthcare",
}


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    types = Classes(fields, "franchise_type", "franchise_description", config)
    outlets = _outlets(fields)
    return [
        _reported(terms, fields),
        _metered(resolver, terms, fields, outlets, config),
        _by_area(resolver, terms, fields, outlets, types),
        _by_outlets(resolver, terms, fields, outlets, types),
        _by_revenue(resolver, terms, fields, types),
    ], np.zeros(fields.rows, bool)


def _outlets(fields: Fields) -> Sites:
    """Returns the outlets of each record by region; a region without any is left out."""
    listed = fields.given("locations_by_region")
    alone = np.flatnonzero(~listed)
    home = Sites(alone, fields.texts("region").take(pa.array(alone)), fields.numbers("franchise_count")[alone])
    if not listed.any():
        return home
    places = fields.elements("locations_by_region", np.flatnonzero(listed))
    count = places.fields.numbers("value")
    there = count > 0
    row = np.concatenate([home.row, places.row[there]])
    order = np.argsort(row, kind="stable")
    region = pa.concat_arrays([home.region, places.fields.texts("key").filter(pa.array(there))]).take(pa.array(order))
    return Sites(row[order], region, np.concatenate([home.share, count[there]])[order])


def _shares(fields: Fields, outlets: Sites, complete: Bools, amount: np.ndarray) -> Sites:
    """Returns the outlets of complete records, each region with its part of an amount."""
    own = np.flatnonzero(complete[outlets.row])
    row = outlets.row[own]
    share = outlets.share[own] / fields.numbers("franchise_count")[row] * amount[row]
    return Sites(row, outlets.region.take(pa.array(own)), share)


def _reported(terms: Terms, fields: Fields) -> Attempt:
    names = ("franchisee_s1_kg_co2e", "franchisee_s2_kg_co2e")
    complete = fields.given(names[0]) & fields.given(names[1])
    rows = np.flatnonzero(complete)
    parts = [
        Parts(
            rows,
            np.full(len(rows), terms.place(("franchisee", name), lambda name=name: record_term(name, "kg_co2e", _REPORTED))),  # type: ignore[misc]
            fields.numbers(name)[rows],
            np.zeros(len(rows)),
            np.full(len(rows), -1),
        )
        for name in names
    ]
    return Attempt(_REPORTED, complete, np.full(fields.rows, _REPORTED.activity_cv), parts=Parts.join(parts), joint=True)


def _metered(resolver: Resolver, terms: Terms, fields: Fields, outlets: Sites, config: Config) -> Attempt:
    complete = has_energy(fields)
    sites = _shares(fields, outlets, complete, np.ones(fields.rows))
    return Attempt(_ENERGY, complete, np.zeros(fields.rows), parts=energy_parts(resolver, terms, fields, _ENERGY, sites, config))


def _by_area(resolver: Resolver, terms: Terms, fields: Fields, outlets: Sites, types: Classes) -> Attempt:
    average = fields.numbers("avg_floor_area_m2") * fields.numbers("franchise_count")
    area = np.where(fields.given("floor_area_m2"), fields.numbers("floor_area_m2"), average)
    complete = ~np.isnan(area) & types.known
    sites = _shares(fields, outlets, complete, area)
    encoded = types.any.dictionary_encode()
    building = pa.array([_BUILDINGS.get(one) for one in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)
    areas = floor_area_parts(resolver, terms, fields, _AREA, sites, [types.any, building], "franchise_type")
    defaulted = pc.if_else(pa.array(areas.defaulted), pc.binary_join_element_wise("W_TYPE_DEFAULTED type=", building, ""), None)
    told = [types.warning, defaulted, *areas.said]
    return Attempt(_AREA, complete, np.full(fields.rows, _AREA.activity_cv), parts=areas.parts, said=told)


def _by_outlets(resolver: Resolver, terms: Terms, fields: Fields, outlets: Sites, types: Classes) -> Attempt:
    complete = types.known
    own = np.flatnonzero(complete[outlets.row])
    row, at = outlets.row[own], pa.array(outlets.row[own])

    def make(key: str, region: str, year: int) -> Term:
        found = resolver.resolve("outlet_average", key, "scope12", region, year, unit="unit")
        if isinstance(found, Unresolved):
            message = f"franchise_type: {found.detail}; correct it, or load a factor with --factors"
            return Term(failure=Failure(found.code, "franchise_type", key, message))
        return factor_term(found, _AVERAGE)

    columns = [types.any.take(at), outlets.region.take(pa.array(own)), fields.integers("activity_year").take(at)]
    term = terms.find(_AVERAGE.label, columns, np.ones(len(row), bool), make)
    parts = Parts(row, term, outlets.share[own], np.zeros(len(row)), np.full(len(row), -1))
    return Attempt(_AVERAGE, complete, np.zeros(fields.rows), parts=parts, said=[types.warning])


def _by_revenue(resolver: Resolver, terms: Terms, fields: Fields, types: Classes) -> Attempt:
    sector = pc.coalesce(fields.texts("sector"), types.any)
    complete = fields.given("revenue_amount") & sector.is_valid().to_numpy(zero_copy_only=False)
    field = np.where(fields.given("sector"), "sector", "franchise_type")
    columns = [sector, pa.array(field), fields.texts("region"), fields.integers("activity_year")]
    factors = terms.find(_REVENUE.label, columns, complete, lambda *key: sector_factor(resolver, _REVENUE, "sector_revenue", *key))
    prices = Prices.of(fields, "revenue_currency", "revenue_year")
    term = in_dollars(resolver, terms, prices, factors, complete)
    read = pc.if_else(fields.texts("sector").is_null(), types.warning, None)
    told = [said("W_ESTIMATED", complete), read]
    return Attempt(_REVENUE, complete, np.full(fields.rows, _REVENUE.activity_cv), term, fields.numbers("revenue_amount"), said=told)
