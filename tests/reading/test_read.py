"""The step, in the runner that the main job uses."""

import json
from typing import ClassVar

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.testing.util import assert_that

from schemas.config import Config
from tests.records import make_record
from transforms import read
from transforms.batch import BatchRecords
from transforms.keys import category_of
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
        found = pipeline | beam.Create(small_ones_together(sources)) | ReadSupplierRecords(NO_MAPPING, Config(), block_size=10)
        assert_that(found[BLOCKS] | BatchRecords(100, 10), check_batches, "check batches")
        assert_that(found[STORE], check_store, "check store")


class _Noted(beam.DoFn):
    """Notes the blocks of each bundle."""

    bundles: ClassVar[list[list[tuple[int, bytes]]]] = []

    def start_bundle(self):
        self.bundles.append([])

    def process(self, keyed):
        self.bundles[-1].append(keyed)


class _Forgetful(dict):
    """Keeps nothing, as where the next bundle comes to another process."""

    def __setitem__(self, key, value):
        pass


def _bundles(sources, **options):
    _Noted.bundles.clear()
    with beam.Pipeline(runner=FnApiRunner()) as pipeline:
        found = pipeline | beam.Create(sources) | ReadSupplierRecords(NO_MAPPING, Config(), **options)
        _ = found[BLOCKS] | beam.ParDo(_Noted())
    return [bundle for bundle in _Noted.bundles if bundle]


def _bytes_of(bundle):
    return sum(len(block) for _, block in bundle)


@pytest.mark.parametrize("begun", [{}, _Forgetful()])
def test_readers_that_share_a_bundle_leave_the_rest_to_the_next_one(tmp_path, monkeypatch, begun):
    monkeypatch.setattr(read, "_begun", begun)
    for file in range(3):
        lines = [json.dumps(make_record(1 + place % 2, record_id=f"R-{file}-{place}")) for place in range(8_000)]
        (tmp_path / f"{file}.jsonl").write_text("\n".join(lines))
    sources = [(source,) for source in find_sources([f"{tmp_path}/*.jsonl"])]
    (whole,) = _bundles(sources)
    parts = _bundles(sources, bundle_bytes=200_000)
    assert sorted(block for bundle in parts for block in bundle) == sorted(whole)
    assert max(map(_bytes_of, parts)) < _bytes_of(whole) / 3
    assert not begun


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
