"""Category 3: upstream of fuels and energy. Factors of GB are those of the UK Government for 2025, all others are invented."""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record


def _rows(family, key, unit, figures, **changes):
    return [make_factor(family, key, boundary, value, unit, **changes) for boundary, value in figures.items()]


def _share(value, **changes):
    return make_factor("grid", "electricity", "loss_share", value, "share", **changes)


_GRID = _rows("grid", "electricity", "kWh", {"generation": 0.177, "td_generation": 0.01853, "wtt_generation": 0.0459, "wtt_td": 0.00397})
_HEAT = _rows("heat", "heat_steam", "kWh", {"generation": 0.17529, "td_generation": 0.00945, "wtt_generation": 0.03341, "wtt_td": 0.00176})
_GAS = _rows("fuel", "natural_gas", "kWh", {"ttw": 0.18296, "wtt": 0.03021}, basis="gross")
_DIESEL = _rows("fuel", "diesel", "l", {"ttw": 2.57082, "wtt": 0.61101, "biogenic": 0.14})
_GERMANY = [*_rows("grid", "electricity", "kWh", {"generation": 0.4, "wtt_generation": 0.06}, region="DE"), _share(0.05, region="DE")]
_FRANCE = _rows("grid", "electricity", "kWh", {"life_cycle": 0.05}, region="FR", source_version="ember")
_FRENCH_UPSTREAM = _rows("grid", "electricity", "kWh", {"wtt_generation": 0.01}, region="FR", year=2019, source_version="other")


def _energy(**changes):
    return make_record(3, **changes)


def _fuel(**changes):
    return _energy(**{"fuel_or_energy_type": "diesel", "quantity": 100, "quantity_unit": "l", **changes})


def test_an_office_buys_fifty_megawatt_hours():
    # 50,000 kWh. Upstream of what is used (B) 50,000 * .0459 = 2,295 kg; lost on the way (C) 50,000 * .01853 = 926.5 kg of
    # generation and 50,000 * .00397 = 198.5 kg before it. Together 3,420 kg; what is used itself is Scope 2.
    result = result_of(_energy(quantity=50, quantity_unit="MWh"), _GRID)
    assert result["method"] == "tier_2_wtt_factors"
    assert result["kg_co2e_direct"] == pytest.approx(926.5)
    assert result["kg_co2e_upstream"] == pytest.approx(2_295 + 198.5)
    assert result["kg_co2e"] == pytest.approx(3_420)


def test_a_fleet_burns_diesel():
    # 100 l * .61101 kg/l = 61.101 kg from well to tank; burning it is Scope 1. CO2 of its biofuel is told beside: 100 * .14.
    result = result_of(_fuel(), _DIESEL)
    assert (result["kg_co2e"], result["kg_co2e_direct"]) == (pytest.approx(61.101), 0)
    assert result["biogenic_kg_co2"] == pytest.approx(14)


def test_the_parts_of_one_energy_err_as_one():
    # cv of the quantity .10, of the factors of electricity .15.
    assert result_of(_energy(), _GRID)["cv"] == pytest.approx((1.01 * 1.0225 - 1) ** 0.5)


@pytest.mark.parametrize(
    ("kind", "cv"),
    [
        ("natural_gas", 0.12),
        ("diesel", 0.10),
        ("diesel_mineral", 0.10),
        ("gasoline", 0.10),
        ("gas_oil", 0.10),
        ("burning_oil", 0.12),
        ("fuel_oil", 0.12),
        ("coal", 0.15),
        ("lpg", 0.12),
        ("biomass_wood", 0.25),
        ("biomass_hvo", 0.25),
    ],
)
def test_each_fuel_has_its_own_uncertainty(kind, cv):
    rows = _rows("fuel", kind, "l", {"wtt": 0.5})
    assert result_of(_fuel(fuel_or_energy_type=kind), rows)["factor_cvs"] == [pytest.approx(cv)]
    assert result_of(_fuel(fuel_or_energy_type=kind, well_to_tank_ef=0.4))["factor_cvs"] == [pytest.approx(cv)]


@pytest.mark.parametrize(("activity", "direct", "upstream"), [("B", 0, 45.9), ("C", 18.53, 3.97), ("D", 177, 45.9), ("d", 177, 45.9)])
def test_one_activity_alone(activity, direct, upstream):
    result = result_of(_energy(activity=activity), _GRID)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(direct), pytest.approx(upstream))


