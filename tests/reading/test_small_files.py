"""Many small files: read together, and each record as if its file were alone."""

import hashlib
import io
import json
from collections import defaultdict

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.faults import UserFault
from tests.records import make_record
from transforms.batch import BatchRecords
from transforms.read import BLOCKS, ReadSupplierRecords
from transforms.reading import together
from transforms.reading.blocks import join_blocks
from transforms.reading.files import find_sources, short_names
from transforms.reading.groups import small_ones_together
from transforms.reading.mapping import NO_MAPPING, parse_mapping
from transforms.reading.readings import Reader
from transforms.sinks.contract import Source


def _ends(groups, mapping=NO_MAPPING, names=None):
    """Returns what became of each record by source and position, and of each file how many were read and skipped."""
    records, dead, counts = {}, {}, defaultdict(lambda: [0, 0, 0])
    reader = Reader(mapping, Config(), 10, 1, names or {})
    inputs = {}
    for group in groups:
        for reading in reader.read(group):
            for block in reading.blocks:
                batch = pa.ipc.open_stream(block.stream).read_all()
                assert 1 <= batch.num_rows <= 10
                for row in batch.to_pylist():
                    place = (row.pop("source_id"), row.pop("source_position"))
                    assert place not in records
                    records[place] = {name: value for name, value in row.items() if value is not None}
            for table, rows in reading.rows:
                for row in rows.to_pylist():
                    if table == "dead_letters":
                        place = (row.pop("source_id"), row.pop("source_position"))
                        assert place not in dead
                        dead[place] = row
                    elif table == "chunks":
                        for at, name in enumerate(("length", "records", "skipped")):
                            counts[row["source_id"]][at] += row[name]
                    else:
                        lines = zstandard.ZstdDecompressor().decompress(row["block"]).decode().splitlines()
                        positions = [int(line.split("\t", 1)[0]) for line in lines]
                        # A reader of the store finds a record by its range.
                        assert positions == sorted(set(positions))
                        assert (positions[0], positions[-1]) == (row["first_position"], row["last_position"])
                        for line, position in zip(lines, positions, strict=True):
                            assert (row["source_id"], position) not in inputs
                            inputs[row["source_id"], position] = hashlib.sha256(line.split("\t", 1)[1].encode()).digest()
    assert inputs == {place: record["input_sha256"] for place, record in records.items()}
    return records, dead, dict(counts)


_GOOD = [
    make_record(record_id="A", product_name='6" pipe'),
    make_record(2, record_id="B"),
    make_record(record_id="C", quantity=2.5),
    make_record(record_id="D", quantity="7", supplier_id=17),
    make_record(record_id="E", hybrid_components=[{"kind": "other", "amount": 1, "unit": "kg_co2e"}], supplier_s12_allocated_kg_co2e=1),
    make_record(record_id="F", hybrid_components=[{"amount": 1, "unit": "kg_co2e"}, {"amount": "2"}], supplier_s12_allocated_kg_co2e=1),
]
_BAD = [make_record(record_id="X", quantity=-1), make_record(record_id="Y", region=None), {"category": 99}]
_LINES = st.sampled_from([*map(json.dumps, [*_GOOD, *_BAD]), "{", "", " ", "[1]", '{"a":NaN}'])
_NAMES = ["record_id", "category", "region", "activity_year", "product_name", "quantity", "quantity_unit", "supplier_pcf"]
_CELLS = st.sampled_from(
    [
        "R-1,1,DE,2025,steel,1,kg,2",
        'R-2,1,DE,2025,"two\nlines",2,kg,2',
        "R-3,1,DE,2025,x",
        ',,,,"",,,',
        "",
        "R-4,1,XX,2025,x,1,kg,2",
        '"R-5',
    ]
)
_HEADERS = st.sampled_from(
    [",".join(_NAMES), ",".join(name.upper() for name in _NAMES), ",".join([*_NAMES[:4], "supplier_name", *_NAMES[5:]])]
)


@st.composite
def _files(draw):
    """Draws the name's ending and the content of some files."""
    files = []
    for _ in range(draw(st.integers(1, 8))):
        ending = draw(st.sampled_from(["csv", "jsonl", "parquet"]))
        mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
        line_end = draw(st.sampled_from(["\n", "\r\n"]))
        if ending == "csv":
            files.append((ending, mark + line_end.join([draw(_HEADERS), *draw(st.lists(_CELLS, max_size=6))]).encode()))
        elif ending == "jsonl":
            files.append((ending, mark + line_end.join(draw(st.lists(_LINES, max_size=6))).encode()))
        else:
            file = io.BytesIO()
            rows = draw(st.lists(st.sampled_from([_GOOD[0], _GOOD[1], _BAD[0], _BAD[1]]), max_size=4))
            pq.write_table(pa.Table.from_pylist(rows) if rows else pa.table({"record_id": pa.array([], pa.string())}), file)
            files.append((ending, file.getvalue()))
    return files


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_files(), st.integers(1, 400), st.booleans())
def test_files_read_together_give_what_each_gives_alone(tmp_path, monkeypatch, files, most_bytes, mapped):
    monkeypatch.setattr(together, "_MOST_BYTES", most_bytes)
    sources = []
    for place, (ending, content) in enumerate(files):
        path = tmp_path / f"{place}.{ending}"
        path.write_bytes(content)
        sources.append(Source(place, str(path), len(content)))
    mapping = parse_mapping({"columns": {"record_id": "@position"}, "skip": {"quantity": "2"}}, tmp_path) if mapped else NO_MAPPING
    try:
        alone = _ends([[source] for source in sources], mapping)
    except UserFault as fault:
        # A file without the column that [skip] names; the others are not reached.
        with pytest.raises(UserFault) as same:
            _ends([sources], mapping)
        assert str(same.value) == str(fault)
        return
    assert _ends([sources], mapping) == alone


