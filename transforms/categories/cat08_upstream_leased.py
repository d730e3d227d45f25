"""Category 8, upstream leased assets: the company is the lessee, and the asset is not in its Scope 1 and 2.

    1 metered energy   direct = energy_direct * s;  upstream = energy_upstream * s
    2 of the lessor    direct = lessor_s12_kg_co2e * share_of_building
    3 floor area       direct = floor_area_m2 * f * sum(I[building_energy, building_type:carrier] * EF_direct(carrier))
    4 asset average    direct = asset_count * f * EF[asset_average, asset_key]

s is share_of_building where energy_scope is whole_building, else 1; f the part of the year that the lease covers.
Upstream is reported beside the total. Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions
(2013), category 8; calculation specification, 14.8.
"""

import numpy as np

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.buildings import asset_average, floor_area_parts
from transforms.calculation.classes import Classes
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.leases import share_of_year, unchecked, whole_building
from transforms.calculation.term import record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_ENERGY, _LESSOR, _AREA, _AVERAGE = METHODS[8]


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    covered, gate = share_of_year(fields), unchecked(fields)
    found = [
        _metered(resolver, terms, fields, config),
        _of_lessor(terms, fields),
        _by_area(resolver, terms, fields, covered, config),
        _average(resolver, terms, fields, covered),
    ]
    return [one.saying(gate) for one in found], np.zeros(fields.rows, bool)


def _metered(resolver: Resolver, terms: Terms, fields: Fields, config: Config) -> Attempt:
    complete = has_energy(fields)
    share = np.where(whole_building(fields) & fields.given("share_of_building"), fields.numbers("share_of_building"), 1.0)
    sites = Sites.of_records(fields, complete, share)
    parts = energy_parts(resolver, terms, fields, _ENERGY, sites, config)
    return Attempt(_ENERGY, complete, np.zeros(fields.rows), parts=parts)


def _of_lessor(terms: Terms, fields: Fields) -> Attempt:
    complete = fields.given("lessor_s12_kg_co2e") & fields.given("share_of_building")
    term = terms.place("lessor", lambda: record_term("lessor_s12_kg_co2e", "kg_co2e", _LESSOR))
    quantity = fields.numbers("lessor_s12_kg_co2e") * fields.numbers("share_of_building")
    return Attempt(_LESSOR, complete, np.full(fields.rows, _LESSOR.activity_cv), np.full(fields.rows, term), quantity)


def _by_area(resolver: Resolver, terms: Terms, fields: Fields, covered: Floats, config: Config) -> Attempt:
    types = Classes(fields, "building_type", "asset_description", config)
    complete = fields.given("floor_area_m2") & types.known
    sites = Sites.of_records(fields, complete, fields.numbers("floor_area_m2") * covered)
    areas = floor_area_parts(resolver, terms, fields, _AREA, sites, [types.any], "building_type")
    said = [types.warning, *areas.said]
    return Attempt(_AREA, complete, np.full(fields.rows, _AREA.activity_cv), parts=areas.parts, said=said)


def _average(resolver: Resolver, terms: Terms, fields: Fields, covered: Floats) -> Attempt:
    complete = fields.given("asset_key") & fields.given("asset_count")
    quantity = fields.numbers("asset_count") * covered
    return asset_average(resolver, terms, fields, _AVERAGE, complete, quantity, fields.texts("asset_key"), "asset_key")
