"""What every store must hold to where runs meet: names, restarts, replacements, former runs. Tried on each that is here."""

import threading
import time

import pytest

from schemas.faults import UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, rows, whole_run, write
from transforms.sinks.contract import State

ODD_NAMES = ["it's; DROP TABLE runs --", '"quoted" %s {braces} \\', "ü" * 500, "-1", " x"]


def test_a_replaced_launch_writes_nothing(store):
    old, new = make_run(), make_run()
    store.prepare(old)
    late = store.writer(old.key)
    store.fail(old.key, "stopped")
    assert store.prepare(new)
    late.write("dead_letters", rows("dead_letters", dead_letter(5)))
    assert late.flush() == 0
    late.close()
    with pytest.raises(UserFault, match="started anew"):
        store.audit(old.key)
    assert write(store, new, results=[result("A", 0)], chunks=[chunk(1)]) == 5
    assert store.audit(new.key).results == 1


def test_every_verb_may_be_said_again(store):
    run = make_run()
    assert store.prepare(run)
    assert store.prepare(run)
    write(store, run, results=[result("A", 0), result("A", 5)], chunks=[chunk(2)])
    audited = store.audit(run.key)
    assert store.audit(run.key) == audited
    assert not store.prepare(run)
    published = store.publish(run.key)
    assert store.publish(run.key) == published == store.audit(run.key)
    assert not store.prepare(run)
    store.fail(run.key, "too late")
    assert store.audit(run.key).state == State.PUBLISHED


def test_a_published_run_is_not_calculated_again(store):
    whole_run(store, make_run(), results=[result("A", 0)], chunks=[chunk(1)])
    with pytest.raises(UserFault, match=r"was published already.*give another --run_id"):
        store.prepare(make_run())


def test_other_inputs_or_options_need_another_run_id(store):
    run = make_run()
    store.prepare(run)
    store.fail(run.key, "stopped")
    with pytest.raises(UserFault, match=r"with other options \(rf\); give another --run_id"):
        store.prepare(make_run(fingerprint={"inputs": ["b", "a"], "options": {"rf": "without_rf"}}))
    with pytest.raises(UserFault, match="with other inputs; give"):
        store.prepare(make_run(fingerprint={"inputs": ["c"], "options": {"rf": "with_rf"}}))


def test_a_run_that_goes_on_is_not_started_again(store, target, monkeypatch):
    monkeypatch.setattr("transforms.sinks.launches.FADE_SECONDS", 0.2)
    store.prepare(make_run())
    other = target.open()
    with pytest.raises(UserFault, match="goes on since"):
        other.prepare(make_run())
    assert [run.state for run in other.runs()] == [State.RUNNING]
    other.close()


def _when_abandoned(store):
    """Returns the runs; a server notices a moment later that a connection was closed."""
    deadline = time.monotonic() + 10
    while store.runs()[0].state == State.RUNNING and time.monotonic() < deadline:
        time.sleep(0.05)
    return store.runs()


def test_a_run_without_a_sign_of_life_is_abandoned_and_can_be_replaced(store, target):
    killed = target.open()
    run = make_run()
    killed.prepare(run)
    write(store, run, results=[result("A", 0)], chunks=[chunk(1)])
    killed.close()
    [listed] = _when_abandoned(store)
    assert (listed.state, listed.reason) == (State.ABANDONED, "the process ended without finishing")
    assert store.summary("first").audit.state == State.ABANDONED
    report = whole_run(store, make_run(), results=[result("A", 0), result("B", 5)], chunks=[chunk(2)])
    assert (report.state, report.results) == (State.PUBLISHED, 2)
    assert len(store.runs()) == 1


def test_a_run_replaces_the_former_and_can_be_taken_back(store, target):
    whole_run(store, make_run("old"), results=[result("A", 0)], chunks=[chunk(1)])
    whole_run(store, make_run("new"), results=[result("A", 0, kg_co2e=7.0)], chunks=[chunk(1)])
    whole_run(store, make_run("beside", inventory="other"), results=[result("A", 0)], chunks=[chunk(1)])
    current = "SELECT inventory, run_id, kg_co2e FROM {current_results} ORDER BY 1"
    assert read(target, current) == [("acme-2026", "new", 7.0), ("other", "beside", 100.0)]
    store.publish_again("old")
    store.publish_again("old")
    assert read(target, current) == [("acme-2026", "old", 100.0), ("other", "beside", 100.0)]
    states = {run.run_id: run.state for run in store.runs()}
    assert states == {"old": State.PUBLISHED, "new": State.SUPERSEDED, "beside": State.PUBLISHED}


def test_only_a_run_that_was_published_can_be_published_again(store):
    with pytest.raises(UserFault, match="there is no run 'first'"):
        store.publish_again("first")
    whole_run(store, make_run(), results=[result("A", 0)], chunks=[chunk(2)])
    with pytest.raises(UserFault, match="is failed and was never published"):
        store.publish_again("first")
    with pytest.raises(UserFault, match="there is no run 'none'"):
        store.publish_again("none")


def test_former_runs_beyond_keep_runs_are_removed(store, target):
    for number in range(3):
        whole_run(store, make_run(f"run-{number}", keep_runs=1), results=[result("A", 0)], dead_letters=[dead_letter(9)], chunks=[chunk(2)])
    assert [run.run_id for run in store.runs()] == ["run-2", "run-1"]
    assert read(target, "SELECT DISTINCT run_id FROM {dead_letters} ORDER BY 1") == [("run-1",), ("run-2",)]


def test_odd_names_are_names(store, target):
    for name in ODD_NAMES:
        whole_run(store, make_run(name, inventory=name), results=[result("A", 0)], chunks=[chunk(1)])
        assert read(target, "SELECT inventory FROM {current_results} WHERE run_id = %s", [name]) == [(name,)]
        assert store.summary(name).inventory == name
    assert {run.run_id for run in store.runs()} == set(ODD_NAMES)


def test_two_first_runs_may_begin_at_once(target):
    stores = [target.open() for _ in range(4)]
    outcomes: list = []
    gate = threading.Barrier(4)

    def begin(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(stores[number].prepare(make_run(f"run-{number}")))
        except BaseException as fault:
            outcomes.append(fault)

    threads = [threading.Thread(target=begin, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 4
    assert len(stores[0].runs()) == 4
    for opened in stores:
        opened.close()


def test_of_two_commands_with_one_run_id_one_begins(target, monkeypatch):
    monkeypatch.setattr("transforms.sinks.launches.FADE_SECONDS", 0.2)
    stores = [target.open() for _ in range(2)]
    outcomes: list = []
    gate = threading.Barrier(2)

    def begin(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(stores[number].prepare(make_run()))
        except UserFault as fault:
            outcomes.append(str(fault))

    threads = [threading.Thread(target=begin, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes))[0] == "True"
    assert "goes on" in sorted(map(str, outcomes))[1]
    for opened in stores:
        opened.close()


def test_a_store_that_was_never_used_has_no_runs(store):
    assert store.runs() == []
    with pytest.raises(UserFault, match="there is no run 'first'"):
        store.summary("first")
    store.fail(make_run().key, "nothing to fail")
