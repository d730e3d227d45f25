"""Category 13, downstream leased assets: examples by hand, each method and warning, and what is refused."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record

_GRID = [
    make_factor("grid", "electricity", "generation", 0.177, "kWh"),
    make_factor("grid", "electricity", "td_generation", 0.01853, "kWh"),
    make_factor("grid", "electricity", "wtt_generation", 0.0459, "kWh"),
    make_factor("grid", "electricity", "wtt_td", 0.00397, "kWh"),
]
_HEAT = [
    make_factor("heat", "heat_steam", "generation", 0.16893, "kWh"),
    make_factor("heat", "heat_steam", "td_generation", 0.00945, "kWh"),
    make_factor("heat", "heat_steam", "wtt_generation", 0.03341, "kWh"),
    make_factor("heat", "heat_steam", "wtt_td", 0.00176, "kWh"),
]
_RETAIL = [
    make_factor("building_energy", "retail:electricity", "parameter", 180, "kwh_per_m2_year", gwp=None),
    make_factor("building_energy", "retail:heating", "parameter", 60, "kwh_per_m2_year", gwp=None),
]
_FORKLIFT = make_factor("asset_average", "forklift", "scope12", 1850, "unit")
_ALL = [*_GRID, *_HEAT, *_RETAIL, _FORKLIFT]


def _let(**changes):
    """Returns an asset of which no figure of the tenant's is known."""
    return make_record(13, **{"tenant_s12_kg_co2e": None, **changes})


def _shop(**changes):
    """Returns 480 m2 of retail."""
    return _let(**{"building_type": "retail", "floor_area_m2": 480, **changes})


def test_seven_months_of_a_shop_by_its_area():
    # 480 m2 * 7 / 12 = 280 m2 * (180 kWh * 0.177 + 60 kWh * 0.16893): 8,920.8 + 2,838.024 kg.
    # Upstream: 280 * (180 * 0.0684 + 60 * 0.04462) = 4,196.976 kg, told beside it.
    result = result_of(_shop(months_in_year=7), _ALL)
    assert (result["method"], result["tier"]) == ("tier_2_area_based_estimation", 2)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(11_758.824)
    assert result["kg_co2e_upstream"] == pytest.approx(4_196.976)
    # Both carriers rest on the intensity of one type and err together.
    assert result["cv"] == pytest.approx(0.25)
    assert result["warnings"] == ["W_AREA_INTENSITY kwh_per_m2_year=240"]


@pytest.mark.parametrize(("share", "kg"), [(None, 14_200), (1, 14_200), (0.5, 7_100)])
def test_the_figure_of_the_tenant_goes_first_for_the_part_that_is_let(share, kg):
    result = result_of(_shop(tenant_s12_kg_co2e=14_200, leased_share=share, electricity_kwh=5), _ALL)
    assert (result["method"], result["kg_co2e"], result["kg_co2e_upstream"]) == ("tier_1_tenant_reported", pytest.approx(kg), 0)
    assert (result["cv"], result["dqi_score"], result["warnings"]) == (pytest.approx(0.1), 90, [])


def test_a_tenant_who_says_zero_is_believed():
    result = result_of(_shop(tenant_s12_kg_co2e=0), _ALL)
    assert (result["method"], result["kg_co2e"], result["cv"]) == ("tier_1_tenant_reported", 0, None)


