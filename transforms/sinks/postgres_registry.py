"""The list of runs in PostgreSQL: which there are, who may write, and which of them still go on.

A run goes on while a session holds its advisory lock: every writer, its audit and the store that prepared it. A
heartbeat in `runs` would wait behind every writer; a lock costs nothing and ends with its process.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import errors, sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from schemas.faults import UserFault
from transforms.sinks.contract import ABANDONED_REASON, AuditReport, Run, RunKey, RunListing, State
from transforms.sinks.postgres_tables import Connection, Names, attach, drop_run_tables, has_schema, make_run_tables

# How long the sessions of a killed launch may take to end before a new one is told that the run goes on.
_FADE_SECONDS = 5.0
_POLL_SECONDS = 0.1

# What the server does when the network swallows packets: else the sign of a machine that is gone lasts for 2 hours.
_WATCH = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 60000"
_CHECKING_VERSION = 140000

_WORDS = {"inputs": "inputs", "options": "options", "factors": "factors", "engine_version": "engine version"}

_LOCKS = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True)
class Registered:
    """A row of `runs`."""

    run_id: str
    run_no: int
    inventory: str
    launch: str
    state: State
    reason: str | None
    fingerprint: Mapping[str, Any]
    max_dead_letter_share: float
    keep_runs: int | None
    created_at: datetime
    audited_at: datetime | None
    published_at: datetime | None
    read: int | None
    skipped: int | None
    results: int | None
    dead_letters: int | None
    duplicates: int | None
    repeats_removed: int
    totals: Mapping[str, Any] | None

    @property
    def goes_on(self) -> bool:
        """Says whether the run has not come to an end, be it alive or not."""
        return self.state in (State.RUNNING, State.AUDITING)

    def report(self) -> AuditReport:
        """Returns what is stored of the audit; zeros before it."""
        return AuditReport(
            state=State(self.state),
            read=self.read or 0,
            skipped=self.skipped or 0,
            results=self.results or 0,
            dead_letters=self.dead_letters or 0,
            duplicates=self.duplicates or 0,
            repeats_removed=self.repeats_removed,
            reason=self.reason,
        )


SELECT_RUNS = sql.SQL("SELECT {} FROM ").format(sql.SQL(", ").join(map(sql.Identifier, Registered.__dataclass_fields__)))


def shown(name: str) -> str:
    """Returns the name of a run or inventory for a message; it may be long."""
    return repr(name if len(name) <= 60 else name[:57] + "...")


def find(connection: Connection, names: Names, run_id: str, *, lock: bool = False) -> Registered | None:
    """Returns a run by its id; with `lock`, nobody changes it until the transaction ends."""
    query = SELECT_RUNS + names.sql("{runs} WHERE run_id = %s") + sql.SQL(" FOR UPDATE" if lock else "")
    return connection.cursor(row_factory=class_row(Registered)).execute(query, [run_id]).fetchone()


def find_launch(connection: Connection, names: Names, key: RunKey, *, lock: bool = False) -> Registered:
    """Returns the run of a launch.

    Raises:
        UserFault: there is none, or another launch has replaced it.
    """
    found = find(connection, names, key.run_id, lock=lock) if has_schema(connection, names) else None
    if found is None:
        raise UserFault(f"there is no run {shown(key.run_id)} in schema {names.schema!r}; see scope3 runs")
    if found.launch != key.launch:
        raise UserFault(f"run {shown(key.run_id)} was started anew by another command, which goes on with it; this one ends here")
    return found


def prepare(connection: Connection, names: Names, run: Run) -> bool:
    """Registers a run and makes its tables. See contract.Store.prepare; leaves a sign of life on the connection."""
    deadline = time.monotonic() + _FADE_SECONDS
    while True:
        found = None
        with _unless_in_use(run), connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '10s'")
            found = find(connection, names, run.run_id, lock=True)
            if found is None or not _is_alive(connection, names, found, run):
                needs_rows = _register(connection, names, run, found)
                if needs_rows is not None:
                    return needs_rows
        if found is not None and time.monotonic() > deadline:
            raise UserFault(
                f"run {shown(run.run_id)} goes on since {found.created_at:%Y-%m-%d %H:%M} in another process; "
                "wait for its end or stop it, or give this one another --run_id"
            )
        time.sleep(_POLL_SECONDS)


@contextmanager
def _unless_in_use(run: Run) -> Iterator[None]:
    """Tells who is in the way where a run can't be replaced: readers of its dead letters hold the table."""
    try:
        yield
    except errors.LockNotAvailable:
        raise UserFault(
            f"run {shown(run.run_id)} is there already and can't be replaced while somebody reads dead_letters; "
            "end that query or transaction, or give another --run_id"
        ) from None


def _is_alive(connection: Connection, names: Names, found: Registered, run: Run) -> bool:
    if not found.goes_on or found.launch == run.launch or _difference(found.fingerprint, run.fingerprint):
        return False
    query = f"SELECT %s IN ({_LOCKS} AND pid <> pg_backend_pid())"
    row = connection.execute(query, [names.of_run(found.run_no).lock_key("life")]).fetchone()  # type: ignore[arg-type]
    return row is not None and row[0] is True


