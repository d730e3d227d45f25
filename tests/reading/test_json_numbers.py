"""JSON lines: each has the verdict that it has alone, and `run` and `calculate` agree on it, however a value is written."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.json_line import Malformed, parse_line
from schemas.records.judge import Normalised, judge_record
from tests.reading.judged import see
from tests.records import make_record
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable
from transforms.reading.mapping import NO_MAPPING

_SPELLINGS = [
    "1", "1.0", "1e3", "1E+3", "1e-3", "-0", "-0.0", "0", "0.1", "100", "007", "1.", ".5", "+5", "0x10", "1_000", "1e400", "-1e400", "1e-400",
    "4.9e-324", "0.1000000000000000055511151231257827", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807",
    "9223372036854775808", "12345678901234567890", "1e20", "123456789012345678901234567890", "1" * 500, "1" * 5_000, "2024", "2024.0", "2024.5",
    "561612", "561612.0", "5.6E5", "NaN", "Infinity", "-Infinity", "nan", "true", "false", "null", "[1]", "[]", "{}", '{"a":1}', '{"a":null}',
    "[null,1]", '"1"', '" 1 "', '"1.0"', '"1e3"', '"+5"', '".5"', '"5."', '"-0"', '"1,5"', '"1.234,56"', '"1_000"', '"٣"', '"NaN"', '"inf"',
    '"-Infinity"', '"0x10"', '""', '"1e400"', '"5"', '"2024"', '"2024.0"', '"561612.0"', '"5.6E5"', '"31-33"', '"true"', '"TRUE"', '"NA"', '"NO"',
    '"None"', '"null"', '"2024-01-31"', '"12345678901234567890"', '"\\u00a05"', '"1 000"', '{"a":1} {"b":2}', '1,"quantity":2', '"a\\u0000"',
    '"\\ud800"',
]  # fmt: skip
_FIELDS = ["category", "record_id", "region", "activity_year", "product_name", "quantity", "naics_code", "supplier_pcf", "spend_currency"]


def _line(field, spelling):
    record = {**make_record(), field: "@"}
    return json.dumps(record, ensure_ascii=False).replace('"@"', spelling).encode("utf-8", "surrogatepass")


_ALL = [_line(field, spelling) for field in _FIELDS for spelling in _SPELLINGS]


def _alone(line):
    """Returns what the scalar judge says of a line."""
    record = parse_line(line)
    if isinstance(record, Malformed):
        return ("E_MALFORMED", None, None, f"the line is no record: {record.detail}; mend it and send it again")
    verdict = judge_record(record, Config())
    if isinstance(verdict, Normalised):
        return {name: value for name, value in verdict.values.items()}
    first = verdict.findings[0]
    return (first.code.value, first.field, first.value, first.message, verdict.detail, verdict.record_id)


def _in_file(path, lines):
    """Returns what a run says of each line of a file, in order."""
    seen = see(path, b"\n".join(lines), NO_MAPPING)
    found = dict(seen.records)
    for position, letter in seen.dead.items():
        told = (letter["code"], letter["field"], letter["value"], letter["message"])
        malformed = letter["stage"] == "parse" and letter["message"].startswith("the line is no record")
        found[position] = told if malformed else (*told, letter["detail"], letter["record_id"])
    return [found[position] for position in sorted(found)]


@pytest.mark.parametrize("seed", range(3))
def test_a_line_among_all_others_has_the_verdict_that_it_has_alone(tmp_path, seed):
    lines = _ALL.copy()
    random.Random(seed).shuffle(lines)
    expected = [_alone(line) for line in lines]
    assert sum(isinstance(one, dict) for one in expected) > 100
    assert len({one[0] for one in expected if isinstance(one, tuple)}) >= 4
    for got, want, line in zip(_in_file(tmp_path / "a.jsonl", lines), expected, lines, strict=True):
        assert got == want, line


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(_ALL), min_size=1, max_size=40))
def test_the_neighbours_of_a_line_change_nothing(tmp_path, lines):
    assert _in_file(tmp_path / "a.jsonl", lines) == [_alone(line) for line in lines]


def test_calculate_says_of_each_line_what_a_run_says(tmp_path):
    config = Config()
    calculator = RecordCalculator(FactorTable.load(["default"], config), config)
    told = []
    for answer in calculator.calculate([parse_line(line) for line in _ALL]):
        letter = answer.get("dead_letter")
        told.append(
            None if letter is None or letter["stage"] in ("factor", "calculate") else (letter["code"], letter["field"], letter["value"])
        )
    in_file = [None if isinstance(one, dict) else one[:3] for one in _in_file(tmp_path / "a.jsonl", _ALL)]
    assert in_file == told