@pytest.mark.parametrize(("scope", "share"), [(None, 1), ("leased_space", 1), ("whole_building", 0.6)])
def test_only_energy_of_a_whole_building_is_shared(scope, share):
    # 61,000 kWh * 0.177 = 10,797 kg and 40,000 kWh * 0.16893 = 6,757.2 kg, each with the factor's .10 and no activity of its own.
    record = _let(electricity_kwh=61_000, heating_kwh=40_000, leased_share=0.6, energy_scope=scope)
    result = result_of(record, _ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_1_actual_tenant_energy", pytest.approx(17_554.2 * share))
    assert result["kg_co2e_upstream"] == pytest.approx((61_000 * 0.0684 + 40_000 * 0.04462) * share)
    assert result["std_kg"] == pytest.approx(0.1 * math.hypot(10_797, 6_757.2) * share)


def test_energy_is_measured_within_the_lease_and_not_cut_again():
    assert result_of(_let(electricity_kwh=1000, months_in_year=3), _GRID)["kg_co2e"] == pytest.approx(177)


def test_the_tenants_energy_has_an_older_name():
    record = {**_let(), "tenant_energy_kwh": 1000}
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(177)
    letter = refusal_of({**record, "electricity_kwh": 900}, _GRID)
    assert (letter["code"], letter["field"]) == ("E_INCONSISTENT", "electricity_kwh")
    assert "900" in letter["message"] and "1000" in letter["message"]


def test_area_is_that_of_the_asset_and_counts_as_far_as_it_is_let():
    # A quarter of 480 m2 for 31 of 365 days.
    record = _shop(leased_share=0.25, lease_start_date="2025-12-01", floor_area_m2=None) | {"floor_area_sqm": 480}
    assert result_of(record, _ALL)["kg_co2e"] == pytest.approx(120 * 31 / 365 * (180 * 0.177 + 60 * 0.16893))


def test_an_average_asset_counts_by_number_and_not_by_share():
    # 12 * 1,850 kg for half a year.
    result = result_of(_let(asset_key="forklift", asset_count=12, months_in_year=6, leased_share=0.5), _ALL)
    assert (result["method"], result["kg_co2e"], result["cv"]) == ("tier_3_asset_average", pytest.approx(11_100), pytest.approx(0.5))
    assert codes_of(result) == ["W_ESTIMATED", "W_LOW_DQI"]


def test_each_method_without_its_factors_leaves_the_record_to_the_next():
    record = _shop(cooling_kwh=10, asset_key="forklift", asset_count=1)
    by_area = result_of(record, _ALL)
    assert by_area["method"] == "tier_2_area_based_estimation"
    assert "W_TIER_FALLBACK from=tier_1_actual_tenant_energy reason=E_NO_FACTOR" in by_area["warnings"]
    assert result_of(record, [_FORKLIFT])["method"] == "tier_3_asset_average"


def test_the_type_is_read_from_the_description():
    record = _shop(building_type=None, asset_description="Corner shop with retail store")
    assert "W_CLASSIFIED field=building_type value=retail confidence=1.00" in result_of(record, _ALL)["warnings"]
    assert refusal_of(record, _ALL, classify_free_text=False)["code"] == "E_NO_TIER"
    assert result_of(_shop(building_type="Retail space"), _ALL)["kg_co2e"] == pytest.approx(480 * (180 * 0.177 + 60 * 0.16893))


@pytest.mark.parametrize(
    ("approach", "kind", "stays"),
    [
        ("operational_control", "operating", True),
        ("operational_control", "finance", True),
        ("equity_share", "finance", True),
        ("financial_control", "finance", True),
        ("equity_share", "operating", False),
        ("financial_control", "operating", False),
    ],
)
def test_the_gate_follows_the_table_of_leases(approach, kind, stays):
    record = make_record(13, consolidation_approach=approach, lease_kind=kind)
    if stays:
        assert result_of(record)["warnings"] == []
        return
    letter = refusal_of(record)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_BOUNDARY", "consolidation_approach", approach)
    assert kind in letter["message"] and "Scope 1 and 2 of the lessor" in letter["message"] and "report it there" in letter["message"]


def test_an_asset_whose_gate_is_not_known_is_counted_and_says_so():
    for unknown in ("consolidation_approach", "lease_kind"):
        assert result_of(make_record(13, **{unknown: None}))["warnings"] == ["W_BOUNDARY_UNCHECKED"]


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"tenant_s12_kg_co2e": -1}, "E_RANGE", "tenant_s12_kg_co2e", ">= 0"),
        ({"leased_share": 50}, "E_RANGE", "leased_share", "did you mean 0.5?"),
        ({"floor_area_m2": -3}, "E_RANGE", "floor_area_m2", "floor_area_m2 is -3"),
        ({"months_in_year": 0}, "E_RANGE", "months_in_year", "> 0"),
        ({"energy_scope": "building"}, "E_ENUM", "energy_scope", "whole_building"),
        ({"lease_start_date": "01/02/2025"}, "E_TYPE", "lease_start_date", "YYYY-MM-DD"),
        ({"lease_start_date": "2025-06-02", "lease_end_date": "2024-06-01"}, "E_INCONSISTENT", "lease_end_date", "2024-06-01, before"),
        ({"months_in_year": 12, "lease_end_date": "2025-06-30"}, "E_INCONSISTENT", "months_in_year", "5.95 months of 2025; leave out"),
    ],
)
def test_a_bad_value_is_told_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(make_record(13, **changes), _ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


@pytest.mark.parametrize(
    ("record", "code", "field", "value", "words"),
    [
        (_let(), "E_NO_TIER", None, None, "give tenant_s12_kg_co2e"),
        (_let(asset_key="forklift"), "E_NO_TIER", None, None, "asset_key and asset_count"),
        (_let(other_fuels=[{"fuel_type": "diesel", "amount": 1, "unit": "ton"}]), "E_UNIT", "other_fuels[0].unit", "ton", "three masses"),
        (_shop(building_type="lodging"), "E_NO_FACTOR", "building_type", "lodging", "building_energy with --factors"),
        (_shop(region="JP"), "E_NO_FACTOR", "building_type", "retail", "in JP"),
        (_let(asset_key="crane", asset_count=1), "E_NO_FACTOR", "asset_key", "crane", "correct it, or load"),
    ],
)
def test_what_no_method_can_use_is_told_with_the_remedy(record, code, field, value, words):
    letter = refusal_of(record, _ALL)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value)
    assert words in letter["message"]
