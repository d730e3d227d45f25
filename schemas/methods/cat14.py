"""Methods of category 14."""

from schemas.methods.cat08 import ENERGY_NEEDS
from schemas.methods.method import Method

FRANCHISES = (
    Method(
        "tier_1_franchise_reported",
        1,
        "franchise_specific",
        90.0,
        0.15,
        0.0,
        "franchisee_s1_kg_co2e and franchisee_s2_kg_co2e",
        "franchisee_s1_kg_co2e + franchisee_s2_kg_co2e",
    ),
    Method(
        "tier_1_actual_franchise_energy",
        1,
        "franchise_specific",
        90.0,
        0.0,
        0.15,
        ENERGY_NEEDS,
        "sum over regions of share * sum(carrier * EF[region])",
    ),
    Method(
        "tier_2_area_based_estimation",
        2,
        "average_data",
        70.0,
        0.0,
        0.30,
        "floor_area_m2 or avg_floor_area_m2, and franchise_type with loaded building_energy factors",
        "sum over regions of share * area * sum(I[building_energy, franchise_type:carrier] * EF[region])",
    ),
    Method(
        "tier_2_outlet_average",
        2,
        "average_data",
        70.0,
        0.0,
        0.30,
        "franchise_type with a loaded outlet_average factor",
        "sum over regions of outlets * EF[outlet_average, franchise_type]",
    ),
    Method(
        "tier_3_revenue_proxy",
        3,
        "proxy",
        40.0,
        0.0,
        0.50,
        "revenue_amount and sector or franchise_type",
        "revenue_amount * FX / price index * EF[sector_revenue, sector]",
    ),
)
