"""Category 1 by hand."""

import math

import numpy as np
import pyarrow as pa
import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record, make_spend
from transforms.calculation.keys import Keys, TooManyValues
from transforms.calculation.term import Term
from transforms.calculation.terms import Terms

_STEEL = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg")
_EEIO = make_factor(
    "eeio",
    "331110",
    "with_margins",
    0.8,
    "USD",
    region="US",
    year=2022,
    price_year=2022,
    source_version="epa-1.3",
    correlation_group="eeio/331110",
)


def _average(**changes):
    return make_record(**{"supplier_pcf": None, "pcf_boundary": None, "product_category": "steel", **changes})


def test_a_footprint_is_multiplied_with_the_quantity():
    # 1,000 kg at 1.85 kg each.
    result = result_of(make_record())
    assert (result["kg_co2e"], result["method"], result["tier"]) == (1850.0, "tier_1_supplier_pcf", 1)
    assert (result["factor_ids"], result["factor_values"], result["factor_units"]) == (["record:supplier_pcf"], [1.85], ["kg"])
    # cv .10 of the footprint and .05 of the quantity: sqrt(1.01 * 1.0025 - 1).
    assert result["cv"] == pytest.approx((1.01 * 1.0025 - 1) ** 0.5)


def test_a_given_cv_goes_before_the_default_and_may_be_a_half_width():
    assert result_of(make_record(supplier_pcf_cv=0.2))["cv"] == pytest.approx((1.04 * 1.0025 - 1) ** 0.5)
    # A 95 % half-width of .196 is a cv of .1.
    assert result_of(make_record(supplier_pcf_cv=0.196), uncertainty_input="halfwidth95")["factor_cvs"] == [pytest.approx(0.1)]


def test_a_boundary_that_is_not_said_is_assumed_and_told():
    assert codes_of(result_of(make_record(pcf_boundary=None))) == ["W_BOUNDARY_PCF"]


def test_average_data_converts_the_unit():
    # 2 t at 2 kg/kg.
    result = result_of(_average(quantity=2, quantity_unit="t"), [_STEEL])
    assert (result["kg_co2e"], result["method"]) == (4000.0, "tier_2_average_data")


def test_the_product_code_is_looked_up_where_the_category_finds_none():
    result = result_of(_average(product_category="alloy", product_code="steel"), [_STEEL])
    assert (result["kg_co2e"], result["factor_ids"]) == (2000.0, [_STEEL["factor_id"]])


def test_a_volume_becomes_a_mass_through_a_density_only():
    density = make_factor("fuel_property", "oil", "parameter", 0.8, "kg_per_l")
    oil = make_factor("product", "oil", "cradle_to_gate", 3.0, "kg")
    litres = _average(product_category="oil", quantity=10, quantity_unit="l")
    # 10 l of .8 kg are 8 kg at 3 kg each.
    result = result_of(litres, [oil, density])
    assert result["kg_co2e"] == pytest.approx(24.0)
    assert "W_UNIT_CONVERTED from=l to=kg" in result["warnings"]
    assert result["factor_ids"] == [density["factor_id"], oil["factor_id"]]
    letter = refusal_of(litres, [oil])
    assert (letter["code"], letter["field"]) == ("E_UNIT", "quantity_unit")


def test_money_is_converted_first_and_then_deflated():
    rate = make_factor("fx", "EUR", "parameter", 1.1, "usd_per_unit", region="GLOBAL", year=2024, gwp=None)
    index = [
        make_factor("price_index", "cpi", "parameter", value, "index", region="US", year=year, gwp=None)
        for year, value in ((2022, 100), (2024, 110))
    ]
    result = result_of(make_spend(spend_currency="EUR", spend_year=2024), [_EEIO, rate, *index])
    # 1,000 EUR are 1,100 USD of 2024, 1,000 USD of 2022, at .8 kg each.
    assert result["kg_co2e"] == pytest.approx(800.0)
    assert result["factor_ids"] == sorted(row["factor_id"] for row in (_EEIO, rate, *index))
    assert sum(result["factor_kg_co2e"]) == pytest.approx(800.0)
    assert codes_of(result) == ["W_LOW_DQI", "W_SPEND_BASED", "W_YEAR_FALLBACK"]


