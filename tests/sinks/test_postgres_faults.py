"""What a server can do to a run: go away, refuse, be read-only."""

import os
import re
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import zstandard
from psycopg import sql
from psycopg.conninfo import make_conninfo

from schemas.faults import UserFault
from tests.sinks.conftest import PASSWORD, POSTGRES
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, digest, factor, factor_use, make_run, result, rows, whole_run, write
from transforms.sinks import password_secret
from transforms.sinks.connection import connect
from transforms.sinks.contract import State

KINDS = POSTGRES

_KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s"


def _other(target, **keywords):
    return replace(target, conninfo=make_conninfo(target.conninfo, **keywords))


def test_connections_that_are_killed_lose_nothing(store, target):
    run = make_run(f"killed {target.schema}")
    stop = threading.Event()

    def kill() -> None:
        with connect(target, application_name="killer", autocommit=True) as killer:
            for _ in range(8):
                if not stop.wait(0.15):
                    killer.execute(_KILL, ["scope3 killed%"])

    assert store.prepare(run)
    killer = threading.Thread(target=kill)
    writer = store.writer(run.key)
    killer.start()
    try:
        writer.write("factors", rows("factors", factor(), factor("cpi:US")))
        writer.write("factor_uses", rows("factor_uses", factor_use()))
        writer.write("chunks", rows("chunks", chunk(60_000)))
        for start in range(0, 60_000, 1_000):
            writer.write("results", rows("results", *(result(f"R-{place}", place) for place in range(start, start + 1_000))))
        writer.flush()
    finally:
        stop.set()
        killer.join()
        writer.close()
    report = store.audit(run.key)
    assert (report.state, report.reason, report.results) == (State.AUDITING, None, 60_000)
    assert store.publish(run.key).state == State.PUBLISHED


def test_an_audit_that_is_cut_off_goes_on(store, target):
    run = make_run(f"cut off {target.schema}")
    store.prepare(run)
    write(store, run, results=[result("A", 0), result("A", 0), result("A", 9)], dead_letters=[dead_letter(20)] * 2, chunks=[chunk(3)])
    with connect(target, autocommit=True) as blocker:
        # A reader's lock keeps the audit from making its index, until we have cut it off.
        with blocker.transaction():
            blocker.execute(sql.SQL("LOCK TABLE {} IN ROW EXCLUSIVE MODE").format(sql.Identifier(target.schema, "results_1")))
            reports: list = []
            auditing = threading.Thread(target=lambda: reports.append(store.audit(run.key)))
            auditing.start()
            while blocker.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone() == (0,):
                pass
            with connect(target, application_name="killer", autocommit=True) as killer:
                killer.execute(_KILL, ["scope3 cut off%"])
        auditing.join()
    [report] = reports
    assert (report.state, report.results, report.dead_letters, report.duplicates) == (State.AUDITING, 1, 1, 1)
    assert report.repeats_removed == 2


def test_an_audit_needs_no_more_memory_of_the_server_where_more_came_twice(target):
    if not Path("/proc/self/status").exists():
        pytest.skip("what a process needed at most is known on Linux alone")
    run = make_run(f"often {target.schema}")
    store = _other(target, options="-cwork_mem=1MB -cjit=off").open()
    store.prepare(run)
    write(store, run, results=[result("A", 0)], chunks=[chunk(1)])
    with connect(target, autocommit=True) as other:
        often = sql.SQL("INSERT INTO {0} SELECT c.* FROM {0} c, generate_series(1, 399999)")
        other.execute(often.format(sql.Identifier(target.schema, "chunks_1")))
        [(backend,)] = other.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [f"scope3 {run.run_id}"])
    before = _most_memory_kb(backend)
    report = store.audit(run.key)
    grown = _most_memory_kb(backend) - before
    store.close()
    assert (report.state, report.reason, report.read) == (State.AUDITING, None, 1)
    # In one array the addresses of all of them took 16,000 kB.
    assert grown < 6_000


