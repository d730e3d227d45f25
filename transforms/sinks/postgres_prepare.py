"""Begins a run in PostgreSQL, and takes the place of a former one. See launches.decide."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import errors, sql
from psycopg.types.json import Jsonb

from schemas.faults import UserFault
from transforms.sinks import launches
from transforms.sinks.contract import Run, State
from transforms.sinks.launches import Launch, shown
from transforms.sinks.postgres_registry import ADVISORY_LOCKS, Registered, find, forget, life_sign
from transforms.sinks.postgres_tables import Connection, Names, make_run_tables

_POLL_SECONDS = 0.1


def prepare(connection: Connection, names: Names, run: Run) -> bool:
    """Registers a run and makes its tables. See contract.Store.prepare; leaves a sign of life on the connection."""
    deadline = time.monotonic() + launches.FADE_SECONDS
    while True:
        found = None
        with _unless_in_use(run), connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '10s'")
            found = find(connection, names, run.run_id, lock=True)
            step = launches.decide(found, run, found is not None and _is_alive(connection, names, found))
            if step in (Launch.WRITE, Launch.ANSWER):
                assert found is not None
                life_sign(connection, names.of_run(found.run_no), run.key)
                return step is Launch.WRITE
            if step is Launch.BEGIN and _register(connection, names, run, found):
                return True
        if found is not None and time.monotonic() > deadline:
            raise launches.goes_on(run.run_id, found.created_at)
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


def _is_alive(connection: Connection, names: Names, found: Registered) -> bool:
    query = f"SELECT %s IN ({ADVISORY_LOCKS} AND pid <> pg_backend_pid())"
    row = connection.execute(query, [names.of_run(found.run_no).lock_key("life")]).fetchone()  # type: ignore[arg-type]
    return row is not None and row[0] is True


def _register(connection: Connection, names: Names, run: Run, found: Registered | None) -> bool:
    """Takes the name, inside the transaction that holds the former run's row; False if another got it just now."""
    if found is not None:
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
        return False
    own = names.of_run(row[0])
    sources = "INSERT INTO {sources} SELECT %s, * FROM unnest(%s::integer[], %s::text[], %s::bigint[])"
    columns_of = [[getattr(source, name) for source in run.sources] for name in ("source_id", "source_uri", "size_bytes")]
    connection.execute(names.sql(sources), [run.run_id, *columns_of])
    make_run_tables(connection, own, run.run_id)
    # Before anybody can see the run: nobody finds it without a sign of life.
    life_sign(connection, own, run.key)
    return True
