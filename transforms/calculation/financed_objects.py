"""Emissions of financed buildings, vehicles and countries.

Source: PCAF, Global GHG Accounting and Reporting Standard, part A (2022), chapter 5 (commercial real estate, mortgages,
motor vehicle loans, sovereign debt); calculation specification, 14.15.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import Method
from schemas.methods.cat15 import MOTOR_VEHICLES, REAL_ESTATE, SOVEREIGN
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.buildings import asset_average, floor_area_parts
from transforms.calculation.carriers import CARRIERS, fuel_term
from transforms.calculation.energy import Sites, energy_parts, has_energy
from transforms.calculation.investees import is_verified, reported
from transforms.calculation.land_travel import land_term
from transforms.calculation.pcaf import Attribution, amount_of, factor_cv_of, price_of_position, scored, sum_of
from transforms.calculation.product_energy import own_grid_term
from transforms.calculation.said import said
from transforms.calculation.spend import worth
from transforms.calculation.term import Term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_ESTATE_1, _ESTATE_2, _LABELLED, _TYPED, _COUNTED = REAL_ESTATE
_FUEL, _ACTUAL, _MODEL, _TYPE, _FLEET = MOTOR_VEHICLES
_COUNTRY_VERIFIED, _COUNTRY = SOVEREIGN

_SUPPLIER_FACTOR = "supplier_kg_co2e_per_kwh"
_KG_PER_T = 1000.0


def real_estate(resolver: Resolver, terms: Terms, fields: Fields, shares: Attribution, config: Config) -> list[Attempt]:
    """Returns the attempts for commercial real estate and mortgages."""
    known = shares.real_estate & shares.known
    verified, energy = is_verified(fields), has_energy(fields)
    supplied = energy & fields.given(_SUPPLIER_FACTOR) & fields.given("electricity_kwh")
    # Scope figures go before energy.
    first = reported(terms, fields, _ESTATE_1, known & verified, shares)
    second = reported(terms, fields, _ESTATE_2, known & ~verified, shares)
    bought = _energy(resolver, terms, fields, _ESTATE_1, known & supplied & ~first.complete, shares, config, own_electricity=True)
    used = _energy(resolver, terms, fields, _ESTATE_2, known & energy & ~second.complete, shares, config)
    estimated = [said("W_PHYSICAL_ESTIMATE", known)]
    label = pc.binary_join_element_wise("epc_", pc.utf8_upper(fields.texts("epc_label")), "")
    building = fields.texts("building_type")
    count = shares.factor * fields.numbers("building_count")
    has_count = known & fields.given("building_type") & fields.given("building_count")
    key = pc.binary_join_element_wise("building_", building, "")
    return [
        scored(_ESTATE_1, shares, config, _together(first, known & supplied, bought)),
        scored(_ESTATE_2, shares, config, _together(second, known & energy, used)),
        scored(_LABELLED, shares, config, _area(resolver, terms, fields, _LABELLED, known, label, "epc_label", shares), told=estimated),
        scored(_TYPED, shares, config, _area(resolver, terms, fields, _TYPED, known, building, "building_type", shares), told=estimated),
        _average(resolver, terms, fields, _COUNTED, has_count, count, key, "building_type", shares, config),
    ]


def _together(figures: Attempt, energy: Bools, parts: Parts) -> Attempt:
    """Returns an attempt by scope figures, and by energy where there are none."""
    assert figures.parts is not None
    return replace(figures, complete=figures.complete | energy, parts=Parts.join([figures.parts, parts]))


def _energy(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    complete: Bools,
    shares: Attribution,
    config: Config,
    own_electricity: bool = False,
) -> Parts:
    """Returns the parts of energy blocks: AF * energy_direct, with electricity at the supplier's own factor if asked for."""
    sites = Sites.of_records(fields, complete, shares.factor)
    if not own_electricity:
        return energy_parts(resolver, terms, fields, method, sites, config)
    others = tuple(carrier for carrier in CARRIERS if carrier.key != "electricity")
    rest = energy_parts(resolver, terms, fields, method, sites, config, carriers=others)
    amount = fields.numbers("electricity_kwh")[sites.row] * sites.share
    used = amount > 0

    def make(region: str, year: int) -> Term:
        return own_grid_term(resolver, method, _SUPPLIER_FACTOR, region, year)

    term = terms.find(
        f"{method.label} {_SUPPLIER_FACTOR}", [sites.region, fields.integers("activity_year").take(pa.array(sites.row))], used, make
    )
    row = sites.row[used]
    none = np.zeros(len(row))
    return Parts.join([Parts(row, term[used], amount[used], none, np.full(len(row), -1), fields.numbers(_SUPPLIER_FACTOR)[row]), rest])


