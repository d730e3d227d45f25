"""Category 5: waste generated in operations. Factors are those of the UK Government for 2025, unless a comment says otherwise."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record


def _factor(key, value, boundary="treatment", unit="kg", **changes):
    return make_factor("waste", key, boundary, value, unit, **changes)


def _split(how, share, **changes):
    return make_factor("treatment_split", how, "parameter", share, "share", **{"gwp": None, "verified": False, **changes})


_MIXED = [_factor("commercial_industrial:landfill", 0.5205327), _factor("commercial_industrial:recycling", 0.00468568, verified=False)]
_BURNED = [
    _factor("commercial_industrial:incineration_with_energy_recovery", 0.00468568),
    _factor("commercial_industrial:incineration", 0.39, region="GLOBAL"),
]
_PLASTIC = [
    _factor("plastic:landfill", 0.00898311),
    _factor("plastic:recycling", 0.00468568),
    _factor("plastic:incineration_with_energy_recovery", 0.00468568),
]
_SPLIT = [_split("landfill", 0.2), _split("recycling", 0.45), _split("incineration", 0.35)]
_WATER = [_factor("wastewater:wastewater_treatment", 0.17088, unit="m3")]


def _waste(**changes):
    return make_record(5, **changes)


def _mass(**changes):
    """Returns a record that says nothing of its waste but the mass: 1,000 kg."""
    return _waste(**{"waste_type": None, "disposal_method": None, **changes})


def test_ten_tonnes_of_mixed_waste_of_which_a_third_is_recycled():
    # 10,000 kg: 7,000 to landfill at 0.5205327 = 3,643.7289 kg, 3,000 recycled at 0.00468568 = 14.05704 kg.
    record = _waste(waste_mass_kg=10_000, waste_type="commercial_industrial", recycling_rate=0.3)
    result = result_of(record, _MIXED)
    assert result["method"] == "tier_2_waste_specific"
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(3_643.7289 + 14.05704)
    assert result["kg_co2e_upstream"] == 0
    assert "W_RECYCLING_APPLIED rate=0.3" in result["warnings"]


def test_mass_is_uncertain_once_and_each_treatment_by_itself():
    # (V + 1) of the whole: mass cv .10 on both; landfill .40 and recycling .35 err apart.
    record = _waste(waste_type="commercial_industrial", recycling_rate=0.3)
    landfill, recycling = 700 * 0.5205327, 300 * 0.00468568
    shared = (landfill * 0.40) ** 2 + (recycling * 0.35) ** 2
    assert result_of(record, _MIXED)["std_kg"] ** 2 == pytest.approx(shared + 0.01 * ((landfill + recycling) ** 2 + shared))


@pytest.mark.parametrize(
    ("treatment", "cv"),
    [
        ("landfill", 0.40),
        ("landfill_with_gas_recovery", 0.35),
        ("incineration", 0.30),
        ("incineration_with_energy_recovery", 0.25),
        ("recycling", 0.35),
        ("composting", 0.30),
        ("anaerobic_digestion", 0.28),
    ],
)
def test_each_treatment_has_its_own_uncertainty(treatment, cv):
    # One term: (1 + .10^2)(1 + cv^2) - 1, for a loaded factor and for one of the record's own.
    expected = pytest.approx(math.sqrt(1.01 * (1 + cv**2) - 1))
    assert result_of(_waste(disposal_method=treatment), [_factor(f"plastic:{treatment}", 0.5)])["cv"] == expected
    own = _waste(waste_type=None, disposal_method=treatment, emission_factor_kg_co2e_per_kg=0.5)
    assert result_of(own)["cv"] == expected


def test_the_figure_of_the_disposer_goes_first():
    # 1,000 kg * 0.02 = 20 kg; cv .05 and .15.
    result = result_of(_waste(supplier_disposal_kg_co2e_per_kg=0.02, recycling_rate=0.5), _PLASTIC)
    assert (result["method"], result["kg_co2e"]) == ("tier_1_supplier_disposal", 20.0)
    assert result["factor_ids"] == ["record:supplier_disposal_kg_co2e_per_kg"]
    assert result["cv"] == pytest.approx(math.sqrt(1.0025 * 1.0225 - 1))
    # What it covers is known to the disposer: no recycling is taken off.
    assert result["warnings"] == []


def test_a_disposer_who_says_zero_is_believed():
    result = result_of(_waste(supplier_disposal_kg_co2e_per_kg=0))
    assert (result["method"], result["kg_co2e"], result["cv"]) == ("tier_1_supplier_disposal", 0.0, None)


def test_wastewater_needs_no_type_and_counts_by_volume():
    # 500 m3 * 0.17088 = 85.44 kg.
    result = result_of(_mass(waste_mass_kg=None, wastewater_m3=500), _WATER)
    assert (result["method"], result["kg_co2e"]) == ("tier_2_waste_specific", pytest.approx(85.44))
    assert result["cv"] == pytest.approx(math.sqrt(1.01 * (1 + 0.35**2) - 1))
    same = _waste(waste_mass_kg=None, wastewater_m3=500, waste_type="wastewater", disposal_method="Wastewater Treatment")
    assert result_of(same, _WATER)["kg_co2e"] == pytest.approx(85.44)


def test_an_own_factor_needs_no_type_unless_something_is_recycled():
    # 1,000 kg * 0.03 = 30 kg.
    record = _mass(disposal_method="incineration", emission_factor_kg_co2e_per_kg=0.03)
    result = result_of(record)
    assert (result["method"], result["kg_co2e"]) == ("tier_2_waste_specific", pytest.approx(30.0))
    assert (result["factor_ids"], result["factor_values"]) == (["record:emission_factor_kg_co2e_per_kg"], [0.03])
    assert refusal_of(record | {"recycling_rate": 0.5})["attempted_methods"] == ["tier_3_generic_waste"]


def test_an_own_factor_stands_for_what_is_not_recycled():
    # 800 kg * 0.03 + 200 kg * 0.00468568 = 24.937136 kg.
    result = result_of(_waste(emission_factor_kg_co2e_per_kg=0.03, recycling_rate=0.2), _PLASTIC)
    assert result["kg_co2e"] == pytest.approx(24.937136)
    assert result["factor_values"] == [0.03, 0.00468568]
    assert result["factor_kg_co2e"] == [pytest.approx(24.0), pytest.approx(0.937136)]


def test_waste_that_is_recycled_whole_asks_for_no_landfill_factor():
    result = result_of(_waste(recycling_rate=1), _PLASTIC[1:])
    assert result["kg_co2e"] == pytest.approx(4.68568)
    assert result["factor_ids"] == [_PLASTIC[1]["factor_id"]]


def test_a_rate_of_zero_is_told_by_no_warning():
    assert result_of(_waste(recycling_rate=0), _PLASTIC)["warnings"] == []


def test_recycled_waste_with_a_rate_is_recycled_waste():
    result = result_of(_waste(disposal_method="recycling", recycling_rate=0.4), _PLASTIC)
    assert result["kg_co2e"] == pytest.approx(4.68568)
    # Both parts rest on one factor and err together: as one term.
    assert result["cv"] == pytest.approx(math.sqrt(1.01 * (1 + 0.35**2) - 1))


def test_mass_alone_is_treated_as_the_region_treats_its_waste():
    # 1,000 kg: 200 at 0.5205327, 450 and 280 at 0.00468568, 70 at 0.39.
    result = result_of(_mass(incineration_energy_recovery_share=0.8), [*_MIXED, *_BURNED, *_SPLIT])
    assert result["method"] == "tier_3_generic_waste"
    assert result["kg_co2e"] == pytest.approx(200 * 0.5205327 + 450 * 0.00468568 + 280 * 0.00468568 + 70 * 0.39)
    assert {"W_GENERIC_WASTE", "W_FACTOR_UNSOURCED", "W_LOW_DQI"} <= {*codes_of(result)}
    assert {row["factor_id"] for row in _SPLIT} < {*result["factor_ids"]}


def test_both_kinds_of_incineration_are_one_activity_that_recovery_leads():
    rows = [*_BURNED, _split("incineration", 1.0)]
    result = result_of(_mass(incineration_energy_recovery_share=0.25), rows)
    total = 250 * 0.00468568 + 750 * 0.39
    assert result["kg_co2e"] == pytest.approx(total)
    # One term of cv .50, widened by the row of GLOBAL (score 4: .0006), and mass .15.
    factor = math.exp(math.log1p(0.25) + 0.0006)
    assert result["cv"] == pytest.approx(math.sqrt(1.0225 * factor - 1))
    lead = result["factor_ids"].index(_BURNED[0]["factor_id"])
    assert result["factor_kg_co2e"][lead] == pytest.approx(total)
    assert sum(kg != 0 for kg in result["factor_kg_co2e"]) == 1


@pytest.mark.parametrize(("share", "row"), [(0, 1), (None, 1), (1, 0)])
def test_incineration_of_one_kind_asks_for_no_factor_of_the_other(share, row):
    result = result_of(_mass(incineration_energy_recovery_share=share), [_BURNED[row], _split("incineration", 1.0)])
    assert result["kg_co2e"] == pytest.approx(1000 * _BURNED[row]["value"])


def test_the_type_of_generic_waste_is_used_where_it_is_given():
    result = result_of(_waste(disposal_method=None), [*_PLASTIC, _split("landfill", 0.5), _split("recycling", 0.5)])
    assert (result["method"], result["kg_co2e"]) == ("tier_3_generic_waste", pytest.approx(500 * 0.00898311 + 500 * 0.00468568))


def test_a_split_comes_from_one_region_year_and_source():
    # Another edition's recycling takes no part; the nearest year is 2021.
    older = [_split("landfill", 0.6, year=2021), _split("recycling", 0.4, year=2021)]
    strays = [_split("recycling", 0.3, year=2021, source_version="other", source="other"), _split("landfill", 1.0, year=2015)]
    result = result_of(_mass(), [*_MIXED, *older, *strays])
    assert result["kg_co2e"] == pytest.approx(600 * 0.5205327 + 400 * 0.00468568)
    # Told, though the split takes no part in the scores.
    assert "W_YEAR_FALLBACK delta=4" in result["warnings"]
    same_year = result_of(_mass(), [*_MIXED, _split("landfill", 0.6), _split("recycling", 0.4)])
    assert result["std_kg"] == same_year["std_kg"]


def test_a_split_that_is_nearly_whole_is_made_up_to_one():
    result = result_of(_mass(), [*_MIXED, _split("landfill", 0.4), _split("recycling", 0.595)])
    assert result["kg_co2e"] == pytest.approx(1000 * (0.4 * 0.5205327 + 0.595 * 0.00468568) / 0.995)
    assert "W_SHARES_RENORMALISED sum=0.995" in result["warnings"]


def test_a_split_that_is_not_whole_is_none():
    letter = refusal_of(_mass(), [*_MIXED, _split("landfill", 0.4), _split("recycling", 0.4)])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "region", "GB")
    assert "add up to 0.8" in letter["message"] and "--factors" in letter["message"]


def test_avoided_and_biogenic_emissions_stand_beside_the_total():
    rows = [
        _factor("paper_cardboard:landfill", 1.1644894),
        _factor("paper_cardboard:landfill", 0.6, "biogenic"),
        _factor("paper_cardboard:recycling", 0.00468568),
        _factor("paper_cardboard:recycling", -0.7, "avoided"),
    ]
    result = result_of(_waste(waste_type="paper_cardboard", recycling_rate=0.25), rows)
    assert result["kg_co2e"] == pytest.approx(750 * 1.1644894 + 250 * 0.00468568)
    assert result["biogenic_kg_co2"] == pytest.approx(750 * 0.6)
    assert result["avoided_kg_co2e"] == pytest.approx(250 * -0.7)
    without = result_of(_waste(), _PLASTIC)
    assert (without["biogenic_kg_co2"], without["avoided_kg_co2e"]) == (None, None)


def test_a_description_says_what_the_record_leaves_open():
    record = _mass(waste_description="Plastic bottles, sent to landfill")
    result = result_of(record, _PLASTIC)
    assert (result["method"], result["kg_co2e"]) == ("tier_2_waste_specific", pytest.approx(8.98311))
    assert "W_CLASSIFIED field=disposal_method value=landfill confidence=1.00" in result["warnings"]
    assert refusal_of(record, _PLASTIC, classify_free_text=False)["attempted_methods"] == ["tier_3_generic_waste"]


def test_what_is_not_needed_is_not_read_from_the_description():
    record = _mass(waste_description="plastic bottles", disposal_method="landfill", emission_factor_kg_co2e_per_kg=0.03)
    assert "W_CLASSIFIED" not in codes_of(result_of(record))
    recycled = result_of(record | {"recycling_rate": 0.5}, _PLASTIC)
    assert "W_CLASSIFIED field=waste_type value=plastic confidence=1.00" in recycled["warnings"]


def test_generic_waste_is_not_read_from_the_description():
    result = result_of(_mass(waste_description="plastic bottles"), [*_MIXED, *_PLASTIC, _split("landfill", 1.0)])
    assert (result["method"], result["kg_co2e"]) == ("tier_3_generic_waste", pytest.approx(520.5327))
    assert "W_CLASSIFIED" not in codes_of(result)


def test_waste_without_a_factor_of_its_treatment_becomes_generic_and_says_so():
    record = _waste(disposal_method="composting")
    result = result_of(record, [*_PLASTIC, _split("landfill", 1.0)])
    assert (result["method"], result["kg_co2e"]) == ("tier_3_generic_waste", pytest.approx(8.98311))
    assert "W_TIER_FALLBACK from=tier_2_waste_specific reason=E_NO_FACTOR" in result["warnings"]


def test_a_factor_from_abroad_is_told():
    assert "W_FOREIGN_PROXY from=DE to=GB" in result_of(_waste(region="DE"), _PLASTIC)["warnings"]
    assert refusal_of(_waste(region="DE"), _PLASTIC, foreign_proxy={})["code"] == "E_NO_FACTOR"


@pytest.mark.parametrize(("given", "meant"), [("Municipal solid waste", "household_residual"), ("organic-waste", "mixed_organic")])
def test_older_names_of_types_are_understood(given, meant):
    assert result_of(_waste(waste_type=given), [_factor(f"{meant}:landfill", 0.5)])["kg_co2e"] == pytest.approx(500)


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"waste_mass_kg": 0}, "E_RANGE", "waste_mass_kg", "must be > 0"),
        ({"recycling_rate": 30}, "E_RANGE", "recycling_rate", "did you mean 0.3?"),
        ({"supplier_disposal_kg_co2e_per_kg": -0.2}, "E_RANGE", "supplier_disposal_kg_co2e_per_kg", "must be >= 0"),
        ({"waste_type": "plastics"}, "E_ENUM", "waste_type", "did you mean plastic?"),
        ({"disposal_method": "buried"}, "E_ENUM", "disposal_method", "'buried'"),
        ({"waste_mass_kg": "much"}, "E_TYPE", "waste_mass_kg", "'much'"),
        ({"wastewater_m3": 5}, "E_INCONSISTENT", "waste_mass_kg", "waste_mass_kg is 1000 and wastewater_m3 is 5; give each in a record"),
        (
            {"waste_mass_kg": None, "wastewater_m3": 5},
            "E_INCONSISTENT",
            "wastewater_m3",
            "waste_type is plastic and disposal_method is landfill",
        ),
        ({"waste_mass_kg": None}, "E_NO_TIER", None, "give waste_mass_kg and supplier_disposal_kg_co2e_per_kg; or"),
        ({"region": "XX"}, "E_ENUM", "region", "ISO 3166"),
        ({"region": None}, "E_REQUIRED", "region", "missing"),
        ({"disposal_method": None}, "E_NO_FACTOR", "region", "say how the waste is treated"),
        ({"waste_type": "soils"}, "E_UNIT", "waste_mass_kg", "per m3, and kg does not convert into that"),
    ],
)
def test_refusals(changes, code, field, words):
    letter = refusal_of(_waste(**changes), [*_PLASTIC, _factor("soils:landfill", 30.0, unit="m3")])
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


def test_a_missing_factor_is_told_by_its_type_with_a_remedy():
    letter = refusal_of(_waste(waste_type="hazardous_waste"), [*_PLASTIC, *_SPLIT])
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "waste_type", "hazardous_waste")
    assert "'hazardous_waste:landfill' in GB" in letter["message"] and "--factors" in letter["message"]
    assert letter["attempted_methods"] == ["tier_2_waste_specific", "tier_3_generic_waste"]
