"""Signs of life and claims of the Parquet store: whose they may be, and by which clock they fade."""

import json
import os
import socket
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psutil
import pytest

from tests.cloud.server import BUCKET, GoogleServer
from tests.sinks.rows import chunk, make_run, result, whole_run
from transforms.sinks import parquet_locks
from transforms.sinks.contract import State
from transforms.sinks.parquet_locks import readers
from transforms.sinks.parquet_target import ParquetTarget

KINDS = ("parquet",)


def _sign_of(target, **changes):
    """Leaves the sign of a run that goes on as another process would have written it."""
    opened = target.open()
    opened.prepare(make_run())
    [file] = Path(target.url, "runs", "first").glob("_alive-*")
    sign = json.loads(file.read_text())
    opened.close()
    file.write_text(json.dumps(sign | changes))
    return file


def test_a_command_that_starts_again_under_the_number_of_a_killed_one_takes_its_place(store, target):
    # As in a container, where each first process is number 1.
    _sign_of(target, pid=os.getpid(), began=psutil.Process().create_time() - 60)
    assert store.runs()[0].state == State.ABANDONED
    assert whole_run(store, make_run(), results=[result("A", 0)], chunks=[chunk(1)]).state == State.PUBLISHED


@pytest.mark.parametrize("apart", [{"boot": "another"}, {"numbers": "pid:[1]"}, {"host": "another"}])
def test_a_process_that_cant_be_seen_from_here_lives_while_its_sign_is_renewed(store, target, apart):
    gone = max(psutil.pids()) + 100_000
    file = _sign_of(target, **({"host": socket.gethostname(), "pid": gone} | apart))
    assert store.runs()[0].state == State.RUNNING
    assert [path.name for path in file.parent.iterdir() if path.name.startswith("_")] == [file.name]
    long_ago = time.time() - 100
    os.utime(file, (long_ago, long_ago))
    assert store.runs()[0].state == State.ABANDONED


@pytest.fixture
def server():
    """A server of buckets whose clock is five minutes behind ours."""
    with GoogleServer() as opened:
        opened.clock = lambda: datetime.now(timezone.utc) - timedelta(minutes=5)
        yield opened
        opened.shutdown()


@pytest.fixture
def behind(server):
    return ParquetTarget(f"gs://anonymous@{BUCKET}/results?scheme=http&endpoint_override=127.0.0.1:{server.server_port}")


def _another_wrote(server, name, content, seconds_ago):
    server.objects[name] = content
    server.written[name] = server.clock() - timedelta(seconds=seconds_ago)


@pytest.mark.parametrize(("seconds_ago", "state"), [(10, State.RUNNING), (100, State.ABANDONED)])
def test_a_sign_in_a_bucket_fades_by_the_clock_of_the_bucket(server, behind, seconds_ago, state):
    store = behind.open()
    store.prepare(make_run())
    store.close()
    sign = json.dumps({"host": "another", "boot": None, "numbers": None, "pid": 1, "began": 0.0}).encode()
    _another_wrote(server, "results/runs/first/_alive-1.json", sign, seconds_ago)
    assert store.runs()[0].state == state


def test_a_claim_of_another_is_waited_for_by_the_clock_of_the_bucket(server, behind, monkeypatch):
    folder = parquet_locks.folder_name("inventory main")
    _another_wrote(server, f"results/_locks/{folder}/another", b"claimed", 10)
    waited = []
    monkeypatch.setattr(parquet_locks.time, "sleep", lambda _seconds: waited.append(server.objects.clear()))
    with readers(behind.tree(), "main"):
        assert waited


def test_a_claim_that_a_killed_process_left_is_passed_over(server, behind, monkeypatch):
    folder = parquet_locks.folder_name("inventory main")
    _another_wrote(server, f"results/_locks/{folder}/killed", b"claimed", 200)
    monkeypatch.setattr(parquet_locks.time, "sleep", lambda _seconds: pytest.fail("nobody is to be waited for"))
    with readers(behind.tree(), "main"):
        assert len(behind.tree().names("_locks")) == 2
    assert behind.tree().names("_locks") == [f"_locks/{folder}/killed"]
