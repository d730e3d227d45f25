"""From a file to blocks and dead letters: nothing lost, and the same whatever the pieces."""

import bz2
import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.arrow import table_schema
from schemas.config import Config
from schemas.faults import UserFault
from tests.records import make_record
from transforms.reading.blocks import BlockMaker
from transforms.reading.csv_chunk import read_csv
from transforms.reading.mapping import NO_MAPPING, Mapping, parse_mapping
from transforms.reading.parsed import ParsedChunk
from transforms.reading.places import Piece, Places
from transforms.reading.records import JudgedChunk, judge_chunk
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

RECORDS = [make_record(1 + place % 2, record_id=f"R-{place}", supplier_name=f"Müller {place}") for place in range(300)]
LINES = [json.dumps(record, ensure_ascii=False).encode() for record in RECORDS]


def read(path: Path, content: bytes, mapping: Mapping = NO_MAPPING) -> list[JudgedChunk]:
    path.write_bytes(content)
    return list(judged_chunks(Source(3, str(path), len(content)), mapping, Config()))


def digests(chunks: Iterable[JudgedChunk], block_size: int = 100) -> dict[int, str]:
    """Returns the input digests of all records in blocks by position."""
    found: dict[int, str] = {}
    maker = BlockMaker(block_size, 8)
    for chunk in chunks:
        for block in maker.make(chunk)[0]:
            batch = pa.ipc.open_stream(block.stream).read_all()
            assert 1 <= batch.num_rows <= block_size
            assert set(batch.column("source_id").to_pylist()) == {3}
            rows = zip(batch.column("source_position").to_pylist(), batch.column("input_sha256").to_pylist(), strict=True)
            for position, sha256 in rows:
                assert position not in found
                found[position] = sha256.hex()
    return found


def dead_letters(chunks: Iterable[JudgedChunk]) -> list[dict[str, Any]]:
    return [row for chunk in chunks for row in chunk.dead_letters.to_pylist()]


def as_csv(records: list[dict[str, Any]]) -> bytes:
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [",".join(f'"{record.get(name, "")}"' for name in names) for record in records]
    return "\n".join([",".join(names), *rows]).encode()


def test_every_record_is_in_a_block_or_a_dead_letter(tmp_path):
    bad = [b"{", b'{"category":1}', json.dumps(make_record(record_id="R-x", quantity=-1)).encode()]
    # A list of a number and a text has no column, and is a good record all the same.
    odd = [{"kind": "other", "amount": 1, "unit": "kg_co2e"}, {"kind": "other", "amount": "2", "unit": "kg_co2e"}]
    good = json.dumps(make_record(record_id="R-y", hybrid_components=odd, supplier_s12_allocated_kg_co2e=1)).encode()
    lines = [*LINES, *bad, good, b"", b"   "]
    chunks = read(tmp_path / "a.jsonl", b"\n".join(lines))
    letters = dead_letters(chunks)
    assert len(digests(chunks)) == 301
    assert [letter["code"] for letter in sorted(letters, key=lambda letter: letter["source_position"])] == [
        "E_MALFORMED",
        "E_REQUIRED",
        "E_RANGE",
    ]
    assert sum(chunk.records for chunk in chunks) == 304
    malformed = next(letter for letter in letters if letter["code"] == "E_MALFORMED")
    assert (malformed["stage"], malformed["raw"], malformed["source_id"]) == ("parse", "{", 3)
    assert malformed["source_position"] == sum(len(line) + 1 for line in LINES)
    refused = next(letter for letter in letters if letter["code"] == "E_RANGE")
    assert (refused["stage"], refused["record_id"], refused["category"], refused["field"]) == ("validate", "R-x", 1, "quantity")
    assert refused["raw"] == bad[2].decode()


def test_the_digest_of_a_record_does_not_depend_on_the_format(tmp_path):
    lines = read(tmp_path / "a.jsonl", b"\n".join(LINES))
    table = read(tmp_path / "a.csv", as_csv(RECORDS))
    file = io.BytesIO()
    names = {name for record in RECORDS for name in record}
    pq.write_table(pa.table({name: [record.get(name) for record in RECORDS] for name in names}), file)
    columns = read(tmp_path / "a.parquet", file.getvalue())
    found = [list(dict(sorted(digests(chunks).items())).values()) for chunks in (lines, table, columns)]
    assert len(found[0]) == 300
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstandard.compress)])
def test_a_packed_file_gives_the_records_of_the_plain_one(tmp_path, ending, pack):
    plain = digests(read(tmp_path / "a.jsonl", b"\n".join(LINES)))
    assert digests(read(tmp_path / f"a.jsonl{ending}", pack(b"\n".join(LINES)))) == plain


def test_a_file_that_was_cut_off_is_told_by_name(tmp_path):
    with pytest.raises(UserFault, match=r"a\.csv\.gz"):
        read(tmp_path / "a.csv.gz", gzip.compress(as_csv(RECORDS))[:-20])


