"""Parquet files: rows, slices, and what a file may hold that no store takes."""

import datetime
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.faults import UserFault
from transforms.reading.parquet import read_parquet


def parquet(table: pa.Table, rows_per_group: int = 1000) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=rows_per_group)
    file.seek(0)
    return file


def test_positions_are_rows_across_slices_and_row_groups():
    file = parquet(pa.table({"Record ID": [f"R-{row}" for row in range(25)]}), 10)
    chunks = [chunk for _, chunk in read_parquet(file, "a.parquet", None, 4)]
    assert sum(chunk.length for chunk in chunks) == 25
    assert [(chunk.position, chunk.length) for chunk in chunks][:3] == [(0, 4), (4, 4), (8, 4)]
    found = {
        position: chunk.parts[0].columns["record_id"][row].as_py()
        for chunk in chunks
        for row, position in enumerate(chunk.parts[0].positions)
    }
    assert found == {row: f"R-{row}" for row in range(25)}


def test_only_wanted_columns_are_read_and_a_file_with_none_has_records_all_the_same():
    file = parquet(pa.table({"a": [1, 2], "b": ["x", "y"]}))
    [(names, chunk)] = read_parquet(file, "a.parquet", frozenset({"a"}))
    assert names == ("a", "b")
    assert list(chunk.parts[0].columns) == ["a"]
    assert chunk.unread_columns == ("b",)
    [(_, chunk)] = read_parquet(file, "a.parquet", frozenset({"c"}))
    assert len(chunk.parts[0].positions) == 2
    assert not chunk.parts[0].columns


def test_a_text_that_no_store_takes_costs_its_row():
    broken = pa.Array.from_buffers(pa.string(), 3, [None, pa.array([0, 1, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"a\xffb")])
    table = pa.table({"record_id": ["R-0", "R-1", "R\0-2"], "name": broken, "parts": [[{"k": "x"}], [], None]})
    [(_, chunk)] = read_parquet(parquet(table), "a.parquet")
    assert chunk.parts[0].positions.tolist() == [0]
    assert [line.position for line in chunk.malformed] == [1, 2]
    assert chunk.malformed[0].raw == '{"record_id": "R-1", "name": "\\\\xff", "parts": []}'
    assert "\0" not in chunk.malformed[1].raw
    nested = pa.table({"parts": [[{"k": "x"}], [{"k": "\0"}]]})
    [(_, chunk)] = read_parquet(parquet(nested), "a.parquet")
    assert [line.position for line in chunk.malformed] == [1]


def test_dates_and_bytes_become_text_and_decimals_stay_numbers_until_they_are_mapped():
    table = pa.table({"spend_amount": [Decimal("1.50")], "day": [datetime.date(2025, 1, 2)], "name": [b"x"]})
    [(_, chunk)] = read_parquet(parquet(table), "a.parquet")
    assert {name: column[0].as_py() for name, column in chunk.parts[0].columns.items()} == {
        "spend_amount": Decimal("1.50"),
        "day": "2025-01-02",
        "name": "x",
    }


@pytest.mark.parametrize("data", [b"", b"PAR1 this is none PAR1", b"record_id\n1\n"])
def test_a_file_that_is_none_is_told_by_name(data):
    with pytest.raises(UserFault, match=r"a\.parquet"):
        list(read_parquet(io.BytesIO(data), "a.parquet"))


def test_two_columns_that_become_one_name_are_refused():
    with pytest.raises(UserFault, match="become one name"):
        list(read_parquet(parquet(pa.table({"a b": [1], "A-B": [1]})), "a.parquet"))
