"""The store of Parquet files where a process is killed in the middle, or two meet: what readers see and what is noted agree."""

import os
import threading
from pathlib import Path

import pytest

from schemas.faults import UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, whole_run, write
from transforms.sinks import parquet_end, parquet_publish
from transforms.sinks.contract import State
from transforms.sinks.parquet_tree import Tree

KINDS = ("parquet",)

_TWO = {"results": [result("A", 0), result("B", 5, category=4)], "dead_letters": [dead_letter(9)], "chunks": [chunk(3)]}


def _audited(store, run):
    store.prepare(run)
    write(store, run, **_TWO)
    store.audit(run.key)
    return run


def _crash(*_: object) -> None:
    raise MemoryError


def _publish_until(store, run, monkeypatch, step, crash=_crash):
    with monkeypatch.context() as patch:
        patch.setattr(parquet_publish, step, crash)
        with pytest.raises(MemoryError):
            store.publish(run.key)


def _publish_without_note(store, run, monkeypatch):
    plain = parquet_publish.note
    _publish_until(store, run, monkeypatch, "note", lambda tree, found: _crash() if found.run_id == run.run_id else plain(tree, found))


def _states(store):
    return {one.run_id: one.state for one in store.runs()}


def _shown(target):
    return read(target, "SELECT DISTINCT run_id FROM {current_results}")


def test_a_run_that_readers_see_is_published_though_its_note_was_not_written(store, target, monkeypatch):
    whole_run(store, make_run("old"), **_TWO)
    run = _audited(store, make_run("new"))
    _publish_without_note(store, run, monkeypatch)
    store.close()
    assert _shown(target) == [("new",)]
    assert _states(store) == {"new": State.PUBLISHED, "old": State.SUPERSEDED}
    with pytest.raises(UserFault, match=r"was published already, on 20\d\d-"):
        store.prepare(make_run("new"))
    store.fail(run.key, "too late")
    assert store.publish(run.key).state == State.PUBLISHED
    assert _shown(target) == [("new",)]


def test_a_run_whose_note_was_not_written_is_superseded_by_the_next(store, target, monkeypatch):
    _publish_without_note(store, _audited(store, make_run("first")), monkeypatch)
    whole_run(store, make_run("second"), **_TWO)
    assert _states(store) == {"second": State.PUBLISHED, "first": State.SUPERSEDED}
    store.publish_again("first")
    assert _shown(target) == [("first",)]


def test_a_run_that_is_failed_while_it_is_published_is_the_one_or_the_other(store, target, monkeypatch):
    whole_run(store, make_run("old"), **_TWO)
    run = _audited(store, make_run("new"))
    publishing, plain = threading.Thread(target=store.publish, args=[run.key]), Tree.write_json

    def between(tree, name, values):
        if values.get("state") == "failed":
            publishing.start()
            # It either comes to its end in between, or waits for us.
            publishing.join(1.0)
        plain(tree, name, values)

    monkeypatch.setattr(Tree, "write_json", between)
    store.fail(run.key, "stopped by Ctrl-C")
    publishing.join()
    assert _states(store) == {"new": State.FAILED, "old": State.PUBLISHED}
    assert _shown(target) == [("old",)]
    assert read(target, "SELECT DISTINCT run_id FROM {results}") == [("old",)]


def test_a_run_goes_on_in_the_eyes_of_others_while_it_is_published(store, target, monkeypatch):
    run = _audited(store, make_run())
    # The process that started it is gone, and a worker publishes.
    store.close()
    seen = []
    plain = parquet_publish._point
    monkeypatch.setattr(parquet_publish, "_point", lambda *found: (seen.append(_states(target.open())), plain(*found)))
    store.publish(run.key)
    assert seen == [{"first": State.AUDITING}]


@pytest.mark.parametrize("step", ["_manifest", "_point"])
def test_results_of_a_run_that_failed_in_its_publication_are_nowhere(store, target, monkeypatch, step):
    run = _audited(store, make_run())
    _publish_until(store, run, monkeypatch, step)
    assert read(target, "SELECT count(*) FROM {results}") == [(0,)]
    store.fail(run.key, "stopped")
    store.close()
    assert read(target, "SELECT run_id, source_position FROM {dead_letters}") == [("first", 9)]
    assert {path.name for path in Path(target.url, "runs", "first").iterdir()} == {"dead_letters", "sources"}


@pytest.mark.parametrize("step", ["clear", "_manifest"])
def test_the_summary_counts_dead_letters_once_wherever_a_publication_was_cut_off(store, monkeypatch, step):
    run = _audited(store, make_run())
    assert store.summary("first").dead_letters_by_code == (("E_RANGE", 1),)
    _publish_until(store, run, monkeypatch, step)
    assert store.summary("first").dead_letters_by_code == (("E_RANGE", 1),)


def test_what_a_killed_publication_left_behind_goes_with_the_next(store, target, monkeypatch):
    _publish_until(store, _audited(store, make_run("old")), monkeypatch, "clear")
    assert list(Path(target.url).glob("runs/old/_staging-*"))
    going_on = make_run("beside", inventory="other")
    store.prepare(going_on)
    write(store, going_on, **_TWO)
    whole_run(store, make_run("new"), **_TWO)
    assert [path.parts[-2] for path in Path(target.url).glob("runs/*/_staging-*")] == ["beside"]
    assert store.audit(going_on.key).results == 2


def test_a_run_that_is_published_again_meanwhile_is_not_removed(store, target, monkeypatch):
    whole_run(store, make_run("old"), **_TWO)
    every_run = parquet_end.every_run

    def listed(tree):
        found = every_run(tree)
        store.publish_again("old")
        return found

    monkeypatch.setattr(parquet_end, "every_run", listed)
    whole_run(store, make_run("new", keep_runs=0), **_TWO)
    assert _shown(target) == [("old",)]
    assert _states(store) == {"old": State.PUBLISHED, "new": State.SUPERSEDED}


def test_files_are_on_the_disk_before_readers_are_pointed_at_them(store, target, monkeypatch):
    run = _audited(store, make_run())
    synced, plain = set(), os.fsync

    def note(descriptor):
        synced.add(os.fstat(descriptor).st_ino)
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    _publish_until(store, run, monkeypatch, "pointer_of")
    folder = Path(target.url, "runs", "first")
    files = [path for path in folder.rglob("*.parquet") if not path.relative_to(folder).parts[0].startswith("_")]
    assert len(files) > 2
    assert [path for path in (*files, *(path.parent for path in files), folder) if path.stat().st_ino not in synced] == []


def test_files_of_other_programs_are_passed_over(store, target):
    whole_run(store, make_run(), **_TWO)
    for name in (".DS_Store", "._first.json", "Thumbs.db"):
        Path(target.url, "runs", name).write_bytes(b"\0")
    assert _states(store) == {"first": State.PUBLISHED}
    assert _shown(target) == [("first",)]
