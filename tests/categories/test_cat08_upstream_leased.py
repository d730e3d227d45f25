"""Category 8, upstream leased assets: examples by hand, each method and warning, and what is refused."""

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
_GAS = [
    make_factor("fuel", "natural_gas", "ttw", 0.18296, "kWh", basis="gross"),
    make_factor("fuel", "natural_gas", "wtt", 0.03021, "kWh", basis="gross"),
]
_FORKLIFT = make_factor("asset_average", "forklift", "scope12", 1850, "unit")


def _intensity(key, value, **changes):
    return make_factor("building_energy", key, "parameter", value, "kwh_per_m2_year", **{"gwp": None, **changes})


_OFFICE = [_intensity("office:electricity", 120), _intensity("office:natural_gas", 80)]
_ALL = [*_GRID, *_GAS, *_OFFICE, _FORKLIFT]


def _lease(**changes):
    """Returns a lease without a figure of energy."""
    return make_record(8, **{"electricity_kwh": None, **changes})


def _area(**changes):
    """Returns 1,000 m2 of an office."""
    return _lease(**{"building_type": "office", "floor_area_m2": 1000, **changes})


def test_a_floor_of_a_building_that_is_let_to_three_quarters():
    # The example of the asset-specific method in the GHG Protocol's Technical Guidance (2013), category 8, as training material
    # retells it: 200 m2 of 2,000 m2, of which 75 % are occupied: 200 / 1,500 of 1,500 kWh gas at 0.2, 3,000 kWh at 0.7 and 5 kg of a
    # refrigerant at 1,500: 40 + 280 + 1,000 = 1,320 kg. The answer given there is 1,325 kg: it rounds 5 * 200 / 1,500 kg to 0.67 kg.
    factors = [
        make_factor("grid", "electricity", "generation", 0.7, "kWh"),
        make_factor("fuel", "natural_gas", "ttw", 0.2, "kWh", basis="gross"),
    ]
    whole = {"electricity_kwh": 3000, "natural_gas_kwh": 1500, "process_kg_co2e": 5 * 1500, "energy_scope": "whole_building"}
    result = result_of(_lease(**whole, share_of_building=200 / 1500), factors)
    assert (result["method"], result["kg_co2e"]) == ("actual_energy_consumption", pytest.approx(1_320))


def test_energy_is_one_term_a_carrier_and_upstream_is_told_beside_it():
    # 50,000 kWh * 0.177 = 8,850 kg and 20,000 kWh * 0.18296 = 3,659.2 kg; upstream 50,000 * 0.0684 + 20,000 * 0.03021.
    result = result_of(_lease(electricity_kwh=50_000, natural_gas_kwh=20_000), _ALL)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(12_509.2)
    assert result["kg_co2e_upstream"] == pytest.approx(4_024.2)
    # Each by itself: (1 + .04^2)(1 + .12^2) - 1.
    each = 1.0016 * 1.0144 - 1
    assert result["std_kg"] == pytest.approx(math.sqrt(each) * math.hypot(8_850, 3_659.2))
    assert (result["tier"], result["dqi_score"], result["warnings"]) == (1, 75, [])


def test_gases_count_by_their_potential_and_processes_as_they_are():
    # 677 (AR5), 771 (AR6); both by their own activity of .10 alone.
    record = _lease(refrigerant_leak_kg={"HFC 32": 2}, process_kg_co2e=100)
    result = result_of(record)
    assert result["kg_co2e"] == pytest.approx(2 * 677 + 100)
    assert result["std_kg"] == pytest.approx(0.1 * math.hypot(1_354, 100))
    assert result_of(record, gwp_set="AR6")["kg_co2e"] == pytest.approx(2 * 771 + 100)


