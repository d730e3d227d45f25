"""Category 14, franchises: examples by hand, each method and warning, outlets in several regions, and what is refused."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record

_GRID = [
    make_factor("grid", "electricity", "generation", 0.177, "kWh"),
    make_factor("grid", "electricity", "wtt_generation", 0.0684, "kWh"),
    make_factor("grid", "electricity", "generation", 0.05, "kWh", region="FR"),
    make_factor("grid", "electricity", "wtt_generation", 0.01, "kWh", region="FR"),
]
_GAS = [
    make_factor("fuel", "natural_gas", "ttw", 0.18296, "kWh", basis="gross"),
    make_factor("fuel", "natural_gas", "wtt", 0.03021, "kWh", basis="gross"),
]
_OUTLETS = [
    make_factor("outlet_average", "beauty_salon", "scope12", 4100, "unit"),
    make_factor("outlet_average", "beauty_salon", "scope12", 2000, "unit", region="FR"),
]
_MONEY = {"price_year": 2022, "year": 2022, "gwp": "AR5"}
_SECTORS = [
    make_factor("sector_revenue", "retail_store", "scope12", 0.04, "USD", region="GLOBAL", **_MONEY),
    make_factor("sector_revenue", "books", "scope12", 0.02, "USD", region="GLOBAL", **_MONEY),
    make_factor("fx", "GBP", "parameter", 1.25, "usd_per_unit", year=2024, region="GLOBAL", gwp=None),
    make_factor("price_index", "cpi", "parameter", 100, "index", region="US", year=2022, gwp=None),
    make_factor("price_index", "cpi", "parameter", 107.5, "index", region="US", year=2024, gwp=None),
]


def _intensity(key, value, **changes):
    return make_factor("building_energy", key, "parameter", value, "kwh_per_m2_year", **{"gwp": None, **changes})


_FOOD = [_intensity("food_service:electricity", 400), _intensity("food_service:natural_gas", 300)]
_ALL = [*_GRID, *_GAS, *_OUTLETS, *_SECTORS, *_FOOD]
_TWO = {"locations_by_region": {"GB": 7, "FR": 3}}


def _outlets(**changes):
    """Returns ten outlets of which no figure of the franchisees' is known."""
    return make_record(14, **{"franchisee_s1_kg_co2e": None, "franchisee_s2_kg_co2e": None, **changes})


def test_coffee_shops_in_two_countries_by_their_area():
    # 10 outlets * 85 m2 = 850 m2, 7 / 10 of it in GB: 595 m2, 255 m2 in FR.
    # Electricity: 595 * 400 * 0.177 + 255 * 400 * 0.05 = 42,126 + 5,100 kg; gas, of which FR takes the figures of GB:
    # 850 * 300 * 0.18296 = 46,654.8 kg. Upstream: 595 * 400 * 0.0684 + 255 * 400 * 0.01 + 850 * 300 * 0.03021.
    result = result_of(_outlets(franchise_type="coffee_shop", avg_floor_area_m2=85, **_TWO), _ALL)
    assert (result["method"], result["tier"]) == ("tier_2_area_based_estimation", 2)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(42_126 + 5_100 + 46_654.8)
    assert result["kg_co2e_upstream"] == pytest.approx(16_279.2 + 1_020 + 7_703.55)
    assert {"W_AREA_INTENSITY kwh_per_m2_year=700", "W_TYPE_DEFAULTED type=food_service"} < {*result["warnings"]}
    assert codes_of(result) == ["W_AREA_INTENSITY", "W_FOREIGN_PROXY", "W_TYPE_DEFAULTED"]


def test_reported_figures_are_one_term():
    # 600 + 400 kg; cv .15 on the whole, however it is divided.
    result = result_of(make_record(14), _ALL)
    assert (result["method"], result["kg_co2e"], result["cv"]) == ("tier_1_franchise_reported", 1000, pytest.approx(0.15))
    assert (result["dqi_score"], result["warnings"]) == (pytest.approx(90), [])
    assert result["factor_ids"] == ["record:franchisee_s1_kg_co2e", "record:franchisee_s2_kg_co2e"]
    assert result["factor_kg_co2e"] == [1000, 0]


