"""The figures of deploy/SCALE.md are those that follow from what was measured, and measuring again works."""

import json
import re
import subprocess
import sys

import pyarrow as pa
import pytest

from tests.benchmarks.test_benchmarks import BENCHMARKS
from transforms.reading.shards import MOST_LOADED_SHARDS
from transforms.sinks.postgres_tables import RUN_TABLES

sys.path.insert(0, str(BENCHMARKS))
import bigquery_cost
import scale

_DOCUMENT = (BENCHMARKS.parent / "deploy/SCALE.md").read_text(encoding="utf-8")

# Ten thousand records; round numbers.
_RECORDED = {
    "date": "2026-01-01",
    "machine": "2 cores",
    "records": 10_000,
    "per_record": {
        "wall_us": 10,
        "worker_cpu_us": 24,
        "server_write_cpu_us": 3,
        "server_audit_cpu_us": 1,
        "input_bytes": 250,
        "shuffle_bytes": 200,
        "log_bytes": 300,
        "index_bytes": 40,
        "table_bytes": {"results": 256, "inputs": 104},
    },
}


@pytest.fixture
def on_a_cluster(monkeypatch):
    """A cluster that takes 1.5 times the local run, whatever was measured."""
    monkeypatch.setattr(scale, "CLUSTER_TIMES", 1.5)


@pytest.mark.parametrize("script", ["scale.py", "bigquery_cost.py"])
def test_the_document_shows_what_the_script_prints(script):
    done = subprocess.run([sys.executable, str(BENCHMARKS / script)], capture_output=True, text=True, check=True)
    assert f"<!-- benchmarks/{script} -->\n{done.stdout}<!-- end of benchmarks/{script} -->" in _DOCUMENT


def test_worked_example(on_a_cluster):
    needs = scale.Needs(1e8, _RECORDED)
    # 100 million records at 24 us are 2,400 s of a core, on a cluster 1.5 times that: one hour.
    assert needs.worker_hours == pytest.approx(1.0)
    # 300 s of the server's cores, of which a run gets 12: 25 s. 30 GB of log at 500 MB/s: 60 s.
    assert needs.copy_hours == pytest.approx(25 / 3600)
    assert needs.log_hours == pytest.approx(60 / 3600)
    # 100 s, and a sort of 10^8 takes twice as long a row as one of 10^4.
    assert needs.audit_hours == pytest.approx(200 / 3600)
    assert needs.server_hours == pytest.approx(260 / 3600)
    # An hour of work in the minute that the log takes.
    assert needs.workers == 60
    assert needs.stored_bytes == pytest.approx(40e9)


def test_worked_example_in_dollars(on_a_cluster):
    needs = scale.Needs(1e8, _RECORDED)
    # An hour of a core with 4 GB is 0.056 + 4 * 0.003557 = 0.070228, 20 GB of shuffle at 0.011 are 0.22.
    assert needs.dataflow_dollars == pytest.approx(0.290228)
    # 260 s of 16 cores with 4 GB each: 260 / 3,600 * 16 * (0.0413 + 4 * 0.007).
    assert needs.server_dollars == pytest.approx(0.0800800)
    # 40 GB at 0.17 a month.
    assert needs.stored_dollars == pytest.approx(6.8)
    # As the table of what a run into BigQuery costs has it: 93 GB billed at 6.25 a TiB, 65 GB kept at 0.02 a month.
    assert needs.bigquery_dollars == pytest.approx(93e9 / 2**40 * 6.25, rel=0.01)
    assert needs.bigquery_stored_dollars == pytest.approx(1.3, rel=0.01)


def test_a_table_is_full_where_its_rows_fill_32_tib():
    # 2^45 bytes in rows of 2^8.
    assert scale.LIMITS["a table of PostgreSQL is full (32 TiB)"](_RECORDED) == 2**37


def test_a_limit_of_time_is_reached_where_that_time_is():
    records = scale.LIMITS["audit takes 8 hours on one core"](_RECORDED)
    assert scale.Needs(records, _RECORDED).audit_hours == pytest.approx(8, rel=0.01)


