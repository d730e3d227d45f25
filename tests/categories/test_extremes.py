"""Amounts at the ends of what a double can hold: a finite result or a refusal, and never a warning of the program's own."""

import json
import math
import warnings
from pathlib import Path

import pytest

from schemas.config import Config
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.calculate_records import calculate_records

_GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
_AMOUNTS = ("kg_co2e", "kg_co2e_direct", "kg_co2e_upstream", "std_kg", "p5_kg", "p50_kg", "p95_kg", "dqi_score")


def _with(record, amount):
    """Returns a record whose amounts without an upper limit are all the same."""
    fields = {field.name: field for field in fields_of(RECORDS[record["category"]])}

    def changed(field, value):
        if field is None:
            return value
        if field.is_map:
            return {key: changed(field.members[1], one) for key, one in value.items()}
        if field.members:
            members = {member.name: member for member in field.members}
            return [{name: changed(members.get(name), one) for name, one in element.items()} for element in value]
        unlimited = field.kind is not None and field.kind.name == "number" and field.at_most is None and field.less_than is None
        return amount if unlimited and value else value

    return {name: changed(fields.get(name), value) for name, value in record.items()}


@pytest.mark.parametrize("amount", [1e308, 1e160, 1e-300, 5e-324])
@pytest.mark.parametrize("category", RECORDS)
def test_amounts_at_the_end_of_a_double(category, amount):
    vectors = [one for one in _GOLDEN if one["category"] == category and "expected" in one]
    assert vectors
    for vector in vectors:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            [answer] = calculate_records([_with(vector["input"], amount)], vector["factors_needed"], Config(**vector.get("config", {})))
        if "result" in answer:
            assert all(math.isfinite(answer["result"][name]) for name in _AMOUNTS), vector["id"]
        else:
            # A flight of another length is one of another haul, and of that the vector may have no factor.
            expected = ("E_RANGE", "E_INCONSISTENT", *(["E_NO_FACTOR"] if category == 6 else []))
            assert answer["dead_letter"]["code"] in expected, (vector["id"], answer)
