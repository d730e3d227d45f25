"""What is special of the store of Parquet files: what readers without this program find, and what a crash leaves."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import polars
import pyarrow.parquet as pq
import pytest

from schemas.faults import UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, rows, whole_run, write
from transforms.sinks import parquet_publish
from transforms.sinks.contract import State
from transforms.sinks.parquet_faults import told
from transforms.sinks.parquet_settle import opened
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.parquet_tree import folder_name

KINDS = ("parquet",)

_TWO = {"results": [result("A", 0), result("B", 5, category=4)], "chunks": [chunk(2)]}


def _published(folder: str, inventory: str = "acme-2026") -> str:
    """Returns the folder of the results that readers see, as one without this program finds it."""
    pointer = json.loads(Path(folder, "inventories", f"{inventory}.json").read_text())
    return f"{folder}/{pointer['results']}"


def test_duckdb_reads_the_files_as_they_are(store, target):
    whole_run(store, make_run(), **_TWO)
    query = "SELECT category, record_id, run_id, factor_values, factor_kg_co2e, source_uri FROM read_parquet(?) ORDER BY 1"
    assert duckdb.execute(query, [f"{_published(target.url)}/**/*.parquet"]).fetchall() == [
        (1, "A", "first", [292.6, 0.5], [0.0, 100.0], "file:///b.csv"),
        (4, "B", "first", [292.6, 0.5], [0.0, 100.0], "file:///b.csv"),
    ]


def test_polars_reads_the_files_as_they_are(store, target):
    whole_run(store, make_run(), **_TWO)
    found = polars.scan_parquet(f"{_published(target.url)}/**/*.parquet", hive_partitioning=True).sort("category").collect()
    assert found.select("category", "record_id", "kg_co2e").rows() == [(1, "A", 100.0), (4, "B", 100.0)]
    assert found["factor_cvs"].to_list() == [[0.0, 0.3]] * 2


def test_a_table_without_rows_has_its_columns(store, target):
    whole_run(store, make_run(), **_TWO)
    assert duckdb.execute("SELECT count(code) FROM read_parquet(?)", [f"{target.url}/runs/first/dead_letters/*.parquet"]).fetchall() == [
        (0,)
    ]


def test_each_column_tells_what_it_holds(store, target):
    whole_run(store, make_run(), **_TWO)
    schema = pq.read_schema(next(Path(_published(target.url), "category=1").iterdir()))
    assert schema.field("std_kg").metadata == {b"description": b"standard deviation of kg_co2e"}


def test_the_manifest_lists_every_file_with_its_rows(store, target):
    whole_run(store, make_run(), dead_letters=[dead_letter(9)], **(_TWO | {"chunks": [chunk(3)]}))
    folder = Path(target.url, "runs", "first")
    listed = {one["file"]: (one["rows"], one["bytes"]) for one in json.loads((folder / "_manifest.json").read_text())["files"]}
    there = {str(path.relative_to(folder)): (pq.read_metadata(path).num_rows, path.stat().st_size) for path in folder.rglob("*.parquet")}
    assert listed == there
    assert listed["results/category=4/part-0.parquet"][0] == listed["dead_letters/part-0.parquet"][0] == 1


@pytest.mark.parametrize("step", ["_manifest", "_point", "clear"])
def test_a_publication_that_was_cut_off_shows_the_former_run_and_goes_on(store, target, monkeypatch, step):
    whole_run(store, make_run("old"), **_TWO)
    run = make_run("new")
    store.prepare(run)
    write(store, run, **_TWO)
    store.audit(run.key)
    with monkeypatch.context() as patch:
        patch.setattr(parquet_publish, step, _crash)
        with pytest.raises(MemoryError):
            store.publish(run.key)
    assert _published(target.url).endswith("new/results" if step == "clear" else "old/results")
    assert store.publish(run.key).state == State.PUBLISHED
    assert _published(target.url).endswith("new/results")
    assert [one.state for one in store.runs()] == [State.PUBLISHED, State.SUPERSEDED]


def _crash(*_: object) -> None:
    raise MemoryError


def test_an_audit_that_was_cut_off_is_begun_again(store, target, monkeypatch):
    run = make_run()
    store.prepare(run)
    write(store, run, **_TWO)
    with monkeypatch.context() as patch:
        patch.setattr("transforms.sinks.parquet_audit._judge", _crash)
        with pytest.raises(MemoryError):
            store.audit(run.key)
    assert not list(Path(target.url).glob("runs/first/results"))
    assert store.audit(run.key).results == 2
    assert store.publish(run.key).results == 2
    assert not list(Path(target.url).glob("runs/first/_*/**/*.parquet"))


def test_a_file_that_is_half_written_is_told_and_nothing_is_published(store, target):
    run = make_run()
    store.prepare(run)
    write(store, run, **_TWO)
    [file] = Path(target.url).glob("runs/first/_staging-*/results/*.parquet")
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UserFault, match=r"a file in .* is damaged .*give the same command again"):
        store.audit(run.key)


def test_a_process_that_is_killed_leaves_no_sign_of_life(store, target):
    code = (
        "import sys, time; from tests.sinks.rows import make_run; from transforms.sinks.parquet_target import ParquetTarget; "
        "ParquetTarget(sys.argv[1]).open().prepare(make_run()); print('begun', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, target.url], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        assert store.runs()[0].state == State.RUNNING
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert store.runs()[0].state == State.ABANDONED
    assert whole_run(store, make_run(), **_TWO).state == State.PUBLISHED


def test_a_folder_with_other_files_is_refused(store, target):
    Path(target.url).mkdir()
    Path(target.url, "thesis.docx").touch()
    with pytest.raises(UserFault, match=r"holds other files \(thesis.docx\); name an empty or a new folder"):
        store.prepare(make_run())
    assert [path.name for path in Path(target.url).iterdir()] == ["thesis.docx"]


def test_a_store_may_lie_below_a_folder_that_is_named_like_a_category(target):
    below = ParquetTarget(f"{target.url}/category=12/store")
    whole_run(below.open(), make_run(), **_TWO)
    assert read(below, "SELECT category, record_id FROM {current_results} ORDER BY 1") == [(1, "A"), (4, "B")]


def test_a_file_instead_of_a_folder_is_told(store, target):
    Path(target.url).touch()
    with pytest.raises(UserFault, match="is a file or lies below one"):
        store.prepare(make_run())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told(store, target, monkeypatch):
    run = make_run()
    store.prepare(run)
    writer = store.writer(run.key)
    # Every file that is opened now is on a disk without room.
    plain = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode="r", **more: plain(Path("/dev/full") if mode == "wb" else self, mode, **more))
    writer.write("results", rows("results", result("A", 0)))
    with pytest.raises(UserFault, match=r"the disk of .* is full; free space and give the same command again"):
        writer.flush()
    monkeypatch.undo()
    writer.close()
    assert not list(Path(target.url).glob("runs/first/_staging-*/**/*.parquet"))


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self/mem").exists(), reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told():
    # Not even root makes folders there.
    with pytest.raises(UserFault, match=r"/proc/scope3"):
        ParquetTarget("/proc/scope3/results").open().prepare(make_run())


def test_a_folder_may_have_a_question_mark_in_its_name(target):
    assert ParquetTarget(f"{target.url}?x").place == f"{target.url}?x"


@pytest.mark.parametrize("cpus", [1, 64])
def test_an_audit_shares_its_memory_among_few_threads(target, monkeypatch, cpus):
    monkeypatch.setattr(os, "cpu_count", lambda: cpus)
    with opened(target.tree(), "staging", dataset_of(target.tree(), [], "sources")) as connection:
        assert connection.execute("SELECT current_setting('threads')").fetchall() == [(min(cpus, 4),)]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "could not allocate block of size 256.0 KiB (238.2 MiB/238.4 MiB used)",
            "takes more memory than .* give the inputs in several runs",
        ),
        ("failed to offload data block ... by the 'max_temp_directory_size' setting", "free space in the folder that TMPDIR names"),
    ],
)
def test_want_of_memory_and_want_of_space_are_told_apart(fault, sentence):
    with pytest.raises(UserFault, match=sentence), told("/results"):
        raise duckdb.OutOfMemoryException(f"Out of Memory Error: {fault}")


def test_names_become_folders_on_any_file_system():
    assert folder_name("acme-2026") == "acme-2026"
    others = ["ACME", "acme/2026", "..", "ü" * 500, "", "a b", "_x", "CON.", "acme.json"]
    names = [folder_name(name) for name in others]
    assert len({name.lower() for name in names}) == len(names)
    assert all(1 <= len(name) <= 100 and name.isascii() and not name.startswith((".", "_", "-")) for name in names)
