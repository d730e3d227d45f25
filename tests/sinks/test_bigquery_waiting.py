"""How long BigQuery is waited for: a job as long as it takes, a service that is away for a while, a limit longer and slower."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from google.api_core import exceptions

from schemas.faults import UserFault
from tests.sinks.bigquery_fake import Fault, in_state
from tests.sinks.rows import make_run
from transforms.sinks import bigquery_dataset, bigquery_jobs, bigquery_lease, bigquery_patience
from transforms.sinks.bigquery_patience import Patience
from transforms.sinks.bigquery_target import BigQueryTarget

KINDS = ("bigquery",)

AWAY = exceptions.ServiceUnavailable("away")
LIMIT = exceptions.TooManyRequests("Exceeded rate limits", errors=[{"reason": "rateLimitExceeded"}])
MEETING = exceptions.BadRequest("Transaction is aborted due to concurrent update")


@pytest.fixture
def target(new_target, service) -> BigQueryTarget:
    return replace(new_target(), api_endpoint=service.address)


@pytest.fixture
def jobs(target) -> Iterator[bigquery_jobs.Jobs]:
    made = bigquery_jobs.Jobs(target)
    made.make_dataset()
    yield made
    made.close()


@pytest.fixture
def clock(monkeypatch):
    """A clock that only pauses move; those so far."""
    pauses: list[float] = []
    monkeypatch.setattr(bigquery_patience.threading.Event, "wait", lambda _, seconds: pauses.append(seconds))
    monkeypatch.setattr(bigquery_patience.time, "monotonic", lambda: sum(pauses))
    return pauses


@pytest.mark.parametrize("verb", ["once", "rows"])
def test_a_job_that_takes_longer_than_our_patience_is_waited_for_and_a_fault_meanwhile_does_not_end_it(jobs, service, verb):
    jobs._patience_seconds = 0.5
    running = in_state("RUNNING")
    # Looks at it, for a second and a half altogether.
    service.faults = [
        Fault("POST", "SELECT 4711", change=running),
        Fault("GET", "/jobs/", 4, change=running),
        Fault("GET", "/jobs/", 1, "backendError"),
        Fault("GET", "/jobs/", 2, change=running),
    ]
    found = jobs.once("long", "SELECT 4711") if verb == "once" else jobs.rows("SELECT 4711")
    assert found == [(4711,)]
    assert all(fault.times == 0 for fault in service.faults)
    # Begun once, and never cancelled.
    assert [path.partition("?")[0].rpartition("/")[2] for method, path, _ in service.requests if method == "POST"][1:] == ["jobs"]


def test_a_network_that_swallows_what_is_sent_is_given_up(jobs, service, monkeypatch):
    monkeypatch.setattr(bigquery_jobs, "REQUEST_SECONDS", 0.2)
    jobs._patience_seconds = 0.5
    service.faults = [Fault("POST", "SELECT 4711", 99, change=in_state("RUNNING")), Fault("GET", "/jobs/", 99, seconds=1.0)]
    with pytest.raises(UserFault, match="can't be reached"):
        jobs.rows("SELECT 4711")


def test_a_job_that_is_there_and_not_found_yet_is_no_table_that_is_gone(jobs, service):
    service.faults = [Fault("POST", "_0", lose=True), Fault("GET", "/jobs/", 2, "notFound")]
    assert jobs.once("begin", "SELECT 4711") == [(4711,)]
    assert all(fault.times == 0 for fault in service.faults)


def test_patience_is_counted_from_the_first_fault(clock):
    # Whatever came before it, a job of hours for example.
    clock.append(10_000.0)
    patience = Patience(300.0)
    with pytest.raises(exceptions.ServiceUnavailable):
        while True:
            patience.wait(AWAY)
    assert 300 <= sum(clock[1:]) < 320
    assert max(clock[1:]) <= 10


@pytest.mark.parametrize("fault", [LIMIT, MEETING])
def test_others_are_waited_for_longer_than_a_service_that_is_away(clock, fault):
    patience = Patience(300.0)
    with pytest.raises(type(fault)):
        while True:
            patience.wait(fault)
    assert sum(clock) >= 1_800


def test_a_load_that_came_too_soon_waits_long_and_each_for_another_time(clock):
    for _ in range(20):
        Patience(300.0, slow=True).wait(LIMIT)
    assert 10 <= min(clock) < max(clock) <= 60
    assert len(set(clock)) == 20
    # Another fault of a load waits as any does.
    Patience(300.0, slow=True).wait(AWAY)
    assert clock[-1] <= 0.2


def test_whoever_has_ended_waits_for_nothing():
    ended = threading.Event()
    ended.set()
    with pytest.raises(exceptions.TooManyRequests):
        Patience(300.0, slow=True, ended=ended).wait(LIMIT)


def test_the_end_of_a_process_does_not_wait_for_a_service_that_is_away(target, service, monkeypatch):
    monkeypatch.setattr(bigquery_dataset, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(bigquery_lease, "_FIRST_LOOK_SECONDS", 0.01)
    service.faults = [Fault("GET", "/lease_", 999, "backendError")]
    key = make_run().key
    bigquery_lease.hold(target, key)
    while not service.requests:
        pass
    ending = threading.Thread(target=bigquery_lease.let_go, args=(target, key), daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
