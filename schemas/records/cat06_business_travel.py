"""Category 6, business travel: the record."""

from typing import Annotated

from annotated_types import Ge
from pydantic import BaseModel, ConfigDict

from schemas.kinds import Boolean, Count, Fuel, NotNegative, Number, Positive, Region, Text, choice, optional, required
from schemas.records.choices import VehicleType
from schemas.records.header import Header
from schemas.records.spend import Spend

_Occupants = Annotated[Number, Ge(1)]  # type: ignore[valid-type]
CabinClass = choice("economy", "premium_economy", "business", "first", "average")
Haul = choice("domestic", "short", "long", "international")


class Flight(BaseModel):
    """One flight of all travellers of the trip."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    distance_km: Positive = required("great-circle distance", unit="km")
    cabin_class: CabinClass | None = optional("cabin; economy where it is missing")  # type: ignore[valid-type]
    num_passengers: Count | None = optional("travellers; 1 where it is missing")
    haul: Haul | None = optional("kind of flight; by countries and distance where it is missing")  # type: ignore[valid-type]
    origin_country: Region | None = optional("country of departure")
    destination_country: Region | None = optional("country of arrival")
    apply_radiative_forcing: Boolean | None = optional("whether effects beyond CO2 count; as the option rf says where it is missing")
    emission_factor_kg_co2e_per_passenger_km: NotNegative | None = optional("own factor", unit="kg CO2e per passenger_km")
    ef_includes_rf: Boolean | None = optional("whether the own factor holds effects beyond CO2; false where it is missing")
    ef_boundary: choice("ttw", "wtw") | None = optional("what the own factor covers; ttw where it is missing")  # type: ignore[valid-type]


class Hotel(BaseModel):
    """One stay."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    nights: Count = required("nights", unit="night")
    rooms: Count | None = optional("rooms; 1 where it is missing")
    region: Region = required("country of the hotel")
    emission_factor_kg_co2e_per_room_night: NotNegative | None = optional("own factor", unit="kg CO2e per room_night")


class GroundTransport(BaseModel):
    """One leg by road or rail."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    vehicle_type: VehicleType | None = optional("kind of vehicle")  # type: ignore[valid-type]
    distance_km: Positive | None = optional("distance", unit="km")
    num_passengers: Count | None = optional("the company's travellers; 1 where it is missing")
    occupants: _Occupants | None = optional("people in a car; num_passengers where it is missing")
    emission_factor_kg_co2e_per_km: NotNegative | None = optional("own tank-to-wheel factor per km of the vehicle, or of a passenger")
    fuel_type: Fuel | None = optional("fuel burned, in place of the distance")
    fuel_amount: NotNegative | None = optional("how much of it", unit="fuel_unit")
    fuel_unit: Text | None = optional("unit code of fuel_amount")


class BusinessTravel(Spend, Header):
    """Category 6, travel of employees in vehicles of others; a record is a trip. region is the home country.

    Source: calculation specification, 14.6.
    """

    spend_block_before = "trip_id"

    flights: list[Flight] | None = optional("flights: list of {distance_km, cabin_class, num_passengers, haul, ...}")
    hotels: list[Hotel] | None = optional("stays: list of {nights, rooms, region, ...}")
    ground_transport: list[GroundTransport] | None = optional(
        "legs by road or rail: list of {vehicle_type, distance_km, num_passengers, ...}"
    )
    trip_id: Text | None = optional("your id of the trip")
    employee_id: Text | None = optional("your id of the traveller")