def test_only_the_rows_of_the_activity_are_told_and_the_first_of_them_leads():
    result = result_of(_energy(activity="C"), _GRID)
    assert [name.rpartition("#")[2] for name in result["factor_ids"]] == ["td_generation", "wtt_td"]
    result = result_of(_energy(), _GRID)
    assert [name.rpartition("#")[2] for name in result["factor_ids"]] == ["td_generation", "wtt_generation", "wtt_td"]
    # B comes before C.
    assert result["factor_kg_co2e"] == [0, pytest.approx(68.4), 0]


def test_heat_is_lost_on_its_way_too():
    result = result_of(_energy(fuel_or_energy_type="district heating"), _HEAT)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(9.45), pytest.approx(33.41 + 1.76))


def test_losses_by_the_share_of_the_grid():
    # .05 of generation is .05 / .95 of what arrives: 1,000 kWh * .0526316 * (.4 + .06) = 24.2105 kg, and B 60 kg.
    result = result_of(_energy(region="DE"), _GERMANY)
    assert result["kg_co2e_direct"] == pytest.approx(1000 * 0.05 / 0.95 * 0.4)
    assert result["kg_co2e_upstream"] == pytest.approx(60 + 1000 * 0.05 / 0.95 * 0.06)
    assert len(result["factor_ids"]) == 3


def test_a_unit_of_the_record_does_not_turn_a_share():
    one, other = _energy(region="DE", quantity=3.6, quantity_unit="GJ"), _energy(region="DE", quantity=1, quantity_unit="MWh")
    assert result_of(one, _GERMANY)["kg_co2e"] == pytest.approx(result_of(other, _GERMANY)["kg_co2e"])


@pytest.mark.parametrize(("basis", "losses"), [(None, 0.06 / 0.94), ("of_generation", 0.06 / 0.94), ("of_delivery", 0.06)])
def test_an_own_share_of_losses_replaces_published_figures(basis, losses):
    result = result_of(_energy(td_loss_share=0.06, loss_basis=basis), _GRID)
    assert result["kg_co2e_direct"] == pytest.approx(1000 * losses * 0.177)
    assert result["kg_co2e_upstream"] == pytest.approx(1000 * (1 + losses) * 0.0459)
    # One term of two parts.
    assert result["cv"] == pytest.approx((1.01 * 1.0225 - 1) ** 0.5)
    assert [name.rpartition("#")[2] for name in result["factor_ids"]] == ["generation", "wtt_generation"]
    assert result["factor_kg_co2e"] == [0, pytest.approx(result["kg_co2e"])]
    alone = result_of(_energy(td_loss_share=0.06, loss_basis=basis, activity="C"), _GRID)
    assert alone["kg_co2e"] == pytest.approx(1000 * losses * (0.177 + 0.0459))
    assert alone["factor_kg_co2e"] == [pytest.approx(alone["kg_co2e"]), 0]


def test_the_basis_of_losses_holds_for_the_share_of_the_grid_too():
    assert result_of(_energy(region="DE", activity="C", loss_basis="of_delivery"), _GERMANY)["kg_co2e"] == pytest.approx(1000 * 0.05 * 0.46)


def test_nothing_lost_leaves_what_is_before_the_use_and_needs_no_factor_of_its_own():
    only = [row for row in _GRID if row["boundary"] == "wtt_generation"]
    assert result_of(_energy(td_loss_share=0), only)["kg_co2e"] == pytest.approx(45.9)
    result = result_of(_energy(td_loss_share=0, activity="C"))
    assert (result["kg_co2e"], result["std_kg"], result["cv"], result["factor_ids"]) == (0, 0, None, [])
    assert refusal_of(_energy(td_loss_share=0, activity="C", quantity_unit="ton"))["code"] == "E_UNIT"


def test_a_life_cycle_grid_is_direct_and_needs_an_upstream_row_of_its_own():
    record = _energy(region="FR", td_loss_share=0.06, loss_basis="of_delivery")
    assert refusal_of(record, _FRANCE)["code"] == "E_NO_FACTOR"
    result = result_of(record, [*_FRANCE, *_FRENCH_UPSTREAM])
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(1000 * 0.06 * 0.05), pytest.approx(10))
    # Six years between the upstream row and the record: the worse score counts for all.
    assert {"W_LIFECYCLE_GRID", "W_YEAR_FALLBACK delta=6"} <= {*result["warnings"]}
    resold = result_of(_energy(region="FR", activity="D"), _FRANCE)
    assert (resold["kg_co2e"], resold["kg_co2e_upstream"]) == (pytest.approx(50), 0)
    assert "W_LIFECYCLE_GRID" in resold["warnings"]


