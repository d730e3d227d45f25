"""The labels of methods with their constants [5.3], and the order of fields in the tables [13, 14]."""

from typing import NamedTuple


class Method(NamedTuple):
    """Tier, name in the GHG Protocol, quality, and the cv of activity and factor where neither record nor row states one."""

    tier: int
    ghgp_method: str
    quality: float
    activity_cv: float
    factor_cv: float


_NAN = float("nan")

METHODS = {
    "tier_1_supplier_pcf": Method(1, "supplier_specific", 90, 0.05, 0.10),
    "tier_1_hybrid": Method(1, "hybrid", 80, 0.10, 0.30),
    "tier_2_average_data": Method(2, "average_data", 70, 0.10, 0.30),
    "tier_3_spend_based": Method(3, "spend_based", 40, 0.15, 0.50),
    "tier_2_asset_spend": Method(2, "spend_based", 70, 0.15, _NAN),
    "tier_1_supplier_upstream": Method(1, "supplier_specific", 90, 0.05, 0.10),
    "tier_2_wtt_factors": Method(2, "average_data", 70, 0.10, _NAN),
    "tier_1_fuel_based": Method(1, "fuel_based", 85, 0.05, 0.10),
    "iso_14083_logistics": Method(2, "distance_based", 60, _NAN, 0.20),
    "iso_14083_downstream_logistics": Method(2, "distance_based", 60, _NAN, 0.20),
    "tier_1_site_energy": Method(1, "site_specific", 75, 0.04, 0.12),
    "tier_2_hub_average": Method(2, "average_data", 60, 0.10, 0.30),
    "aggregate_shipping_statistics": Method(3, "distance_based", 45, 0.20, 0.30),
    "tier_1_supplier_disposal": Method(1, "supplier_specific", 90, 0.05, 0.15),
    "tier_2_waste_specific": Method(2, "waste_type_specific", 70, 0.10, _NAN),
    "tier_3_generic_waste": Method(3, "average_data", 40, 0.15, 0.50),
    "business_travel_combined": Method(2, "distance_based", 65, 0.12, 0.15),
    "detailed_commute_data": Method(2, "distance_based", 60, _NAN, 0.15),
    "telework_energy": Method(2, "average_data", 60, 0.10, 0.30),
    "aggregate_average": Method(3, "average_data", 40, 0.20, 0.30),
    "actual_energy_consumption": Method(1, "asset_specific", 75, 0.04, 0.12),
    "lessor_specific_allocation": Method(1, "lessor_specific", 70, 0.10, 0.12),
    "floor_area_intensity": Method(2, "average_data", 65, 0, 0.28),
    "tier_3_asset_average": Method(3, "proxy", 40, 0, 0.50),
    "tier_1_direct_processing_emissions": Method(1, "site_specific", 85, 0.05, 0.08),
    "tier_1_energy_based": Method(1, "site_specific", 85, 0.05, 0.12),
    "tier_2_industry_specific": Method(2, "average_data", 65, 0.10, 0.30),
    "tier_3_process_energy_proxy": Method(3, "proxy", 45, 0.15, 0.35),
    "tier_1_measured_consumption": Method(1, "direct_use_phase", 90, 0.08, 0.20),
    "tier_1_fuel_sold": Method(1, "direct_use_phase", 90, 0.05, 0.10),
    "tier_1_contained_ghg": Method(1, "direct_use_phase", 90, 0.10, 0),
    "tier_2_calculated_from_specs": Method(2, "direct_use_phase", 70, 0.15, 0.20),
    "tier_3_product_defaults": Method(3, "direct_use_phase", 50, 0.25, 0.30),
    "tier_1_detailed_composition": Method(1, "waste_type_specific", 80, 0.10, 0.20),
    "tier_2_primary_material": Method(2, "waste_type_specific", 65, 0.15, 0.25),
    "tier_3_mixed_material": Method(3, "average_data", 45, 0.30, 0.35),
    "tier_1_tenant_reported": Method(1, "lessee_specific", 90, 0.10, 0),
    "tier_1_actual_tenant_energy": Method(1, "asset_specific", 90, 0, 0.10),
    "tier_2_area_based_estimation": Method(2, "average_data", 70, 0, _NAN),
    "tier_1_franchise_reported": Method(1, "franchise_specific", 90, 0.15, 0),
    "tier_1_actual_franchise_energy": Method(1, "franchise_specific", 90, 0, 0.15),
    "tier_2_outlet_average": Method(2, "average_data", 70, 0, 0.30),
    "tier_3_revenue_proxy": Method(3, "proxy", 40, 0, 0.50),
}

