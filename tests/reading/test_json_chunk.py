"""JSON lines, read in chunks, against the strict reader of one line."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.json_line import Malformed, parse_line
from schemas.names import normalise_name
from tests.records import make_record
from transforms.reading.json_chunk import read_json_lines

PLAIN = [b'{"record_id":"R-%d","quantity":%d.5,"naics_code":331110}' % (place, place) for place in range(100)]


def read(data: bytes, chunk_bytes: int = 1 << 20, longest: int = 1 << 20) -> tuple[dict[int, Any], dict[int, str]]:
    """Returns records and details of bad lines by position."""
    records: dict[int, Any] = {}
    bad: dict[int, str] = {}
    for chunk in read_json_lines(io.BytesIO(data), chunk_bytes, longest):
        for part in chunk.parts:
            for row, position in enumerate(part.positions.tolist()):
                assert position not in records
                records[position] = {name: column[row].as_py() for name, column in part.columns.items()}
                assert data[position:].startswith(part.raw(row).encode())
        records |= {odd.position: odd.values for odd in chunk.odd}
        bad |= {line.position: line.detail for line in chunk.malformed}
    assert not records.keys() & bad.keys()
    return records, bad


def expected(data: bytes) -> tuple[dict[int, Any], dict[int, str]]:
    records: dict[int, Any] = {}
    bad: dict[int, str] = {}
    position = 0
    for line in data.split(b"\n"):
        if line.strip(b" \t\r"):
            found = parse_line(line.removesuffix(b"\r"))
            if isinstance(found, Malformed):
                bad[position] = found.detail
            else:
                records[position] = {normalise_name(name): value for name, value in found.items()}
        position += len(line) + 1
    return records, bad


def without_nulls(value: Any) -> Any:
    """Leaves out nulls of members, which Arrow does not tell from absent ones; nulls in lists stay. True is not 1."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in sorted(value.items()) if member is not None}
    if isinstance(value, list):
        return [without_nulls(element) for element in value]
    return ("boolean", value) if isinstance(value, bool) else value


def assert_same(data: bytes, chunk_bytes: int = 1 << 20, longest: int = 1 << 20) -> None:
    records, bad = read(data, chunk_bytes, longest)
    want_records, want_bad = expected(data)
    assert bad == want_bad
    # A member without a name can be no field.
    got = {place: without_nulls(record) for place, record in records.items()}
    want = {place: without_nulls({name: value for name, value in record.items() if name}) for place, record in want_records.items()}
    assert got == want


@pytest.mark.parametrize(
    "line",
    [
        b'{"record_id":',
        b'{"record_id":"R","record_id":null}',
        b'{"record_id":"R","record_id":"S"}',
        b'{"record id":"R","record-id":"R"}',
        b'{"record_id":"R","parts":[{"a b":1,"a-b":2}]}',
        b'{"record_id":"R","map":{"a b":1,"a-b":2}}',
        b'{"quantity":NaN}',
        b'{"quantity":-Infinity}',
        b'{"quantity":1e400}',
        b'{"parts":[{"amount":NaN}]}',
        b'{"naics_code":12345678901234567890}',
        b'{"naics_code":9007199254740993}',
        b'{"naics_code":9223372036854775807,"quantity":9223372036854775807}',
        b'{"parts":[9007199254740993,1.5]}',
        b'{"parts":[1180591620717411303424]}',
        b'{"record_id":"\\u0000"}',
        b'{"record_id":"\\ud800"}',
        b'{"record_id":"\\ud83d\\ude00"}',
        b'{"record_id":"\xff"}',
        b'{"record_id":"a\0"}',
        b'{"record_id":7}',
        b'{"quantity":"7"}',
        b'{"quantity":true}',
        b'{"quantity":{"a":1}}',
        b'{"parts":[null,1]}',
        b'{"parts":[ null , {"a":1}]}',
        b'{"parts":[1,"a"]}',
        b'{"parts":[]}',
        b'{"parts":{}}',
        b"{}",
        b"[1]",
        b"null",
        b'  {"quantity":1} \t\r',
        b'{"quantity":1} {"quantity":2}',
        b'{"quantity":1}}',
        b'{"x":' + b"[" * 200_000 + b"}",
        b'{"day":"2025-01-01","when":"2025-01-01 10:00:00","parts":[{"day":"2025-01-01"}]}',
        b'{"Record ID":"R"}',
        b'{"":1}',
    ],
    ids=lambda line: repr(line[:40]),
)
def test_a_line_is_read_as_it_is_alone_whatever_its_neighbours(line):
    assert_same(b"\n".join([*PLAIN, line, *PLAIN]))
    assert_same(line)
    assert_same(b"\n".join([line, line, b"", line]) + b"\n")