def test_the_price_index_of_what_was_bought_goes_before_that_of_all_consumers():
    index = [
        make_factor("price_index", key, "parameter", value, "index", region="US", year=year, gwp=None)
        for key, year, value in (("cpi", 2022, 100), ("cpi", 2024, 110), ("331", 2022, 100), ("331", 2024, 200))
    ]
    # Steel has doubled its price: 1,000 USD of 2024 are 500 of 2022.
    assert result_of(make_spend(spend_year=2024), [_EEIO, *index])["kg_co2e"] == pytest.approx(400.0)


def test_a_missing_rate_or_index_is_never_taken_for_1():
    letter = refusal_of(make_spend(spend_currency="EUR"), [_EEIO])
    assert (letter["code"], letter["field"], letter["stage"]) == ("E_NO_FACTOR", "spend_currency", "factor")
    letter = refusal_of(make_spend(spend_year=2024), [_EEIO])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "spend_year", "2024")


def test_prices_choose_the_boundary_of_the_factor():
    without = {**_EEIO, "boundary": "without_margins", "value": 0.7, "factor_id": _EEIO["factor_id"].replace("with_", "without_")}
    assert result_of(make_spend(margins="without"), [_EEIO, without])["kg_co2e"] == pytest.approx(700.0)
    assert refusal_of(make_spend(price_basis="basic"), [_EEIO, without])["code"] == "E_NO_FACTOR"


def test_a_foreign_country_stands_in_and_is_told():
    result = result_of(make_spend(region="DE"), [_EEIO])
    assert "W_FOREIGN_PROXY from=DE to=US" in result["warnings"]
    assert refusal_of(make_spend(region="DE"), [_EEIO], foreign_proxy={})["code"] == "E_NO_FACTOR"


def test_a_credit_note_is_a_purchase_with_the_sign_turned():
    purchase = result_of(make_spend(), [_EEIO])
    credit = result_of(make_spend(spend_amount=-1000), [_EEIO], credit_notes="net")
    assert credit["kg_co2e"] == -purchase["kg_co2e"] == -800.0
    assert (credit["p5_kg"], credit["p50_kg"], credit["p95_kg"]) == (-purchase["p95_kg"], -purchase["p50_kg"], -purchase["p5_kg"])
    assert credit["std_kg"] == purchase["std_kg"]
    assert "W_CREDIT_NOTE" in codes_of(credit)


def test_a_method_that_fails_hands_over_to_the_next_and_says_why():
    result = result_of(make_spend(quantity=5, quantity_unit="ton", supplier_pcf=2, product_category="steel"), [_EEIO, _STEEL])
    assert result["method"] == "tier_3_spend_based"
    assert "W_TIER_FALLBACK from=tier_1_supplier_pcf reason=E_UNIT" in result["warnings"]
    gate = result_of(make_record(pcf_boundary="gate_to_gate", product_category="steel"), [_STEEL])
    assert "W_TIER_FALLBACK from=tier_1_supplier_pcf reason=gate_to_gate" in gate["warnings"]


def test_no_method_left_is_told_by_its_reason():
    assert (refusal_of(make_record(quantity_unit="ton"))["code"], refusal_of(make_record(quantity_unit="ton"))["field"]) == (
        "E_UNIT",
        "quantity_unit",
    )
    assert "short_ton" in refusal_of(make_record(quantity_unit="ton"))["message"]
    assert refusal_of(make_record(quantity_unit=None))["code"] == "E_UNIT"
    letter = refusal_of(make_record(pcf_boundary="gate_to_gate"))
    assert (letter["code"], letter["field"], letter["attempted_methods"]) == ("E_NO_TIER", "pcf_boundary", ["tier_1_supplier_pcf"])
    letter = refusal_of(_average())
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "product_category", "steel")
    letter = refusal_of(make_record(quantity=None, supplier_pcf=None))
    assert (letter["code"], letter["field"], letter["stage"], letter["attempted_methods"]) == ("E_NO_TIER", None, "calculate", [])