def test_what_the_text_says_of_the_program_is_so():
    assert re.search(r"\| (\w+) tables a run \|", _DOCUMENT)[1] == {9: "nine", 10: "ten", 11: "eleven"}[len(RUN_TABLES)]
    assert f"{scale.MOST_SHARDS:,}" in _DOCUMENT
    assert "a month of one run's results in PostgreSQL costs more than ten times the run, in BigQuery a fifth of that" in _DOCUMENT
    needs = scale.Needs(1e9, json.loads(scale.RECORDED.read_text()))
    assert needs.stored_dollars > 10 * (needs.dataflow_dollars + needs.server_dollars)
    assert needs.stored_dollars / needs.bigquery_stored_dollars == pytest.approx(5, abs=0.5)
    assert f"some {needs.workers // 10 * 10} cores of workers" in _DOCUMENT and needs.server_hours < 8
    # 235 bytes of 1,000 records and 10,000 keys, of one category and of fifteen.
    held = needs.each("shuffle_bytes") / needs.records * scale.BATCH * scale.MOST_SHARDS / 1e9
    assert f"{held:.1f} GB in all workers together" in _DOCUMENT and f"{15 * held:.0f} GB where all fifteen" in _DOCUMENT


def test_what_the_text_says_of_a_hundred_billion_is_so():
    assert "**A hundred billion are several runs**" in _DOCUMENT
    needs, tenth = (scale.Needs(records, json.loads(scale.RECORDED.read_text())) for records in (1e11, 1e10))
    assert needs.server_hours > 7 * 24
    assert needs.in_bigquery("loads") / bigquery_cost.LOADS_A_TABLE_AND_DAY == pytest.approx(8, abs=0.5)
    assert 0.8 < tenth.in_bigquery("loads") / bigquery_cost.LOADS_A_TABLE_AND_DAY <= 1


def test_measuring_again_gives_the_same_kinds_of_figures(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "scale_measure.py"), "--records", "3000", "--output", str(tmp_path / "again.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    again = json.loads((tmp_path / "again.json").read_text())
    recorded = json.loads(scale.RECORDED.read_text())
    assert set(again) == set(recorded) and set(again["per_record"]) == set(recorded["per_record"])
    # What does not hang on time or number is the same.
    for name in ("input_bytes", "shuffle_bytes"):
        assert again["per_record"][name] == pytest.approx(recorded["per_record"][name], rel=0.05)


def test_files_of_a_writer_grow_until_they_are_large():
    # 250,000 + 500,000 are 750,000; six of them, up to 8,000,000, are 15,750,000.
    assert [bigquery_cost.shards(rows) for rows in (1, 250_000, 750_000, 750_001, 7_750_000, 15_750_000, 15_750_001)] == [
        1,
        1,
        2,
        3,
        5,
        6,
        7,
    ]


def test_on_flink_each_bundle_is_a_load():
    # 100,000 records of 280.6 bytes are 2 keys of 16 MiB; a million are 17, so each of 16 writers has 2. There are no more
    # keys, but of many more records one load for each 32 MB of blocks.
    assert bigquery_cost.loads_on_flink(1e5) == 2 * 2
    assert bigquery_cost.loads_on_flink(1e6) == 2 * 2 * 16
    assert bigquery_cost.loads_on_flink(5e6) == 2 * MOST_LOADED_SHARDS
    assert 15 * 2 * MOST_LOADED_SHARDS < bigquery_cost.LOADS_A_TABLE_AND_DAY
    assert bigquery_cost.loads_on_flink(210e6) < bigquery_cost.LOADS_A_TABLE_AND_DAY < bigquery_cost.loads_on_flink(220e6)
    assert "on Flink the quota of a day ends at some 210 million records" in _DOCUMENT


def test_bytes_are_counted_as_bigquery_counts_them():
    # A number 8 and a text 2 and its UTF-8 bytes; nothing a null; a list what is in it; a digest 2 and 32.
    columns = {
        (8 + 8,): pa.chunked_array([pa.array([1, None, 3])]),
        (2 + 1 + 2 + 2,): pa.chunked_array([pa.array(["a", None, "ä"])]),
        (8 * 3,): pa.chunked_array([pa.array([[1.0, 2.0], [], None, [3.0]])]),
        (34,): pa.chunked_array([pa.array([b"x" * 32, None], pa.binary(32))]),
    }
    assert [(bigquery_cost.logical_bytes(column),) for column in columns.values()] == list(columns)


def test_a_query_is_billed_for_the_columns_it_reads_and_for_ten_megabytes_at_least():
    recorded = {"logical_bytes": {"results": {"record_id": 20, "method": 10}, "inputs": {"block": 40}}}
    # 20 and 40 bytes of a million records; factor_uses and factors are small.
    assert bigquery_cost.read_bytes(1e6, recorded, "census") == 60e6 + 2 * (10 << 20)