def _register(connection: Connection, names: Names, run: Run, found: Registered | None) -> bool | None:
    """Decides what becomes of a run_id, inside the transaction that holds its row; None if another got the name just now."""
    if found is not None:
        if found.launch == run.launch:
            life_sign(connection, names.of_run(found.run_no), run.key)
            return found.state == State.RUNNING
        other = _difference(found.fingerprint, run.fingerprint)
        if other:
            raise UserFault(
                f"run {shown(run.run_id)} is there already, with other {other}; give another --run_id, or none: then a new one is made"
            )
        if found.state in (State.PUBLISHED, State.SUPERSEDED):
            raise UserFault(
                f"run {shown(run.run_id)} was published already, on {found.published_at:%Y-%m-%d %H:%M}, from the same inputs, options and "
                "factors; look at it with scope3 runs, or give another --run_id to calculate anew"
            )
        forget(connection, names, found)
    values = {
        "run_id": run.run_id,
        "inventory": run.inventory,
        "launch": run.launch,
        "state": State.RUNNING.value,
        "fingerprint": Jsonb(dict(run.fingerprint)),
        "config": Jsonb(dict(run.config)),
        "config_sha256": run.config_sha256,
        "factors_sha256": run.factors_sha256,
        "engine_version": run.engine_version,
        "max_dead_letter_share": run.max_dead_letter_share,
        "keep_runs": run.keep_runs,
    }
    columns, places = map(sql.Identifier, values), [sql.Placeholder()] * len(values)
    insert = names.sql(
        "INSERT INTO {runs} ({columns}) VALUES ({places}) ON CONFLICT (run_id) DO NOTHING RETURNING run_no",
        columns=sql.SQL(", ").join(columns),
        places=sql.SQL(", ").join(places),
    )
    row = connection.execute(insert, list(values.values())).fetchone()
    if row is None:
        return None
    own = names.of_run(row[0])
    sources = "INSERT INTO {sources} SELECT %s, * FROM unnest(%s::integer[], %s::text[], %s::bigint[])"
    columns_of = [[getattr(source, name) for source in run.sources] for name in ("source_id", "source_uri", "size_bytes")]
    connection.execute(names.sql(sources), [run.run_id, *columns_of])
    make_run_tables(connection, own, run.run_id)
    # Before anybody can see the run: nobody finds it without a sign of life.
    life_sign(connection, own, run.key)
    return True


def _difference(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Returns in words what of two fingerprints differs, empty where nothing does."""
    # As JSON, as it went in: a tuple and a list are the same there.
    now = json.loads(json.dumps(dict(asked)))
    parts = []
    for name in sorted(stored.keys() | now.keys()):
        before, after = stored.get(name), now.get(name)
        if before != after:
            inner = ""
            if name == "options" and isinstance(before, dict) and isinstance(after, dict):
                changed = sorted(option for option in before.keys() | after.keys() if before.get(option) != after.get(option))
                inner = f" ({', '.join(changed)})"
            parts.append(_WORDS.get(name, name) + inner)
    return " and ".join(parts)


def forget(connection: Connection, names: Names, found: Registered) -> None:
    """Removes a run with all that it wrote. In a transaction."""
    drop_run_tables(connection, names.of_run(found.run_no))
    connection.execute(names.sql("DELETE FROM {sources} WHERE run_id = %s"), [found.run_id])
    connection.execute(names.sql("DELETE FROM {runs} WHERE run_no = %s"), [found.run_no])


def life_sign(connection: Connection, names: Names, key: RunKey) -> None:
    """Shows that the run of these names goes on, for as long as the connection is open."""
    # The name is for whoever looks into pg_stat_activity.
    query = "SELECT pg_advisory_lock_shared(%s), set_config('application_name', %s, false)"
    connection.execute(query, [names.lock_key("life"), f"scope3 {key.run_id}"])


def watch_over_network(connection: Connection) -> None:
    """Lets the server notice within a minute or two that the other end of the connection is gone."""
    connection.execute(_WATCH)
    if connection.info.server_version >= _CHECKING_VERSION:
        # The second: a writer may have nothing to say for long, and its connection is the sign that the run goes on.
        connection.execute("SET client_connection_check_interval = '1s'; SET idle_session_timeout = 0")


def fail(connection: Connection, names: Names, key: RunKey, reason: str) -> None:
    """Marks a run that goes on as failed and shows its dead letters; any other stays as it is."""
    if not has_schema(connection, names):
        return
    with connection.transaction():
        # On the way out nobody waits for long; without the mark the run is shown as abandoned.
        connection.execute("SET LOCAL lock_timeout = '5s'")
        found = find(connection, names, key.run_id, lock=True)
        if found is not None and found.launch == key.launch and found.goes_on:
            update = "UPDATE {runs} SET state = 'failed', reason = %s WHERE run_no = %s"
            connection.execute(names.sql(update), [reason, found.run_no])
            attach(connection, names.of_run(found.run_no), found.run_id, ["dead_letters"])


def state_of(connection: Connection, names: Names, found: list[Registered]) -> list[tuple[State, str | None]]:
    """Returns state and reason of runs as people are told: those that go on without a sign of life are abandoned."""
    if not any(run.goes_on for run in found):
        return [(State(run.state), run.reason) for run in found]
    alive = {row[0] for row in connection.execute(_LOCKS)}
    return [
        (State.ABANDONED, ABANDONED_REASON)
        if run.goes_on and names.of_run(run.run_no).lock_key("life") not in alive
        else (State(run.state), run.reason)
        for run in found
    ]


def runs(connection: Connection, names: Names) -> list[RunListing]:
    """Returns all runs, newest first."""
    if not has_schema(connection, names):
        return []
    query = SELECT_RUNS + names.sql("{runs} ORDER BY run_no DESC")
    found = connection.cursor(row_factory=class_row(Registered)).execute(query).fetchall()
    return [
        RunListing(
            run.run_id,
            run.inventory,
            state,
            reason,
            run.read,
            run.results,
            run.dead_letters,
            run.duplicates,
            run.totals["total"]["kg_co2e"] if run.totals else None,
            run.created_at,
            run.published_at,
        )
        for run, (state, reason) in zip(found, state_of(connection, names, found), strict=True)
    ]
