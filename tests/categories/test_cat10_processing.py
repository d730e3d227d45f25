"""Category 10: processing of sold products. Factors of GB are those of the UK Government for 2025; those of processes are invented."""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record


def _rows(family, key, unit, figures, **changes):
    return [make_factor(family, key, boundary, value, unit, **changes) for boundary, value in figures.items()]


def _process_energy(key, value, basis, **changes):
    return make_factor("process_energy", key, "parameter", value, "kwh_per_unit", basis=basis, gwp=None, **changes)


_GRID = _rows("grid", "electricity", "kWh", {"generation": 0.177, "td_generation": 0.01853, "wtt_generation": 0.0459, "wtt_td": 0.00397})
_GAS = _rows("fuel", "natural_gas", "kWh", {"ttw": 0.18296, "wtt": 0.03021}, basis="gross")
_HEAT = _rows("heat", "heat_steam", "kWh", {"generation": 0.17529, "td_generation": 0.00945, "wtt_generation": 0.03341, "wtt_td": 0.00176})
_COOLING = _rows("heat", "cooling", "kWh", {"generation": 0.06})
_OILS = [
    *_rows("fuel", "fuel_oil", "l", {"ttw": 3.17492, "wtt": 0.69539}),
    *_rows("fuel", "gas_oil", "l", {"ttw": 2.75541, "wtt": 0.62665}),
]
_WASTE = [
    make_factor("waste", "plastic:landfill", "treatment", 0.00898311, "kg"),
    make_factor("waste", "plastic:landfill", "avoided", -1.0, "kg"),
    make_factor("waste", "plastic:landfill", "biogenic", 0.2, "kg"),
]
_EXTRUSION = make_factor("process", "extrusion", "scope12", 0.6, "kg")
_STAMPING = _process_energy("stamping", 0.4, "kg")
_SCRAP = {"waste_kg_per_unit": 0.05, "waste_type": "plastic", "disposal_method": "landfill"}


def _sold(**changes):
    return make_record(10, **changes)


def test_resin_that_a_customer_moulds():
    # 200 t, half of the moulding is owed to the resin: 200,000 kg * .5 = 100,000 kg. Per kg 3 kWh of electricity at .177 are
    # .531 kg, 2 kWh of gas at .18296 .36592 kg, .05 kg of waste at .00898311 .0004491555 kg: .8973691555 kg, so 89,736.91555 kg.
    record = _sold(
        sold_quantity=200_000, allocation_share=0.5, electricity_kwh_per_unit=3, natural_gas_kwh_per_unit=2, quantity_unit="kg", **_SCRAP
    )
    result = result_of(record, [*_GRID, *_GAS, *_WASTE])
    assert result["method"] == "tier_1_energy_based"
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(89_736.91555)
    # Beside the total: 3 * .0684 + 2 * .03021 = .26562 kg per kg.
    assert result["kg_co2e_upstream"] == pytest.approx(26_562)
    assert result["warnings"] == []


def test_each_carrier_and_the_waste_err_apart():
    record = _sold(allocation_share=1, electricity_kwh_per_unit=1, natural_gas_kwh_per_unit=1, **_SCRAP)
    result = result_of(record, [*_GRID, *_GAS, *_WASTE])
    one = 1.0025 * 1.0144 - 1
    assert result["std_kg"] ** 2 == pytest.approx(one * (177**2 + 182.96**2 + (50 * 0.00898311) ** 2))


def test_the_processors_own_figure_goes_first():
    result = result_of(_sold(processing_kg_co2e_per_unit=0.8, allocation_share=0.25, electricity_kwh_per_unit=3), _GRID)
    assert (result["method"], result["kg_co2e"]) == ("tier_1_direct_processing_emissions", pytest.approx(200))
    assert (result["factor_ids"], result["factor_values"], result["factor_units"]) == (
        ["record:processing_kg_co2e_per_unit"],
        [0.8],
        ["kg"],
    )
    assert result["cv"] == pytest.approx((1.0025 * 1.0064 - 1) ** 0.5)


@pytest.mark.parametrize("fields", [{"processing_kg_co2e_per_unit": 0.8}, {"process_kg_co2e_per_unit": 0.8}])
def test_all_of_the_processing_is_owed_where_no_share_is_given(fields):
    result = result_of(_sold(**fields))
    assert (result["kg_co2e"], result["warnings"]) == (pytest.approx(800), ["W_ALLOCATION_ASSUMED"])
    assert result_of(_sold(allocation_share=0.5, **fields))["kg_co2e"] == pytest.approx(400)