def test_half_of_the_reported_figures_is_no_report():
    record = make_record(14, franchisee_s2_kg_co2e=None, electricity_kwh=1000)
    result = result_of(record, _ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_1_actual_franchise_energy", pytest.approx(177))
    # It never was complete, so nothing fell back.
    assert result["warnings"] == []


def test_energy_of_all_outlets_is_shared_among_the_regions():
    # 200,000 kWh * 0.7 * 0.177 = 24,780 kg, and 200,000 * 0.3 * 0.05 = 3,000 kg: each region a term of .15.
    result = result_of(_outlets(electricity_kwh=200_000, **_TWO), _GRID)
    assert result["kg_co2e"] == pytest.approx(27_780)
    assert result["kg_co2e_upstream"] == pytest.approx(200_000 * (0.7 * 0.0684 + 0.3 * 0.01))
    assert result["std_kg"] == pytest.approx(0.15 * math.hypot(24_780, 3_000))


def test_gases_do_not_depend_on_the_region():
    # 3 kg of R-32 at 677 in two regions are one term of .10, not two that err apart.
    result = result_of(_outlets(refrigerant_leak_kg={"hfc_32": 3}, **_TWO))
    assert (result["kg_co2e"], result["cv"]) == (pytest.approx(2_031), pytest.approx(0.1))


def test_a_region_without_outlets_needs_no_factor():
    places = {"locations_by_region": {"GB": 10, "JP": 0}}
    assert result_of(_outlets(electricity_kwh=1000, **places), _GRID)["kg_co2e"] == pytest.approx(177)
    salons = _outlets(franchise_type="beauty_salon", **places)
    assert result_of(salons, _OUTLETS)["kg_co2e"] == pytest.approx(41_000)


def test_two_names_of_a_region_are_added():
    record = _outlets(franchise_type="beauty_salon", locations_by_region={"GB": 4, "uk": 3, "fr": 3})
    assert result_of(record, _OUTLETS)["kg_co2e"] == pytest.approx(7 * 4100 + 3 * 2000)


def test_area_of_all_outlets_wins_over_that_of_one():
    record = _outlets(franchise_type="qsr", floor_area_m2=500, avg_floor_area_m2=85)
    assert result_of(record, _ALL)["kg_co2e"] == pytest.approx(500 * (400 * 0.177 + 300 * 0.18296))


def test_an_intensity_of_the_type_itself_goes_before_that_of_the_building():
    own = _intensity("qsr:electricity", 1000)
    result = result_of(_outlets(franchise_type="qsr", floor_area_m2=500), [*_ALL, own])
    # One carrier is enough: gas of food_service takes no part.
    assert (result["kg_co2e"], codes_of(result)) == (pytest.approx(500 * 1000 * 0.177), ["W_AREA_INTENSITY"])


@pytest.mark.parametrize(
    ("kind", "building"),
    [
        *((kind, "food_service") for kind in ("qsr", "fast_food", "casual_dining", "coffee_shop")),
        *((kind, "retail") for kind in ("retail_store", "convenience_store")),
        ("hotel", "lodging"),
    ],
)
def test_types_stand_for_a_kind_of_building(kind, building):
    result = result_of(_outlets(franchise_type=kind, floor_area_m2=10), [*_GRID, _intensity(f"{building}:electricity", 100)])
    assert (result["kg_co2e"], result["cv"]) == (pytest.approx(177), pytest.approx(0.3))
    assert result["warnings"] == ["W_AREA_INTENSITY kwh_per_m2_year=100", f"W_TYPE_DEFAULTED type={building}"]


@pytest.mark.parametrize("kind", ["education", "healthcare"])
def test_types_that_are_kinds_of_buildings_stand_for_themselves(kind):
    result = result_of(_outlets(franchise_type=kind, floor_area_m2=10), [*_GRID, _intensity(f"{kind}:electricity", 100)])
    assert codes_of(result) == ["W_AREA_INTENSITY"]


def test_an_intensity_is_that_of_the_records_region_and_a_carrier_that_of_the_outlets():
    rows = [_intensity("qsr:electricity", 100), _intensity("qsr:electricity", 900, region="FR"), *_GRID]
    record = _outlets(franchise_type="qsr", floor_area_m2=100, locations_by_region={"FR": 10})
    assert result_of(record, rows)["kg_co2e"] == pytest.approx(100 * 100 * 0.05)


def test_outlets_count_by_number_and_region():
    # 7 * 4,100 + 3 * 2,000 = 34,700 kg; each region a factor of .30.
    result = result_of(_outlets(franchise_type="beauty_salon", floor_area_m2=50, **_TWO), _ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_2_outlet_average", pytest.approx(34_700))
    assert result["std_kg"] == pytest.approx(0.3 * math.hypot(28_700, 6_000))
    # The area was complete, and a salon stands for no building.
    assert result["warnings"] == ["W_TIER_FALLBACK from=tier_2_area_based_estimation reason=E_NO_FACTOR"]


def test_revenue_is_brought_to_dollars_of_the_year_of_the_factor():
    # 3,100,000 GBP of 2024 * 1.25 = 3,875,000 USD of 2024 * 100 / 107.5 = 3,604,651.16 USD of 2022 * 0.04 = 144,186.05 kg.
    record = _outlets(franchise_type="retail_store", revenue_amount=3_100_000, revenue_currency="GBP", revenue_year=2024)
    result = result_of(record, _SECTORS)
    assert (result["method"], result["tier"]) == ("tier_3_revenue_proxy", 3)
    assert result["kg_co2e"] == pytest.approx(3_100_000 * 1.25 * 100 / 107.5 * 0.04)
    assert {"W_ESTIMATED", "W_LOW_DQI"} < {*codes_of(result)}
    # A sector wins over the type.
    assert result_of(record | {"sector": "books"}, _SECTORS)["kg_co2e"] == pytest.approx(3_100_000 * 1.25 * 100 / 107.5 * 0.02)


def test_revenue_without_a_currency_is_taken_for_dollars():
    record = _outlets(sector="books", revenue_amount=1000, revenue_year=2022)
    result = result_of(record, _SECTORS)
    assert result["kg_co2e"] == pytest.approx(20)
    assert "W_CURRENCY_ASSUMED" in codes_of(result)
    named = _outlets(sector="books", revenue_year=2022) | {"revenue_usd": 1000}
    assert "W_CURRENCY_ASSUMED" not in codes_of(result_of(named, _SECTORS))


def test_the_type_is_read_from_the_description():
    record = _outlets(franchise_description="Beauty and spa")
    assert "W_CLASSIFIED field=franchise_type value=beauty_salon confidence=1.00" in result_of(record, _ALL)["warnings"]
    assert refusal_of(record, _ALL, classify_free_text=False)["code"] == "E_NO_TIER"
    assert refusal_of(record | {"franchise_description": "coffee and pizza"}, _ALL)["code"] == "E_NO_TIER"
    # What needs no type reads none: energy, and revenue of a sector.
    for known in ({"electricity_kwh": 1}, {"sector": "books", "revenue_amount": 1, "revenue_year": 2022}):
        assert "W_CLASSIFIED" not in codes_of(result_of(record | known | {"franchise_description": "Coffee"}, [*_GRID, *_SECTORS]))


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"franchise_count": None}, "E_REQUIRED", "franchise_count", "missing"),
        ({"franchise_count": 0}, "E_RANGE", "franchise_count", ">= 1"),
        ({"franchise_count": 2.5}, "E_TYPE", "franchise_count", "whole number"),
        ({"franchise_type": "bakery"}, "E_ENUM", "franchise_type", "coffee_shop"),
        ({"locations_by_region": {"GB": 9, "XX": 1}}, "E_ENUM", "locations_by_region", "'XX'"),
        ({"locations_by_region": {"GB": 11, "FR": -1}}, "E_RANGE", "locations_by_region.FR", ">= 0"),
        ({"locations_by_region": {"GB": 9, "FR": 0.5}}, "E_TYPE", "locations_by_region.FR", "whole number"),
        ({"locations_by_region": {"GB": 5, "FR": 3}}, "E_INCONSISTENT", "locations_by_region", "adds up to 8, and franchise_count is 10"),
        ({"avg_floor_area_m2": 0}, "E_RANGE", "avg_floor_area_m2", "> 0"),
        ({"revenue_amount": -1}, "E_RANGE", "revenue_amount", ">= 0"),
        ({"revenue_currency": "POUND"}, "E_ENUM", "revenue_currency", "ISO 4217"),
        ({"operational_control": "franchisor"}, "E_BOUNDARY", "operational_control", "report them there"),
    ],
)
def test_a_bad_value_is_told_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(make_record(14, **changes), _ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


def test_a_sum_of_many_outlets_is_told_to_the_last_one():
    letter = refusal_of(make_record(14, franchise_count=1_234_568, locations_by_region={"GB": 1_234_567}))
    assert letter["value"] == "1234567"
    assert "adds up to 1234567, and franchise_count is 1234568" in letter["message"]


@pytest.mark.parametrize(
    ("changes", "code", "field", "value", "words"),
    [
        ({"franchise_name": "North"}, "E_NO_TIER", None, None, "franchisee_s1_kg_co2e and franchisee_s2_kg_co2e"),
        ({"revenue_amount": 5}, "E_NO_TIER", None, None, "revenue_amount and sector or franchise_type"),
        ({"franchise_type": "hotel"}, "E_NO_FACTOR", "franchise_type", "hotel", "correct it, or load a factor"),
        ({"franchise_type": "hotel", "floor_area_m2": 5}, "E_NO_FACTOR", "franchise_type", "hotel", "no energy intensity is loaded in GB"),
        ({"electricity_kwh": 5, "locations_by_region": {"JP": 10}}, "E_NO_FACTOR", "electricity_kwh", "electricity", "in JP"),
        ({"sector": "mining", "revenue_amount": 5}, "E_NO_FACTOR", "sector", "mining", "--factors"),
        (
            {"sector": "books", "revenue_amount": 5, "revenue_currency": "CHF", "revenue_year": 2022},
            "E_NO_FACTOR",
            "revenue_currency",
            "CHF",
            "2022",
        ),
        ({"sector": "books", "revenue_amount": 5, "revenue_currency": "USD"}, "E_NO_FACTOR", "revenue_year", None, "2025"),
        ({"other_fuels": [{"fuel_type": "natural_gas", "amount": 1, "unit": "kg"}]}, "E_UNIT", "other_fuels[0].unit", "kg", "convert"),
    ],
)
def test_what_no_method_can_use_is_told_with_the_remedy(changes, code, field, value, words):
    letter = refusal_of(_outlets(**changes), _ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert value is None or letter["value"] == value
    assert words in letter["message"]