def test_a_part_of_a_country_has_its_own_grid():
    other = _rows("grid", "electricity", "kWh", {"wtt_generation": 0.02}, region="US-CAMX")
    record = _energy(region="US", activity="B", grid_region="US-CAMX")
    assert result_of(record, [*_GRID, *other])["kg_co2e"] == pytest.approx(20)
    # A grid of another country never stands in.
    assert refusal_of(_energy(region="US", activity="B"), [*_GRID, *other])["code"] == "E_NO_FACTOR"


@pytest.mark.parametrize(("option", "text", "kind"), [(True, "Grid electricity, HQ", "electricity"), (True, "red diesels", "diesel")])
def test_the_type_is_read_from_the_description(option, text, kind):
    rows = [*_GRID, *_rows("fuel", "diesel", "kWh", {"wtt": 0.06})]
    record = _energy(fuel_or_energy_type=None, energy_description=text)
    result = result_of(record, rows)
    assert f"W_CLASSIFIED field=fuel_or_energy_type value={kind} confidence=1.00" in result["warnings"]
    assert "W_CLASSIFIED" in codes_of(result_of({**record, "td_loss_share": 0.06}, rows))
    given = result_of(_energy(fuel_or_energy_type=kind, energy_description="natural gas"), rows)
    assert given["kg_co2e"] == result["kg_co2e"] and "W_CLASSIFIED" not in codes_of(given)


def test_the_suppliers_figures_need_no_type_so_none_is_told():
    record = _energy(fuel_or_energy_type=None, energy_description="electricity", supplier_upstream_ef=0.05)
    assert result_of(record)["warnings"] == []


def test_the_suppliers_figures_go_before_loaded_factors():
    # 1,000 kWh * .012 lost, and .05 before it.
    result = result_of(_energy(supplier_upstream_ef=0.05, supplier_td_losses_ef=0.012), _GRID)
    assert (result["method"], result["kg_co2e_direct"], result["kg_co2e_upstream"]) == ("tier_1_supplier_upstream", 12, 50)
    assert result["factor_ids"] == ["record:supplier_td_losses_ef", "record:supplier_upstream_ef"]
    assert (result["factor_values"], result["factor_units"]) == ([0.012, 0.05], ["kWh", "kWh"])
    assert result["factor_kg_co2e"] == [0, pytest.approx(62)]
    assert result["cv"] == pytest.approx((1.0025 * 1.01 - 1) ** 0.5)


@pytest.mark.parametrize(("name", "direct", "upstream"), [("supplier_upstream_ef", 0, 30), ("supplier_td_losses_ef", 30, 0)])
def test_what_the_supplier_does_not_say_counts_nothing(name, direct, upstream):
    result = result_of(_energy(**{name: 0.03}), _GRID)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(direct), pytest.approx(upstream))
    zero = result_of(_energy(**{name: 0}), _GRID)
    assert (zero["kg_co2e"], zero["method"], zero["factor_values"]) == (0, "tier_1_supplier_upstream", [0])


def test_an_own_factor_from_well_to_tank_replaces_the_row():
    result = result_of(_fuel(well_to_tank_ef=0.7), _DIESEL)
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(70), pytest.approx(70))
    assert (result["factor_ids"], result["factor_values"]) == (["record:well_to_tank_ef"], [0.7])
    # It is one of fuels: electricity has none.
    assert result_of(_energy(well_to_tank_ef=9), _GRID)["kg_co2e"] == pytest.approx(68.4)


def test_a_mass_of_gas_is_converted_through_its_calorific_value():
    heat = make_factor("fuel_property", "natural_gas", "parameter", 15.0, "kwh_per_kg", gwp=None)
    result = result_of(_fuel(fuel_or_energy_type="methane", quantity_unit="kg"), [*_GAS, heat])
    assert result["kg_co2e"] == pytest.approx(100 * 15 * 0.03021)
    assert "W_UNIT_CONVERTED from=kg to=kWh" in result["warnings"]


def test_gross_and_net_energy_never_stand_for_each_other():
    net = _rows("fuel", "natural_gas", "kWh", {"wtt": 0.0335}, basis="net")
    record = _fuel(fuel_or_energy_type="natural_gas", quantity_unit="kWh")
    assert result_of(record, [*_GAS, *net])["kg_co2e"] == pytest.approx(3.021)
    assert result_of({**record, "calorific_basis": "net"}, [*_GAS, *net])["kg_co2e"] == pytest.approx(3.35)
    letter = refusal_of({**record, "calorific_basis": "net"}, _GAS)
    assert (letter["code"], letter["field"]) == ("E_UNIT", "quantity_unit")
    assert "per kWh (gross), and kWh (net) does not convert" in letter["message"]
    # A calorific value is a gross one; net energy does not become litres by it.
    litres = [*_DIESEL, make_factor("fuel_property", "diesel", "parameter", 0.84, "kg_per_l", gwp=None)]
    litres.append(make_factor("fuel_property", "diesel", "parameter", 12.6, "kwh_per_kg", gwp=None, source_version="heat"))
    assert result_of(_fuel(quantity_unit="kWh"), litres)["kg_co2e"] == pytest.approx(100 / 12.6 / 0.84 * 0.61101)
    assert refusal_of(_fuel(quantity_unit="kWh", calorific_basis="net"), litres)["code"] == "E_UNIT"


