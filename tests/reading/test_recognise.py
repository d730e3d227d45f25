"""Files whose names lie: recognised by content, or refused in one line."""

import bz2
import gzip
import io
import json
import zipfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pyarrow.parquet as pq
import pytest
import zstandard

from schemas.faults import UserFault
from tests.reading.judged import see
from tests.records import make_record
from transforms.reading.recognise import HEAD_BYTES, Peeked, packing_of

_RECORDS = [make_record(record_id=f"R-{place}") for place in range(20)]
_LINES = "".join(json.dumps(record) + "\n" for record in _RECORDS).encode()
_TABLE = ",".join(_RECORDS[0]) + "\n" + "".join(",".join(map(str, record.values())) + "\n" for record in _RECORDS)
_CSV = _TABLE.encode()


def _written(write):
    file = io.BytesIO()
    write(pa.Table.from_pylist(_RECORDS), file)
    return file.getvalue()


def _zip():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.csv", _CSV)
    return file.getvalue()


_PARQUET = _written(pq.write_table)
_STRANGERS = {
    "a Parquet file": _PARQUET,
    "a workbook or another zip archive": _zip(),
    "a workbook of the old kind": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an HTML or XML page": b"\r\n<!DOCTYPE html>\n<html><body>Sign in</body></html>",
    "an HTML or XML page ": b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>',
    "an Arrow or Feather file": _written(pyarrow.feather.write_feather),
    "an ORC file": _written(pyarrow.orc.write_table),
    "a SQLite database": b"SQLite format 3\0" + b"\0" * 100,
    "UTF-16 without a byte order mark": _TABLE.encode("utf-16-le"),
    "packed twice": gzip.compress(gzip.compress(_CSV)),
}


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize("what", _STRANGERS)
def test_what_is_no_text_is_said_in_one_line(tmp_path, name, what):
    with pytest.raises(UserFault) as fault:
        see(tmp_path / name, _STRANGERS[what])
    assert f"{name} is {what.strip()}" in str(fault.value)
    assert "\n" not in str(fault.value) and ";" in str(fault.value)


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".zst"])
@pytest.mark.parametrize("what", [*_STRANGERS][:-1])
def test_what_is_no_text_is_called_by_its_name_and_not_damaged_where_its_name_says_that_it_is_packed(tmp_path, ending, what):
    with pytest.raises(UserFault, match=rf"a\.csv\{ending} is {what.strip()}"):
        see(tmp_path / f"a.csv{ending}", _STRANGERS[what])


@pytest.mark.parametrize("what", [*_STRANGERS][1:-1])
def test_what_is_no_parquet_is_said_in_one_line(tmp_path, what):
    with pytest.raises(UserFault, match=rf"a\.parquet is {what.strip()}.* and no Parquet file"):
        see(tmp_path / "a.parquet", _STRANGERS[what])


@pytest.mark.parametrize(("content", "words"), [(b"", "is empty"), (_CSV, "is something else"), (_LINES, "is something else")])
def test_a_table_of_text_is_no_parquet(tmp_path, content, words):
    with pytest.raises(UserFault, match=words):
        see(tmp_path / "a.parquet", content)


@pytest.mark.parametrize(
    "content", [_LINES, b"\xef\xbb\xbf" + _LINES, json.dumps(_RECORDS).encode(), json.dumps(_RECORDS, indent=1).encode()]
)
def test_json_under_the_name_of_csv_is_refused(tmp_path, content):
    with pytest.raises(UserFault, match="is JSON and no CSV"):
        see(tmp_path / "a.csv", content)


@pytest.mark.parametrize("content", [_CSV, b"\xef\xbb\xbf" + _CSV, _CSV.replace(b",", b";"), _CSV.replace(b"\n", b"\r\n")])
def test_csv_under_the_name_of_json_lines_is_refused(tmp_path, content):
    with pytest.raises(UserFault, match="is CSV and no JSON lines"):
        see(tmp_path / "a.jsonl", content)


@pytest.mark.parametrize("ending", ["", ".gz", ".zst", ".bz2"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zstandard.compress])
def test_packing_is_recognised_by_content(tmp_path, ending, pack):
    for name, content in (("a.csv", _CSV), ("a.jsonl", _LINES)):
        assert see(tmp_path / (name + ending), pack(content)).values("record_id") == [record["record_id"] for record in _RECORDS]


@pytest.mark.parametrize("header", ["ORC", "PAR1", "ARROW1", "BZh9", "Obj", "<b>", "SQLite format 3"])
def test_a_column_may_be_called_like_a_file(tmp_path, header):
    content = (header + "," + _TABLE.replace("\n", "\nx,", len(_RECORDS))).encode()
    assert len(see(tmp_path / "a.csv", content).records) == len(_RECORDS)


@pytest.mark.parametrize("size", [0, 1, 100, HEAD_BYTES, HEAD_BYTES + 1, 3 * HEAD_BYTES])
def test_to_look_ahead_takes_nothing_away(size):
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    class Dribbling(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, 7) if size > 0 else size)

    for stream in (io.BytesIO(data), Dribbling(data)):
        peeked = Peeked(stream)
        assert peeked.head == data[:HEAD_BYTES]
        assert b"".join(iter(lambda peeked=peeked: peeked.read(1000), b"")) == data


def test_frames_that_hold_nothing_may_begin_a_zstd_file():
    assert packing_of(b"\x5f\x2a\x4d\x18" + b"\0" * 4) == "zstd"