def _hybrid(*components, **changes):
    return make_record(
        quantity=None,
        quantity_unit=None,
        supplier_pcf=None,
        pcf_boundary=None,
        supplier_s12_allocated_kg_co2e=500,
        hybrid_components=list(components),
        **changes,
    )


def test_a_hybrid_adds_what_the_supplier_used():
    freight = [make_factor("freight", "truck", boundary, value, "tonne_km") for boundary, value in (("ttw", 0.1), ("wtt", 0.02))]
    waste = make_factor("waste", "mixed:landfill", "treatment", 0.5, "kg")
    record = _hybrid(
        {"kind": "material", "amount": 0.1, "unit": "t", "factor_key": "steel"},
        {"kind": "transport", "amount": 50, "unit": "tonne_km", "factor_key": "truck"},
        {"kind": "waste", "amount": 10, "unit": "kg", "factor_key": "mixed:landfill"},
        {"kind": "other", "amount": 0.003, "unit": "t_co2e"},
    )
    result = result_of(record, [_STEEL, *freight, waste])
    # 500 of the supplier, 100 kg * 2, 50 tkm * .12, 10 kg * .5, and 3 kg.
    assert result["kg_co2e"] == pytest.approx(500 + 200 + 6 + 5 + 3)
    by_id = dict(zip(result["factor_ids"], result["factor_kg_co2e"], strict=True))
    assert by_id["record:supplier_s12_allocated_kg_co2e"] == 500
    assert by_id[freight[0]["factor_id"]] == pytest.approx(6.0)
    assert by_id[freight[1]["factor_id"]] == 0.0
    assert by_id["record:hybrid_components"] == pytest.approx(3.0)
    assert result["factor_ids"] == sorted(result["factor_ids"])


def test_two_components_on_one_factor_err_together():
    steel = {"kind": "material", "unit": "kg", "factor_key": "steel"}
    twice = result_of(_hybrid({**steel, "amount": 50}, {**steel, "amount": 50}), [_STEEL])
    # D of the factor is (100 + 100) * .30, of the supplier's part 500 * .10; own parts 100^2 * .1^2 * 1.09 each and 500^2 * .05^2 * 1.01.
    assert twice["std_kg"] == pytest.approx((60**2 + 50**2 + 2 * 109 + 631.25) ** 0.5)
    assert dict(zip(twice["factor_ids"], twice["factor_kg_co2e"], strict=True))[_STEEL["factor_id"]] == pytest.approx(200.0)


@pytest.mark.parametrize(
    ("component", "code", "field"),
    [
        ({"kind": "material", "amount": 1, "factor_key": "steel"}, "E_UNIT", "hybrid_components[1].unit"),
        ({"kind": "material", "amount": 1, "unit": "l", "factor_key": "steel"}, "E_UNIT", "hybrid_components[1].unit"),
        ({"kind": "other", "amount": 1, "unit": "kg"}, "E_UNIT", "hybrid_components[1].unit"),
        ({"kind": "material", "amount": 1, "unit": "kg"}, "E_NO_FACTOR", "hybrid_components[1].factor_key"),
        ({"kind": "material", "amount": 1, "unit": "kg", "factor_key": "gold"}, "E_NO_FACTOR", "hybrid_components[1].factor_key"),
    ],
)
def test_a_component_that_fails_is_named_with_its_place(component, code, field):
    letter = refusal_of(_hybrid({"kind": "other", "amount": 1, "unit": "kg_co2e"}, component), [_STEEL])
    assert (letter["code"], letter["field"]) == (code, field)
    assert field in letter["message"]


def test_freight_without_its_upstream_row_says_so():
    ttw = make_factor("freight", "truck", "ttw", 0.1, "tonne_km")
    result = result_of(_hybrid({"kind": "transport", "amount": 10, "unit": "tonne_km", "factor_key": "truck"}), [ttw])
    assert result["kg_co2e"] == pytest.approx(501.0)
    assert "W_NO_UPSTREAM key=truck" in result["warnings"]


