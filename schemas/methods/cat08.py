"""Methods of category 8."""

from schemas.methods.method import Method

ENERGY_NEEDS = "an energy field, for example electricity_kwh"
AREA_NEEDS = "floor_area_m2 and building_type with loaded building_energy factors"
ASSET = ("asset_key and asset_count", "asset_count * share of the year * EF[asset_average, asset_key]")

UPSTREAM_LEASED = (
    Method(
        "actual_energy_consumption",
        1,
        "asset_specific",
        75.0,
        0.04,
        0.12,
        ENERGY_NEEDS,
        "share_of_building of a whole_building, else 1 * sum(carrier * EF)",
    ),
    Method(
        "lessor_specific_allocation",
        1,
        "lessor_specific",
        70.0,
        0.10,
        0.12,
        "lessor_s12_kg_co2e and share_of_building",
        "lessor_s12_kg_co2e * share_of_building",
    ),
    Method(
        "floor_area_intensity",
        2,
        "average_data",
        65.0,
        0.0,
        0.28,
        AREA_NEEDS,
        "floor_area_m2 * share of the year * sum(I[building_energy, building_type:carrier] * EF)",
    ),
    Method("tier_3_asset_average", 3, "proxy", 40.0, 0.0, 0.50, *ASSET),
)
