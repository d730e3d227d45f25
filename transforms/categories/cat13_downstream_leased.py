"""Category 13, downstream leased assets: the company is the lessor, and the tenant's emissions are not in its Scope 1 and 2.

    1 of the tenant    direct = tenant_s12_kg_co2e * leased_share
    2 metered energy   direct = energy_direct * s;  upstream = energy_upstream * s
    3 floor area       direct = floor_area_m2 * leased_share * f * sum(I[building_energy, building_type:carrier] * EF_direct(carrier))
    4 asset average    direct = asset_count * f * EF[asset_average, asset_key]

s is leased_share where energy_scope is whole_building, else 1; f the part of the year that the lease covers.
Upstream is reported beside the total. Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions
(2013), category 13; calculation specification, 14.13.
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

_TENANT, _ENERGY, _AREA, _AVERAGE = METHODS[13]


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    covered, gate = share_of_year(fields), unchecked(fields)
    let = np.where(fields.given("leased_share"), fields.numbers("leased_share"), 1.0)
    found = [
        _of_tenant(terms, fields, let),
        _metered(resolver, terms, fields, let, config),
        _by_area(resolver, terms, fields, let * covered, config),
        _average(resolver, terms, fields, covered),
    ]
    return [one.saying(gate) for one in found], np.zeros(fields.rows, bool)


def _of_tenant(terms: Terms, fields: Fields, let: Floats) -> Attempt:
    complete = fields.given("tenant_s12_kg_co2e")
    term = terms.place("tenant", lambda: record_term("tenant_s12_kg_co2e", "kg_co2e", _TENANT))
    quantity = fields.numbers("tenant_s12_kg_co2e") * let
    return Attempt(_TENANT, complete, np.full(fields.rows, _TENANT.activity_cv), np.full(fields.rows, term), quantity)


def _metered(resolver: Resolver, terms: Terms, fields: Fields, let: Floats, config: Config) -> Attempt:
    complete = has_energy(fields)
    sites = Sites.of_records(fields, complete, np.where(whole_building(fields), let, 1.0))
    parts = energy_parts(resolver, terms, fields, _ENERGY, sites, config)
    return Attempt(_ENERGY, complete, np.zeros(fields.rows), parts=parts)


def _by_area(resolver: Resolver, terms: Terms, fields: Fields, share: Floats, config: Config) -> Attempt:
    types = Classes(fields, "building_type", "asset_description", config)
    complete = fields.given("floor_area_m2") & types.known
    sites = Sites.of_records(fields, complete, fields.numbers("floor_area_m2") * share)
    areas = floor_area_parts(resolver, terms, fields, _AREA, sites, [types.any], "building_type")
    said = [types.warning, *areas.said]
    return Attempt(_AREA, complete, np.full(fields.rows, _AREA.activity_cv), parts=areas.parts, said=said)


def _average(resolver: Resolver, terms: Terms, fields: Fields, covered: Floats) -> Attempt:
    complete = fields.given("asset_key") & fields.given("asset_count")
    quantity = fields.numbers("asset_count") * covered
    return asset_average(resolver, terms, fields, _AVERAGE, complete, quantity, fields.texts("asset_key"), "asset_key")
