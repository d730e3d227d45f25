"""What each category refuses: the code, the field it names, and a sentence with value, limit and remedy."""

import pytest

from tests.categories.answers import refusal_of
from tests.records import make_factor

_HEADER = {"region": "GB", "activity_year": 2025, "record_id": "R-1"}
_GAS = [
    make_factor("fuel", "natural_gas", "ttw", 0.18, "kWh", basis="gross"),
    make_factor("fuel", "natural_gas", "wtt", 0.03, "kWh", basis="gross"),
]
_LEG = {"transport_mode": "road_van", "distance_km": 10, "weight_tonnes": 1}
_TRIP = {"flights": [{"distance_km": 900}]}
_COMMUTE = {"commute_mode": "bus", "distance_km": 5, "days_per_week": 5}
_SOLD = {"product_name": "coil", "sold_quantity": 1, "quantity_unit": "t"}
_OUTLETS = {"franchise_count": 4}
_POSITION = {"portfolio_company": "A", "asset_class": "corporate_bonds", "outstanding_amount": 10, "evic": 100}

# Category, fields, code, field that is named, words of the sentence.
_CASES = [
    (3, {"quantity": 1, "quantity_unit": "kWh"}, "E_REQUIRED", "fuel_or_energy_type", "energy_description"),
    (
        3,
        {"energy_description": "coal and steam", "quantity": 1, "quantity_unit": "kWh"},
        "E_REQUIRED",
        "fuel_or_energy_type",
        "several alike",
    ),
    (
        3,
        {"fuel_or_energy_type": "electricty", "quantity": 1, "quantity_unit": "kWh"},
        "E_ENUM",
        "fuel_or_energy_type",
        "did you mean electricity?",
    ),
    (3, {"fuel_or_energy_type": "coal", "quantity": 0, "quantity_unit": "kg"}, "E_RANGE", "quantity", "> 0"),
    (3, {"fuel_or_energy_type": "electricity", "quantity": 1, "quantity_unit": "kWh", "td_loss_share": 6}, "E_RANGE", "td_loss_share", "6"),
    (3, {"fuel_or_energy_type": "natural_gas", "quantity": 1, "quantity_unit": "kg"}, "E_UNIT", "quantity_unit", "does not convert"),
    (3, {"fuel_or_energy_type": "coal", "quantity": 1, "quantity_unit": "kg"}, "E_NO_FACTOR", "fuel_or_energy_type", "--factors"),
    (4, {}, "E_NO_TIER", None, "give fuel_type"),
    (4, {**_LEG, "load_factor": 80}, "E_RANGE", "load_factor", "80"),
    (4, {**_LEG, "transport_mode": "lorry"}, "E_ENUM", "transport_mode", "road_van"),
    (4, {**_LEG, "electricity_kwh": 5}, "E_INCONSISTENT", "transport_mode", "two records"),
    (4, {**_LEG, "vehicle_class": "all_hgv"}, "E_NO_FACTOR", "vehicle_class", "'all_hgv'"),
    (4, {"fuel_type": "natural_gas", "fuel_amount": 1, "fuel_unit": "kg"}, "E_UNIT", "fuel_unit", "does not convert"),
    (
        4,
        {"other_fuels": [{"fuel_type": "natural_gas", "amount": 1, "unit": "kWh"}, {"fuel_type": "peat", "amount": 1, "unit": "kg"}]},
        "E_NO_FACTOR",
        "other_fuels[1].fuel_type",
        "'peat'",
    ),
    (4, {"other_fuels": [{"fuel_type": "natural_gas", "amount": -1}]}, "E_RANGE", "other_fuels[0].amount", ">= 0"),
    (4, {"refrigerant_leak_kg": {"r_22": 1}}, "E_ENUM", "refrigerant_leak_kg", "'r_22'"),
    (6, {"trip_id": "T"}, "E_NO_TIER", None, "give flights"),
    (6, {"flights": [{"distance_km": 900}, {"distance_km": 900}, {"distance_km": -1}]}, "E_RANGE", "flights[2].distance_km", "> 0"),
    (6, {"flights": [{"cabin_class": "economy"}]}, "E_REQUIRED", "flights[0].distance_km", "missing"),
    (6, {"hotels": [{"nights": 1.5, "region": "GB"}]}, "E_TYPE", "hotels[0].nights", "whole number"),
    (6, {"flights": [{"distance_km": 1, "cabin_class": "coach"}]}, "E_ENUM", "flights[0].cabin_class", "economy"),
    (6, _TRIP, "E_NO_FACTOR", "flights[0].cabin_class", "--factors"),
    (
        6,
        {"ground_transport": [{"fuel_type": "natural_gas", "fuel_amount": 1, "fuel_unit": "kg"}]},
        "E_UNIT",
        "ground_transport[0].fuel_unit",
        "kg",
    ),
    (7, {**_COMMUTE, "days_per_week": 8}, "E_RANGE", "days_per_week", "<= 7"),
    (7, {**_COMMUTE, "telework_days_per_week": 3}, "E_INCONSISTENT", "days_per_week", "7 days"),
    (7, {**_COMMUTE, "commute_mode": "carpool"}, "E_REQUIRED", "car_occupancy", "people in the car"),
    (7, {**_COMMUTE, "commute_mode": "plane"}, "E_ENUM", "commute_mode", "plane"),
    (7, {"total_employees": 1, "average_commute_km": 1, "mode_shares": {"bus": 50}}, "E_RANGE", "mode_shares.bus", "did you mean 0.5?"),
    (7, {"total_employees": 1, "average_commute_km": 1, "mode_shares": {"bus": 0.5}}, "E_INCONSISTENT", "mode_shares", "adds up to 0.5"),
    (7, {"distance_km": 5}, "E_NO_TIER", None, "give commute_mode"),
    (7, _COMMUTE, "E_NO_FACTOR", "commute_mode", "'bus'"),
    (
        8,
        {"consolidation_approach": "operational_control", "lease_kind": "finance", "electricity_kwh": 1},
        "E_BOUNDARY",
        "consolidation_approach",
        "lessee",
    ),
    (
        8,
        {"electricity_kwh": 1, "lease_start_date": "2025-06-01", "lease_end_date": "2025-05-01"},
        "E_INCONSISTENT",
        "lease_end_date",
        "before",
    ),
    (
        8,
        {"electricity_kwh": 1, "months_in_year": 12, "lease_start_date": "2025-07-01"},
        "E_INCONSISTENT",
        "months_in_year",
        "months of 2025",
    ),
    (8, {"electricity_kwh": 1, "lease_start_date": "1.7.2025"}, "E_TYPE", "lease_start_date", "YYYY-MM-DD"),
    (8, {"share_of_building": 30, "electricity_kwh": 1}, "E_RANGE", "share_of_building", "30"),
    (8, {"building_type": "office"}, "E_NO_TIER", None, "give an energy field"),
    (8, {"building_type": "office", "floor_area_m2": 5}, "E_NO_FACTOR", "building_type", "building_energy"),
    (8, {"electricity_kwh": 1}, "E_NO_FACTOR", "electricity_kwh", "--factors"),
    (
        9,
        {"average_distance_km": 1, "average_weight_tonnes": 1, "distance_weight_covariance": -2},
        "E_INCONSISTENT",
        "average_distance_km",
        "negative",
    ),
    (9, {"hub_type": "dock", "hub_quantity": 1}, "E_UNIT", "hub_unit", "missing"),
    (9, _LEG, "E_NO_FACTOR", "transport_mode", "--factors"),
    (9, {"total_shipments": 0}, "E_RANGE", "total_shipments", ">= 1"),
    (9, {}, "E_NO_TIER", None, "give fuel_type"),
    (10, {**_SOLD, "quantity_unit": None}, "E_REQUIRED", "quantity_unit", "missing"),
    (10, {**_SOLD, "allocation_share": 0}, "E_RANGE", "allocation_share", "> 0"),
    (10, {**_SOLD, "electricity_kwh_per_unit": 1, "waste_kg_per_unit": 1}, "E_REQUIRED", "waste_type", "waste_kg_per_unit is 1"),
    (10, {**_SOLD, "quantity_unit": "ton", "processing_kg_co2e_per_unit": 1}, "E_UNIT", "quantity_unit", "three masses"),
    (10, {**_SOLD, "processing_type": "stamping"}, "E_NO_FACTOR", "processing_type", "'stamping'"),
    (10, _SOLD, "E_NO_TIER", None, "processing_type"),
    (
        13,
        {"consolidation_approach": "equity_share", "lease_kind": "operating", "tenant_s12_kg_co2e": 1},
        "E_BOUNDARY",
        "consolidation_approach",
        "lessor",
    ),
    (13, {"leased_share": 1.5, "tenant_s12_kg_co2e": 1}, "E_RANGE", "leased_share", "1.5"),
    (13, {"asset_key": "crane", "asset_count": 1}, "E_NO_FACTOR", "asset_key", "'crane'"),
    (13, {"floor_area_m2": 10}, "E_NO_TIER", None, "tenant_s12_kg_co2e"),
    (14, {"franchise_type": "qsr"}, "E_REQUIRED", "franchise_count", "missing"),
    (14, {**_OUTLETS, "locations_by_region": {"GB": 3}}, "E_INCONSISTENT", "locations_by_region", "franchise_count is 4"),
    (14, {**_OUTLETS, "locations_by_region": {"GB": 5, "FR": -1}}, "E_RANGE", "locations_by_region.FR", ">= 0"),
    (14, {**_OUTLETS, "operational_control": "franchisor"}, "E_BOUNDARY", "operational_control", "Scope 1 and 2"),
    (14, {**_OUTLETS, "franchise_type": "other"}, "E_NO_FACTOR", "franchise_type", "'other'"),
    (14, _OUTLETS, "E_NO_TIER", None, "franchisee_s1_kg_co2e"),
    (15, {**_POSITION, "outstanding_amount": 0}, "E_RANGE", "outstanding_amount", "> 0"),
    (15, {**_POSITION, "asset_class": "bonds"}, "E_ENUM", "asset_class", "corporate_bonds"),
    (15, {**_POSITION, "total_equity": 0, "total_debt": 0}, "E_RANGE", "total_equity", "both 0"),
    (15, _POSITION, "E_NO_TIER", None, "company_scope1_t_co2e"),
    (15, {**_POSITION, "sector": "mining"}, "E_NO_FACTOR", "sector", "'mining'"),
    (15, {**_POSITION, "production": [{"key": "clinker", "amount": 1, "unit": "t"}]}, "E_NO_FACTOR", "production[0].key", "'clinker'"),
    (15, {**_POSITION, "production": [{"key": "clinker", "amount": 1}]}, "E_UNIT", "production[0].unit", "missing"),
    (
        15,
        {
            "portfolio_company": "A",
            "asset_class": "sovereign_debt",
            "outstanding_amount": 1,
            "currency": "XYZ",
            "ppp_gdp": 9,
            "country_emissions_t_co2e": 1,
        },
        "E_NO_FACTOR",
        "currency",
        "exchange rate for XYZ",
    ),
]


@pytest.mark.parametrize(
    ("category", "fields", "code", "field", "words"), _CASES, ids=[f"{case[0]} {case[2]} {case[3]}" for case in _CASES]
)
def test_a_record_is_refused_with_field_value_and_remedy(category, fields, code, field, words):
    letter = refusal_of({**_HEADER, "category": category, **fields}, _GAS)
    assert (letter["code"], letter["field"]) == (code, field), letter["message"]
    assert words in letter["message"], letter["message"]
