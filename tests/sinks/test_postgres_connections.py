"""More writers than connections: they take turns, and nothing is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from schemas.faults import UsageFault
from tests.sinks.conftest import POSTGRES
from tests.sinks.rows import chunk, factor, factor_use, make_run, result, rows
from transforms.sinks import postgres_link, postgres_write
from transforms.sinks.connection import connect
from transforms.sinks.contract import State
from transforms.sinks.embedded import embedded_server
from transforms.sinks.postgres_link import Link
from transforms.sinks.postgres_turns import is_full
from transforms.sinks.postgres_write import PostgresWriter

KINDS = POSTGRES

WRITERS, BUFFERS = 6, 4


@pytest.fixture
def each_alone(monkeypatch):
    """Gives each writer a connection of its own, as if each ran in a process of its own."""
    monkeypatch.setattr(postgres_write, "take_link", Link)
    monkeypatch.setattr(postgres_write, "give_back", Link.close)
    monkeypatch.setattr(postgres_write, "_BUFFER_ROWS", 100)


def write_from_many(target, run) -> None:
    """Writes from many threads at once; each does several bundles."""
    faults: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            writer = PostgresWriter(target, run.key)
            try:
                writer.write("factors", rows("factors", factor(), factor("cpi:US")))
                writer.write("factor_uses", rows("factor_uses", factor_use()))
                for buffer in range(BUFFERS):
                    position = (worker * BUFFERS + buffer) * 1_000
                    writer.write("results", rows("results", *(result(f"R-{position + row}", position + row) for row in range(150))))
                    writer.write("chunks", rows("chunks", chunk(150, position)))
                    writer.flush()
            finally:
                writer.close()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not faults and not any(thread.is_alive() for thread in threads), faults


@contextmanager
def watched(target, run) -> Iterator[list[int]]:
    """Gives the numbers of connections that showed a sign of life of the run, looked at again and again."""
    seen: list[int] = []
    stop = threading.Event()

    def look() -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
        with connect(target, application_name="watch", autocommit=True) as connection:
            while not stop.wait(0.005):
                [(number,)] = connection.execute(query, [f"scope3 {run.run_id}"])
                seen.append(number)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def whole(store, run) -> None:
    report = store.audit(run.key)
    assert (report.state, report.read, report.results) == (State.AUDITING, WRITERS * BUFFERS * 150, WRITERS * BUFFERS * 150)


def test_a_run_holds_no_more_connections_than_it_was_given(store, target, each_alone):
    run = make_run(f"given {target.schema}")
    limited = replace(target, max_connections=5)
    store.prepare(run)
    with watched(target, run) as seen:
        write_from_many(limited, run)
    whole(store, run)
    # One is the store that prepared the run; the audit may have two; two are left for six writers.
    assert max(seen) == 3


def test_writers_wait_where_the_server_has_no_connection_left_and_those_that_have_one_let_go(store, target, each_alone):
    name = "crowded"
    run = make_run(f"crowded {target.schema}")
    with connect(target, autocommit=True) as owner:
        [(is_super,)] = owner.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert is_super
        password = "PASSWORD 'sesame-4711'"
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN CONNECTION LIMIT 2 " + password).format(sql.Identifier(name)))
        owner.execute(sql.SQL("GRANT CREATE ON DATABASE {} TO {}").format(sql.Identifier(owner.info.dbname), sql.Identifier(name)))
        crowded = replace(target, conninfo=psycopg.conninfo.make_conninfo(target.conninfo, user=name))
        theirs = crowded.open()
        try:
            theirs.prepare(run)
            write_from_many(crowded, run)
            report = theirs.audit(run.key)
        finally:
            theirs.close()
            time.sleep(0.1)
            owner.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(name)))
            owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
    assert (report.state, report.results) == (State.AUDITING, WRITERS * BUFFERS * 150)


def test_writers_of_one_process_share_a_connection(store, target):
    run = make_run(f"shared {target.schema}")
    store.prepare(run)
    with watched(target, run) as seen:
        write_from_many(target, run)
    whole(store, run)
    assert max(seen) == 2


@pytest.mark.parametrize("number", [0, 3])
def test_a_run_needs_four_connections(target, number):
    with pytest.raises(UsageFault, match=f"--max_connections is {number}, and a run needs 4"):
        replace(target, max_connections=number)


def test_a_writer_waits_until_another_lets_go(store, target, each_alone):
    run = make_run(f"ends {target.schema}")
    store.prepare(run)
    limited = replace(target, max_connections=4)
    first = Link(limited, run.key)
    with first.connected(threading.Event()):
        waiting: list[PostgresWriter] = []
        thread = threading.Thread(target=lambda: waiting.append(PostgresWriter(limited, run.key)))
        thread.start()
        thread.join(1)
        assert not waiting
    first.close()
    thread.join(30)
    [second] = waiting
    second.close()


def test_a_writer_that_has_nothing_to_write_makes_way_for_one_that_waits(store, target, each_alone, monkeypatch):
    monkeypatch.setattr(postgres_link, "TURN_SECONDS", 0.3)
    monkeypatch.setattr(postgres_write, "_PATIENCE_WHEN_BUSY_SECONDS", 30.0)
    run = make_run(f"idle {target.schema}")
    store.prepare(run)
    limited = replace(target, max_connections=4)
    idle = PostgresWriter(limited, run.key)
    # It comes in while the other is still open.
    PostgresWriter(limited, run.key).close()
    idle.close()


def test_a_writer_keeps_its_connection_between_bundles_and_so_the_run_its_sign_of_life(target):
    run = make_run(f"bundles {target.schema}")
    limited = replace(target, max_connections=5)
    first = target.open()
    first.prepare(run)
    writer = PostgresWriter(limited, run.key)
    first.close()
    backends = set()
    looking = target.open()
    try:
        for number in range(3):
            writer.write("chunks", rows("chunks", chunk(1, number)))
            writer.flush()
            assert [one.state for one in looking.runs()] == [State.RUNNING]
            with connect(target, autocommit=True) as other:
                backends |= set(other.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [f"scope3 {run.run_id}"]))
        assert len(backends) == 1
    finally:
        looking.close()
        writer.close()


def test_a_writer_that_can_not_begin_leaves_neither_thread_nor_connection(target):
    run = make_run()
    before = threading.active_count()
    with pytest.raises(psycopg.errors.UndefinedTable):
        # Nobody has prepared the run, not even the schema.
        PostgresWriter(target, run.key)
    assert threading.active_count() <= before and target not in [one for one, _ in postgres_link._links]


def test_connections_that_the_server_keeps_for_others_are_none_of_ours(tmp_path):
    with embedded_server(tmp_path / "store") as server, connect(server, autocommit=True) as owner:
        [(version,)] = owner.execute("SELECT current_setting('server_version_num')::integer")
        assert version >= 160000, "older ones keep none"
        [(ours,)] = owner.execute(
            "SELECT current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer"
        )
        owner.execute(f"ALTER SYSTEM SET reserved_connections = {ours - 2}")
    with embedded_server(tmp_path / "store") as server, connect(server) as first:
        assert not is_full(first)
        with connect(server) as second:
            assert is_full(second)
