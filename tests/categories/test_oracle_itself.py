"""The second calculation holds to the rules that every result obeys, on invented records of each category."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import Oracle
from tests.oracle.methods import FIELDS, METHODS
from tests.strategies import FACTORS, records

_CATEGORIES = range(3, 16)
_ORACLE = Oracle(FACTORS)
_MARKS = ("direct", "upstream")


@pytest.mark.parametrize("category", _CATEGORIES)
def test_each_record_has_one_answer_that_adds_up(category):
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(records(category))
    def check(record):
        answer = _ORACLE.calculate(record)
        if "code" in answer:
            assert answer["code"] in ("E_UNIT", "E_NO_FACTOR", "E_NO_TIER")
            assert (answer["field"] is None) == (answer["code"] == "E_NO_TIER")
            assert answer["field"] is None or answer["field"].partition("[")[0] in FIELDS[category]
            return
        assert answer["method"] in METHODS
        kg, parts = answer["kg_co2e"], [answer[f"kg_co2e_{mark}"] for mark in _MARKS]
        assert kg == pytest.approx(parts[0], rel=1e-9) or kg == pytest.approx(sum(parts), rel=1e-9)
        assert sum(answer["factor_kg_co2e"]) == pytest.approx(kg, rel=1e-9)
        assert answer["p5_kg"] <= answer["p50_kg"] <= answer["p95_kg"]
        assert 0 <= answer["shared_variance"] <= answer["std_kg"] ** 2 * (1 + 1e-9)
        assert 0 <= answer["dqi_score"] <= 100
        assert answer["factor_ids"] == sorted(answer["factor_ids"])

    check()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(_CATEGORIES).flatmap(records))
def test_rows_that_no_one_verified_may_be_left_out(record):
    answer = Oracle(FACTORS, allow_unverified=False).calculate(record)
    assert "W_FACTOR_UNSOURCED" not in answer.get("warnings", ())
