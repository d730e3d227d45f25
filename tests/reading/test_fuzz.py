"""Any bytes end in records, dead letters or a refusal: no exception, no lost line, and no more memory than a chunk needs."""

import bz2
import gzip
import io
import json
import tracemalloc
from contextlib import suppress
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.faults import UserFault
from tests.reading.judged import see
from tests.reading.test_csv_chunk import slowly
from tests.records import make_record
from tests.workbooks import workbook
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.recognise import packing_of
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_RECORDS = [make_record(record_id=f"R-{place}", supplier_name="é" if place % 3 else None, quantity=place + 0.5) for place in range(12)]
_NAMES = list(dict.fromkeys(name for record in _RECORDS for name in record))
_ROWS = [[str(record.get(name, "")) for name in _NAMES] for record in _RECORDS]
_CSV = "\n".join(",".join(row) for row in [_NAMES, *_ROWS]).encode()
_LINES = "\n".join(map(json.dumps, _RECORDS)).encode()


def _parquet(**options):
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_RECORDS), file, row_group_size=5, **options)
    return file.getvalue()


# With a checksum, as its command line packs: without one, nobody can tell damage from content.
_PACKERS = [gzip.compress, bz2.compress, zstandard.ZstdCompressor(write_checksum=True).compress]
_PARQUET = [_parquet(), _parquet(compression="zstd", write_page_checksum=True), _parquet(compression="none", version="1.0")]
_SHEET = workbook([_NAMES, *_ROWS])
_TOKENS = st.sampled_from(
    [
        *(bytes([octet]) for octet in b'",\n\r\0\xff{}[]:; \t-'),
        *(
            b'""',
            b"\r\n",
            b"\xed\xa0\x80",
            b"\xef\xbb\xbf",
            b"[" * 600,
            b"null",
            b"NaN",
            b"1e999",
            b"9" * 400,
            b"\\u0000",
            b"\\ud800",
            b'"a":1,',
        ),
        *("é".encode(), b"\x1f\x8b\x08", b"PAR1"),
    ]
)
_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), st.one_of(_TOKENS, st.binary(max_size=3))), max_size=8)


def _edited(data, edits):
    """Returns bytes with some of them replaced: place as a share of the length, how many go, what comes."""
    for place, gone, come in edits:
        at = int(place * len(data))
        data = data[:at] + come + data[at + gone :]
    return data


def _fuzz(function):
    suppressed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=100, deadline=None, suppress_health_check=suppressed)(function)


@_fuzz
@given(st.one_of(st.binary(max_size=80), st.builds(_edited, st.just(_CSV), _EDITS)))
@example(_CSV)
@example(_CSV.replace(b"\n", b"\r"))
@example(b"record_id,category\n" + b'"\n' * 30)
@example(b'"""' + _CSV + b'"')
def test_no_line_of_csv_is_lost(tmp_path, data):
    try:
        seen = see(tmp_path / "a.csv", data)
    except UserFault as fault:
        assert "\n" not in str(fault)
        return
    mark = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    records, bad = slowly(data[mark:])
    places = sorted(place + mark for place in {*records, *bad})
    # The first one is the header.
    assert sorted({*seen.records, *seen.dead}) == places[1:]


@_fuzz
@given(st.one_of(st.binary(max_size=80), st.builds(_edited, st.just(_LINES), _EDITS)))
@example(_LINES)
@example(b"\n" * 20 + b"{" * 20)
def test_no_line_of_json_is_lost(tmp_path, data):
    try:
        seen = see(tmp_path / "a.jsonl", data)
    except UserFault as fault:
        assert "\n" not in str(fault)
        return
    place = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    places = []
    for line in data[place:].split(b"\n"):
        if line.strip(b" \t\r"):
            places.append(place)
        place += len(line) + 1
    assert sorted({*seen.records, *seen.dead}) == places


@_fuzz
@given(
    st.sampled_from([_CSV, _LINES]),
    st.sampled_from(_PACKERS),
    st.lists(st.floats(0, 1), max_size=3),
    st.sampled_from(["", ".gz", ".bz2", ".zst"]),
    _EDITS,
)
@example(_LINES, gzip.compress, [0.3, 0.6], ".gz", [(0.5, 1, b"\xff\0")])
@example(_LINES, bz2.compress, [0.3, 0.6], ".bz2", [(0.5, 1, b"\xff\0")])
@example(_LINES, _PACKERS[2], [0.3, 0.6], ".zst", [(0.5, 1, b"\xff\0")])
def test_packed_text_is_read_as_a_whole_or_refused(tmp_path, text, pack, cuts, ending, edits):
    borders = [0, *sorted(int(cut * len(text)) for cut in cuts), len(text)]
    data = _edited(b"".join(pack(text[begin:end]) for begin, end in pairwise(borders)), edits)
    kind = "csv" if text is _CSV else "jsonl"
    try:
        seen = see(tmp_path / f"a.{kind}{ending}", data)
    except UserFault:
        return
    # What no longer begins as packed text is any text.
    assert packing_of(data) is None or seen == see(tmp_path / f"whole.{kind}", text)


@_fuzz
@given(
    st.one_of(st.binary(max_size=80), st.builds(_edited, st.sampled_from([*_PARQUET, _SHEET]), _EDITS)),
    st.sampled_from(["parquet", "xlsx"]),
)
def test_files_of_other_formats_are_read_or_refused(tmp_path, data, ending):
    with suppress(UserFault):
        see(tmp_path / f"a.{ending}", data)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("sign", [b"x", b'"', b",", b"\n", b"\r", b"[", b'",'])
def test_memory_is_that_of_a_chunk_whatever_the_file_holds(tmp_path, ending, sign):
    mib = 1 << 20
    head = b"record_id,category\n" if ending == "csv" else b'{"record_id":"R","category":1}\n'
    (tmp_path / f"a.{ending}.gz").write_bytes(gzip.compress(head + sign * (12 * mib // len(sign)), 1))
    tracemalloc.start()
    try:
        for chunk in judged_chunks(Source(0, str(tmp_path / f"a.{ending}.gz"), 1), NO_MAPPING, Config()):
            assert chunk.records <= mib
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * mib
