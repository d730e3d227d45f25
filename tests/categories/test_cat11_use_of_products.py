"""Category 11: lifetime emissions of sold products."""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record

_GRID = [
    make_factor("grid", "electricity", "generation", 0.177, "kWh"),
    make_factor("grid", "electricity", "td_generation", 0.01853, "kWh"),
    make_factor("grid", "electricity", "wtt_generation", 0.0459, "kWh"),
    make_factor("grid", "electricity", "wtt_td", 0.00397, "kWh"),
]
_FRANCE = [make_factor("grid", "electricity", "generation", 0.05, "kWh", region="FR")]
_DIESEL = [
    make_factor("fuel", "diesel", "ttw", 2.57082, "l"),
    make_factor("fuel", "diesel", "wtt", 0.61101, "l"),
    make_factor("fuel", "diesel", "biogenic", 0.14, "l"),
]
_CAR = [
    make_factor("travel_land", "car_petrol", "ttw", 0.16272, "vehicle_km"),
    make_factor("travel_land", "car_petrol", "wtt", 0.04599, "vehicle_km"),
]
_LIFE = make_factor("product_life", "washing_machine", "parameter", 10.0, "year", region="GLOBAL", verified=False)
_USE = make_factor("product_use", "washing_machine", "parameter", 130.0, "kwh_per_unit_year")
_MEASURED = {"measured_energy_kwh_per_year": 50, "measured_lifespan_years": 4}


def _product(**changes):
    return make_record(11, **changes)


def test_washing_machine_by_measured_electricity():
    # 1,000 machines * 180 kWh a year * 10 years * 0.177 kg/kWh = 318,600 kg; upstream 1.8 M kWh * 0.0684 = 123,120 kg.
    record = _product(units_sold=1000, measured_energy_kwh_per_year=180, measured_lifespan_years=10)
    result = result_of(record, _GRID)
    assert result["method"] == "tier_1_measured_consumption"
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(318_600)
    assert result["kg_co2e_upstream"] == pytest.approx(123_120)


def test_expected_lifetime_makes_a_measurement_a_specification():
    result = result_of(_product(units_sold=10, measured_energy_kwh_per_year=50, expected_lifespan_years=4), _GRID)
    assert result["method"] == "tier_2_calculated_from_specs"
    assert result["kg_co2e"] == pytest.approx(10 * 50 * 4 * 0.177)


def test_power_in_use_and_in_standby():
    # (150 W * 8 h + 5 W * 16 h) * 250 days / 1000 = 320 kWh a year.
    record = _product(
        units_sold=10, power_rating_watts=150, standby_watts=5, usage_hours_per_day=8, usage_days_per_year=250, expected_lifespan_years=5
    )
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(10 * 320 * 5 * 0.177)


def test_days_of_use_are_a_whole_year_where_they_are_missing():
    record = _product(units_sold=1, power_rating_watts=100, usage_hours_per_day=10, expected_lifespan_years=1)
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(365 * 0.177)


def test_electric_vehicle():
    record = _product(units_sold=2, annual_distance_km=10_000, efficiency_kwh_per_km=0.2, expected_lifespan_years=15)
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(2 * 10_000 * 0.2 * 15 * 0.177)


def test_only_the_first_electricity_counts():
    record = _product(units_sold=1, **_MEASURED, power_rating_watts=1000, usage_hours_per_day=24)
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(50 * 4 * 0.177)


def test_defaults_of_a_product():
    result = result_of(_product(units_sold=100, product_key="washing_machine"), [*_GRID, _LIFE, _USE])
    assert result["method"] == "tier_3_product_defaults"
    assert result["kg_co2e"] == pytest.approx(100 * 130 * 10 * 0.177)
    assert {"W_ESTIMATED", "W_LIFE_ESTIMATED years=10"} <= {*result["warnings"]}
    assert {_LIFE["factor_id"], _USE["factor_id"]} <= {*result["factor_ids"]}


def test_default_lifetime_with_own_energy_is_told():
    result = result_of(_product(units_sold=1, product_key="washing_machine", measured_energy_kwh_per_year=100), [*_GRID, _LIFE])
    assert result["method"] == "tier_2_calculated_from_specs"
    assert "W_LIFE_ESTIMATED years=10" in result["warnings"] and "W_ESTIMATED" not in result["warnings"]


def test_fuel_over_the_lifetime():
    record = _product(units_sold=3, fuel_type="Diesel", fuel_amount_per_year=200, fuel_unit="l", expected_lifespan_years=8)
    result = result_of(record, _DIESEL)
    assert result["kg_co2e"] == pytest.approx(3 * 200 * 8 * 2.57082)
    assert result["kg_co2e_upstream"] == pytest.approx(3 * 200 * 8 * 0.61101)
    assert result["biogenic_kg_co2"] == pytest.approx(3 * 200 * 8 * 0.14)


def test_vehicle_by_distance():
    record = _product(units_sold=100, annual_distance_km=15_000, vehicle_type="car_petrol", expected_lifespan_years=12)
    assert result_of(record, _CAR)["kg_co2e"] == pytest.approx(100 * 15_000 * 12 * 0.16272)


def test_service_of_the_year_has_no_lifetime():
    result = result_of(_product(product_type="cloud_service", server_kwh=10_000, pue=1.5), _GRID)
    assert result["method"] == "tier_2_calculated_from_specs"
    assert result["kg_co2e"] == pytest.approx(15_000 * 0.177)


def test_fuel_sold():
    result = result_of(_product(product_type="fuel", fuel_type="diesel", fuel_sold_amount=10, fuel_sold_unit="m3"), _DIESEL)
    assert result["method"] == "tier_1_fuel_sold"
    assert result["kg_co2e"] == pytest.approx(25_708.2)


