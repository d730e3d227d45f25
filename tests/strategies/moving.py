"""Records of what moves: freight (4, 9), business travel (6) and commuting (7)."""

from hypothesis import strategies as st

from tests.strategies.base import (
    PASSENGERS,
    VEHICLES,
    Rows,
    amount,
    any_of,
    energy,
    fuelled,
    header,
    joined,
    one,
    part,
    pick,
    positive,
    share,
    small,
    some,
    spend,
    unlike,
    whole,
)

_MODES = (
    *("road_van", "road_truck_medium", "road_truck_heavy", "road_truck_unknown", "rail_freight", "rail_freight_electric"),
    *("sea_container", "air_freight", "air_freight", "inland_waterway", "sea_bulk"),
)
_CLASSES = ("artic_over_33t", "all_hgv", "rigid_7_5_to_17t", "artic_up_to_33t", "air_long")
_BASES = pick(("actual", "actual", "sfd", "gcd"))
_fuel = joined(fuelled("fuel_type", "fuel_unit"), whole(fuel_amount=amount), some(allocation_share=part))
_leg = joined(
    whole(transport_mode=pick(_MODES), distance_km=positive, weight_tonnes=positive),
    some(
        vehicle_class=pick(_CLASSES),
        load_factor=part,
        distance_basis=_BASES,
        haul=pick(("short", "long", "domestic")),
        temperature=pick(("ambient", "ambient", "reefer")),
    ),
)
_plain_leg = whole(transport_mode=pick(_MODES), distance_km=positive, weight_tonnes=positive)
_loaded_leg = whole(
    transport_mode=pick(("road_truck_heavy", "road_truck_unknown")), distance_km=positive, weight_tonnes=positive, load_factor=part
)
_own_leg = joined(
    _leg,
    whole(emission_factor_kg_co2e_per_tonne_km=amount),
    some(emission_factor_cv=share, ef_boundary=pick(("ttw", "wtw")), ef_basis=_BASES),
)
_site = joined(energy, some(site_allocation_share=part))
_HUBS = (
    *(("container_terminal", "t"), ("container_terminal", "kg"), ("cold_store", "m3_day"), ("gravel_yard", "m2_day")),
    *(("depot", "t"), ("cold_store", "pallet")),
)
_hub = joined(
    pick(_HUBS).map(lambda pair: dict(zip(("hub_type", "hub_unit"), pair, strict=True))),
    whole(hub_quantity=amount),
)


# Transport and sites exclude each other.
_moved, _stored = any_of(_fuel, _leg, _plain_leg, _loaded_leg, _own_leg), any_of(_site, _hub)
_by_mode = joined(spend, some(transport_mode=pick(_MODES)))


def upstream_transport() -> Rows:
    return joined(header(4), one(_moved, joined(_moved, spend), _stored, joined(_stored, spend), _by_mode))


_averages = joined(
    whole(total_shipments=st.integers(1, 5000), average_distance_km=positive, average_weight_tonnes=positive),
    some(transport_mode=pick(_MODES), distance_weight_covariance=pick((0.0, -1e-6)) | positive, haul=pick(("short", "long"))),
)


def downstream_transport() -> Rows:
    moved = any_of(_fuel, _leg, _plain_leg, _loaded_leg, _own_leg, _averages)
    methods = one(moved, _averages, joined(moved, spend), _stored, joined(_stored, spend), spend)
    return joined(header(9), methods, some(is_last_mile=st.booleans()))


_people = st.integers(1, 6)
_flight = joined(
    whole(distance_km=st.floats(100, 9000)),
    some(
        cabin_class=pick(("economy", "premium_economy", "business", "first", "average")),
        num_passengers=_people,
        haul=pick(("domestic", "short", "long", "international")),
        origin_country=pick(("GB", "DE")),
        destination_country=pick(("GB", "DE")),
        apply_radiative_forcing=st.booleans(),
    ),
)
_own_flight = joined(
    _flight,
    whole(emission_factor_kg_co2e_per_passenger_km=amount),
    some(ef_includes_rf=st.booleans(), ef_boundary=pick(("ttw", "wtw"))),
)
_night = joined(
    whole(nights=_people, region=pick(("GB", "DE", "AT"))),
    some(rooms=_people, emission_factor_kg_co2e_per_room_night=amount),
)
_plain_night = whole(nights=_people, region=pick(("GB", "DE")))
_road = joined(
    whole(vehicle_type=pick((*VEHICLES, *PASSENGERS)), distance_km=positive),
    some(num_passengers=_people, occupants=st.floats(1, 5), emission_factor_kg_co2e_per_km=amount),
)
_fuelled = joined(fuelled("fuel_type", "fuel_unit"), whole(fuel_amount=amount))
_legs = any_of(
    whole(flights=st.lists(_flight | _own_flight, min_size=1, max_size=3)),
    whole(hotels=st.lists(_plain_night | _night, min_size=1, max_size=2)),
    whole(ground_transport=st.lists(_road | _fuelled, min_size=1, max_size=3)),
    whole(ground_transport=st.lists(_road, min_size=1, max_size=3)),
)


def business_travel() -> Rows:
    incomplete = joined(whole(ground_transport=st.just([{"vehicle_type": "bus"}])), one(spend, _legs, st.just({})))
    return joined(header(6), one(_legs, _legs, _legs, _legs, joined(_legs, spend), spend, incomplete))


_MODES_OF_PEOPLE = ("car_petrol", "car_diesel", "car_electric", "carpool", "motorcycle", "bus", "train", "bicycle", "subway")
_own_factor = some(emission_factor_kg_co2e_per_km=amount, emission_factor_cv=share, ef_boundary=pick(("ttw", "wtw")))
_days = some(num_employees=st.integers(1, 500), weeks_per_year=st.floats(1, 53), car_occupancy=st.floats(1, 4))
_commute = joined(whole(commute_mode=pick(_MODES_OF_PEOPLE), distance_km=small, days_per_week=st.floats(0.5, 6)), _days)
_telework = joined(whole(telework_days_per_week=st.just(0) | st.floats(0.1, 4)), _days, some(hours_per_day=st.floats(1, 24)))
_on_average = joined(
    whole(total_employees=st.integers(1, 5000), average_commute_km=small, mode_shares=unlike(("car_petrol", "carpool", "bus", "train"))),
    some(car_occupancy=st.floats(1, 4), working_days_per_year=st.floats(1, 366), wfh_share=share),
)


def commuting() -> Rows:
    methods = one(_commute, joined(_commute, _own_factor), _telework, _on_average, joined(_commute, _telework))
    failing = joined(
        whole(commute_mode=st.just("motorcycle"), distance_km=small, days_per_week=small.map(lambda days: days / 10)), _on_average
    )
    return joined(header(7), one(methods, methods, methods, failing, joined(_telework, _on_average)))
