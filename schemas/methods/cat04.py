"""Methods of category 4, and those that category 9 shares."""

from schemas.methods.cat01 import SPEND
from schemas.methods.method import Method

LEG_NEEDS = "transport_mode, distance_km and weight_tonnes"
LEG_FORMULA = "weight_tonnes * distance_km on the basis of the factor * EF[freight, vehicle_class or transport_mode]"
FUEL_BASED = Method(
    "tier_1_fuel_based",
    1,
    "fuel_based",
    85.0,
    0.05,
    0.10,
    "fuel_type, fuel_amount and fuel_unit",
    "fuel_amount * allocation_share * EF[fuel, fuel_type]",
)
SITE_ENERGY = Method(
    "tier_1_site_energy",
    1,
    "site_specific",
    75.0,
    0.04,
    0.12,
    "an energy field, for example electricity_kwh",
    "site_allocation_share * sum(carrier * EF)",
)
HUB_AVERAGE = Method(
    "tier_2_hub_average",
    2,
    "average_data",
    60.0,
    0.10,
    0.30,
    "hub_type, hub_quantity and hub_unit",
    "hub_quantity * EF[hub, hub_type]",
)

UPSTREAM_TRANSPORT = (
    FUEL_BASED,
    Method("iso_14083_logistics", 2, "distance_based", 60.0, 0.05, 0.20, LEG_NEEDS, LEG_FORMULA),
    SITE_ENERGY,
    HUB_AVERAGE,
    Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50, "spend_amount and naics_code or transport_mode", SPEND),
)