def test_factors_on_different_warming_potentials_are_told():
    old = make_factor("waste", "mixed:landfill", "treatment", 0.5, "kg", gwp="AR4")
    record = _hybrid(
        {"kind": "material", "amount": 1, "unit": "kg", "factor_key": "steel"},
        {"kind": "waste", "amount": 1, "unit": "kg", "factor_key": "mixed:landfill"},
    )
    assert "W_GWP_MIXED sets=AR4,AR5" in result_of(record, [_STEEL, old])["warnings"]


def test_a_factor_that_nobody_checked_is_told_or_left_out():
    unchecked = {**_STEEL, "verified": False}
    assert f"W_FACTOR_UNSOURCED factor_id={_STEEL['factor_id']}" in result_of(_average(), [unchecked])["warnings"]
    assert refusal_of(_average(), [unchecked], allow_unverified=False)["code"] == "E_NO_FACTOR"


def test_the_rating_follows_from_the_score_and_the_threshold_is_an_option():
    result = result_of(make_spend(), [_EEIO])
    assert (result["dqi_score"], result["dqi_rating"]) == (40.0, "fair")
    assert "W_LOW_DQI score=40" in result["warnings"]
    assert "W_LOW_DQI" not in codes_of(result_of(make_spend(), [_EEIO], low_dqi_threshold=40))


def test_the_union_stands_for_its_member_and_costs_little_certainty():
    # Geographic score 2 adds .000025 to ln(1 + .30^2); the quantity has .10.
    result = result_of(_average(region="DE"), [{**_STEEL, "region": "EU"}])
    assert result["kg_co2e"] == 2000.0
    assert result["warnings"] == ["W_REGION_FALLBACK from=DE to=EU"]
    assert result["cv"] == pytest.approx((1.01 * (1 + (1.09 * math.exp(0.000025) - 1)) - 1) ** 0.5, rel=1e-12)


def test_an_old_factor_is_told_and_costs_certainty():
    # Six years: temporal score 3, .002.
    result = result_of(_average(), [{**_STEEL, "year": 2019}])
    assert result["warnings"] == ["W_YEAR_FALLBACK delta=6"]
    assert result["factor_cvs"] == [pytest.approx((1.09 * math.exp(0.002) - 1) ** 0.5, rel=1e-12)]


def test_an_alias_with_several_targets_is_their_weighted_mean():
    copper = make_factor("product", "copper", "cradle_to_gate", 4.0, "kg", pedigree=[1, 1, 1, 1, 1])
    zinc = make_factor("product", "zinc", "cradle_to_gate", 2.5, "kg", region="EU")
    aliases = [
        make_factor("key_alias", "product:brass", "parameter", weight, "share", region="GLOBAL", basis=target, gwp=None)
        for target, weight in (("copper", 3.0), ("zinc", 1.0))
    ]
    result = result_of(
        _average(product_category="brass", region="DE"), [copper, zinc, *aliases, {**copper, "factor_id": "c", "region": "DE"}]
    )
    # 1,000 kg at (3 * 4 + 2.5) / 4.
    assert result["kg_co2e"] == pytest.approx(3625.0)
    assert result["factor_ids"] == sorted(["c", zinc["factor_id"], *(row["factor_id"] for row in aliases)])
    # All of it at the first target by id, whose pedigree counts with the worst place (2) and key (2): mean (1 + 1 + 1 + 2 + 2) / 5.
    assert sum(result["factor_kg_co2e"]) == result["factor_kg_co2e"][result["factor_ids"].index("c")] == pytest.approx(3625.0)
    assert result["pedigree_mean"] == pytest.approx(1.4)
    # P of 1.4 is 92, tier 2 is 70, no class of source: (.5 * 92 + .2 * 70) / .7.
    assert result["dqi_score"] == pytest.approx((46 + 14) / 0.7)
    assert codes_of(result) == ["W_KEY_FALLBACK", "W_REGION_FALLBACK"]