@pytest.mark.parametrize(
    ("fields", "direct", "upstream"),
    [
        ({"electricity_kwh_per_unit": 2}, 354, 136.8),
        ({"natural_gas_kwh_per_unit": 2}, 365.92, 60.42),
        ({"heating_kwh_per_unit": 2}, 350.58, 89.24),
        ({"cooling_kwh_per_unit": 2}, 120, 0),
        ({"fuel_oil_litres_per_unit": 0.1}, 317.492, 69.539),
        ({"gas_oil_litres_per_unit": 0.1}, 275.541, 62.665),
        ({"process_kg_co2e_per_unit": 0.1}, 100, 0),
        # R-410A is half HFC-32 (677) and half HFC-125 (3170): 1923.5.
        ({"refrigerant_leak_kg_per_unit": {"R 410a": 0.001}}, 1923.5, 0),
    ],
)
def test_each_form_of_energy(fields, direct, upstream):
    result = result_of(_sold(allocation_share=1, **fields), [*_GRID, *_GAS, *_HEAT, *_COOLING, *_OILS])
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(direct), pytest.approx(upstream))
    assert result["method"] == "tier_1_energy_based"


def test_gases_follow_the_set_of_potentials_and_their_keys_are_added():
    record = _sold(allocation_share=1, refrigerant_leak_kg_per_unit={"hfc_32": 0.001, "HFC-32": 0.001})
    assert result_of(record)["kg_co2e"] == pytest.approx(2 * 677)
    result = result_of(record, gwp_set="AR6")
    assert (result["kg_co2e"], result["factor_ids"]) == (pytest.approx(2 * 771), ["gwp:hfc_32"])
    # The amount that leaks is uncertain by a tenth, the potential is exact.
    assert result["cv"] == pytest.approx(0.1)


def test_an_upstream_row_that_is_missing_is_told_where_energy_is_counted():
    result = result_of(_sold(cooling_kwh_per_unit=1), _COOLING)
    assert "W_NO_UPSTREAM key=cooling" in result["warnings"]


def test_a_life_cycle_grid_is_told():
    france = _rows("grid", "electricity", "kWh", {"life_cycle": 0.05}, region="FR")
    result = result_of(_sold(region="FR", electricity_kwh_per_unit=1), france)
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(50), 0)
    assert "W_LIFECYCLE_GRID" in codes_of(result)


def test_waste_alone_is_no_energy_and_tells_no_memo():
    assert refusal_of(_sold(**_SCRAP), _WASTE)["code"] == "E_NO_TIER"
    result = result_of(_sold(electricity_kwh_per_unit=0, **_SCRAP), _WASTE)
    assert result["kg_co2e"] == pytest.approx(0.4491555)
    assert result["avoided_kg_co2e"] is None and result["biogenic_kg_co2"] is None


def test_energy_of_nothing_is_nothing_and_needs_no_factor():
    result = result_of(_sold(electricity_kwh_per_unit=0, waste_kg_per_unit=0))
    assert (result["kg_co2e"], result["cv"], result["factor_ids"], result["dqi_score"]) == (0, None, [], 85)
    assert refusal_of(_sold(electricity_kwh_per_unit=0, quantity_unit="pallet"))["field"] == "quantity_unit"


def test_an_average_of_the_industry():
    result = result_of(_sold(sold_quantity=2, quantity_unit="t", processing_type="extrusion"), [_EXTRUSION])
    assert (result["method"], result["kg_co2e"], result["kg_co2e_upstream"]) == ("tier_2_industry_specific", pytest.approx(1200), 0)
    assert result["warnings"] == ["W_INDUSTRY_AVERAGE"]


def test_a_share_does_not_touch_averages():
    record = _sold(processing_type="extrusion", allocation_share=0.5)
    assert result_of(record, [_EXTRUSION])["kg_co2e"] == pytest.approx(600)


def test_electricity_of_the_process_stands_in():
    # 1 t at .4 kWh per kg are 400 kWh at .177: 70.8 kg, and 400 * .0684 beside it.
    result = result_of(_sold(sold_quantity=1, quantity_unit="t", processing_type="stamping"), [*_GRID, _STAMPING])
    assert result["method"] == "tier_3_process_energy_proxy"
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(70.8), pytest.approx(27.36))
    assert codes_of(result) == ["W_ESTIMATED", "W_LOW_DQI", "W_TIER_FALLBACK"]
    assert result["warnings"][-1] == "W_TIER_FALLBACK from=tier_2_industry_specific reason=E_NO_FACTOR"
    # The grid leads, and the figure of the process is among the factors.
    assert _STAMPING["factor_id"] in result["factor_ids"]
    assert sum(result["factor_kg_co2e"]) == result["factor_kg_co2e"][result["factor_ids"].index(_GRID[0]["factor_id"])]


def test_an_old_figure_of_the_process_costs_certainty_as_an_old_grid_does():
    old = _process_energy("stamping", 0.4, "kg", year=2010)
    new, aged = (result_of(_sold(processing_type="stamping"), [*_GRID, row]) for row in (_STAMPING, old))
    assert aged["kg_co2e"] == new["kg_co2e"] and aged["std_kg"] > new["std_kg"]
    assert "W_YEAR_FALLBACK delta=15" in aged["warnings"]