def test_rows_of_inputs_hold_the_records_of_their_range_where_categories_are_mixed_and_a_line_is_broken(tmp_path):
    lines = [json.dumps(make_record(1 + place % 2, record_id=f"R-{place}")) for place in range(400)]
    (tmp_path / "0.jsonl").write_text("\n".join(lines[:200]))
    broken = [*lines[200:300], lines[300][:-1], *lines[301:]]
    (tmp_path / "1.jsonl").write_text("\n".join(broken))
    sources = find_sources([f"{tmp_path}/*.jsonl"])
    records, dead, _ = _ends([sources])
    assert (len(records), len(dead)) == (399, 1)


def test_a_number_of_json_is_told_as_it_stands_beside_a_parquet_file_with_columns_of_the_same_types(tmp_path):
    # Of -5 beside 1.5 a column makes -5.0.
    records = [make_record(record_id=f"R-{place}", quantity=quantity, supplier_pcf=0.5) for place, quantity in enumerate([-5, 1.5])]
    (tmp_path / "0.jsonl").write_text("\n".join(map(json.dumps, records)))
    pq.write_table(pa.Table.from_pylist([{**record, "quantity": 2.5} for record in records]), tmp_path / "1.parquet")
    sources = find_sources([f"{tmp_path}/*"])
    _, alone, _ = _ends([[source] for source in sources])
    assert [letter["value"] for letter in alone.values()] == ["-5"]
    assert _ends([sources])[1] == alone


@pytest.mark.parametrize(
    ("members", "refused"),
    [
        ({"total_paid": None, "totalpaid": 5}, True),
        ({"totalpaid": 5}, True),
        ({"total_paid": 5, "totalpaid": 5}, False),
        ({"total_paid": 5, "totalpaid": None}, False),
        ({"totalpaid": None}, False),
        ({}, False),
    ],
)
def test_a_misspelt_member_is_told_of_a_file_alone_as_among_others(tmp_path, members, refused):
    mapping = parse_mapping({"columns": {"spend_amount": "total_paid"}}, tmp_path)
    for name, own in (("0.jsonl", {"total_paid": 1}), ("1.jsonl", members)):
        record = {**make_record(record_id=name, spend_currency="USD"), **own}
        (tmp_path / name).write_text(json.dumps({name: value for name, value in record.items() if name != "spend_amount"}))
    sources = find_sources([f"{tmp_path}/*.jsonl"])
    for groups in ([sources], [[source] for source in sources]):
        if refused:
            with pytest.raises(UserFault, match=r"1\.jsonl lack; did you mean 'totalpaid'"):
                _ends(groups, mapping)
        else:
            _ends(groups, mapping)


def test_ids_of_position_name_the_file_of_each_record(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(",".join(_NAMES[1:]) + "\n1,DE,2025,steel,1,kg,2\n")
    sources = find_sources([f"{tmp_path}/*.csv"])
    mapping = parse_mapping({"columns": {"record_id": "@position"}}, tmp_path)
    records, _, _ = _ends([sources], mapping, short_names(sources))
    at = len(",".join(_NAMES[1:])) + 1
    assert {place: record["record_id"] for place, record in records.items()} == {(number, at): f"{number}.csv:{at}" for number in range(3)}


def test_records_of_small_files_fill_batches(tmp_path):
    for number in range(400):
        path = tmp_path / f"{number}.jsonl"
        path.write_text("".join(json.dumps(make_record(record_id=f"R-{number}-{row}")) + "\n" for row in range(10)))
    sources = find_sources([f"{tmp_path}/*.jsonl"])

    def check(batches):
        sizes = [join_blocks(blocks).num_rows for _, blocks in batches]
        assert sum(sizes) == 4_000
        # Of each group the last block is not full.
        assert max(sizes) <= 1_000 and sum(sizes) / len(sizes) >= 800

    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        read = pipeline | beam.Create(list(small_ones_together(sources))) | ReadSupplierRecords(NO_MAPPING, Config())
        assert_that(read[BLOCKS] | BatchRecords(), check)


def test_groups_are_in_order_and_large_files_alone():
    mib = 1 << 20
    sizes = [10, 20, 5 * mib, 10, 3 * mib, 2 * mib, 0, 10, 10]
    groups = list(small_ones_together([Source(place, f"{place}.csv", size) for place, size in enumerate(sizes)]))
    assert [[source.source_id for source in group] for group in groups] == [[0, 1], [2], [3, 4], [5], [6], [7, 8]]
    many = [Source(place, f"{place}.csv", 1) for place in range(4_500)]
    assert [len(group) for group in small_ones_together(many)] == [2_000, 2_000, 500]
    assert not list(small_ones_together([]))