def test_a_fuel_of_another_country_is_told():
    result = result_of(_fuel(region="DE", activity_year=2031), _DIESEL)
    assert {"W_FOREIGN_PROXY from=DE to=GB", "W_YEAR_FALLBACK delta=6"} <= {*result["warnings"]}


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"quantity": None}, "E_REQUIRED", "quantity", "quantity is missing"),
        ({"quantity_unit": None}, "E_REQUIRED", "quantity_unit", "quantity_unit is missing"),
        ({"fuel_or_energy_type": None}, "E_REQUIRED", "fuel_or_energy_type", "write one of electricity"),
        ({"fuel_or_energy_type": None, "energy_description": "boiler"}, "E_REQUIRED", "fuel_or_energy_type", "'boiler' names none"),
        ({"fuel_or_energy_type": None, "energy_description": "gas oil or diesel"}, "E_REQUIRED", "fuel_or_energy_type", "several alike"),
        ({"fuel_or_energy_type": "electrcity"}, "E_ENUM", "fuel_or_energy_type", "did you mean electricity?"),
        ({"activity": "E"}, "E_ENUM", "activity", "A, B, C, D"),
        ({"quantity": 0}, "E_RANGE", "quantity", "must be > 0"),
        ({"supplier_upstream_ef": -0.1}, "E_RANGE", "supplier_upstream_ef", "must be >= 0"),
        ({"td_loss_share": 6}, "E_RANGE", "td_loss_share", "did you mean 0.06?"),
        ({"td_loss_share": 1}, "E_RANGE", "td_loss_share", "must be >= 0, < 1"),
        ({"quantity": "1,000"}, "E_TYPE", "quantity", "decimal point"),
        ({"quantity_unit": "ton"}, "E_UNIT", "quantity_unit", "long_ton"),
        ({"quantity_unit": "ton", "supplier_upstream_ef": 1}, "E_UNIT", "quantity_unit", "long_ton"),
        ({"quantity_unit": "l"}, "E_UNIT", "quantity_unit", "per kWh, and l does not convert into that"),
        ({"region": "US"}, "E_NO_FACTOR", "fuel_or_energy_type", "'electricity' in US"),
        ({"fuel_or_energy_type": "coal"}, "E_NO_FACTOR", "fuel_or_energy_type", "--factors"),
        ({"fuel_or_energy_type": "cooling"}, "E_NO_FACTOR", "fuel_or_energy_type", "'cooling'"),
        ({"activity": "A"}, "E_NO_FACTOR", "fuel_or_energy_type", "--factors"),
    ],
)
def test_refusals(changes, code, field, words):
    letter = refusal_of(_energy(**changes), _GRID)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


def test_without_reading_of_texts_the_type_is_needed():
    record = _energy(fuel_or_energy_type=None, energy_description="electricity")
    letter = refusal_of(record, _GRID, classify_free_text=False)
    assert (letter["code"], letter["field"]) == ("E_REQUIRED", "fuel_or_energy_type")
    assert "classify_free_text is off" in letter["message"]


@pytest.mark.parametrize(
    ("changes", "missing", "words"),
    [
        ({}, "wtt_generation", "have no wtt_generation"),
        ({}, "wtt_td", "have no wtt_td"),
        ({"activity": "D"}, "wtt_generation", "have no wtt_generation"),
        ({"activity": "D"}, "generation", "no loaded factor"),
        ({}, "td_generation", "no loaded factor"),
    ],
)
def test_an_upstream_row_that_is_missing_leaves_nothing_to_calculate(changes, missing, words):
    letter = refusal_of(_energy(**changes), [row for row in _GRID if row["boundary"] != missing])
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "fuel_or_energy_type")
    assert words in letter["message"]


def test_a_grid_that_loses_all_it_generates_is_no_grid():
    letter = refusal_of(_energy(region="DE"), [*_GERMANY[:2], _share(1.0, region="DE")])
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "fuel_or_energy_type")
    assert "is 1, and a share that is lost is below 1" in letter["message"]


def test_an_amount_beyond_any_number_is_refused():
    letter = refusal_of(_energy(quantity=1e200, supplier_upstream_ef=1e200))
    assert letter["code"] == "E_RANGE"
