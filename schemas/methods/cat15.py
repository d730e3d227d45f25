"""Methods of category 15, by group of asset classes.

The cv of a score stands with the activity where it is that of one company, and with the factor where all positions on it
err together; the option pcaf_cv replaces them.
"""

from schemas.methods.method import Method

# What several methods of a group need alike is said once, with the first of them.
_COMPANY = "evic of a listed company, else total_equity and total_debt, with company_scope1_t_co2e or company_scope2_t_co2e"
_PROPERTY = "property_value_at_origination with company_scope1_t_co2e, company_scope2_t_co2e or an energy field"
_COUNTRY = "country_emissions_t_co2e and ppp_gdp"

CORPORATE = (
    Method(
        "pcaf_score_1_reported",
        1,
        "investment_specific",
        95.0,
        0.05,
        0.0,
        _COMPANY,
        "1000 * AF * (company_scope1_t_co2e + company_scope2_t_co2e)",
    ),
    Method(
        "pcaf_score_2_reported",
        1,
        "investment_specific",
        85.0,
        0.15,
        0.0,
        _COMPANY,
        "1000 * AF * (company_scope1_t_co2e + company_scope2_t_co2e)",
    ),
    Method("pcaf_score_2_energy", 2, "investment_specific", 85.0, 0.15, 0.0, "with an energy field", "AF * sum(carrier * EF)"),
    Method("pcaf_score_3_production", 2, "average_data", 70.0, 0.0, 0.25, "with production", "AF * sum(amount * EF[production, key])"),
    Method(
        "pcaf_score_4_revenue",
        3,
        "average_data",
        55.0,
        0.0,
        0.35,
        "with company_revenue and sector",
        "AF * company_revenue * FX / price index * EF[sector_revenue, sector]",
    ),
    Method(
        "pcaf_score_5_assets",
        3,
        "average_data",
        40.0,
        0.0,
        0.5,
        "sector with a loaded sector_assets factor",
        "outstanding_amount * FX / price index * EF[sector_assets, sector]",
    ),
    Method(
        "pcaf_score_5_turnover",
        3,
        "average_data",
        40.0,
        0.0,
        0.5,
        "sector with loaded sector_turnover and sector_revenue factors",
        "outstanding_amount * FX / price index * P[sector_turnover, sector] * EF[sector_revenue, sector]",
    ),
)

REAL_ESTATE = (
    Method(
        "pcaf_real_estate_score_1",
        1,
        "investment_specific",
        95.0,
        0.05,
        0.0,
        _PROPERTY,
        "1000 * AF * (company_scope1_t_co2e + company_scope2_t_co2e), or AF * sum(carrier * EF)",
    ),
    Method(
        "pcaf_real_estate_score_2",
        1,
        "investment_specific",
        85.0,
        0.15,
        0.0,
        _PROPERTY,
        "1000 * AF * (company_scope1_t_co2e + company_scope2_t_co2e), or AF * sum(carrier * EF)",
    ),
    Method(
        "pcaf_real_estate_score_3",
        2,
        "average_data",
        70.0,
        0.0,
        0.25,
        "with epc_label and floor_area_m2",
        "AF * floor_area_m2 * sum(I[building_energy, epc_label:carrier] * EF)",
    ),
    Method(
        "pcaf_real_estate_score_4",
        2,
        "average_data",
        55.0,
        0.0,
        0.35,
        "with building_type and floor_area_m2",
        "AF * floor_area_m2 * sum(I[building_energy, building_type:carrier] * EF)",
    ),
    Method(
        "pcaf_real_estate_score_5",
        3,
        "average_data",
        40.0,
        0.0,
        0.5,
        "with building_type and building_count",
        "AF * building_count * EF[asset_average, building_<building_type>]",
    ),
)

MOTOR_VEHICLES = (
    Method(
        "pcaf_motor_vehicle_score_1",
        1,
        "investment_specific",
        95.0,
        0.05,
        0.0,
        "fuel_type, fuel_amount and fuel_unit",
        "AF * fuel_amount * EF[fuel, ttw]",
    ),
    Method(
        "pcaf_motor_vehicle_score_2",
        2,
        "average_data",
        85.0,
        0.15,
        0.0,
        "vehicle_type, vehicle_model and an actual vehicle_distance_km",
        "AF * vehicle_distance_km * EF[travel_land, ttw]",
    ),
    Method(
        "pcaf_motor_vehicle_score_3",
        2,
        "average_data",
        70.0,
        0.0,
        0.25,
        "vehicle_type, vehicle_model and vehicle_distance_km",
        "AF * vehicle_distance_km * EF[travel_land, ttw]",
    ),
    Method(
        "pcaf_motor_vehicle_score_4",
        2,
        "average_data",
        55.0,
        0.0,
        0.35,
        "vehicle_type and vehicle_distance_km",
        "AF * vehicle_distance_km * EF[travel_land, ttw]",
    ),
    Method(
        "pcaf_motor_vehicle_score_5", 3, "average_data", 40.0, 0.0, 0.5, "vehicle_count", "AF * vehicle_count * EF[asset_average, vehicle]"
    ),
)

SOVEREIGN = (
    Method(
        "pcaf_sovereign_score_1",
        1,
        "investment_specific",
        95.0,
        0.05,
        0.0,
        _COUNTRY,
        "1000 * AF * country_emissions_t_co2e",
    ),
    Method(
        "pcaf_sovereign_score_2",
        2,
        "investment_specific",
        85.0,
        0.15,
        0.0,
        _COUNTRY,
        "1000 * AF * country_emissions_t_co2e",
    ),
)

INVESTMENTS = (*CORPORATE, *REAL_ESTATE, *MOTOR_VEHICLES, *SOVEREIGN)