@pytest.mark.parametrize(
    ("changes", "share"),
    [
        ({}, 1),
        ({"share_of_building": 0.3}, 1),
        ({"energy_scope": "leased_space", "share_of_building": 0.3}, 1),
        ({"energy_scope": "whole_building"}, 1),
        ({"energy_scope": "Whole building", "share_of_building": 0.3}, 0.3),
    ],
)
def test_only_energy_of_a_whole_building_is_shared(changes, share):
    assert result_of(_lease(electricity_kwh=1000, **changes), _GRID)["kg_co2e"] == pytest.approx(177 * share)


def test_energy_is_measured_within_the_lease_and_not_cut_again():
    assert result_of(_lease(electricity_kwh=1000, months_in_year=3), _GRID)["kg_co2e"] == pytest.approx(177)


def test_no_energy_at_all_is_a_figure_too():
    result = result_of(_lease(electricity_kwh=0, floor_area_m2=10, building_type="office"))
    assert (result["method"], result["kg_co2e"], result["cv"], result["factor_ids"]) == ("actual_energy_consumption", 0, None, [])


def test_the_figure_of_the_lessor_is_shared():
    # 96,000 kg * 0.15 = 14,400 kg; cv: (1 + .10^2)(1 + .12^2) - 1.
    result = result_of(_area(lessor_s12_kg_co2e=96_000, share_of_building=0.15), _ALL)
    assert (result["method"], result["kg_co2e"], result["kg_co2e_upstream"]) == ("lessor_specific_allocation", pytest.approx(14_400), 0)
    assert result["cv"] == pytest.approx(math.sqrt(1.01 * 1.0144 - 1))
    assert result["factor_ids"] == ["record:lessor_s12_kg_co2e"]
    # Whose share of the building is not known gets by with its area.
    assert result_of(_area(lessor_s12_kg_co2e=96_000), _ALL)["method"] == "floor_area_intensity"


def test_area_counts_by_carrier_and_all_carriers_err_together():
    # 1,000 m2 * (120 kWh * 0.177 + 80 kWh * 0.18296) = 35,876.8 kg; upstream 120,000 * 0.0684 + 80,000 * 0.03021 = 10,624.8 kg.
    result = result_of(_area(), _ALL)
    assert (result["method"], result["tier"]) == ("floor_area_intensity", 2)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(35_876.8)
    assert result["kg_co2e_upstream"] == pytest.approx(10_624.8)
    assert result["cv"] == pytest.approx(0.28)
    assert result["warnings"] == ["W_AREA_INTENSITY kwh_per_m2_year=200"]


@pytest.mark.parametrize(
    ("time", "share"),
    [
        ({"months_in_year": 9}, 9 / 12),
        # 1 April to 31 December, both included: 275 of 365 days.
        ({"lease_start_date": "2025-04-01"}, 275 / 365),
        ({"lease_end_date": "2025-01-31"}, 31 / 365),
        ({"lease_start_date": "2025-03-01", "lease_end_date": "2025-03-31"}, 31 / 365),
        # February of a leap year: 29 of 366 days.
        ({"activity_year": 2024, "lease_start_date": "2024-02-01", "lease_end_date": "2024-02-29"}, 29 / 366),
        ({"lease_start_date": "2019-01-01", "lease_end_date": "2031-12-31"}, 1),
        ({"lease_start_date": "2026-01-01"}, 0),
        # Months win: 9 / 12 is within .09 of 275 / 365.
        ({"months_in_year": 9, "lease_start_date": "2025-04-01"}, 9 / 12),
    ],
)
def test_area_and_assets_count_for_the_part_of_the_year_that_is_leased(time, share):
    assert result_of(_area(**time), _ALL)["kg_co2e"] == pytest.approx(35_876.8 * share)
    assets = _lease(asset_key="forklift", asset_count=6, **time)
    assert result_of(assets, _ALL)["kg_co2e"] == pytest.approx(6 * 1850 * share)


def test_a_carrier_without_an_intensity_counts_nothing_and_one_of_zero_needs_no_factor():
    heated = [*_GRID, _intensity("office:electricity", 120), _intensity("office:cooling", 0)]
    assert result_of(_area(), heated)["kg_co2e"] == pytest.approx(21_240)


