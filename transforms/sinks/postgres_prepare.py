"""Begins a run in PostgreSQL: what a run_id that is there already means, and how its place is taken.

| the run is | a runner's own restart | a new launch |
| --- | --- | --- |
| running | goes on | refused while it shows a sign of life, else replaces it |
| auditing | needs no more rows | as running |
| failed, empty | needs no more rows | replaces it |
| published, superseded | needs no more rows | is refused |

Other inputs, options or factors under the same run_id are always refused.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg import errors, sql
from psycopg.types.json import Jsonb

from schemas.faults import UserFault
from transforms.sinks.contract import Run, State
from transforms.sinks.postgres_registry import ADVISORY_LOCKS, Registered, find, forget, life_sign, shown
from transforms.sinks.postgres_tables import Connection, Names, make_run_tables

# How long the sessions of a killed launch may take to end before a new one is told that the run goes on.
_FADE_SECONDS = 5.0
_POLL_SECONDS = 0.1

_WORDS = {"inputs": "inputs", "options": "options", "factors": "factors", "engine_version": "engine version"}


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
    query = f"SELECT %s IN ({ADVISORY_LOCKS} AND pid <> pg_backend_pid())"
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