def _area(
    resolver: Resolver, terms: Terms, fields: Fields, method: Method, known: Bools, key: pa.Array, key_field: str, shares: Attribution
) -> Attempt:
    """Returns the attempt by area: AF * floor_area_m2 * sum(I[building_energy, key:carrier] * EF_direct)."""
    complete = known & fields.given(key_field) & fields.given("floor_area_m2")
    sites = Sites.of_records(fields, complete, shares.factor * fields.numbers("floor_area_m2"))
    areas = floor_area_parts(resolver, terms, fields, method, sites, [key], key_field)
    return sum_of(method, complete, areas.parts)


def _average(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    complete: Bools,
    quantity: Floats,
    key: pa.Array,
    key_field: str,
    shares: Attribution,
    config: Config,
) -> Attempt:
    """Returns the attempt by a number of average objects."""
    attempt = asset_average(resolver, terms, fields, method, complete, quantity, key, key_field, cv=factor_cv_of(method, config))
    return scored(method, shares, config, replace(attempt, said=()), told=[said("W_PHYSICAL_ESTIMATE", complete)])


def motor_vehicles(resolver: Resolver, terms: Terms, fields: Fields, shares: Attribution, config: Config) -> list[Attempt]:
    """Returns the attempts for motor vehicle loans."""
    ours = shares.vehicles
    driven = ours & fields.given("vehicle_type") & fields.given("vehicle_distance_km")
    model, actual = driven & fields.given("vehicle_model"), fields.flags("distance_is_actual")
    has_count = ours & fields.given("vehicle_count")
    count = shares.factor * fields.numbers("vehicle_count")
    fleet = pa.array(["vehicle"]).take(pa.array(np.zeros(fields.rows, np.int64)))
    estimated = [said("W_PHYSICAL_ESTIMATE", ours)]

    def distance(method: Method, complete: Bools) -> Attempt:
        return _by_distance(resolver, terms, fields, method, complete, shares, config)

    return [
        scored(_FUEL, shares, config, _by_fuel(resolver, terms, fields, ours, shares, config)),
        scored(_ACTUAL, shares, config, distance(_ACTUAL, model & actual)),
        scored(_MODEL, shares, config, distance(_MODEL, model & ~actual), told=estimated),
        scored(_TYPE, shares, config, distance(_TYPE, driven), told=estimated),
        _average(resolver, terms, fields, _FLEET, has_count, count, fleet, "vehicle_count", shares, config),
    ]


def _by_fuel(resolver: Resolver, terms: Terms, fields: Fields, ours: Bools, shares: Attribution, config: Config) -> Attempt:
    """Returns the attempt by fuel: AF * fuel_amount * EF[fuel, ttw]."""
    complete = ours & fields.given("fuel_type") & fields.given("fuel_amount")
    cv = factor_cv_of(_FUEL, config)

    def make(fuel: str, unit: str | None, region: str, year: int) -> Term:
        return fuel_term(resolver, _FUEL, fuel, unit, region, year, fuel_field="fuel_type", unit_field="fuel_unit")._replace(cv=cv)

    columns = [fields.texts("fuel_type"), fields.texts("fuel_unit"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(_FUEL.label, columns, complete, make)
    return amount_of(_FUEL, complete, term, shares.factor * fields.numbers("fuel_amount"))


def _by_distance(
    resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools, shares: Attribution, config: Config
) -> Attempt:
    """Returns an attempt by distance: AF * vehicle_distance_km * EF[travel_land, ttw]."""
    cv = factor_cv_of(method, config)

    def make(vehicle: str, region: str, year: int) -> Term:
        return land_term(resolver, method, vehicle, region, year, "vehicle_type")._replace(cv=cv)

    columns = [fields.texts("vehicle_type"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(method.label, columns, complete, make)
    return amount_of(method, complete, term, shares.factor * fields.numbers("vehicle_distance_km"))


def sovereign(resolver: Resolver, terms: Terms, fields: Fields, shares: Attribution, config: Config) -> list[Attempt]:
    """Returns the attempts for sovereign debt: 1000 * AF * country_emissions_t_co2e."""
    complete = shares.sovereign & shares.known & fields.given("country_emissions_t_co2e")
    quantity, prices = shares.factor * fields.numbers("country_emissions_t_co2e"), price_of_position(fields)
    found = []
    for method, own in ((_COUNTRY_VERIFIED, complete & is_verified(fields)), (_COUNTRY, complete)):

        def make(currency: str | None, year: int, method: Method = method) -> Term:
            money = worth(resolver, currency, year, "currency")
            if money.failure is not None:
                return Term(failure=money.failure)
            name = "country_emissions_t_co2e"
            return record_term(name, "t_co2e", method, kg_per_unit=_KG_PER_T, more_rows=money.rows, warnings=money.warnings)

        term = terms.find(method.label, [prices.currency, prices.year], own, make)
        found.append(scored(method, shares, config, amount_of(method, own, term, quantity)))
    return found
