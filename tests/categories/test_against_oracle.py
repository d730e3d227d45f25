"""Categories 3 to 15, and footprints of category 1, against a second calculation, written from the specification in plain Python, on invented records."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.records import RECORDS
from tests.oracle import Oracle, contradictions
from tests.records import make_factor, make_record
from tests.strategies import FACTORS, records
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable

_CATEGORIES = [category for category in RECORDS if category >= 3]
_OPTIONS = (
    {},
    {"rf": "without_rf", "gwp_set": "AR6", "energy_boundary": "life_cycle"},
    {"classify_free_text": False, "low_dqi_threshold": 80.0, "uncertainty_input": "halfwidth95"},
    {"foreign_proxy": {"freight": "FR", "eeio": "US", "waste": "DE"}, "pcaf_cv": [0.04, 0.1, 0.2, 0.3, 0.4]},
    {"allow_unverified": False, "credit_notes": "net"},
)
_MEMOS = (
    *("avoided_kg_co2e", "biogenic_kg_co2", "rf_uplift_kg_co2e", "telework_kg_co2e", "investee_scope3_kg_co2e"),
    *("attribution_factor", "lulucf_kg_co2e", "lifetime_kg_co2e", "pcaf_score"),
)
_AMOUNTS = ("kg_co2e", "kg_co2e_direct", "kg_co2e_upstream", "std_kg", "p5_kg", "p50_kg", "p95_kg", "cv", "dqi_score", "pedigree_mean")

_settings = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def _calculators(options):
    config = Config(**options)
    return RecordCalculator(FactorTable.from_rows(FACTORS, config), config), Oracle(FACTORS, **options)


@pytest.mark.parametrize("options", _OPTIONS, ids=["defaults", *(next(iter(one)) for one in _OPTIONS[1:])])
@pytest.mark.parametrize("category", _CATEGORIES)
def test_the_columns_say_what_the_second_calculation_says(category, options):
    calculator, oracle = _calculators(options)

    @_settings
    @given(st.lists(records(category), min_size=1, max_size=10))
    def check(several):
        for record, answer in zip(several, calculator.calculate(several), strict=True):
            _compare(answer, _expected(oracle, record, options), record)

    check()


@pytest.mark.parametrize("category", _CATEGORIES)
def test_each_record_of_a_batch_gets_the_bytes_that_it_gets_alone(category):
    calculator, _ = _calculators({})

    @_settings
    @given(st.lists(records(category), min_size=1, max_size=8), st.randoms(use_true_random=False))
    def check(several, random):
        several = [{**record, "record_id": str(place)} for place, record in enumerate(several)]
        together = {_id_of(answer): json.dumps(answer) for answer in calculator.calculate(several)}
        random.shuffle(several)
        for record in several:
            [alone] = calculator.calculate([record])
            assert json.dumps(alone) == together[record["record_id"]]

    check()


def _footprint(key, value, unit, **changes):
    return make_factor("supplier_pcf", key, "cradle_to_gate", value, unit, **changes)


_FOOTPRINTS = [
    _footprint("urn:gtin:1", 0.5, "l", region="FR", year=2021, basis="2020/2024", source_version="a"),
    _footprint("urn:gtin:1", 0.4, "l", region="FR", year=2024, basis="2024/2027", source_version="b", cv=0.2),
    _footprint("urn:gtin:1", 300.0, "m3", region="GB", year=2022, basis="2022/2025", source_version="c", gwp="AR6"),
    _footprint("urn:gtin:2", 7.0, "unit", region="GLOBAL", year=2010, verified=False),
    _footprint(
        "urn:gtin:2", 8.0, "kg", region="EU", year=2023, basis="2023/2024", pedigree=[1, 2, 3, 4, 5], source_class="supplier_declared"
    ),
    make_factor("key_alias", "supplier_pcf:4711", "parameter", 3.0, "share", region="GLOBAL", basis="urn:gtin:1", gwp=None),
    make_factor("key_alias", "supplier_pcf:4712", "parameter", 1.0, "share", region="GLOBAL", basis="urn:gtin:9", gwp=None),
    make_factor("product", "urn:gtin:2", "cradle_to_gate", 1.0, "kg", year=2020, region="EU"),
]
_purchases = st.builds(
    lambda given, region, year, number: make_record(
        **{
            "record_id": number,
            "region": region,
            "activity_year": year,
            "supplier_pcf": None,
            "pcf_boundary": None,
            "quantity_unit": None,
            **given,
        }
    ),
    st.fixed_dictionaries(
        {"product_code": st.sampled_from(["urn:gtin:1", "urn:gtin:2", "urn:gtin:3", "4711", "4712"])},
        optional={
            "quantity_unit": st.sampled_from(["l", "m3", "kg", "unit", "ton"]),
            "supplier_pcf": st.just(2.0),
            "pcf_boundary": st.sampled_from(["cradle_to_gate", "gate_to_gate"]),
        },
    ),
    st.sampled_from(["GB", "FR", "IT", "US", "GLOBAL"]),
    st.sampled_from([2019, 2021, 2024, 2025, 2030]),
    st.uuids().map(str),
)


def test_footprints_among_the_factors_are_what_the_second_calculation_says():
    config = Config()
    calculator, oracle = RecordCalculator(FactorTable.from_rows(_FOOTPRINTS, config), config), Oracle(_FOOTPRINTS)

    @settings(_settings, max_examples=150)
    @given(st.lists(_purchases, min_size=1, max_size=8))
    def check(several):
        for record, answer in zip(several, calculator.calculate(several), strict=True):
            _compare(answer, _expected(oracle, record, {}), record)

    check()


def _expected(oracle, record, options):
    """Returns what the second calculation says; with other options a record may contradict itself."""
    found = contradictions(record, options)
    return {"code": found[0][0], "field": found[0][1]} if found else oracle.calculate(record)


def _id_of(answer):
    return next(iter(answer.values()))["record_id"]


def _compare(answer, expected, record):
    if "code" in expected:
        letter = answer.get("dead_letter")
        assert letter is not None, (record, expected, answer)
        assert (letter["code"], letter["field"]) == (expected["code"], expected["field"]), (record, letter)
        return
    result = answer.get("result")
    assert result is not None, (record, expected, answer)
    assert (result["method"], result["tier"]) == (expected["method"], expected["tier"]), record
    for name in (*_AMOUNTS, *(name for name in _MEMOS if name in expected)):
        if expected[name] is None:
            assert result[name] is None, (name, record, result)
        else:
            assert result[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-12), (name, record)
    codes = [text.partition(" ")[0] for text in result["warnings"]]
    assert codes == sorted(set(codes))
    assert set(codes) == expected["warnings"], (record, result["warnings"])
    assert result["factor_ids"] == expected["factor_ids"], record
    for name in ("factor_values", "factor_kg_co2e", "factor_cvs"):
        assert result[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-12), (name, record, result["factor_ids"])
    assert result["factor_units"] == expected["factor_units"], record
