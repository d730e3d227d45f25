"""Category 15, investments: what is refused, of each group of asset classes, and what the sentence says."""

import pytest

from tests.categories.answers import refusal_of
from tests.categories.positions import ALL, COUNTRY, PRODUCTS, RATES, REVENUE, SECTORS, building, loan, stake, vehicles

_REPORTED = {"company_scope1_t_co2e": 12_000, "company_scope2_t_co2e": 8_000}


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"portfolio_company": " "}, "E_REQUIRED", "portfolio_company", "missing"),
        ({"asset_class": None}, "E_REQUIRED", "asset_class", "missing"),
        ({"outstanding_amount": None}, "E_REQUIRED", "outstanding_amount", "missing"),
        ({"asset_class": "venture"}, "E_ENUM", "asset_class", "unlisted_equity"),
        ({"currency": "euros"}, "E_ENUM", "currency", "ISO 4217"),
        ({"epc_label": "H"}, "E_ENUM", "epc_label", "'H', which is not in its list; write one of a"),
        ({"outstanding_amount": -5}, "E_RANGE", "outstanding_amount", "> 0"),
        ({"evic": 0}, "E_RANGE", "evic", "> 0"),
        ({"total_equity": -3}, "E_RANGE", "total_equity", ">= 0"),
        ({"company_scope2_t_co2e": "NaN"}, "E_RANGE", "company_scope2_t_co2e", "NaN"),
        ({"project_life_years": 0}, "E_RANGE", "project_life_years", "> 0"),
        ({"revenue_year": 1989}, "E_RANGE", "revenue_year", "1990"),
        ({"value_date": "31.12.2024"}, "E_TYPE", "value_date", "YYYY-MM-DD"),
        ({"emissions_verified": "perhaps"}, "E_TYPE", "emissions_verified", "true"),
        ({"production": [PRODUCTS[0], {"key": "steel", "amount": -1}]}, "E_RANGE", "production[1].amount", ">= 0"),
        ({"production": [{"amount": 1, "unit": "t"}]}, "E_REQUIRED", "production[0].key", "missing"),
        # Whether the class of the position uses them or not.
        ({"total_equity": 0, "total_debt": 0}, "E_RANGE", "total_equity", "total_equity and total_debt are both 0, and nothing"),
    ],
)
def test_a_bad_value_is_told_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(stake(**_REPORTED) | changes)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


