"""A large text file in parts: together they are the file, whoever reads them."""

import bz2
import gzip
import io
import json
import os
from dataclasses import replace
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.faults import UserFault
from tests.reading.judged import see, see_all
from tests.records import make_record
from transforms.reading import chunks, ranges
from transforms.reading.chunks import line_borders, text_chunks
from transforms.reading.csv_borders import CsvBorders
from transforms.reading.groups import parts_of_group, small_ones_together
from transforms.reading.json_chunk import read_json_lines
from transforms.reading.mapping import NO_MAPPING, parse_mapping
from transforms.reading.ranges import part_bytes_of
from transforms.sinks.contract import WHOLE, Source

_PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"\r",
        b"\n\n",
        b'"',
        b'""',
        b",",
        b'"a\nb"',
        b'\n"a,\r\n',
        b"x",
        b'6" pipe',
        b" ",
        b"y" * 40,
        b"\xef\xbb\xbf",
        b"\xff",
    ]
)


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 8)
    monkeypatch.setattr(ranges, "_SCAN_BYTES", 128)
    monkeypatch.setattr(ranges, "_PIECE_BYTES", 16)


def _records(data, find_borders, span=WHOLE, chunk_bytes=24):
    stream = io.BytesIO(data)
    stream.seek(span[0])
    for chunk in text_chunks(stream, find_borders, chunk_bytes, 32, span=span):
        for row, position in enumerate(chunk.positions.tolist()):
            # Of a record that is too long as much is shown as was at hand.
            yield position, chunk.record(row)[: 32 if chunk.fault else None], chunk.fault


@given(
    data=st.lists(_PIECES, max_size=60).map(b"".join),
    find_borders=st.sampled_from([line_borders, CsvBorders(), CsvBorders(";")]),
    chunk_bytes=st.integers(1, 32),
    every=st.integers(1, 5),
)
@settings(max_examples=400)
def test_a_record_is_the_same_wherever_reading_begins(data, find_borders, chunk_bytes, every):
    whole = list(_records(data, find_borders))
    begins = [position for position, _, _ in whole][every::every]
    found = [
        record
        for begin, below in pairwise([0, *begins, WHOLE[1]])
        for record in _records(data, find_borders, (begin, below), min(chunk_bytes, 32))
    ]
    assert found == whole


@pytest.mark.parametrize("chunk_bytes", [64, 1 << 10, 1 << 12])
def test_chunks_that_grow_with_their_categories_end_where_a_part_does(chunk_bytes):
    lines = [json.dumps({"record_id": f"R-{place}", "category": 1 + place % 15}).encode() + b"\n" for place in range(400)]
    begins = [0, *accumulate(map(len, lines))]
    data = b"".join(lines)

    def read(span):
        stream = io.BytesIO(data[span[0] :])
        for chunk in read_json_lines(stream, chunk_bytes, 1 << 12, span):
            for part in chunk.parts:
                yield from zip(part.positions.tolist(), part.columns["record_id"].to_pylist(), strict=True)

    found = [record for span in pairwise([*begins[:400:37], WHOLE[1]]) for record in read(span)]
    assert sorted(found) == [(begins[place], f"R-{place}") for place in range(400)]


def _purchases(count):
    return [make_record(record_id=f"R-{place}", product_name=f"Part {place}", quantity=place + 1) for place in range(count)]


def _lines(count):
    lines = [json.dumps(record, ensure_ascii=False).encode() for record in _purchases(count)]
    for place, line in zip(range(7, count, 50), [b"{", b"", b" ", b'{"category": 1}', b"[1]", b"\xff" * 90], strict=False):
        lines[place] = line
    return lines


def _csv(count, delimiter=",", line_end="\r\n"):
    records = _purchases(count)
    rows = [list(records[0])]
    for place, record in enumerate(records):
        record["product_name"] = ['6" pipe', f'"a{delimiter}{line_end}""b"" {place}"', "Größe", '"open'][place % 4 if place % 31 else 3]
        rows.append([str(value) for value in record.values()])
    return (line_end.join(delimiter.join(row) for row in rows) + line_end).encode()