def test_an_average_asset_is_an_estimate():
    # 6 * 1,850 kg; cv .50 of the factor alone.
    result = result_of(_lease(asset_key="forklift", asset_count=6), _ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_3_asset_average", pytest.approx(11_100))
    assert (result["tier"], result["cv"], codes_of(result)) == (3, pytest.approx(0.5), ["W_ESTIMATED", "W_LOW_DQI"])


def test_each_method_without_its_factors_leaves_the_record_to_the_next():
    record = _area(electricity_kwh=1000, asset_key="forklift", asset_count=2)
    by_area = result_of(record, [_intensity("office:natural_gas", 80), *_GAS])
    assert (by_area["method"], by_area["kg_co2e"]) == ("floor_area_intensity", pytest.approx(14_636.8))
    assert "W_TIER_FALLBACK from=actual_energy_consumption reason=E_NO_FACTOR" in by_area["warnings"]
    by_number = result_of(record, [_FORKLIFT, *_OFFICE])
    assert (by_number["method"], by_number["kg_co2e"]) == ("tier_3_asset_average", 3_700)


def test_a_lease_whose_gate_is_not_known_is_counted_and_says_so():
    for unknown in ("consolidation_approach", "lease_kind"):
        record = _area(**{unknown: None, "electricity_kwh": 1000})
        assert codes_of(result_of(record, _ALL)) == ["W_BOUNDARY_UNCHECKED"]


def test_the_type_is_read_from_the_description():
    record = _area(building_type=None, asset_description="Headquarters, 2nd floor")
    result = result_of(record, _ALL)
    assert result["kg_co2e"] == pytest.approx(35_876.8)
    assert "W_CLASSIFIED field=building_type value=office confidence=1.00" in result["warnings"]
    assert refusal_of(record, _ALL, classify_free_text=False)["code"] == "E_NO_TIER"
    # Two types alike are none.
    assert refusal_of(record | {"asset_description": "hotel, restaurant"}, _ALL)["code"] == "E_NO_TIER"
    # What is measured needs no type.
    assert "W_CLASSIFIED" not in codes_of(result_of(record | {"electricity_kwh": 5}, _ALL))


@pytest.mark.parametrize(("name", "given"), [("lease_type", "office_building"), ("building_type", "Office Building")])
def test_older_names_of_types_are_understood(name, given):
    record = {**_area(building_type=None), name: given, "floor_area": 1000}
    del record["floor_area_m2"]
    assert result_of(record, _ALL)["kg_co2e"] == pytest.approx(35_876.8)


def test_a_part_of_a_country_has_a_grid_of_its_own():
    own = make_factor("grid", "electricity", "generation", 0.2, "kWh", region="US-CAMX")
    country = make_factor("grid", "electricity", "generation", 0.4, "kWh", region="US")
    intensities = [_intensity("office:electricity", 100, region="US")]
    for record, kwh in ((_lease(electricity_kwh=1000), 1000), (_area(), 100_000)):
        record |= {"region": "US"}
        assert result_of(record, [own, country, *intensities])["kg_co2e"] == pytest.approx(kwh * 0.4)
        assert result_of(record | {"grid_region": "US-CAMX"}, [own, country, *intensities])["kg_co2e"] == pytest.approx(kwh * 0.2)


def test_a_grid_of_the_life_cycle_has_no_upstream_part():
    result = result_of(_lease(electricity_kwh=1000), [make_factor("grid", "electricity", "life_cycle", 0.3, "kWh")])
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(300), 0)
    assert codes_of(result) == ["W_LIFECYCLE_GRID"]


def test_what_stands_in_for_place_and_time_widens_the_interval():
    rows = [*_GRID, _intensity("office:electricity", 120, region="GLOBAL", year=2019)]
    result = result_of(_area(), rows)
    assert {"W_REGION_FALLBACK", "W_YEAR_FALLBACK"} < {*codes_of(result)}
    assert result["cv"] > 0.28


