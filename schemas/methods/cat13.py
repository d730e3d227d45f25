"""Methods of category 13."""

from schemas.methods.cat08 import AREA_NEEDS, ASSET, ENERGY_NEEDS
from schemas.methods.method import Method

DOWNSTREAM_LEASED = (
    Method(
        "tier_1_tenant_reported",
        1,
        "lessee_specific",
        90.0,
        0.10,
        0.0,
        "tenant_s12_kg_co2e",
        "tenant_s12_kg_co2e * leased_share",
    ),
    Method(
        "tier_1_actual_tenant_energy",
        1,
        "asset_specific",
        90.0,
        0.0,
        0.10,
        ENERGY_NEEDS,
        "leased_share of a whole_building, else 1 * sum(carrier * EF)",
    ),
    Method(
        "tier_2_area_based_estimation",
        2,
        "average_data",
        70.0,
        0.0,
        0.25,
        AREA_NEEDS,
        "floor_area_m2 * leased_share * share of the year * sum(I[building_energy, building_type:carrier] * EF)",
    ),
    Method("tier_3_asset_average", 3, "proxy", 40.0, 0.0, 0.50, *ASSET),
)
