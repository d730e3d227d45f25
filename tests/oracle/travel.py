"""Vehicles on land and what their factors count in [14.6]."""

from typing import TYPE_CHECKING

from tests.oracle.factors import Found
from tests.oracle.values import Cannot, Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

VEHICLES = (
    *("car_petrol_small", "car_petrol_medium", "car_petrol_large", "car_petrol", "car_diesel", "car_unknown", "car_hybrid", "car_phev"),
    *("car_electric", "motorcycle", "taxi_vehicle", "black_cab_vehicle"),
)
PASSENGERS = (
    *("taxi", "black_cab", "bus", "bus_london", "bus_outside_london", "coach", "train", "train_international", "light_rail", "subway"),
    *("bicycle", "walk"),
)


def unit_of(vehicle: str) -> str:
    return "vehicle_km" if vehicle in VEHICLES else "passenger_km"


def on_land(oracle: "Oracle", record: Row, vehicle: str, name: str, region: str | None = None) -> Found:
    """Returns tank-to-wheel per km, with well-to-tank beside it."""
    return oracle.find("travel_land", ("ttw",), vehicle, record, unit_of(vehicle), name, region=region, also=("wtt",))


def upstream_on_land(oracle: "Oracle", record: Row, vehicle: str, name: str) -> Found | None:
    """Returns well-to-tank per km beside a factor of the record; None where there is none."""
    try:
        return oracle.find("travel_land", ("wtt",), vehicle, record, unit_of(vehicle), name)
    except Cannot:
        return None