# Category 15: tier, name and quality; the cv follows from the score in the label [5.3].
for _label, _tier, _name, _quality in (
    ("pcaf_score_1_reported", 1, "investment_specific", 95),
    ("pcaf_score_2_reported", 1, "investment_specific", 85),
    ("pcaf_score_2_energy", 2, "investment_specific", 85),
    ("pcaf_score_3_production", 2, "average_data", 70),
    ("pcaf_score_4_revenue", 3, "average_data", 55),
    ("pcaf_score_5_assets", 3, "average_data", 40),
    ("pcaf_score_5_turnover", 3, "average_data", 40),
    ("pcaf_real_estate_score_1", 1, "investment_specific", 95),
    ("pcaf_real_estate_score_2", 1, "investment_specific", 85),
    ("pcaf_real_estate_score_3", 2, "average_data", 70),
    ("pcaf_real_estate_score_4", 2, "average_data", 55),
    ("pcaf_real_estate_score_5", 3, "average_data", 40),
    ("pcaf_motor_vehicle_score_1", 1, "investment_specific", 95),
    ("pcaf_motor_vehicle_score_2", 2, "average_data", 85),
    ("pcaf_motor_vehicle_score_3", 2, "average_data", 70),
    ("pcaf_motor_vehicle_score_4", 2, "average_data", 55),
    ("pcaf_motor_vehicle_score_5", 3, "average_data", 40),
    ("pcaf_sovereign_score_1", 1, "investment_specific", 95),
    ("pcaf_sovereign_score_2", 2, "investment_specific", 85),
):
    METHODS[_label] = Method(_tier, _name, _quality, _NAN, _NAN)

_ENERGY = (
    "electricity_kwh natural_gas_kwh heating_kwh cooling_kwh fuel_oil_litres gas_oil_litres other_fuels refrigerant_leak_kg process_kg_co2e"
)
_SPEND = "spend_amount spend_currency spend_year naics_code price_basis margins"
_PCF = "quantity quantity_unit supplier_pcf supplier_pcf_total_kg_co2e supplier_pcf_cv pcf_boundary"
_LEASED = "consolidation_approach lease_kind"
_FREIGHT = (
    "transport_mode vehicle_class distance_km weight_tonnes load_factor distance_basis haul temperature emission_factor_kg_co2e_per_tonne_km "
    "emission_factor_cv ef_boundary ef_basis fuel_type fuel_amount fuel_unit allocation_share hub_type hub_quantity hub_unit "
    f"{_ENERGY} site_allocation_share {_SPEND}"
)

