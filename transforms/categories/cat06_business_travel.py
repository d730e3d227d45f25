"""Category 6, business travel: a record is a trip, each of its legs a term.

    flight, with radiative forcing   direct = distance_km * num_passengers * EF[travel_air, haul:cabin, ttw_rf]
    flight, without                  direct = distance_km * num_passengers * EF[travel_air, haul:cabin, ttw]
    hotel                            direct = rooms * nights * EF[hotel, stay]
    leg in a car                     direct = distance_km * num_passengers / occupants * EF[travel_land, ttw]
    leg by train, bus and so on      direct = distance_km * num_passengers * EF[travel_land, ttw]
    leg by fuel                      direct = fuel_amount * EF[fuel, ttw]
    spend                            direct = spend_amount * FX / price index * EF[eeio, naics_code]

The total is direct and upstream, which is the same with EF[.., wtt]. A with-RF factor is never multiplied once more.
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 6, distance-, fuel- and
spend-based methods; calculation specification, 14.6.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.config import Config, RadiativeForcing
from schemas.methods import METHODS
from schemas.records.batch import Elements, Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.carriers import fuel_term
from transforms.calculation.flights import flight_term, own_flight_term
from transforms.calculation.land_travel import counts_vehicles, land_term, own_land_term
from transforms.calculation.spend import amounts, by_spend
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

_TRIP, _SPEND = METHODS[6]

_OWN_FLIGHT = "emission_factor_kg_co2e_per_passenger_km"
_OWN_NIGHT = "emission_factor_kg_co2e_per_room_night"
_OWN_KM = "emission_factor_kg_co2e_per_km"

# Flights up to this distance are short where the record does not say.
_SHORT_HAUL_KM = 3700.0


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes."""
    amount, credit = amounts(fields)
    spend = fields.given("spend_amount") & fields.given("naics_code")
    return [
        _trips(resolver, terms, fields, credit, config),
        by_spend(resolver, terms, fields, _SPEND, spend, amount),
    ], credit


def _trips(resolver: Resolver, terms: Terms, fields: Fields, credit: Bools, config: Config) -> Attempt:
    legs = fields.given("flights") | fields.given("hotels") | fields.given("ground_transport")
    ground = fields.elements("ground_transport", np.flatnonzero(legs & ~credit))
    driven = ground.fields.given("vehicle_type") & ground.fields.given("distance_km")
    fuelled = ground.fields.given("fuel_type") & ground.fields.given("fuel_amount")
    complete = legs & ~credit
    complete[ground.row[~driven & ~fuelled]] = False
    rows = np.flatnonzero(complete)
    kept = complete[ground.row]
    trips = _Trips(fields, resolver, terms, config)
    parts = [
        trips.flights(fields.elements("flights", rows)),
        trips.hotels(fields.elements("hotels", rows)),
        trips.driven(ground.only(kept & driven & ~fuelled)),
        trips.fuelled(ground.only(kept & fuelled)),
    ]
    return Attempt(_TRIP, complete, np.zeros(fields.rows), parts=Parts.join(parts))


