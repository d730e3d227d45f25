"""Category 12: treatment of sold products at the end of their life. Factors are those of the UK Government for 2025, unless a comment says otherwise."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record


def _factor(key, value, boundary="treatment", **changes):
    return make_factor("waste", key, boundary, value, "kg", **changes)


def _split(region="GB", **shares):
    return [
        make_factor("treatment_split", how, "parameter", share, "share", region=region, gwp=None, verified=False)
        for how, share in shares.items()
    ]


_PLASTIC = [
    _factor("plastic:landfill", 0.00898311),
    _factor("plastic:recycling", 0.00468568),
    _factor("plastic:incineration_with_energy_recovery", 0.00468568),
    # Fossil carbon of plastics, IPCC 2006 volume 5.
    _factor("plastic:incineration", 2.75468568),
]
_PAPER = [_factor("paper_cardboard:landfill", 1.1644894), _factor("paper_cardboard:recycling", 0.00468568)]
_GLASS = [_factor("glass:landfill", 0.00898311), _factor("glass:recycling", 0.00468568)]
_GB = _split(landfill=0.2, recycling=0.45, incineration=0.35)
_CARDBOARD = {"material": "cardboard", "weight_kg": 0.5}


def _product(**changes):
    """Returns 1,000 crates of 2 kg of plastic."""
    return make_record(12, **changes)


def _parts(*parts, **changes):
    """Returns 1,000 products of these parts, all of it to landfill."""
    return _product(**{"weight_kg": None, "primary_material": None, "landfill_share": 1, "material_composition": list(parts), **changes})


def test_plastic_crates_as_the_united_kingdom_treats_its_waste():
    # 2,000 kg: 400 to landfill at 0.00898311 = 3.593244, 900 recycled at 0.00468568 = 4.217112, 700 burned at 2.75468568 = 1,928.279976.
    result = result_of(_product(), [*_PLASTIC, *_GB])
    assert result["method"] == "tier_2_primary_material"
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(1_936.090332)
    assert result["kg_co2e_upstream"] == 0
    assert codes_of(result) == ["W_FACTOR_UNSOURCED", "W_SINGLE_MATERIAL"]
    assert {row["factor_id"] for row in _GB} < {*result["factor_ids"]}


def test_weight_and_units_are_uncertain_once_and_each_treatment_by_itself():
    # Activity .15 on the whole, each factor .25.
    amounts = [400 * 0.00898311, 900 * 0.00468568, 700 * 2.75468568]
    total, apart = sum(amounts), sum((kg * 0.25) ** 2 for kg in amounts)
    assert result_of(_product(), [*_PLASTIC, *_GB])["std_kg"] ** 2 == pytest.approx(apart + 0.15**2 * (total**2 + apart))


def test_composition_and_packaging_are_items():
    # 1,000 * (1.5 kg glass at 0.00898311 + 0.4 kg paper and 0.5 kg cardboard at 1.1644894) = 13.474665 + 1,048.04046 kg.
    record = _parts({"material": "glass", "weight_kg": 1.5}, {"material": "paper", "weight_kg": 0.4}, packaging=[_CARDBOARD])
    result = result_of(record, [*_GLASS, *_PAPER])
    assert result["method"] == "tier_1_detailed_composition"
    assert result["kg_co2e"] == pytest.approx(1_061.515125)
    # Paper and cardboard rest on one factor.
    assert result["factor_ids"] == [_GLASS[0]["factor_id"], _PAPER[0]["factor_id"]]
    assert result["factor_kg_co2e"] == [pytest.approx(13.474665), pytest.approx(1_048.04046)]
    assert result["warnings"] == []


def test_packaging_goes_with_every_method():
    rows = [*_PLASTIC, *_PAPER, _factor("household_residual:landfill", 0.49724244)]
    single = _product(landfill_share=1, packaging=[_CARDBOARD])
    assert result_of(single, rows)["kg_co2e"] == pytest.approx(2000 * 0.00898311 + 500 * 1.1644894)
    mixed = result_of(_product(landfill_share=1, packaging=[_CARDBOARD], primary_material=None), rows)
    assert mixed["method"] == "tier_3_mixed_material"
    assert mixed["kg_co2e"] == pytest.approx(2000 * 0.49724244 + 500 * 1.1644894)
    assert {"W_ESTIMATED", "W_LOW_DQI"} <= {*codes_of(mixed)} and "W_SINGLE_MATERIAL" not in codes_of(mixed)


def test_the_rate_of_an_item_shrinks_the_other_treatments():
    # Recycled 0.9; the rest 0.1 as 0.2 : 0.35 were: 0.1 / 0.55 of each.
    record = _parts({"material": "plastic", "weight_kg": 2, "recycling_rate": 0.9}, landfill_share=None)
    expected = 2000 * (0.9 * 0.00468568 + 0.1 * 0.2 / 0.55 * 0.00898311 + 0.1 * 0.35 / 0.55 * 2.75468568)
    assert result_of(record, [*_PLASTIC, *_GB])["kg_co2e"] == pytest.approx(expected)


def test_an_item_that_is_not_recycled_among_what_is_goes_to_landfill():
    plastic = {"material": "plastic", "weight_kg": 1, "recycling_rate": 0.25}
    record = _parts(plastic, {"material": "glass", "weight_kg": 1}, landfill_share=None, recycling_share=1)
    result = result_of(record, [*_PLASTIC[:2], *_GLASS[1:]])
    assert result["kg_co2e"] == pytest.approx(250 * 0.00468568 + 750 * 0.00898311 + 1000 * 0.00468568)


@pytest.mark.parametrize(("rate", "row"), [(0, 0), (1, 1)])
def test_a_rate_of_nothing_or_all_asks_for_no_other_factor(rate, row):
    record = _parts({"material": "plastic", "weight_kg": 1, "recycling_rate": rate})
    result = result_of(record, _PLASTIC[row : row + 1])
    assert result["kg_co2e"] == pytest.approx(1000 * _PLASTIC[row]["value"])


def test_shares_that_are_left_out_are_none():
    result = result_of(_product(incineration_share=0.4, recycling_share=0.6), [*_PLASTIC, *_GB])
    assert result["kg_co2e"] == pytest.approx(2000 * (0.4 * 2.75468568 + 0.6 * 0.00468568))
    # The region has no say.
    assert codes_of(result) == ["W_SINGLE_MATERIAL"]


def test_shares_within_tolerance_are_made_up_to_one():
    result = result_of(_product(landfill_share=0.5, recycling_share=0.495), _PLASTIC)
    assert result["kg_co2e"] == pytest.approx(2000 * (0.5 * 0.00898311 + 0.495 * 0.00468568) / 0.995)
    assert "W_SHARES_RENORMALISED sum=0.995" in result["warnings"]
    at_limit = result_of(_product(landfill_share=0.51, recycling_share=0.5), _PLASTIC)
    assert "W_SHARES_RENORMALISED sum=1.01" in at_limit["warnings"]
    assert "W_SHARES_RENORMALISED" not in codes_of(result_of(_product(landfill_share=0.7, recycling_share=0.3), _PLASTIC))


def test_a_split_of_the_region_within_tolerance_is_made_up_to_one():
    result = result_of(_product(), [*_PLASTIC, *_split(landfill=0.5, recycling=0.495)])
    assert result["kg_co2e"] == pytest.approx(2000 * (0.5 * 0.00898311 + 0.495 * 0.00468568) / 0.995)
    assert "W_SHARES_RENORMALISED sum=0.995" in result["warnings"]


def test_the_split_of_the_world_stands_in_and_says_so():
    record = _product(region="FR")
    result = result_of(record, [*_PLASTIC, *_GB, *_split("GLOBAL", landfill=0.5, recycling=0.3, incineration=0.2)])
    assert result["kg_co2e"] == pytest.approx(2000 * (0.5 * 0.00898311 + 0.3 * 0.00468568 + 0.2 * 2.75468568))
    assert {"W_REGION_FALLBACK from=FR to=GLOBAL", "W_FOREIGN_PROXY from=FR to=GB"} <= {*result["warnings"]}


def test_energy_recovered_from_the_burned_share():
    record = _product(incineration_share=1, incineration_energy_recovery_share=0.95)
    result = result_of(record, _PLASTIC)
    assert result["kg_co2e"] == pytest.approx(2000 * (0.95 * 0.00468568 + 0.05 * 2.75468568))
    # One activity: activity .15 and one factor of .25, though two rows are behind it.
    assert result["cv"] == pytest.approx(math.sqrt(1.0225 * 1.0625 - 1))
    assert result["factor_ids"] == [_PLASTIC[3]["factor_id"], _PLASTIC[2]["factor_id"]]
    assert result["factor_kg_co2e"] == [0, pytest.approx(result["kg_co2e"])]
    whole = result_of(record | {"incineration_energy_recovery_share": 1}, _PLASTIC[:3])
    assert whole["kg_co2e"] == pytest.approx(2000 * 0.00468568)


def test_burning_both_ways_needs_both_factors():
    record = _product(incineration_share=1, incineration_energy_recovery_share=0.95, weight_kg=None, material_composition=[_CARDBOARD])
    letter = refusal_of(record, [_factor("paper_cardboard:incineration_with_energy_recovery", 0.00468568)])
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "material_composition[0].material")
    assert "'paper_cardboard:incineration'" in letter["message"]


def test_weights_of_parts_that_miss_the_weight_of_the_product_are_told_and_used():
    record = _parts({"material": "glass", "weight_kg": 1.9}, weight_kg=2, packaging=[{"material": "glass", "weight_kg": 0.1}])
    result = result_of(record, _GLASS)
    # 1.9 of 2 kg: a gap of 5 %. Packaging is no part of the product.
    assert "W_COMPOSITION_GAP gap=0.05" in result["warnings"]
    assert result["kg_co2e"] == pytest.approx(2000 * 0.00898311)
    within = _parts({"material": "glass", "weight_kg": 1.96}, weight_kg=2)
    assert result_of(within, _GLASS)["warnings"] == []


def test_only_what_is_recycled_avoids_something():
    rows = [
        *_PLASTIC,
        _factor("plastic:recycling", -1.2, "avoided"),
        _factor("plastic:incineration", -0.4, "avoided"),
    ]
    result = result_of(_product(), [*rows, *_GB])
    assert result["kg_co2e"] == pytest.approx(1_936.090332)
    assert result["avoided_kg_co2e"] == pytest.approx(900 * -1.2)
    assert rows[-1]["factor_id"] not in result["factor_ids"]
    assert result_of(_product(), [*_PLASTIC, *_GB])["avoided_kg_co2e"] is None


def test_carbon_of_plants_is_a_memo():
    rows = [*_PAPER, _factor("paper_cardboard:landfill", 0.6, "biogenic"), *_GLASS]
    record = _parts({"material": "paper", "weight_kg": 0.25}, {"material": "glass", "weight_kg": 1})
    result = result_of(record, rows)
    assert result["kg_co2e"] == pytest.approx(250 * 1.1644894 + 1000 * 0.00898311)
    assert result["biogenic_kg_co2"] == pytest.approx(150)


def test_memo_of_both_kinds_of_incineration_follows_the_shares():
    rows = [
        _factor("wood:incineration", 0.00468568),
        _factor("wood:incineration", 1.5, "biogenic"),
        _factor("wood:incineration_with_energy_recovery", 0.00468568),
        _factor("wood:incineration_with_energy_recovery", 1.0, "biogenic"),
    ]
    record = _product(primary_material="wood", incineration_share=1, incineration_energy_recovery_share=0.25)
    assert result_of(record, rows)["biogenic_kg_co2"] == pytest.approx(2000 * (0.25 * 1.0 + 0.75 * 1.5))


def test_organic_waste_is_recycled_by_composting_it():
    food = [_factor("food:landfill", 0.70030886), _factor("food:composting", 0.00898311)]
    record = _product(primary_material="organic", landfill_share=0.4, recycling_share=0.6)
    assert result_of(record, food)["kg_co2e"] == pytest.approx(2000 * (0.4 * 0.70030886 + 0.6 * 0.00898311))
    # Its own row goes first where there is one.
    own = _factor("food:recycling", 0.001)
    assert result_of(record, [*food, own])["kg_co2e"] == pytest.approx(2000 * (0.4 * 0.70030886 + 0.6 * 0.001))


@pytest.mark.parametrize(
    ("material", "waste_type"),
    [
        ("plastic", "plastic"),
        ("metal", "metal"),
        ("Steel", "metal"),
        ("aluminium", "metal"),
        ("metal_aluminum", "metal"),
        ("glass", "glass"),
        ("paper", "paper_cardboard"),
        ("cardboard", "paper_cardboard"),
        ("electronics", "electronic"),
        ("organic", "food"),
        ("textile", "textiles"),
        ("wood", "wood"),
        ("rubber", "rubber"),
        ("mixed", "household_residual"),
        ("other", "household_residual"),
    ],
)
def test_what_each_material_is_as_waste(material, waste_type):
    assert result_of(_product(primary_material=material, landfill_share=1), [_factor(f"{waste_type}:landfill", 0.5)])["kg_co2e"] == 1000


def test_product_description_is_another_name_of_the_product():
    assert result_of(_product(product_name=None, product_description="crate", landfill_share=1), _PLASTIC)["kg_co2e"] > 0


def test_parts_without_a_factor_give_way_to_the_material_of_the_whole():
    record = _product(landfill_share=1, material_composition=[{"material": "rubber", "weight_kg": 2}])
    result = result_of(record, _PLASTIC)
    assert (result["method"], result["kg_co2e"]) == ("tier_2_primary_material", pytest.approx(2000 * 0.00898311))
    assert "W_TIER_FALLBACK from=tier_1_detailed_composition reason=E_NO_FACTOR" in result["warnings"]


_ONE_BAD = [{"material": "glass", "weight_kg": 1}, {"material": "glass", "weight_kg": 0}]


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"units_sold": None}, "E_REQUIRED", "units_sold", "missing"),
        ({"units_sold": 0}, "E_RANGE", "units_sold", "must be > 0"),
        ({"units_sold": 1.5}, "E_TYPE", "units_sold", "no whole number"),
        ({"weight_kg": 0}, "E_RANGE", "weight_kg", "must be > 0"),
        ({"recycling_share": 40}, "E_RANGE", "recycling_share", "did you mean 0.4?"),
        ({"primary_material": "steal"}, "E_ENUM", "primary_material", "'steal'"),
        ({"material_composition": _ONE_BAD}, "E_RANGE", "material_composition[1].weight_kg", "must be > 0"),
        ({"packaging": [{"weight_kg": 1}]}, "E_REQUIRED", "packaging[0].material", "missing"),
        ({"packaging": [{**_CARDBOARD, "recycling_rate": 90}]}, "E_RANGE", "packaging[0].recycling_rate", "did you mean 0.9?"),
        ({"packaging": "box"}, "E_TYPE", "packaging", "not a list"),
        (
            {"landfill_share": 0.5, "recycling_share": 0.4, "incineration_share": 0.3},
            "E_INCONSISTENT",
            "landfill_share",
            "landfill_share + recycling_share + incineration_share is 1.2; shares of the treatments add up to 1 (within 0.01)",
        ),
        ({"recycling_share": 0.9}, "E_INCONSISTENT", "recycling_share", "recycling_share is 0.9; shares"),
        ({"weight_kg": None}, "E_NO_TIER", None, "give units_sold and material_composition; or"),
        ({"primary_material": None, "landfill_share": 1}, "E_NO_FACTOR", "weight_kg", "'household_residual:landfill'"),
        ({}, "E_NO_FACTOR", "region", "no shares of treatments (treatment_split) are loaded for GB"),
    ],
)
def test_refusals(changes, code, field, words):
    letter = refusal_of(_product(**changes), _PLASTIC)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


def test_the_place_of_a_part_without_a_factor_is_named():
    record = _parts({"material": "plastic", "weight_kg": 1}, {"material": "rubber", "weight_kg": 1}, {"material": "wood", "weight_kg": 1})
    letter = refusal_of(record, _PLASTIC)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "material_composition[1].material", "rubber")
    assert "load a factor with --factors" in letter["message"]


def test_packaging_without_a_factor_costs_the_record():
    # Composition goes before packaging, and the first piece of it before the second.
    record = _parts({"material": "plastic", "weight_kg": 1}, packaging=[_CARDBOARD, _CARDBOARD])
    letter = refusal_of(record, _PLASTIC)
    assert (letter["field"], letter["value"]) == ("packaging[0].material", "cardboard")
    assert letter["message"].startswith("packaging[0].material: no loaded factor")


def test_plastic_is_not_composted():
    # Both methods say so; weight_kg stands first in the table.
    letter = refusal_of(_product(composting_share=1), _PLASTIC)
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "weight_kg")
    assert "primary_material: no loaded factor of family waste for 'plastic:composting'" in letter["detail"]
    assert letter["attempted_methods"] == ["tier_2_primary_material", "tier_3_mixed_material"]


def test_a_factor_in_a_unit_that_does_not_fit_is_told():
    record = _parts({"material": "glass", "weight_kg": 1}, {"material": "wood", "weight_kg": 1})
    letter = refusal_of(record, [*_GLASS, make_factor("waste", "wood:landfill", "treatment", 300, "m3")])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_UNIT", "material_composition[1].material", "wood")
    assert "per m3, and kg does not convert into that" in letter["message"]