def _parts(path, mapping, part_bytes):
    source = Source(0, str(path), path.stat().st_size)
    return [part for (part,) in parts_of_group((source,), mapping, part_bytes)]


@pytest.mark.parametrize("part_bytes", [300, 1_000, 7_777])
@pytest.mark.parametrize(
    ("name", "content", "mapping"),
    [
        ("a.jsonl", b"\n".join(_lines(300)), {}),
        ("a.jsonl", b"\xef\xbb\xbf" + b"\r\n".join(_lines(300)) + b"\n", {"columns": {"record_id": "@position"}}),
        # What the first lines lack, a later one may have.
        ("a.jsonl", b"\n".join([*_lines(150), *(b'{"artikel": "x"}' for _ in range(300))]), {"columns": {"record_id": "record_id"}}),
        ("a.jsonl", b'{"record_id": "' + b"x" * 5_000_000 + b'"}\n' + b"\n".join(_lines(100)), {}),
        ("a.csv", _csv(300), {}),
        ("a.csv", b"\xef\xbb\xbf" + _csv(300, line_end="\n"), {"columns": {"record_id": "@position"}}),
        ("a.csv", b"Export\n\n" + _csv(300, ";", "\r"), {"format": {"delimiter": ";", "lines_above_header": 2}}),
        (
            "a.csv",
            _csv(300).decode().encode("cp1252"),
            {"format": {"encoding": "cp1252"}, "skip": {"quantity": ["7", "8"]}},
        ),
    ],
)
def test_parts_are_together_the_file(tmp_path, name, content, mapping, part_bytes):
    mapping = parse_mapping(mapping, tmp_path)
    whole = see(tmp_path / name, content, mapping)
    parts = _parts(tmp_path / name, mapping, part_bytes)
    assert len(parts) > min(3, len(content) // part_bytes // 4)
    assert see_all(parts, mapping) == whole
    assert whole.records and len(whole.records) + len(whole.dead) + whole.skipped >= 100
    # Each can be read alone, and again.
    assert see_all(reversed(parts), mapping) == whole


@pytest.mark.parametrize("part_bytes", [1, 3_000, 6_000])
def test_parts_of_parquet_are_whole_row_groups(tmp_path, part_bytes):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([*_purchases(990), *({"category": 99} for _ in range(10))]), path, row_group_size=100)
    mapping = parse_mapping({"skip": {"quantity": ["7", "8"]}, "columns": {"record_id": "@position"}}, tmp_path)
    whole = see(path, path.read_bytes(), mapping)
    parts = _parts(path, mapping, part_bytes)
    assert 2 < len(parts) <= 10 and all(part.span[0] % 100 == 0 for part in parts)
    assert see_all(reversed(parts), mapping) == whole
    assert (len(whole.records), len(whole.dead), whole.skipped) == (988, 10, 2)


def test_a_parquet_file_without_row_groups_is_one_part(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({f"column_{place}": pa.array([], pa.string()) for place in range(100)} | {"record_id": pa.array([], pa.string())}), path
    )
    parts = _parts(path, NO_MAPPING, 10)
    assert [part.span for part in parts] == [WHOLE]
    assert see_all(parts, NO_MAPPING) == ({}, {}, 0)


