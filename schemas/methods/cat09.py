"""Methods of category 9."""

from schemas.methods.cat01 import SPEND
from schemas.methods.cat04 import FUEL_BASED, HUB_AVERAGE, LEG_FORMULA, LEG_NEEDS, SITE_ENERGY
from schemas.methods.method import Method

DOWNSTREAM_TRANSPORT = (
    FUEL_BASED,
    Method("iso_14083_downstream_logistics", 2, "distance_based", 60.0, 0.05, 0.20, LEG_NEEDS, LEG_FORMULA),
    SITE_ENERGY,
    HUB_AVERAGE,
    Method(
        "aggregate_shipping_statistics",
        3,
        "distance_based",
        45.0,
        0.20,
        0.30,
        "total_shipments, average_distance_km, average_weight_tonnes and transport_mode",
        "total_shipments * (average_distance_km * average_weight_tonnes + distance_weight_covariance) * EF[freight, transport_mode]",
    ),
    Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50, "spend_amount and naics_code", SPEND),
)
