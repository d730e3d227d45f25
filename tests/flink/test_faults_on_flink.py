"""Whatever dies in the middle of a job on Flink: it ends, nothing is lost, and nothing comes twice."""

import signal
import time
from contextlib import contextmanager

import psutil
import pytest

from tests.flink.comparison import counts, local_run

_PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def undisturbed(inputs, server_folder, tmp_path_factory):
    return local_run(inputs.many(), server_folder, tmp_path_factory.mktemp("local"))


def _wait(condition):
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def _held_up(connection):
    """Lets the writers of results wait, all that they hold in their hands, while the block runs."""

    def asked(query):
        return connection.execute(query).fetchone()[0]

    _wait(lambda: asked("SELECT to_regclass('results_1') IS NOT NULL"))
    with connection.transaction():
        connection.execute("LOCK TABLE results_1 IN SHARE MODE")
        _wait(lambda: asked("SELECT count(*) FROM pg_locks WHERE relation = 'results_1'::regclass AND NOT granted"))
        yield


def _end(process, store, undisturbed):
    told, faults = process.communicate(timeout=200)
    assert (process.returncode, faults) == (0, ""), told
    assert (counts(store), store.digest()) == undisturbed


@pytest.mark.parametrize("victim", ["a TaskManager", "the workers"])
def test_a_kill_in_the_middle_costs_nothing_but_time(cluster, jobs, store, inputs, undisturbed, victim):
    before = cluster.restarts()
    process = jobs.start(*store.options, "--input", inputs.many(), environment="EXTERNAL", parallelism=2)
    with store.connection() as connection:
        with _held_up(connection):
            if victim == "a TaskManager":
                cluster.kill_task_manager()
            else:
                cluster.kill_workers()
            _wait(lambda: cluster.restarts() > before)
        _end(process, store, undisturbed)
    if victim == "a TaskManager":
        cluster.add_task_manager()
        cluster.wait_for_slots(4)


def test_connections_that_are_cut_do_not_even_restart_the_job(cluster, jobs, store, inputs, undisturbed):
    before = cluster.restarts()
    process = jobs.start(*store.options, "--input", inputs.many(), environment="EXTERNAL", parallelism=2)
    with store.connection() as connection:
        with _held_up(connection):
            cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'scope3%' AND pid <> pg_backend_pid()"
            assert connection.execute(cut).fetchone()[0] >= 1
        _end(process, store, undisturbed)
    assert cluster.restarts() == before


def test_an_interrupt_ends_the_job_on_the_cluster_too(cluster, jobs, store, inputs):
    process = jobs.start(*store.options, "--input", inputs.many(), parallelism=2)
    with store.connection() as connection, _held_up(connection):
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=90)
    assert (process.returncode, told.strip()) == (130, "scope3: interrupted; nothing was published")
    assert "CANCELED" in {job["state"] for job in cluster.get("/jobs/overview")["jobs"]}
    assert [job for job in cluster.get("/jobs/overview")["jobs"] if job["state"] not in ("FINISHED", "CANCELED", "FAILED")] == []
    assert store.rows("SELECT state, reason FROM runs") == [("failed", "interrupted")]
    assert [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE] == []
    cluster.wait_for_slots(4)