@pytest.mark.parametrize(
    ("record", "code", "field", "words"),
    [
        (building(property_value_at_origination=0), "E_RANGE", "property_value_at_origination", "> 0"),
        (building(epc_label="A+"), "E_ENUM", "epc_label", "did you mean a?"),
        (building(building_type="castle"), "E_ENUM", "building_type", "office"),
        (building(floor_area_m2=-1), "E_RANGE", "floor_area_m2", ">= 0"),
        (building(supplier_kg_co2e_per_kwh=-0.1), "E_RANGE", "supplier_kg_co2e_per_kwh", ">= 0"),
        (vehicles(vehicle_value_at_origination=0), "E_RANGE", "vehicle_value_at_origination", "> 0"),
        (vehicles(vehicle_type="spaceship"), "E_ENUM", "vehicle_type", "car_petrol"),
        (vehicles(distance_is_actual="guess"), "E_TYPE", "distance_is_actual", "true or false"),
        (vehicles(vehicle_count=-2), "E_RANGE", "vehicle_count", ">= 0"),
    ],
)
def test_a_bad_value_of_a_building_or_a_vehicle_is_told_too(record, code, field, words):
    letter = refusal_of(record, ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


@pytest.mark.parametrize(
    ("record", "code", "field", "value", "words"),
    [
        (stake(), "E_NO_TIER", None, None, "give evic of a listed company, else total_equity and total_debt, with company_scope1"),
        (loan(company_revenue=5), "E_NO_TIER", None, None, "company_revenue and sector"),
        (stake(**{**COUNTRY, "ppp_gdp": None}), "E_NO_TIER", None, None, "give country_emissions_t_co2e and ppp_gdp"),
        (loan(sector="mining"), "E_NO_FACTOR", "sector", "mining", "correct it, or load a factor with --factors"),
        (loan(electricity_kwh=5, region="JP"), "E_NO_FACTOR", "electricity_kwh", "electricity", "in JP"),
        (
            loan(production=[*PRODUCTS, {"key": "glass", "amount": 1, "unit": "t"}]),
            "E_NO_FACTOR",
            "production[2].key",
            "glass",
            "load",
        ),
        (loan(production=[{"key": "cement", "amount": 1, "unit": "ton"}]), "E_UNIT", "production[0].unit", "ton", "three masses"),
        (loan(production=[PRODUCTS[0], {"key": "steel", "amount": 1}]), "E_UNIT", "production[1].unit", None, "write a unit code"),
        (loan(production=[{"key": "steel", "amount": 1, "unit": "kWh"}]), "E_UNIT", "production[0].unit", "kWh", "convert"),
        # Of a unit and a factor the unit is told.
        (
            loan(production=[{"key": "glass", "amount": 1, "unit": "t"}, {"key": "steel", "amount": 1}]),
            "E_UNIT",
            "production[1].unit",
            None,
            "missing",
        ),
        (
            loan(**{**REVENUE, "currency": "CHF"}),
            "E_NO_FACTOR",
            "currency",
            "CHF",
            "no exchange rate for CHF in 2024; give the amount in USD",
        ),
        (loan(sector="heavy_industry", value_date="2023-12-31"), "E_NO_FACTOR", "value_date", "2023", "price index for 2023 and 2022"),
        (stake(**COUNTRY, currency="GBP"), "E_NO_FACTOR", "currency", "GBP", "no exchange rate for GBP in 2025"),
        (building(), "E_NO_TIER", None, None, "with epc_label and floor_area_m2; or with building_type"),
        (vehicles(), "E_NO_TIER", None, None, "fuel_type, fuel_amount and fuel_unit"),
        (building(epc_label="G", floor_area_m2=5), "E_NO_FACTOR", "epc_label", "epc_G", "building_energy with --factors"),
        (building(building_type="lodging", floor_area_m2=5), "E_NO_FACTOR", "building_type", "lodging", "no energy intensity"),
        (building(building_type="retail", building_count=1), "E_NO_FACTOR", "building_type", "building_retail", "or load a factor"),
        (building(electricity_kwh=1, region="JP"), "E_NO_FACTOR", "electricity_kwh", "electricity", "load a factor"),
        (building(other_fuels=[{"fuel_type": "diesel", "amount": 1, "unit": "lb"}]), "E_UNIT", "other_fuels[0].unit", "lb", "convert"),
        (vehicles(fuel_type="diesel", fuel_amount=1), "E_UNIT", "fuel_unit", None, "write a unit code"),
        (vehicles(fuel_type="diesel", fuel_amount=1, fuel_unit="kg"), "E_UNIT", "fuel_unit", "kg", "convert"),
        (vehicles(fuel_type="peat", fuel_amount=1, fuel_unit="kg"), "E_NO_FACTOR", "fuel_type", "peat", "--factors"),
        (vehicles(vehicle_type="taxi", vehicle_distance_km=1), "E_NO_FACTOR", "vehicle_type", "taxi", "--factors"),
        # The number of vehicles was the last method.
        (vehicles(vehicle_count=1, region="JP"), "E_NO_FACTOR", "vehicle_count", "vehicle", "JP"),
    ],
)
def test_what_no_method_can_use_is_told_with_the_remedy(record, code, field, value, words):
    letter = refusal_of(record, ALL)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value)
    assert words in letter["message"]


def test_methods_that_were_tried_are_told():
    known = {"vehicle_type": "taxi", "vehicle_distance_km": 1, "vehicle_model": "Cab"}
    label = "pcaf_motor_vehicle_score"
    assert refusal_of(vehicles(**known), ALL)["attempted_methods"] == [f"{label}_3", f"{label}_4"]
    assert refusal_of(vehicles(**known, distance_is_actual=True), ALL)["attempted_methods"] == [f"{label}_2", f"{label}_4"]


def test_a_price_index_that_is_not_loaded_is_told_with_its_years():
    record = loan(**{**REVENUE, "revenue_year": 2023, "currency": "USD"})
    letter = refusal_of(record, [SECTORS[0], *RATES])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "revenue_year", "2023")
    assert "no price index for 2023 and 2022; give the amount in prices of 2022 with revenue_year" in letter["message"]
    # Of several fields the first of the record is told: the outstanding amount is of activity_year where it has no date.
    assert refusal_of(record, ALL)["field"] == "value_date"


def test_a_refusal_tells_only_what_methods_for_the_class_need():
    assert "epc_label" not in refusal_of(stake())["message"]
    assert "evic" not in refusal_of(stake(**{**COUNTRY, "ppp_gdp": None}))["message"]