@pytest.mark.parametrize(
    ("approach", "kind", "stays"),
    [
        ("equity_share", "operating", True),
        ("financial_control", "operating", True),
        ("operational_control", "operating", False),
        ("equity_share", "finance", False),
        ("financial_control", "finance", False),
        ("operational_control", "finance", False),
    ],
)
def test_the_gate_follows_the_table_of_leases(approach, kind, stays):
    record = make_record(8, consolidation_approach=approach, lease_kind=kind)
    if stays:
        assert result_of(record, _GRID)["warnings"] == []
        return
    letter = refusal_of(record, _GRID)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_BOUNDARY", "consolidation_approach", approach)
    assert kind in letter["message"] and "Scope 1 and 2 of the lessee" in letter["message"] and "report it there" in letter["message"]


_FUELS = {"fuel_type": "natural_gas", "amount": 1, "unit": "kWh"}


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"floor_area_m2": 0}, "E_RANGE", "floor_area_m2", "floor_area_m2 is 0"),
        ({"share_of_building": 0}, "E_RANGE", "share_of_building", "> 0"),
        ({"share_of_building": 15}, "E_RANGE", "share_of_building", "did you mean 0.15?"),
        ({"months_in_year": 13}, "E_RANGE", "months_in_year", "<= 12"),
        ({"asset_count": -1}, "E_RANGE", "asset_count", ">= 0"),
        ({"lease_end_date": "2025-02-29"}, "E_TYPE", "lease_end_date", "2025-02-29"),
        ({"building_type": "offices"}, "E_ENUM", "building_type", "did you mean office?"),
        ({"refrigerant_leak_kg": {"hfc_32": -1}}, "E_RANGE", "refrigerant_leak_kg.hfc_32", ">= 0"),
        ({"other_fuels": [_FUELS, {**_FUELS, "amount": -2}]}, "E_RANGE", "other_fuels[1].amount", ">= 0"),
        ({"lease_start_date": "2025-06-02", "lease_end_date": "2025-06-01"}, "E_INCONSISTENT", "lease_end_date", "before lease_start_date"),
        # 4 / 12 and 275 / 365 are .42 of a year apart.
        ({"months_in_year": 4, "lease_start_date": "2025-04-01"}, "E_INCONSISTENT", "months_in_year", "9.04 months of 2025; leave out"),
    ],
)
def test_a_bad_value_is_told_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(make_record(8, **changes), _ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


@pytest.mark.parametrize(
    ("record", "code", "field", "value", "words"),
    [
        (_lease(), "E_NO_TIER", None, None, "floor_area_m2 and building_type"),
        (_lease(other_fuels=[_FUELS, {**_FUELS, "unit": "kg"}]), "E_UNIT", "other_fuels[1].unit", "kg", "does not convert"),
        (_lease(other_fuels=[{**_FUELS, "unit": None}]), "E_UNIT", "other_fuels[0].unit", None, "missing"),
        (_lease(other_fuels=[{**_FUELS, "fuel_type": "peat"}]), "E_NO_FACTOR", "other_fuels[0].fuel_type", "peat", "--factors"),
        (_lease(cooling_kwh=5), "E_NO_FACTOR", "cooling_kwh", "cooling", "--factors"),
        (_area(building_type="retail"), "E_NO_FACTOR", "building_type", "retail", "no energy intensity is loaded in GB; load rows"),
        (_area(region="JP"), "E_NO_FACTOR", "building_type", "office", "--factors"),
        (_lease(asset_key="crane", asset_count=1), "E_NO_FACTOR", "asset_key", "crane", "correct it, or load"),
    ],
)
def test_what_no_method_can_use_is_told_with_the_remedy(record, code, field, value, words):
    letter = refusal_of(record, _ALL)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value)
    assert words in letter["message"]


def test_a_type_without_a_factor_of_its_energy_names_the_type():
    letter = refusal_of(_area(), _OFFICE)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "building_type", "office")
    assert "'electricity'" in letter["message"] and "--factors" in letter["message"]
