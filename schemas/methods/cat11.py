"""Methods of category 11."""

from schemas.methods.method import Method

_LIFE = "n(measured_lifespan_years, else expected_lifespan_years, else P[product_life])"

USE_OF_SOLD_PRODUCTS = (
    Method(
        "tier_1_measured_consumption",
        1,
        "direct_use_phase",
        90.0,
        0.08,
        0.20,
        "units_sold, measured_energy_kwh_per_year and measured_lifespan_years",
        "units_sold * measured_energy_kwh_per_year * n(measured_lifespan_years) * EF[grid, generation]",
    ),
    Method(
        "tier_2_calculated_from_specs",
        2,
        "direct_use_phase",
        70.0,
        0.15,
        0.20,
        "units_sold, a lifetime and power_rating_watts with usage_hours_per_day, annual_distance_km with efficiency_kwh_per_km or "
        "vehicle_type, or fuel_type with fuel_amount_per_year; or server_kwh",
        f"units_sold * energy, fuel or distance per unit and year * {_LIFE} * EF[grid, fuel or travel_land], or server_kwh * pue * EF[grid]",
    ),
    Method(
        "tier_3_product_defaults",
        3,
        "direct_use_phase",
        50.0,
        0.25,
        0.30,
        "units_sold and a product_key with a loaded product_use factor",
        f"units_sold * E[product_use, product_key] * {_LIFE} * EF[grid, generation]",
    ),
    Method(
        "tier_1_fuel_sold",
        1,
        "direct_use_phase",
        90.0,
        0.05,
        0.10,
        "fuel_type, fuel_sold_amount and fuel_sold_unit",
        "fuel_sold_amount * EF[fuel, ttw]",
    ),
    Method(
        "tier_1_contained_ghg",
        1,
        "direct_use_phase",
        90.0,
        0.10,
        0.0,
        "units_sold and ghg_content_kg, or refrigerant_charge_kg, leak_rate_per_year and a lifetime",
        f"units_sold * (sum(ghg_content_kg * GWP) * release_share + sum(refrigerant_charge_kg * GWP) * leak_rate_per_year * {_LIFE})",
    ),
)