class _Trips:
    """Makes the legs of trips, each kind from its flat list."""

    def __init__(self, fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> None:
        self._fields, self._resolver, self._terms, self._config = fields, resolver, terms, config

    def _header(self, legs: Elements) -> list[pa.Array]:
        """Returns region and year of the trip of each leg."""
        at = pa.array(legs.row)
        return [self._fields.texts("region").take(at), self._fields.integers("activity_year").take(at)]

    def _parts(self, legs: Elements, term: np.ndarray, quantity: Floats, own_value: Floats) -> Parts:
        return Parts(legs.row, term, quantity, np.full(len(legs.row), _TRIP.activity_cv), legs.place, own_value)

    def flights(self, legs: Elements) -> Parts:
        """Returns the flights; a null haul follows from countries and distance."""
        one, resolver = legs.fields, self._resolver
        distance, own = one.numbers("distance_km"), one.given(_OWN_FLIGHT)
        home = pc.fill_null(pc.equal(one.texts("origin_country"), one.texts("destination_country")), False)
        derived = pc.if_else(home, "domestic", pc.if_else(pa.array(distance <= _SHORT_HAUL_KM), "short", "long"))
        haul = pc.coalesce(one.texts("haul"), derived)
        with_rf = self._config.rf == RadiativeForcing.WITH
        forced = one.column("apply_radiative_forcing", pa.bool_()).fill_null(with_rf)
        cabin = pc.fill_null(one.texts("cabin_class"), "economy")
        key = [haul, one.texts("haul").is_null(), cabin, *self._header(legs)]

        def loaded(haul: str, assumed: bool, cabin: str, region: str, year: int, forced: bool) -> Term:
            return flight_term(resolver, _TRIP, haul, assumed, cabin, region, year, forced)

        def given(haul: str, assumed: bool, cabin: str, region: str, year: int, with_rf: bool, whole: bool, place: int) -> Term:
            name = f"flights[{place}].{_OWN_FLIGHT}"
            return own_flight_term(resolver, _TRIP, name, haul, assumed, cabin, region, year, with_rf=with_rf, whole=whole)

        whole = pc.fill_null(pc.equal(one.texts("ef_boundary"), "wtw"), False)
        held = one.column("ef_includes_rf", pa.bool_()).fill_null(False)
        term_loaded = self._terms.find("flight", [*key, forced], ~own, loaded)
        term_own = self._terms.find("flight by own factor", [*key, held, whole, pa.array(legs.place)], own, given)
        travelled = distance * _or_one(one.numbers("num_passengers"))
        return self._parts(legs, np.where(own, term_own, term_loaded), travelled, one.numbers(_OWN_FLIGHT))

    def hotels(self, legs: Elements) -> Parts:
        """Returns the stays, in the country of the hotel."""
        one, resolver = legs.fields, self._resolver
        own = one.given(_OWN_NIGHT)
        _, year = self._header(legs)

        def loaded(region: str, year: int) -> Term:
            found = resolver.resolve("hotel", "stay", "direct", region, year, unit="room_night")
            if isinstance(found, Unresolved):
                message = f"hotels[].region: {found.detail}; correct it, or load a factor with --factors"
                return Term(failure=Failure(found.code, "hotels[].region", region, message))
            return factor_term(found, _TRIP)

        def given(place: int) -> Term:
            return record_term(f"hotels[{place}].{_OWN_NIGHT}", "room_night", _TRIP)

        term_loaded = self._terms.find("hotel", [one.texts("region"), year], ~own, loaded)
        term_own = self._terms.find("hotel by own factor", [pa.array(legs.place)], own, given)
        nights = one.numbers("nights") * _or_one(one.numbers("rooms"))
        return self._parts(legs, np.where(own, term_own, term_loaded), nights, one.numbers(_OWN_NIGHT))

    def driven(self, legs: Elements) -> Parts:
        """Returns legs by distance; travellers share one car where the record does not say how many sit in it."""
        one, resolver = legs.fields, self._resolver
        vehicle, own = one.texts("vehicle_type"), one.given(_OWN_KM)
        people = _or_one(one.numbers("num_passengers"))
        occupants = np.where(one.given("occupants"), one.numbers("occupants"), people)
        travelled = one.numbers("distance_km") * people / np.where(counts_vehicles(vehicle), occupants, 1.0)
        key = [vehicle, *self._header(legs)]

        def loaded(vehicle: str, region: str, year: int) -> Term:
            return land_term(resolver, _TRIP, vehicle, region, year, "ground_transport[].vehicle_type")

        def given(vehicle: str, region: str, year: int, place: int) -> Term:
            return own_land_term(resolver, _TRIP, f"ground_transport[{place}].{_OWN_KM}", vehicle, region, year)

        term_loaded = self._terms.find("leg of a trip", key, ~own, loaded)
        term_own = self._terms.find("leg of a trip by own factor", [*key, pa.array(legs.place)], own, given)
        return self._parts(legs, np.where(own, term_own, term_loaded), travelled, one.numbers(_OWN_KM))

    def fuelled(self, legs: Elements) -> Parts:
        """Returns legs by fuel."""
        one, resolver = legs.fields, self._resolver

        def make(fuel: str, unit: str | None, region: str, year: int) -> Term:
            fuel_field, unit_field = "ground_transport[].fuel_type", "ground_transport[].fuel_unit"
            return fuel_term(resolver, _TRIP, fuel, unit, region, year, fuel_field=fuel_field, unit_field=unit_field)

        columns = [one.texts("fuel_type"), one.texts("fuel_unit"), *self._header(legs)]
        term = self._terms.find("fuel of a trip", columns, np.ones(len(legs.row), bool), make)
        return self._parts(legs, term, one.numbers("fuel_amount"), np.full(len(legs.row), np.nan))


def _or_one(values: Floats) -> Floats:
    """Returns counts, 1 where there is none."""
    return np.where(np.isnan(values), 1.0, values)