def _most_memory_kb(process: int) -> int:
    return int(re.search(r"^VmPeak:\s+(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)[1])


def test_a_reader_does_not_hold_up_a_publication(store, target):
    whole_run(store, make_run("old", keep_runs=0), results=[result("A", 0)], chunks=[chunk(1)])
    with connect(target, application_name="reader") as reader:
        count = psycopg.sql.SQL("SELECT run_id FROM {}").format(sql.Identifier(target.schema, "current_results"))
        assert reader.execute(count).fetchall() == [("old",)]
        # The reader's transaction stays open; the old run can't be removed yet, the new one is shown all the same.
        whole_run(store, make_run("new", keep_runs=0), results=[result("A", 0)], chunks=[chunk(1)])
        assert reader.execute(count).fetchall() == [("new",)]
        assert {run.run_id for run in store.runs()} == {"old", "new"}
    store.publish(store_key(store, target, "new"))
    assert {run.run_id for run in store.runs()} == {"new"}


def store_key(store, target, run_id):
    [(launch,)] = read(target, "SELECT launch FROM {runs} WHERE run_id = %s", [run_id])
    return make_run(run_id, launch=launch).key


def test_the_record_of_a_duplicate_id_comes_from_the_inputs(store, target):
    lines = b'0\t{"record_id":"A"}\n10\t{"record_id":"A","x":2}\n'
    inputs = [{"source_id": 0, "first_position": 0, "last_position": 10, "block": zstandard.ZstdCompressor().compress(lines)}]
    results = [result("A", 0), result("A", 10, input_sha256=digest("other"))]
    whole_run(store, make_run(), results=results, chunks=[chunk(2)], inputs=inputs)
    assert read(target, "SELECT raw FROM {dead_letters}") == [('{"record_id":"A","x":2}',)]


def test_a_read_only_database_is_told_in_a_sentence(target):
    store = _other(target, options="-cdefault_transaction_read_only=on").open()
    with pytest.raises(UserFault, match=r"is read-only.*name the primary"):
        store.prepare(make_run())
    store.close()


def test_a_user_without_rights_is_told_in_a_sentence(target):
    name = "stranger"
    with connect(target, autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        try:
            store = _other(target, user=name).open()
            with pytest.raises(UserFault, match="user stranger has no right"):
                store.prepare(make_run())
            store.close()
        finally:
            owner.execute(f"DROP ROLE {name}")


def test_a_wrong_password_is_told_without_it(target, monkeypatch):
    if target.data_dir is not None:
        pytest.skip("the embedded server asks for no password")
    monkeypatch.setitem(os.environ, "PGPASSWORD", "wrong-0815")
    store = target.open()
    with pytest.raises(UserFault, match="refused the password of user tester") as told:
        store.prepare(make_run())
    assert "wrong-0815" not in repr(told.value) and told.value.__context__ is None


def test_a_password_that_is_changed_in_its_secret_serves_the_next_connection(target, tmp_path, monkeypatch):
    if target.data_dir is not None:
        pytest.skip("the embedded server asks for no password")
    secret, read = tmp_path / "password", []
    monkeypatch.delenv("PGPASSWORD")
    read_file = password_secret._read_file
    monkeypatch.setattr(password_secret, "_read_file", lambda name: read.append(name) or read_file(name))
    with_secret = replace(target, password_secret=f"file:{secret}")
    secret.write_text(PASSWORD)
    for _ in range(3):
        connect(with_secret).close()
    # Those who take turns connect often, and Secret Manager counts each look.
    assert len(read) == 1
    with connect(with_secret, autocommit=True) as owner:
        try:
            owner.execute("ALTER ROLE tester PASSWORD 'other-0815'")
            with pytest.raises(UserFault, match="refused the password of user tester"):
                connect(with_secret)
            secret.write_text("other-0815")
            connect(with_secret).close()
        finally:
            owner.execute(f"ALTER ROLE tester PASSWORD '{PASSWORD}'")


def test_tables_of_another_version_are_refused(store, target):
    store.prepare(make_run())
    with connect(target, autocommit=True) as owner:
        owner.execute(sql.SQL("ALTER TABLE {} ADD COLUMN water_m3 double precision").format(sql.Identifier(target.schema, "results")))
    with pytest.raises(UserFault, match=r"another version of this program.*water_m3"):
        store.prepare(make_run("second"))


def test_rows_in_another_schema_than_the_tables_are_a_fault_of_ours(store):
    run = make_run()
    store.prepare(run)
    writer = store.writer(run.key)
    with pytest.raises(ValueError, match="rows for results have columns"):
        writer.write("results", rows("dead_letters", dead_letter(0)))
    writer.close()
