"""Category 2 by hand."""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record, make_spend

_US = {"region": "US", "year": 2022, "price_year": 2022, "source_version": "epa-1.3"}


def _asset(**changes):
    return make_spend(2, naics_code=None, **changes)


def test_a_footprint_of_the_whole_purchase_has_no_uncertain_quantity():
    result = result_of(make_record(2))
    assert (result["kg_co2e"], result["factor_units"]) == (4000.0, ["kg_co2e"])
    assert result["cv"] == pytest.approx(0.10)


def test_a_footprint_of_a_unit_is_used_where_there_is_none_of_the_whole():
    result = result_of(make_record(2, supplier_pcf_total_kg_co2e=None, supplier_pcf=200, quantity=3, quantity_unit="unit"))
    assert (result["kg_co2e"], result["factor_ids"]) == (600.0, ["record:supplier_pcf"])


def test_the_own_factor_counts_dollars_of_the_year_of_the_purchase():
    rate = make_factor("fx", "EUR", "parameter", 1.1, "usd_per_unit", region="GLOBAL", year=2024, gwp=None)
    record = _asset(asset_category="machinery", spend_currency="EUR", spend_year=2024, emission_factor_kg_co2e_per_usd=0.5)
    result = result_of(record, [rate])
    # 1,000 EUR are 1,100 USD of 2024 at .5 kg; no price index takes part.
    assert result["kg_co2e"] == pytest.approx(550.0)
    assert result["factor_ids"] == [rate["factor_id"], "record:emission_factor_kg_co2e_per_usd"]
    assert result["factor_values"] == [1.1, 0.5]
    assert result["factor_kg_co2e"] == [0.0, pytest.approx(550.0)]
    # cv of machinery .20, of the amount .15.
    assert result["factor_cvs"] == [0.0, 0.2]
    assert result["cv"] == pytest.approx((1.04 * 1.0225 - 1) ** 0.5)


def test_a_loaded_factor_of_the_class_goes_before_the_sector():
    own = make_factor("asset_spend", "machinery", "cradle_to_gate", 0.3, "USD", price_year=2022, year=2022)
    sector = make_factor("eeio", "333249", "with_margins", 0.2, "USD", **_US)
    result = result_of(_asset(region="GB", asset_category="machinery"), [own, sector])
    assert (result["kg_co2e"], result["method"]) == (pytest.approx(300.0), "tier_2_asset_spend")
    result = result_of(_asset(asset_category="machinery"), [sector])
    assert (result["kg_co2e"], result["method"]) == (pytest.approx(200.0), "tier_3_spend_based")


@pytest.mark.parametrize(
    ("text", "asset_class"),
    [
        ("Delivery trucks", "vehicles"),
        ("office furniture: desks and chairs", "other_equipment"),
        ("Server racks, data center", "it_equipment"),
        ("vanity carpet", None),
        ("a truck and a pump", None),
    ],
)
def test_a_class_is_read_from_whole_words_and_told(text, asset_class):
    sectors = [make_factor("eeio", code, "with_margins", 0.2, "USD", **_US) for code in ("336111", "337214", "334111")]
    record = _asset(asset_category=None, asset_description=text)
    if asset_class is None:
        assert refusal_of(record, sectors)["code"] == "E_NO_TIER"
    else:
        (warning,) = [one for one in result_of(record, sectors)["warnings"] if one.startswith("W_CLASSIFIED")]
        assert f"value={asset_class} " in warning
    assert refusal_of(record, sectors, classify_free_text=False)["code"] == "E_NO_TIER"


def test_a_year_of_life_is_a_memo_and_spreads_nothing():
    result = result_of(make_record(2, useful_life_years=8))
    assert (result["kg_co2e"], result["annualised_kg_co2e"]) == (4000.0, 500.0)
    assert result_of(make_record(2))["annualised_kg_co2e"] is None


def test_capex_amount_is_another_name_of_the_amount():
    sector = make_factor("eeio", "333249", "with_margins", 0.2, "USD", **_US)
    record = _asset(asset_category="machinery", spend_amount=None, capex_amount=500)
    assert result_of(record, [sector])["kg_co2e"] == pytest.approx(100.0)


def test_the_code_that_stands_for_a_class_is_less_sure_than_the_code_itself():
    sector = make_factor("eeio", "333249", "with_margins", 0.2, "USD", **_US)
    by_class = result_of(_asset(asset_category="machinery"), [sector])
    by_code = result_of(make_spend(2, asset_category="machinery", naics_code="333249"), [sector])
    assert by_class["kg_co2e"] == by_code["kg_co2e"]
    assert by_class["std_kg"] > by_code["std_kg"]
    assert "W_KEY_FALLBACK" not in codes_of(by_class)


def test_a_credit_note_of_an_asset_turns_its_memo_too():
    own = make_factor("asset_spend", "machinery", "cradle_to_gate", 0.3, "USD", price_year=2022, year=2022)
    record = _asset(region="GB", asset_category="machinery", spend_amount=-2000, useful_life_years=4)
    result = result_of(record, [own], credit_notes="net")
    # 2,000 USD at .3 are 600 kg, given back: 150 a year for four years.
    assert (result["kg_co2e"], result["annualised_kg_co2e"]) == (pytest.approx(-600.0), pytest.approx(-150.0))
    assert result["factor_kg_co2e"] == [pytest.approx(-600.0)]
    assert result["p5_kg"] < result["p50_kg"] < result["p95_kg"] < 0 < result["std_kg"]


def test_a_credit_note_looks_at_money_only():
    record = make_record(2, spend_amount=-2000, spend_currency="USD")
    letter = refusal_of(record, credit_notes="net")
    # The class would have a code, but no factor of it is loaded.
    assert (letter["code"], letter["field"], letter["attempted_methods"]) == ("E_NO_FACTOR", "asset_category", ["tier_3_spend_based"])


def test_a_half_width_is_read_as_one_for_the_own_factor_too():
    record = _asset(asset_category="machinery", emission_factor_kg_co2e_per_usd=0.5, emission_factor_cv=0.392)
    assert result_of(record, uncertainty_input="halfwidth95")["factor_cvs"] == [pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("record", "code", "field", "value"),
    [
        (
            make_record(2, supplier_pcf_total_kg_co2e=None, supplier_pcf=2, quantity=1, quantity_unit="ton"),
            "E_UNIT",
            "quantity_unit",
            "ton",
        ),
        (make_record(2, supplier_pcf_total_kg_co2e=None, supplier_pcf=2, quantity=1), "E_UNIT", "quantity_unit", None),
        (make_record(2, pcf_boundary="cradle_to_grave"), "E_NO_TIER", "pcf_boundary", "cradle_to_grave"),
        (make_record(2, supplier_pcf_total_kg_co2e=None), "E_NO_TIER", None, None),
        (_asset(asset_category="machinery"), "E_NO_FACTOR", "asset_category", "machinery"),
        (make_spend(2), "E_NO_FACTOR", "naics_code", "331110"),
        (
            _asset(asset_category=None, asset_description="thing", spend_currency="EUR", emission_factor_kg_co2e_per_usd=1),
            "E_NO_FACTOR",
            "spend_currency",
            "EUR",
        ),
    ],
)
def test_a_record_without_a_method_is_told_by_its_reason(record, code, field, value):
    letter = refusal_of(record)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value)
