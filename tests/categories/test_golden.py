"""The golden vectors of the specification: records with the answers that any implementation must give."""

import json
from pathlib import Path

import pytest

from schemas.config import Config
from schemas.json_line import parse_line
from schemas.records import RECORDS
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable

_ALL = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
_VECTORS = [vector for vector in _ALL if vector["category"] in RECORDS]


@pytest.mark.parametrize("vector", _VECTORS, ids=[vector["id"] for vector in _VECTORS])
def test_the_answer_is_that_of_the_specification(vector):
    config = Config(**vector.get("config", {}))
    factors = FactorTable.from_rows(vector.get("factors_needed", []), config)
    record = parse_line(vector["line"]) if "line" in vector else vector["input"]
    (answer,) = RecordCalculator(factors, config).calculate([record])
    if "expected_error" in vector:
        letter = answer["dead_letter"]
        assert {name: letter[name] for name in vector["expected_error"]} == vector["expected_error"]
        return
    result = answer["result"]
    for name, expected in vector["expected"].items():
        if name == "warnings":
            assert {text.split(" ")[0] for text in result["warnings"]} == set(expected)
        elif isinstance(expected, float):
            assert result[name] == pytest.approx(expected, rel=1e-6, abs=1e-9), name
        else:
            assert result[name] == expected, name


def test_every_category_that_has_records_has_vectors():
    assert {vector["category"] for vector in _VECTORS} == set(RECORDS)
    assert {vector["category"] for vector in _ALL} == set(range(1, 16))
