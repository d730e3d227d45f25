"""The list of runs in PostgreSQL: which there are, who may write, and which of them still go on.

A run goes on while a session holds its advisory lock: every writer, its audit and the store that prepared it. A
heartbeat in `runs` would wait behind every writer; a lock costs nothing and ends with its process.
"""

from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from transforms.sinks.contract import ABANDONED_REASON, RunKey, RunListing, State
from transforms.sinks.launches import no_run, replaced
from transforms.sinks.noted import Noted
from transforms.sinks.postgres_repeats import REPEATABLE, remove_repeats
from transforms.sinks.postgres_tables import Connection, Names, attach, drop_run_tables, has_schema

# What the server does when the network swallows packets: else the sign of a machine that is gone lasts for 2 hours.
_WATCH = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 60000"
_CHECKING_VERSION = 140000

# Numbers of all advisory locks that are held in this database.
ADVISORY_LOCKS = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass(frozen=True)
class Registered(Noted):
    """A row of `runs`."""

    run_no: int


SELECT_RUNS = sql.SQL("SELECT {} FROM ").format(sql.SQL(", ").join(map(sql.Identifier, Registered.__dataclass_fields__)))


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
        raise no_run(key.run_id, f"schema {names.schema!r}")
    if found.launch != key.launch:
        raise replaced(key.run_id)
    return found


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
            own = names.of_run(found.run_no)
            # No audit has looked for them.
            remove_repeats(connection, own, {"dead_letters": REPEATABLE["dead_letters"]})
            attach(connection, own, found.run_id, ["dead_letters"])


def state_of(connection: Connection, names: Names, found: list[Registered]) -> list[tuple[State, str | None]]:
    """Returns state and reason of runs as people are told: those that go on without a sign of life are abandoned."""
    if not any(run.goes_on for run in found):
        return [(State(run.state), run.reason) for run in found]
    alive = {row[0] for row in connection.execute(ADVISORY_LOCKS)}
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
    return [run.listing(state, reason) for run, (state, reason) in zip(found, state_of(connection, names, found), strict=True)]
