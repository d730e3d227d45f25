"""Categories 3 to 15 against a second calculation, written from the specification in plain Python, on invented records."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.records import RECORDS
from tests.oracle import Oracle, contradictions
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