def test_one_bad_line_costs_itself():
    lines = [*PLAIN, b'{"record_id":', *PLAIN]
    records, bad = read(b"\n".join(lines))
    assert len(records) == 200
    assert list(bad) == [sum(len(line) + 1 for line in PLAIN)]


names = st.sampled_from(["a", "b", "A", "a b", "a-b", "quantity"])
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(2**52, 2**66),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from(["x", "", "é", "2025-01-01", "\0", "\ud800", '"', "\\", "7"]),
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)), max_leaves=5
)
members = st.lists(st.tuples(names, values), max_size=4)


def written(pairs: list[tuple[str, Any]]) -> str:
    # Written by hand, so that a key can stand twice.
    return "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs) + "}"


lines = st.one_of(members.map(written), members.map(written), st.text(alphabet='{}[]":,1a \t', max_size=8))


@settings(max_examples=150, deadline=None)
@given(st.lists(lines, max_size=30), st.integers(40, 200), st.booleans())
def test_any_lines_are_read_as_the_strict_reader_reads_each(texts, chunk_bytes, returns):
    data = ("\r\n" if returns else "\n").join(texts).encode("utf-8", "surrogatepass")
    longest = max((len(text) for text in data.split(b"\n")), default=0) + 2
    assert_same(data, chunk_bytes, max(longest, chunk_bytes))
    assert_same(data)


def test_lines_of_many_categories_are_read_category_by_category_and_in_larger_chunks():
    records = [make_record(1 if place % 2 else 2, record_id=f"R-{place}") for place in range(3000)]
    lines = [json.dumps(record).encode() for record in records]
    chunks = list(read_json_lines(io.BytesIO(b"\n".join(lines)), chunk_bytes=1 << 16))
    assert chunks[1].length > 1.5 * chunks[0].length
    names = [set(part.columns) for chunk in chunks for part in chunk.parts]
    assert all(("product_name" in one) != ("asset_description" in one) for one in names)
    # None is lost, and each is where its line stands.
    positions = {}
    for chunk in chunks:
        for part in chunk.parts:
            positions |= zip(part.columns["record_id"].to_pylist(), part.positions.tolist(), strict=True)
    starts = [0, *(sum(len(line) + 1 for line in lines[: place + 1]) for place in range(len(lines) - 1))]
    assert positions == {record["record_id"]: start for record, start in zip(records, starts, strict=True)}


@pytest.mark.parametrize("size", [1 << 10, 1 << 12])
def test_a_record_is_too_long_whatever_the_size_of_the_chunks(size):
    long = json.dumps({"record_id": "LONG", "category": 1, "product_name": "x" * 5000}).encode()
    lines = [json.dumps({"record_id": f"R-{place}", "category": 1 + place % 15}).encode() for place in range(400)]
    data = b"\n".join([*lines, long, *lines])
    chunks = list(read_json_lines(io.BytesIO(data), chunk_bytes=size, longest_record_bytes=1 << 12))
    assert [line.raw[:20] for chunk in chunks for line in chunk.malformed] == ['{"record_id": "LONG"']
