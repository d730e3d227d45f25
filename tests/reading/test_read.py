"""The step, in the runner that the main job uses."""

import json

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that

from schemas.config import Config
from tests.records import make_record
from transforms.batch import BatchRecords, category_of
from transforms.read import BLOCKS, STORE, ReadSupplierRecords
from transforms.reading.ahead import ahead
from transforms.reading.blocks import join_blocks
from transforms.reading.files import find_sources, short_names
from transforms.reading.groups import small_ones_together
from transforms.reading.mapping import NO_MAPPING, parse_mapping


def test_blocks_and_dead_letters_are_together_what_was_read(tmp_path):
    lines = [json.dumps(make_record(1 + place % 2, record_id=f"R-{place}")) for place in range(500)]
    (tmp_path / "a.jsonl").write_text("\n".join([*lines[:250], "{", '{"category":1}']))
    (tmp_path / "b.jsonl").write_text("\n".join(lines[250:]))
    sources = find_sources([f"{tmp_path}/*.jsonl"])

    def check_batches(batches: list[tuple[int, list[bytes]]]) -> None:
        tables = [(category_of(key), join_blocks(blocks)) for key, blocks in batches]
        assert len(tables) > 2
        assert max(batch.num_rows for _, batch in tables) <= 100
        found = {(category, record_id) for category, batch in tables for record_id in batch.column("record_id").to_pylist()}
        assert found == {(1 + place % 2, f"R-{place}") for place in range(500)}
        assert sum(batch.num_rows for _, batch in tables) == 500

    def check_store(elements: list[tuple[str, pa.RecordBatch]]) -> None:
        def rows(table: str) -> list[dict]:
            return [row for name, batch in elements if name == table for row in batch.to_pylist()]

        assert {name for name, _ in elements} == {"chunks", "inputs", "dead_letters"}
        assert [letter["code"] for letter in rows("dead_letters")] == ["E_MALFORMED", "E_REQUIRED"]
        assert sum(row["records"] for row in rows("chunks")) == 502

    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        read = pipeline | beam.Create(small_ones_together(sources)) | ReadSupplierRecords(NO_MAPPING, Config(), block_size=10)
        assert_that(read[BLOCKS] | BatchRecords(100, 10), check_batches, "check batches")
        assert_that(read[STORE], check_store, "check store")


def test_files_of_one_name_give_ids_of_their_own(tmp_path):
    for folder in ("2024", "2025"):
        (tmp_path / folder).mkdir()
        record = make_record()
        del record["record_id"]
        (tmp_path / folder / "a.jsonl").write_text(json.dumps(record))
    sources = find_sources([f"{tmp_path}/*/a.jsonl"])
    mapping = parse_mapping({"columns": {"record_id": "@position"}}, tmp_path)

    def check(blocks: list[tuple[int, bytes]]) -> None:
        ids = [row for _, block in blocks for row in pa.ipc.open_stream(block).read_all().column("record_id").to_pylist()]
        assert sorted(ids) == ["2024/a.jsonl:0", "2025/a.jsonl:0"]

    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        step = ReadSupplierRecords(mapping, Config(), names=short_names(sources))
        assert_that((pipeline | beam.Create(small_ones_together(sources)) | step)[BLOCKS], check)


def test_a_block_size_below_one_is_refused_before_the_job():
    with pytest.raises(ValueError, match="block_size=0"):
        ReadSupplierRecords(NO_MAPPING, Config(), block_size=0)


def test_working_ahead_keeps_the_order_and_hands_a_fault_on():
    def items():
        yield from range(100)
        raise KeyError("here")

    found = []
    with pytest.raises(KeyError, match="here"):
        for item in ahead(items()):
            found.append(item)
    assert found == list(range(100))


def test_working_ahead_stops_when_nobody_reads_on():
    made = []

    def items():
        for item in range(1_000_000):
            made.append(item)
            yield item

    reader = ahead(items())
    assert next(reader) == 0
    reader.close()
    assert len(made) < 10