def test_a_process_counts_in_its_own_unit():
    pieces = _process_energy("stamping", 3.0, "unit", source_version="pieces")
    rows = [*_GRID, _STAMPING, pieces]
    assert result_of(_sold(quantity_unit="piece", processing_type="stamping"), rows)["kg_co2e"] == pytest.approx(3000 * 0.177)
    assert result_of(_sold(quantity_unit="kg", processing_type="stamping"), rows)["kg_co2e"] == pytest.approx(400 * 0.177)
    letter = refusal_of(_sold(quantity_unit="l", processing_type="stamping"), rows)
    assert (letter["code"], letter["field"]) == ("E_UNIT", "quantity_unit")
    assert "per kg, and l does not convert" in letter["message"]


def test_a_better_method_that_can_not_be_used_is_told():
    record = _sold(electricity_kwh_per_unit=1, processing_type="extrusion", region="FR")
    result = result_of(record, [*_GRID, {**_EXTRUSION, "region": "FR", "factor_id": "process:extrusion@FR/2025/test#scope12"}])
    assert result["method"] == "tier_2_industry_specific"
    assert "W_TIER_FALLBACK from=tier_1_energy_based reason=E_NO_FACTOR" in result["warnings"]
    assert "W_ALLOCATION_ASSUMED" not in codes_of(result)


def test_quantity_is_another_name_of_what_was_sold():
    record = _sold(sold_quantity=None, quantity=10, processing_kg_co2e_per_unit=2)
    assert result_of(record)["kg_co2e"] == pytest.approx(20)
    letter = refusal_of({**record, "sold_quantity": 11})
    assert (letter["code"], letter["field"]) == ("E_INCONSISTENT", "sold_quantity")


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"product_name": None}, "E_REQUIRED", "product_name", "product_name is missing"),
        ({"sold_quantity": None}, "E_REQUIRED", "sold_quantity", "sold_quantity is missing"),
        ({"quantity_unit": None}, "E_REQUIRED", "quantity_unit", "quantity_unit is missing"),
        ({"waste_kg_per_unit": 0.1}, "E_REQUIRED", "waste_type", "waste_kg_per_unit is 0.1; say what it is"),
        (
            {"waste_kg_per_unit": 0.1, "waste_type": "glass"},
            "E_REQUIRED",
            "disposal_method",
            "say how it is treated, or leave out the waste",
        ),
        ({"sold_quantity": 0}, "E_RANGE", "sold_quantity", "must be > 0"),
        ({"allocation_share": 0}, "E_RANGE", "allocation_share", "must be > 0, <= 1"),
        ({"allocation_share": 40}, "E_RANGE", "allocation_share", "did you mean 0.4?"),
        ({"electricity_kwh_per_unit": -1}, "E_RANGE", "electricity_kwh_per_unit", "must be >= 0"),
        ({"refrigerant_leak_kg_per_unit": {"r_410a": -1}}, "E_RANGE", "refrigerant_leak_kg_per_unit.r_410a", "must be >= 0"),
        ({"refrigerant_leak_kg_per_unit": {"r_999": 1}}, "E_ENUM", "refrigerant_leak_kg_per_unit", "'r_999'"),
        ({"refrigerant_leak_kg_per_unit": 3}, "E_TYPE", "refrigerant_leak_kg_per_unit", "values by key in braces"),
        ({"waste_type": "ash"}, "E_ENUM", "waste_type", "'ash'"),
        ({"electricity_kwh_per_unit": "3,5"}, "E_TYPE", "electricity_kwh_per_unit", "decimal point"),
        ({"processing_kg_co2e_per_unit": 1, "quantity_unit": "ton"}, "E_UNIT", "quantity_unit", "long_ton"),
        ({"electricity_kwh_per_unit": 1, "quantity_unit": "ton"}, "E_UNIT", "quantity_unit", "long_ton"),
        ({"processing_type": "extrusion", "quantity_unit": "l"}, "E_UNIT", "quantity_unit", "per kg, and l does not convert into that"),
        ({"electricity_kwh_per_unit": 1, **_SCRAP, "waste_type": "soils"}, "E_UNIT", "waste_kg_per_unit", "per m3"),
        ({"electricity_kwh_per_unit": 1, "region": "US"}, "E_NO_FACTOR", "electricity_kwh_per_unit", "'electricity' in US"),
        ({"natural_gas_kwh_per_unit": 1}, "E_NO_FACTOR", "natural_gas_kwh_per_unit", "--factors"),
        ({"electricity_kwh_per_unit": 1, **_SCRAP, "waste_type": "rubber"}, "E_NO_FACTOR", "waste_type", "'rubber:landfill'"),
        ({"processing_type": "painting"}, "E_NO_FACTOR", "processing_type", "'painting'"),
        ({}, "E_NO_TIER", None, "give processing_kg_co2e_per_unit; or energy"),
    ],
)
def test_refusals(changes, code, field, words):
    soils = make_factor("waste", "soils:landfill", "treatment", 30.0, "m3")
    letter = refusal_of(_sold(**changes), [*_GRID, *_WASTE, _EXTRUSION, soils])
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]