def test_the_pedigree_of_a_factor_makes_its_score_and_its_certainty():
    # The example of the specification: mean 2.2 is 69, national_inventory 80, tier 2 is 70: .5 * 69 + .3 * 80 + .2 * 70 = 72.5.
    pedigree = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg", pedigree=[2, 3, 5, 5, 4], source_class="national_inventory")
    result = result_of(_average(), [pedigree])
    # Place and time are those of the search, 1 and 1.
    assert (result["pedigree_mean"], result["dqi_score"], result["dqi_rating"]) == (2.2, pytest.approx(72.5), "good")
    # Base .0006, reliability 2 .0006, completeness 3 .0006, technology 4 .04.
    assert result["factor_cvs"] == [pytest.approx(math.expm1(0.0418) ** 0.5)]


def test_where_nothing_is_emitted_the_score_is_that_of_the_method():
    nothing = make_factor("product", "steel", "cradle_to_gate", 0.0, "kg", pedigree=[1, 1, 1, 1, 1], source_class="primary_measured")
    result = result_of(_average(), [nothing])
    assert (result["kg_co2e"], result["std_kg"], result["p95_kg"], result["cv"], result["dqi_score"]) == (0.0, 0.0, 0.0, None, 70.0)
    assert result_of(make_record(supplier_pcf=0))["method"] == "tier_1_supplier_pcf"


def test_a_unit_at_fault_goes_before_a_factor_that_is_missing_in_one_list():
    gold = {"kind": "material", "amount": 1, "unit": "kg", "factor_key": "gold"}
    letter = refusal_of(_hybrid(gold, {"kind": "other", "amount": 1, "unit": "kg"}), [_STEEL])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_UNIT", "hybrid_components[1].unit", "kg")


def test_a_factor_that_two_components_find_in_two_ways_shows_the_cv_of_their_sum():
    copper = make_factor("product", "copper", "cradle_to_gate", 4.0, "kg")
    aliases = [
        make_factor("key_alias", "product:brass", "parameter", 1.0, "share", region="GLOBAL", basis=target, gwp=None)
        for target in ("copper", "steel")
    ]
    brass, plain = ({"kind": "material", "amount": 10, "unit": "kg", "factor_key": key} for key in ("brass", "copper"))
    result = result_of(_hybrid(brass, plain), [copper, _STEEL, *aliases])
    # Brass: 10 kg at 3, technological score 2 (.0006); copper: 10 kg at 4. Both err with the row of copper.
    of_alias, exact = (1.09 * math.exp(0.0006) - 1) ** 0.5, 0.30
    place = result["factor_ids"].index(copper["factor_id"])
    assert result["factor_kg_co2e"][place] == pytest.approx(70.0)
    assert result["factor_cvs"][place] == pytest.approx((30 * of_alias + 40 * exact) / 70, rel=1e-12)


def test_emissions_beyond_any_number_are_refused_and_large_ones_keep_their_interval():
    letter = refusal_of(make_record(quantity=1e200, supplier_pcf=1e200))
    assert (letter["code"], letter["field"], letter["stage"]) == ("E_RANGE", None, "calculate")
    # Its square is beyond any double.
    result = result_of(make_record(quantity=1e200, supplier_pcf=1))
    assert result["cv"] == pytest.approx((1.01 * 1.0025 - 1) ** 0.5)
    assert result["p5_kg"] < result["p50_kg"] < result["p95_kg"]


def test_more_distinct_values_than_a_key_has_room_for_are_taken_in_parts():
    # 2^16 units and 2^16 products in one batch, with regions and years: more than 62 bits.
    keys = Keys([pa.array(["a"], pa.string())] * 4)
    values = pa.array([str(place) for place in range(70_000)])
    with pytest.raises(TooManyValues):
        keys.look_up([values] * 4, slice(None))
    terms = Terms()
    found = terms.find("test", [values] * 4, np.ones(70_000, bool), lambda *key: Term(kg_per_unit=float(key[0])))
    terms.grow()
    assert (terms.kg_per_unit[found] == np.arange(70_000)).all()


_GTIN = "urn:gtin:4712345060507"


