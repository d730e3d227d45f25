"""What records of transport have alike: a leg, or a hub or warehouse, or money.

Source: calculation specification, 14.4 (categories 4 and 9).
"""

from collections.abc import Mapping

import numpy as np
from pydantic import BaseModel

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.findings import Finding
from schemas.kinds import CodeText, Fuel, NotNegative, Positive, PositiveShare, Share, Text, choice, optional
from schemas.records.batch import Fields
from schemas.records.energy import Energy

# The class of vehicle that a mode stands for; those of air by haul.
MODE_CLASSES: Mapping[str, str] = {
    "road_van": "van_up_to_3_5t_diesel",
    "road_truck_light": "rigid_3_5_to_7_5t",
    "road_truck_medium": "rigid_7_5_to_17t",
    "road_truck_heavy": "artic_over_33t",
    "road_truck_unknown": "all_hgv",
    "rail_freight": "freight_train",
    "rail_freight_electric": "rail_freight_electric",
    "rail_freight_diesel": "rail_freight_diesel",
    "sea_container": "container_average",
    "sea_bulk": "bulk_average",
    "sea_tanker": "crude_tanker",
    "sea_product_tanker": "product_tanker",
    "sea_general_cargo": "general_cargo",
    "sea_ro_ro": "roro_ferry",
    "air_freight": "air",
    "inland_waterway": "inland_waterway",
}
HAULS = ("domestic", "short", "long")

# Classes that a vehicle_class may name beside those of the modes.
_FURTHER = (
    *("rigid_over_17t", "all_rigid", "artic_up_to_33t", "all_artic"),
    *("chemical_tanker", "lng_tanker", "lpg_tanker", "ropax_ferry", "vehicle_carrier"),
)
VEHICLE_CLASSES = (
    *(one for one in MODE_CLASSES.values() if one != "air"),
    *(f"air_{haul}" for haul in HAULS),
    *_FURTHER,
)

DistanceBasis = choice("gcd", "sfd", "actual")
TransportMode = choice(*MODE_CLASSES, aliases={"air_cargo": "air_freight"})
VehicleClass = choice(*VEHICLE_CLASSES)

_MOVED = (
    *("transport_mode", "vehicle_class", "distance_km", "weight_tonnes", "load_factor", "distance_basis", "haul", "temperature"),
    *("emission_factor_kg_co2e_per_tonne_km", "emission_factor_cv", "ef_boundary", "ef_basis", "fuel_type", "fuel_amount", "fuel_unit"),
)
_STORED = ("hub_type", "hub_quantity", "hub_unit", *Energy.model_fields)


class Transport(BaseModel):
    """Fields of a leg, and of a hub."""

    transport_mode: TransportMode | None = optional("kind of transport")  # type: ignore[valid-type]
    vehicle_class: VehicleClass | None = optional("class of vehicle, in place of the one that the mode stands for")  # type: ignore[valid-type]
    distance_km: Positive | None = optional("distance", unit="km")
    weight_tonnes: Positive | None = optional("weight of the goods", unit="t")
    load_factor: PositiveShare | None = optional("share of the payload that is used, where it is known")
    distance_basis: DistanceBasis | None = optional("great circle, shortest feasible or actual; that of the factor where it is missing")  # type: ignore[valid-type]
    haul: choice(*HAULS) | None = optional("kind of flight; by distance where it is missing")  # type: ignore[valid-type]
    temperature: choice("ambient", "reefer") | None = optional("whether the goods are cooled")  # type: ignore[valid-type]
    emission_factor_kg_co2e_per_tonne_km: NotNegative | None = optional("own factor", unit="kg CO2e per tonne_km")
    emission_factor_cv: Share | None = optional("coefficient of variation of the own factor; 0.15 where it is missing")
    ef_boundary: choice("ttw", "wtw") | None = optional("what the own factor covers; wtw where it is missing")  # type: ignore[valid-type]
    ef_basis: DistanceBasis | None = optional("distance that the own factor counts by; distance_basis where it is missing")  # type: ignore[valid-type]
    fuel_type: Fuel | None = optional("fuel that was burned")
    fuel_amount: NotNegative | None = optional("how much of it", unit="fuel_unit")
    fuel_unit: Text | None = optional("unit code of fuel_amount")
    allocation_share: PositiveShare | None = optional(
        "share of the vehicle's round trip by tonne_km, empty leg included; 1 where it is missing"
    )
    hub_type: CodeText | None = optional("key of a hub factor")
    hub_quantity: NotNegative | None = optional("what went through the hub", unit="hub_unit")
    hub_unit: Text | None = optional("unit code of hub_quantity: t, m2_day or m3_day")
    site_allocation_share: PositiveShare | None = optional("share of the site's energy by tonnes, m2 or m3 and days; 1 where it is missing")
    shipment_id: Text | None = optional("id that the legs of a shipment share")
    origin: Text | None = optional("where the leg begins")
    destination: Text | None = optional("where it ends")


def transport_suspects(fields: Fields) -> Bools:
    """Says which of n records give a leg and a site at once, bool[n]."""
    moved, stored = (np.logical_or.reduce([fields.given(name) for name in names]) for names in (_MOVED, _STORED))
    return np.asarray(moved & stored, bool)


def transport_findings(record: BaseModel) -> list[Finding]:
    """Returns what is wrong with a record that gives a leg and a site at once."""
    moved, stored = ([name for name in names if getattr(record, name) is not None] for names in (_MOVED, _STORED))
    if not (moved and stored):
        return []
    value = str(getattr(record, moved[0]))
    message = f"{moved[0]} is {value} and tells of a leg, {stored[0]} of a hub or warehouse; make two records of them"
    return [Finding(Code.E_INCONSISTENT, moved[0], value, message)]