def test_parts_are_as_large_as_was_said(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join(_lines(400)))
    begins = [part.span[0] for part in _parts(path, NO_MAPPING, 5_000)]
    assert all(4_500 < below - begin < 5_500 for begin, below in pairwise(begins))
    path = tmp_path / "a.csv"
    path.write_bytes(_csv(400))
    begins = [part.span[0] for part in _parts(path, NO_MAPPING, 5_000)]
    assert len(begins) > 3 and all(below - begin >= 5_000 for begin, below in pairwise(begins))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl.gz", gzip.compress(b"\n".join(_lines(300)))),
        # Packed, whatever the name says.
        ("a.csv", bz2.compress(_csv(300))),
        ("a.csv", _csv(300).decode().encode("utf-16")),
        ("a.csv", b"record_id,category\n" + b'"' + b"x" * 3_000),
        ("a.csv", b""),
    ],
)
def test_what_can_be_read_from_its_beginning_only_is_one_part(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert [part.span for part in _parts(tmp_path / name, NO_MAPPING, 100)] == [WHOLE]


def test_small_files_stay_together_and_large_ones_are_cut(tmp_path):
    (tmp_path / "large.jsonl").write_bytes(b"\n".join(_lines(300)))
    large = Source(2, str(tmp_path / "large.jsonl"), (tmp_path / "large.jsonl").stat().st_size)
    few = [Source(0, "a.csv", 10), Source(1, "b.csv", 10)]
    size = large.size_bytes
    assert [parts_of_group(group, NO_MAPPING, size // 4) for group in small_ones_together([*few])] == [[tuple(few)]]
    parts = parts_of_group((large,), NO_MAPPING, size // 4)
    assert [[part.source_uri for part in group] for group in parts] == [[large.source_uri]] * 4
    assert sum(part.size_bytes for (part,) in parts) == pytest.approx(size, abs=4)


def test_many_files_are_not_cut_into_more_parts_than_a_worker_can_keep_in_mind():
    assert part_bytes_of([Source(0, "a.csv", 1 << 30)]) == 32 << 20
    assert part_bytes_of([Source(place, f"{place}.csv", 1 << 40) for place in range(3)]) == (3 << 40) // 1_000
    assert part_bytes_of([Source(0, "a.csv", 1), Source(1, "gs://bucket/a.csv", 1)]) == 128 << 20
    assert part_bytes_of([Source(0, "postgresql://host/database?table=a", 1 << 60)]) == 32 << 20


def _same_size(content, size):
    return content[:size].ljust(size, b"x")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"",
        lambda content: content[:2_000],
        # As a program does that adds to it, and one that makes it anew.
        lambda content: content + b"\n" + content[-200:],
        lambda content: content[1:] + b"x",
        lambda content: _same_size(gzip.compress(os.urandom(len(content))), len(content)),
        lambda content: _same_size(content.decode("utf-8", "replace").encode("utf-16"), len(content)),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_a_file_that_is_written_meanwhile_ends_the_run(tmp_path, name, change):
    path = tmp_path / name
    content = b"\n".join(_lines(300)) if name == "a.jsonl" else _csv(300)
    path.write_bytes(content)
    *_, last = _parts(path, NO_MAPPING, 5_000)
    path.write_bytes(change(content))
    with pytest.raises(UserFault, match=rf"{name} was changed while the run read it; let it stand still"):
        see_all([last], NO_MAPPING)


@pytest.mark.parametrize(("rows", "row_group_size", "is_as_large"), [(250, 100, False), (300, 150, True)])
def test_a_parquet_file_that_is_written_meanwhile_ends_the_run(tmp_path, rows, row_group_size, is_as_large):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(_purchases(300)), path, row_group_size=100)
    *_, last = _parts(path, NO_MAPPING, 100)
    pq.write_table(pa.Table.from_pylist(_purchases(rows)), path, row_group_size=row_group_size)
    if is_as_large:
        last = replace(last, part_of_bytes=path.stat().st_size)
    with pytest.raises(UserFault, match=r"a\.parquet was changed while the run read it; let it stand still"):
        see_all([last], NO_MAPPING)


@pytest.mark.parametrize(("name", "told"), [("a.parquet", "is something else and no Parquet file"), ("a.csv", "is a PDF and no csv")])
def test_what_is_something_else_is_told_as_the_reader_tells_it(tmp_path, name, told):
    (tmp_path / name).write_bytes(b"%PDF-1.4\n" * 100 if name == "a.csv" else b"x" * 900)
    for read in (lambda: _parts(tmp_path / name, NO_MAPPING, 10), lambda: see_all([Source(0, str(tmp_path / name), 900)], NO_MAPPING)):
        with pytest.raises(UserFault, match=told):
            read()
