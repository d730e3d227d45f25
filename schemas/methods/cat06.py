"""Methods of category 6."""

from schemas.methods.cat01 import SPEND
from schemas.methods.method import Method

BUSINESS_TRAVEL = (
    Method(
        "business_travel_combined",
        2,
        "distance_based",
        65.0,
        0.12,
        0.15,
        "flights, hotels or ground_transport, each leg by road or rail with vehicle_type and distance_km, or with fuel_type and fuel_amount",
        "sum over legs of distance_km * num_passengers * EF[travel_air], rooms * nights * EF[hotel], "
        "distance_km * num_passengers / occupants * EF[travel_land], fuel_amount * EF[fuel]",
    ),
    Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50, "spend_amount and naics_code", SPEND),
)