def test_contained_gas_and_the_set_of_potentials():
    record = _product(units_sold=5000, ghg_content_kg={"HFC 152a": 0.15}, release_share=0.5)
    assert result_of(record)["kg_co2e"] == pytest.approx(5000 * 0.15 * 0.5 * 138)
    assert result_of(record, gwp_set="AR6")["kg_co2e"] == pytest.approx(5000 * 0.15 * 0.5 * 164)
    assert result_of(record)["factor_ids"] == ["gwp:hfc_152a"]


def test_leakage_adds_to_electricity_and_keeps_its_own_uncertainty():
    # Electricity 10 * 50 * 4 * 0.177 = 354 kg; leakage 10 * 0.1 * 0.02 * 4 * 1300 = 104 kg.
    record = _product(units_sold=10, **_MEASURED, refrigerant_charge_kg={"hfc_134a": 0.1}, leak_rate_per_year=0.02)
    result = result_of(record, _GRID)
    assert result["method"] == "tier_1_measured_consumption"
    assert result["kg_co2e"] == pytest.approx(458)
    # Two independent terms: (1 + .08^2)(1 + .2^2) - 1 of the first, .1^2 of the second.
    assert result["std_kg"] ** 2 == pytest.approx(354**2 * (1.0064 * 1.04 - 1) + 104**2 * 0.01)


def test_survival_curve_shortens_the_use():
    # Years 1 to 4 of 3.5: 1 + 0.9 + 0.5 + 0.25 * 0.5 = 2.525.
    record = _product(units_sold=1, measured_energy_kwh_per_year=100, measured_lifespan_years=3.5, survival_curve=[1, 0.9, 0.5, 0.25])
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(100 * 2.525 * 0.177)


def test_years_beyond_the_curve_have_no_units_in_use():
    record = _product(units_sold=1, measured_energy_kwh_per_year=100, measured_lifespan_years=4, survival_curve=[1, 0.5])
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(100 * 1.5 * 0.177)


def test_own_trajectory_of_the_grid_and_its_last_value():
    # Years 1 to 4: 0.2 + 0.1 + 0.1 + 0.1.
    record = _product(units_sold=1, **_MEASURED, grid_trajectory_kg_co2e_per_kwh=[0.2, 0.1])
    result = result_of(record, _GRID)
    assert result["kg_co2e"] == pytest.approx(50 * 0.5)
    assert result["kg_co2e_upstream"] == pytest.approx(50 * 4 * 0.0684)
    own = result["factor_ids"].index("record:grid_trajectory_kg_co2e_per_kwh")
    assert result["factor_values"][own] == pytest.approx(0.125)
    assert "W_NO_UPSTREAM" in codes_of(result_of(record, []))


def test_mix_of_regions_replaces_the_region():
    record = _product(units_sold=10, **_MEASURED, region="US", use_region_mix={"uk": 0.25, "FR": 0.75})
    assert result_of(record, [*_GRID, *_FRANCE])["kg_co2e"] == pytest.approx(2000 * (0.25 * 0.177 + 0.75 * 0.05))


def test_shares_within_tolerance_are_made_up_to_one():
    record = _product(units_sold=10, **_MEASURED, use_region_mix={"GB": 0.5, "FR": 0.495})
    result = result_of(record, [*_GRID, *_FRANCE])
    assert result["kg_co2e"] == pytest.approx(2000 * (0.5 * 0.177 + 0.495 * 0.05) / 0.995)
    assert "W_SHARES_RENORMALISED sum=0.995" in result["warnings"]


@pytest.mark.parametrize(("given", "option"), [("life_cycle", "scope12"), (None, "life_cycle")])
def test_life_cycle_boundary_counts_upstream(given, option):
    record = _product(units_sold=10, **_MEASURED, energy_boundary=given)
    assert result_of(record, _GRID, energy_boundary=option)["kg_co2e"] == pytest.approx(2000 * (0.177 + 0.0684))


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"product_type": None}, "E_REQUIRED", "product_type", "missing"),
        ({"units_sold": 0}, "E_RANGE", "units_sold", "> 0"),
        ({"leak_rate_per_year": 2}, "E_RANGE", "leak_rate_per_year", "did you mean 0.02?"),
        ({"survival_curve": [1, 0.9, 90]}, "E_RANGE", "survival_curve[2]", "did you mean 0.9?"),
        ({"use_region_mix": {"GB": 60, "FR": 40}}, "E_RANGE", "use_region_mix.GB", "did you mean 0.6?"),
        ({"use_region_mix": {"GB": 0.6, "FR": 0.6}}, "E_INCONSISTENT", "use_region_mix", "adds up to 1.2"),
        ({"use_region_mix": {"Britain": 1}}, "E_ENUM", "use_region_mix", "'Britain'"),
        ({"ghg_content_kg": {"hfc_999": 1}}, "E_ENUM", "ghg_content_kg", "'hfc_999'"),
        (
            {"annual_distance_km": 5, "vehicle_type": "car_petrol", "efficiency_kwh_per_km": 1},
            "E_INCONSISTENT",
            "annual_distance_km",
            "leave out vehicle_type",
        ),
        ({"measured_energy_kwh_per_year": None}, "E_NO_TIER", None, "give units_sold"),
        ({}, "E_NO_FACTOR", "measured_energy_kwh_per_year", "--factors"),
        (
            {"measured_energy_kwh_per_year": None, "fuel_type": "diesel", "fuel_sold_amount": 1, "fuel_sold_unit": "ton"},
            "E_UNIT",
            "fuel_sold_unit",
            "long_ton",
        ),
    ],
)
def test_refusals(changes, code, field, words):
    letter = refusal_of(_product(**{"units_sold": 10, **_MEASURED, **changes}))
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]
