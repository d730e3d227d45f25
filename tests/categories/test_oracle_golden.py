"""The second calculation against the golden vectors: both must come from the same specification."""

import json
from pathlib import Path

import pytest

from tests.oracle import Oracle, contradictions

_VECTORS = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
# Judged before a record is calculated; the second calculation takes valid records.
_OF_JUDGES = ("E_MALFORMED", "E_TYPE", "E_ENUM", "E_RANGE")
_CONTRADICTIONS = ("E_INCONSISTENT", "E_BOUNDARY", "E_REQUIRED")
_JUDGED = [vector["id"] for vector in _VECTORS if vector.get("expected_error", {}).get("code") in _OF_JUDGES]
# Two lack a field that is always required.
_LEFT_OUT = {*_JUDGED, "S1-7", "S12-2"}
_CALCULATED = [vector for vector in _VECTORS if vector["id"] not in _LEFT_OUT]

# What judges put right in the vectors: names of columns and of members, codes, aliases.
_FIELD_ALIASES = {"spend_usd": "spend_amount"}
_VALUE_ALIASES = {"bike": "bicycle", "xk": "XK", "541110.0": "541110"}


def _normalised(record):
    found = {}
    for name, value in record.items():
        name = name.strip().lower().replace(" ", "_").replace("-", "_")
        if name == "spend_usd":
            found["spend_currency"] = "USD"
        if value is not None and value != [] and value != {}:
            found[_FIELD_ALIASES.get(name, name)] = _VALUE_ALIASES.get(value, value) if isinstance(value, str) else value
    return found


@pytest.mark.parametrize("vector", _CALCULATED, ids=[vector["id"] for vector in _CALCULATED])
def test_the_second_calculation_gives_the_golden_answer(vector):
    record, options = _normalised(vector["input"]), vector.get("config", {})
    found = contradictions(record, options)
    error = vector.get("expected_error")
    if error is not None and error["code"] in _CONTRADICTIONS:
        assert found[0][0] == error["code"]
        assert found[0][1] == error.get("field", found[0][1])
        return
    assert not found
    answer = Oracle(vector["factors_needed"], **options).calculate(record)
    if error is not None:
        assert {name: answer[name] for name in error} == error
        return
    for name, expected in vector["expected"].items():
        if name == "warnings":
            assert answer[name] == set(expected)
        elif isinstance(expected, float):
            assert answer[name] == pytest.approx(expected, rel=1e-6, abs=1e-9), name
        elif name != "input_sha256":
            assert answer[name] == expected, name


def test_what_is_left_out_is_refused_before_a_record_is_calculated():
    assert len(_JUDGED) == 22
    assert {vector["expected_error"]["code"] for vector in _VECTORS if vector["id"] in _LEFT_OUT} == {*_OF_JUDGES, "E_REQUIRED"}
    assert len(_CALCULATED) == 140