# Of several fields that a method fails on, the first in the order of the tables is named [6].
FIELDS = {
    category: ["region", "activity_year", *fields.split()]
    for category, fields in {
        1: f"product_name {_PCF} supplier_s12_allocated_kg_co2e hybrid_components product_category product_code {_SPEND}",
        2: f"asset_description asset_category {_PCF} product_category product_code emission_factor_kg_co2e_per_usd {_SPEND}",
        3: "fuel_or_energy_type energy_description quantity quantity_unit activity supplier_upstream_ef supplier_td_losses_ef "
        "well_to_tank_ef td_loss_share loss_basis calorific_basis grid_region",
        4: _FREIGHT,
        5: "waste_mass_kg wastewater_m3 waste_type disposal_method waste_description recycling_rate "
        "supplier_disposal_kg_co2e_per_kg emission_factor_kg_co2e_per_kg incineration_energy_recovery_share",
        6: f"flights hotels ground_transport {_SPEND}",
        7: "commute_mode distance_km days_per_week num_employees weeks_per_year car_occupancy emission_factor_kg_co2e_per_km "
        "emission_factor_cv ef_boundary telework_days_per_week hours_per_day total_employees average_commute_km "
        "working_days_per_year wfh_share mode_shares",
        8: f"{_LEASED} building_type asset_description {_ENERGY} energy_scope share_of_building lessor_s12_kg_co2e floor_area_m2 "
        "lease_start_date lease_end_date months_in_year asset_key asset_count grid_region",
        9: f"{_FREIGHT} is_last_mile total_shipments average_distance_km average_weight_tonnes distance_weight_covariance",
        10: "product_name sold_quantity quantity_unit processing_kg_co2e_per_unit electricity_kwh_per_unit natural_gas_kwh_per_unit "
        "heating_kwh_per_unit cooling_kwh_per_unit fuel_oil_litres_per_unit gas_oil_litres_per_unit process_kg_co2e_per_unit "
        "refrigerant_leak_kg_per_unit waste_kg_per_unit waste_type disposal_method allocation_share processing_type",
        11: "product_name product_type product_key units_sold measured_energy_kwh_per_year measured_lifespan_years "
        "expected_lifespan_years power_rating_watts standby_watts usage_hours_per_day usage_days_per_year annual_distance_km "
        "efficiency_kwh_per_km vehicle_type fuel_type fuel_amount_per_year fuel_unit server_kwh pue fuel_sold_amount fuel_sold_unit "
        "ghg_content_kg release_share refrigerant_charge_kg leak_rate_per_year survival_curve grid_trajectory_kg_co2e_per_kwh "
        "use_region_mix energy_boundary",
        12: "product_name units_sold weight_kg material_composition primary_material packaging landfill_share recycling_share "
        "incineration_share composting_share incineration_energy_recovery_share",
        13: f"{_LEASED} asset_id asset_description building_type tenant_s12_kg_co2e {_ENERGY} energy_scope leased_share floor_area_m2 "
        "lease_start_date lease_end_date months_in_year asset_key asset_count",
        14: "franchise_description franchise_type franchise_count operational_control locations_by_region franchisee_s1_kg_co2e "
        f"franchisee_s2_kg_co2e {_ENERGY} avg_floor_area_m2 floor_area_m2 revenue_amount revenue_currency revenue_year sector",
        15: "portfolio_company portfolio_company_description asset_class issuer_listed outstanding_amount currency value_date evic "
        "total_equity total_debt property_value_at_origination vehicle_value_at_origination ppp_gdp company_scope1_t_co2e "
        f"company_scope2_t_co2e company_scope3_t_co2e emissions_verified {_ENERGY} supplier_kg_co2e_per_kwh production "
        "company_revenue revenue_year sector building_type floor_area_m2 epc_label building_count vehicle_type vehicle_distance_km "
        "distance_is_actual vehicle_model vehicle_count fuel_type fuel_amount fuel_unit country_emissions_t_co2e "
        "country_emissions_with_lulucf_t_co2e initial_sponsor project_life_years",
    }.items()
}

# Members of list elements, in table order.
MEMBERS = {
    "hybrid_components": ("kind", "amount", "unit", "factor_key"),
    "other_fuels": ("fuel_type", "amount", "unit"),
    "production": ("key", "amount", "unit"),
    "flights": ("distance_km", "cabin_class", "num_passengers", "haul"),
    "hotels": ("nights", "rooms", "region"),
    "ground_transport": ("vehicle_type", "distance_km", "num_passengers", "occupants", "fuel_type", "fuel_amount", "fuel_unit"),
    "material_composition": ("material", "weight_kg", "recycling_rate"),
    "packaging": ("material", "weight_kg", "recycling_rate"),
}


def order_of(category: int, name: str) -> tuple[int, int, int]:
    """Returns the place of a field in its table; of list elements by member, then by index [6]."""
    field, _, rest = name.partition("[")
    place = FIELDS[category].index(field)
    if not rest:
        return place, 0, 0
    index, _, member = rest.partition("].")
    return place, MEMBERS[field].index(member), int(index)