def _footprint(value=0.5, unit="l", basis="2024/2027", **changes):
    return make_factor("supplier_pcf", _GTIN, "cradle_to_gate", value, unit, basis=basis, **{"year": 2024, "region": "ZM", **changes})


def _bought(**changes):
    return make_record(
        **{"supplier_pcf": None, "pcf_boundary": None, "quantity": 2, "quantity_unit": "m3", "product_code": _GTIN, **changes}
    )


def test_a_product_id_finds_the_suppliers_footprint_wherever_it_is_made():
    # 2 m3 are 2,000 l at .5 kg each; bought in GB, made in Zambia.
    result = result_of(_bought(), [_footprint()])
    assert (result["kg_co2e"], result["method"], result["tier"], result["dqi_score"]) == (1000.0, "tier_1_supplier_pcf", 1, 90.0)
    assert (result["factor_ids"], result["warnings"]) == ([_footprint()["factor_id"]], [])
    # As of a footprint in the record: cv .10 of the factor and .05 of the quantity.
    assert result["cv"] == pytest.approx((1.01 * 1.0025 - 1) ** 0.5)


def test_a_footprint_in_the_record_goes_before_a_loaded_one_and_that_before_an_average():
    record = _bought(supplier_pcf=0.25, pcf_boundary="cradle_to_gate", product_category="ethanol")
    average = make_factor("product", "ethanol", "cradle_to_gate", 3.0, "l")
    assert result_of(record, [_footprint(), average])["factor_ids"] == ["record:supplier_pcf"]
    result = result_of({**record, "pcf_boundary": "gate_to_gate"}, [_footprint(), average])
    assert (result["kg_co2e"], result["method"]) == (1000.0, "tier_1_supplier_pcf")
    # 2,000 l at 3 kg each where no footprint of the product is there.
    assert result_of(_bought(product_category="ethanol", product_code="urn:gtin:1"), [_footprint(), average])["kg_co2e"] == 6000.0


def test_of_several_footprints_that_of_the_place_and_then_the_latest_in_force_is_taken():
    rows = [
        _footprint(0.1, region="GB", year=2022, basis="2022/2025", source_version="old"),
        _footprint(0.2, region="GB", source_version="new"),
        _footprint(0.4),
    ]
    assert result_of(_bought(), rows)["kg_co2e"] == 400.0
    assert result_of(_bought(activity_year=2023), rows)["kg_co2e"] == 200.0
    assert result_of(_bought(region="ZM"), rows)["kg_co2e"] == 800.0


@pytest.mark.parametrize("year", [2023, 2028])
def test_a_footprint_that_does_not_stand_for_the_year_is_passed_over_with_the_reason(year):
    letter = refusal_of(_bought(activity_year=year), [_footprint()])
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "product_code")
    assert f"stands for 2024 to 2027, not for {year}; ask the supplier for a newer one" in letter["message"]
    average = make_factor("product", _GTIN, "cradle_to_gate", 3.0, "l", year=year)
    result = result_of(_bought(activity_year=year), [_footprint(), average])
    assert (result["kg_co2e"], result["method"]) == (6000.0, "tier_2_average_data")
    assert "W_TIER_FALLBACK from=tier_1_supplier_pcf reason=E_NO_FACTOR" in result["warnings"]


def test_a_quantity_in_another_unit_than_the_footprint_is_never_multiplied_with_it():
    letter = refusal_of(_bought(quantity_unit="kg"), [_footprint()])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_UNIT", "quantity_unit", "kg")
    assert "in the unit of the footprint" in letter["message"]
    assert refusal_of(_bought(quantity_unit="ton"), [_footprint()])["code"] == "E_UNIT"


def test_a_code_of_the_users_own_leads_to_a_footprint():
    alias = make_factor("key_alias", "supplier_pcf:4711", "parameter", 1.0, "share", region="GLOBAL", basis=_GTIN, gwp=None)
    result = result_of(_bought(product_code="4711"), [_footprint(), alias])
    assert (result["kg_co2e"], codes_of(result)) == (1000.0, ["W_KEY_FALLBACK"])
