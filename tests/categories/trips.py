"""Trips for tests of category 6, and factors for them: figures of the UK for 2025, and one invented factor of spend."""

from tests.records import make_factor, make_record

OWN_FLIGHT = "emission_factor_kg_co2e_per_passenger_km"
OWN_NIGHT = "emission_factor_kg_co2e_per_room_night"
OWN_KM = "emission_factor_kg_co2e_per_km"


def factors_of(family, key, unit, **values):
    """Returns the rows of a key by boundary."""
    return [make_factor(family, key, boundary, value, unit) for boundary, value in values.items()]


AIR = [
    *factors_of("travel_air", "long:economy", "passenger_km", ttw_rf=0.11704, ttw=0.06926, wtt=0.02461),
    *factors_of("travel_air", "long:business", "passenger_km", ttw_rf=0.3394, ttw=0.20083, wtt=0.07137),
    *factors_of("travel_air", "long:first", "passenger_km", ttw_rf=0.46814, ttw=0.27701, wtt=0.09844),
    *factors_of("travel_air", "short:economy", "passenger_km", ttw_rf=0.12576, ttw=0.07435, wtt=0.02249),
    *factors_of("travel_air", "short:business", "passenger_km", ttw_rf=0.18863, ttw=0.11152, wtt=0.03373),
    *factors_of("travel_air", "short:average", "passenger_km", ttw_rf=0.12786, ttw=0.07559, wtt=0.02286),
    *factors_of("travel_air", "international:economy", "passenger_km", ttw_rf=0.10916, ttw=0.06449, wtt=0.01656),
    *factors_of("travel_air", "domestic:average", "passenger_km", ttw_rf=0.22928, ttw=0.13552, wtt=0.0335),
]
LAND = [
    *factors_of("travel_land", "car_petrol", "vehicle_km", ttw=0.16272, wtt=0.04599),
    *factors_of("travel_land", "car_unknown", "vehicle_km", ttw=0.16725, wtt=0.04399),
    *factors_of("travel_land", "train", "passenger_km", ttw=0.03546, wtt=0.00897),
    *factors_of("travel_land", "taxi", "passenger_km", ttw=0.14861, wtt=0.03697),
]
HOTEL = [
    make_factor("hotel", "stay", "direct", 10.4, "room_night"),
    make_factor("hotel", "stay", "direct", 16.1, "room_night", region="US"),
]
FUEL = factors_of("fuel", "gasoline", "l", ttw=2.06916, wtt=0.58094)
SPEND = [make_factor("eeio", "481111", "with_margins", 0.9, "USD", region="US", year=2022, price_year=2022)]
ALL = [*AIR, *LAND, *HOTEL, *FUEL]

MONEY = {"spend_amount": 1000, "spend_currency": "USD", "spend_year": 2022, "naics_code": "481111"}


def trip(**legs):
    """Returns a trip that has these legs and no other."""
    return make_record(6, **{"flights": None, **legs})


def flight(**members):
    """Returns a trip of one flight."""
    return trip(flights=[{"distance_km": 1000, **members}])


def road(**members):
    """Returns a trip of one leg on land."""
    return trip(ground_transport=[members])