@pytest.mark.parametrize(("text", "remedy"), [(b'[{"a":1}]', "jq -c '.[]'"), (b'\n{\n  "a": 1\n}\n', "jq -c .")])
def test_a_json_document_that_is_not_lines_is_refused_with_the_remedy(tmp_path, text, remedy):
    with pytest.raises(UserFault) as fault:
        read(tmp_path / "a.json", text)
    assert remedy in str(fault.value)


def test_inputs_hold_the_records_as_their_digests_mean_them(tmp_path):
    chunks = read(tmp_path / "a.jsonl", b"\n".join(LINES))
    found: dict[int, str] = {}
    for chunk in chunks:
        for table, rows in BlockMaker(100, 8).make(chunk)[1]:
            assert rows.schema.equals(table_schema(table))
            for row in rows.to_pylist() if table == "inputs" else []:
                lines = zstandard.ZstdDecompressor().decompress(row["block"]).decode().splitlines()
                positions = [int(line.split("\t", 1)[0]) for line in lines]
                assert (positions[0], positions[-1]) == (row["first_position"], row["last_position"])
                assert positions == sorted(positions)
                found |= {
                    position: hashlib.sha256(line.split("\t", 1)[1].encode()).hexdigest()
                    for position, line in zip(positions, lines, strict=True)
                }
    assert found == digests(chunks)


def test_chunk_rows_count_what_was_read_and_skipped(tmp_path):
    mapping = parse_mapping({"skip": {"product_name": "total"}, "columns": {"record_id": "@position"}}, tmp_path)
    record = {"category": 1, "region": "DE", "activity_year": 2025, "product_name": "steel", "quantity": 1, "quantity_unit": "kg"}
    record |= {"supplier_pcf": 2}
    content = as_csv([record, {**record, "product_name": "total"}, record])
    chunks = read(tmp_path / "a.csv", content, mapping)
    [(table, row), *_] = BlockMaker(100, 8).make(chunks[0])[1]
    assert table == "chunks"
    assert row.to_pylist() == [{"source_id": 3, "position": 0, "length": len(content), "records": 2, "skipped": 1}]
    names = chunks[0].taken[0].fields.column("record_id").to_pylist()
    assert names == [f"a.csv:{position}" for position in chunks[0].taken[0].positions.tolist()]


def test_columns_that_no_field_claims_are_named(tmp_path):
    chunks = read(tmp_path / "a.csv", b"record_id,colour,,Region\nR-1,5,x,DE\n")
    assert chunks[0].unknown_columns == {"colour"}


def test_a_block_falls_into_the_same_shard_each_time_and_shards_are_used(tmp_path):
    chunks = read(tmp_path / "a.jsonl", b"\n".join(LINES))
    first, again = ([(block.shard, block.stream) for block in BlockMaker(10, 8).make(chunks[0])[0]] for _ in range(2))
    assert first == again
    assert len({shard for shard, _ in first}) == 8


names = st.sampled_from(['6" pipe', 'a "quoted" word', "two\nlines", "two\r\nlines", "comma, here", "", "é", '"'])
rows = st.lists(st.tuples(names, st.sampled_from(["5", "x", "-1", "1e3"])), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, st.sampled_from(["\n", "\r\n"]), st.integers(60, 400))
def test_reading_in_pieces_gives_the_same_records_positions_and_digests(values, line_end, chunk_bytes):
    lines = ["record_id,category,region,activity_year,product_name,quantity,quantity_unit,supplier_pcf"]
    for place, (name, quantity) in enumerate(values):
        # An inch sign may stand unquoted; what else needs quotes gets them.
        field = name if name == '6" pipe' else '"' + name.replace('"', '""') + '"'
        lines.append(f"R-{place},1,DE,2025,{field},{quantity},kg,2")
    content = line_end.join(lines).encode()

    def judged(chunks: Iterable[tuple[tuple[str, ...], ParsedChunk]]) -> list[JudgedChunk]:
        return [judge_chunk(chunk, Places([Piece(3, "a.csv", chunk.position, chunk.length)]), NO_MAPPING, Config()) for _, chunk in chunks]

    whole = judged(read_csv(io.BytesIO(content), "a.csv"))
    pieces = judged(read_csv(io.BytesIO(content), "a.csv", chunk_bytes=chunk_bytes))
    assert digests(pieces) == digests(whole)
    assert sorted(map(repr, dead_letters(pieces))) == sorted(map(repr, dead_letters(whole)))
    assert sum(chunk.records for chunk in pieces) == len(values)


def test_a_decimal_of_a_parquet_file_is_a_number_whatever_the_mapping_says_of_texts(tmp_path):
    record = make_record(quantity=Decimal("1.234"))
    pq.write_table(pa.table({name: [value] for name, value in record.items()}), tmp_path / "a.parquet")
    mapping = parse_mapping({"format": {"decimal": ",", "thousands": "."}}, tmp_path)
    [chunk] = judged_chunks(Source(0, str(tmp_path / "a.parquet"), 1), mapping, Config())
    assert chunk.taken[0].fields.column("quantity").to_pylist() == [1.234]
