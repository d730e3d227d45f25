"""Two launches of one run where BigQuery has no locks: whoever was kept from it for minutes comes too late, and doubles nothing."""

import threading

import pytest

from schemas.faults import UserFault
from tests.sinks.reader import read
from tests.sinks.rows import chunk, make_run, result, write
from transforms.sinks import bigquery_lease, bigquery_prepare, launches
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.contract import State

KINDS = ("bigquery",)


def test_a_launch_that_stalls_while_it_begins_takes_no_name_from_another_and_its_late_jobs_double_nothing(store, target, monkeypatch):
    monkeypatch.setattr(launches, "FADE_SECONDS", 0.1)
    monkeypatch.setattr(bigquery_lease, "_FIRST_LOOK_SECONDS", 0.1)
    monkeypatch.setattr(bigquery_lease, "_LOOK_SECONDS", 0.5)
    late, other = make_run(), target.open()
    stalled, goes_on = threading.Event(), threading.Event()
    make_run_tables, fault = bigquery_prepare.make_run_tables, []

    def stall(jobs, own):
        make_run_tables(jobs, own)
        if own.launch == late.launch:
            stalled.set()
            assert goes_on.wait(120)

    def begin():
        try:
            store.prepare(late)
        except UserFault as error:
            fault.append(str(error))

    monkeypatch.setattr(bigquery_prepare, "make_run_tables", stall)
    thread = threading.Thread(target=begin)
    thread.start()
    assert stalled.wait(120)
    # As long as its process lives it has the name: it shows a sign of life, again and again.
    jobs = Jobs(target)
    lease = bigquery_lease.Lease(jobs, Names(target), late.key)
    before = lease.look()
    assert before is not None
    while lease.look().etag == before.etag:
        pass
    with pytest.raises(UserFault, match="goes on since"):
        other.prepare(make_run())
    # As if the machine stood still with it.
    bigquery_lease._holders[target, late.key]._ended.set()
    bigquery_lease._holders[target, late.key]._thread.join()
    monkeypatch.setattr(bigquery_lease, "LEASE_SECONDS", 0.0)
    run = make_run()
    assert other.prepare(run)
    write(other, run, results=[result("A", 0)], chunks=[chunk(1)])
    other.audit(run.key)
    assert other.publish(run.key).state == State.PUBLISHED
    goes_on.set()
    thread.join()
    assert "was started anew by another command" in fault[0]
    bigquery_prepare._load_sources(jobs, Names(target).of(late.launch), late)
    jobs.close()
    assert read(target, "SELECT record_id, source_uri FROM {current_results}") == [("A", "file:///b.csv")]
    assert read(target, "SELECT count(*) FROM {sources}") == [(2,)]
    assert [(one.run_id, one.state) for one in other.runs()] == [("first", State.PUBLISHED)]
    other.close()
