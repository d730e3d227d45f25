"""The Parquet store in a bucket that is away for a moment, or at the wrong one."""

import uuid

import pytest

from schemas.faults import UserFault
from tests.sinks.bucket_server import bucket_server
from tests.sinks.conftest import BUCKET_KEYS
from tests.sinks.fault_proxy import be_away
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, factor, factor_use, make_run, result, rows, write
from transforms.sinks import parquet_patience
from transforms.sinks.contract import State
from transforms.sinks.parquet_target import ParquetTarget

_TWO = {"results": [result("A", 0), result("B", 5, category=4)], "dead_letters": [dead_letter(9)], "chunks": [chunk(3)]}
_WRITES = "(POST|PUT|DELETE) .*"


@pytest.fixture(scope="module", params=["gs"])
def bucket(request):
    """URL and settings of a bucket, and what makes it stay away."""
    with bucket_server(request.param, "proxy") as (url, settings, port), pytest.MonkeyPatch.context() as patch:
        for name, value in BUCKET_KEYS.items():
            patch.setenv(name, value)
        yield url, settings, lambda pattern: be_away(port, pattern)


@pytest.fixture
def target(bucket):
    url, settings, away = bucket
    yield ParquetTarget(f"{url}/{uuid.uuid4().hex[:12]}?{settings}")
    away("")


@pytest.fixture
def store(target):
    opened = target.open()
    yield opened
    opened.close()


@pytest.fixture
def outage(bucket, monkeypatch):
    """Lets the bucket stay away until somebody waits for it; returns what counts how often that was."""
    *_, away = bucket
    waited = []

    def come_back(_event):
        def sleep(_seconds):
            waited.append(away(""))

        return sleep

    monkeypatch.setattr(parquet_patience, "sleep_using_event", come_back)

    def begin(pattern):
        waited.clear()
        away(pattern)
        return waited

    return begin


def test_every_verb_waits_for_a_bucket_that_is_away(store, target, outage):
    run = make_run()
    waited = outage("scope3.json")
    assert store.prepare(run)
    assert waited
    waited = outage(f"{_WRITES}_alive")
    writer = store.writer(run.key)
    assert waited
    for table, values in ({"factors": [factor(), factor("cpi:US")], "factor_uses": [factor_use()]} | _TWO).items():
        writer.write(table, rows(table, *values))
    waited = outage(f"{_WRITES}_staging")
    assert writer.flush() == 7
    assert waited
    writer.close()
    waited = outage("GET .*_staging.*parquet")
    assert store.audit(run.key).results == 2
    assert waited
    waited = outage(f"{_WRITES}inventories(/|%2F)")
    assert store.publish(run.key).state == State.PUBLISHED
    assert waited
    waited = outage("GET .*runs")
    assert store.summary("first").dead_letters_by_code == (("E_RANGE", 1),)
    assert waited
    assert target.tree().names("_locks") == []


@pytest.mark.parametrize("where", ["inventories(/|%2F)", "runs(/|%2F)new.json"])
def test_a_publication_that_is_cut_off_in_a_bucket_is_published_or_not_and_goes_on(bucket, store, target, monkeypatch, where):
    *_, away = bucket
    run = make_run("new")
    store.prepare(run)
    write(store, run, **_TWO)
    store.audit(run.key)
    with monkeypatch.context() as patch:
        patch.setattr(parquet_patience, "sleep_using_event", _crash)
        away(_WRITES + where)
        with pytest.raises(MemoryError):
            store.publish(run.key)
        away("")
    current = "SELECT DISTINCT run_id FROM {current_results}"
    shown = [("new",)] if "runs" in where else []
    assert read(target, current) == shown
    assert store.summary("new").dead_letters_by_code == (("E_RANGE", 1),)
    assert [one.state for one in store.runs()] == [State.PUBLISHED if shown else State.AUDITING]
    assert store.publish(run.key).state == State.PUBLISHED
    assert read(target, current) == [("new",)]


def _crash(_event):
    def sleep(_seconds):
        raise MemoryError

    return sleep


def test_a_bucket_that_stays_away_is_told(bucket, store, monkeypatch):
    *_, away = bucket
    monkeypatch.setattr("transforms.sinks.parquet.LAST_PATIENCE_SECONDS", 0.0)
    away(".")
    with pytest.raises(UserFault, match=r"can't be reached or used .*check its name and the network"):
        store.fail(make_run().key, "stopped")
