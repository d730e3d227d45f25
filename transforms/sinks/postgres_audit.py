"""Proves by counting what PostgreSQL holds that every record that was read has one end.

    read = results + dead letters + duplicates

Each step is a transaction of its own that leaves the run nearer to its end; an audit that was cut off is begun again
and goes on from there. Rows stay in the server (but for those of postgres_raw.py).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg import errors, sql
from psycopg.types.json import Jsonb

from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.postgres_raw import fill_raw
from transforms.sinks.postgres_registry import Registered, find_launch, life_sign
from transforms.sinks.postgres_repeats import REPEATABLE, remove_repeats
from transforms.sinks.postgres_summary import Unexplained, totals_of
from transforms.sinks.postgres_tables import Connection, Names, attach
from transforms.sinks.totals import Totals
from transforms.sinks.verdict import DUPLICATE_MESSAGE, verdict

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Of the rows of one record_id the first stays, by source_uri and source_position. What the others are is told by the
# content: the same is a line that came twice, another is a second record under the same name.
_SETTLE: "LiteralString" = """
WITH later AS MATERIALIZED (
    SELECT * FROM (
        SELECT r.ctid AS place, record_id, category, source_id, source_position, input_sha256,
            row_number() OVER w AS rank, first_value(source_id) OVER w AS kept_source_id, first_value(source_uri) OVER w AS kept_uri,
            first_value(source_position) OVER w AS kept_position, first_value(input_sha256) OVER w AS kept_sha256
        FROM {own_results} r LEFT JOIN (SELECT source_id, source_uri FROM {sources} WHERE run_id = %(run_id)s) s USING (source_id)
        WHERE record_id COLLATE "C" IN (SELECT record_id COLLATE "C" FROM {own_results} GROUP BY 1 HAVING count(*) > 1)
        WINDOW w AS (PARTITION BY record_id COLLATE "C" ORDER BY source_uri COLLATE "C", source_id, source_position)
    ) ranked WHERE rank > 1
), repeated AS (
    INSERT INTO {own_duplicates} (record_id, category, source_id, source_position, kept_source_id, kept_source_position)
    SELECT record_id, category, source_id, source_position, kept_source_id, kept_position FROM later WHERE input_sha256 = kept_sha256
), claimed AS (
    INSERT INTO {own_dead_letters} (stage, record_id, category, code, field, value, message, source_id, source_position)
    SELECT 'audit', record_id, category, 'E_DUPLICATE', 'record_id', record_id, format(%(message)s,
        record_id, kept_position, coalesce(kept_uri, 'source ' || kept_source_id)), source_id, source_position
    FROM later WHERE input_sha256 <> kept_sha256
)
DELETE FROM {own_results} USING later WHERE ctid = place"""

_COUNT: "LiteralString" = """
SELECT coalesce((SELECT sum(records) FROM {own_chunks}), 0)::bigint, coalesce((SELECT sum(skipped) FROM {own_chunks}), 0)::bigint,
    (SELECT count(*) FROM {own_results}), (SELECT count(*) FROM {own_dead_letters}), (SELECT count(*) FROM {own_duplicates})"""


def audit(connection: Connection, names: Names, key: RunKey, open_second: Callable[[], Connection]) -> AuditReport:
    """Seals a run, removes repeats, settles ids and counts. See contract.Store.audit.

    Args:
        open_second: opens a second connection to the same server.

    Raises:
        UserFault: there is no such run, or another launch has replaced it.
    """
    found = _seal(connection, names, key)
    if not found.is_open:
        return found.report()
    own = names.of_run(found.run_no)
    life_sign(connection, own, key)
    with _alone(connection, own):
        # The one before us may have come to the end.
        found = find_launch(connection, names, key)
        if found.is_open:
            _remove_repeats(connection, own, REPEATABLE)
            with open_second() as second:
                totals = _settle_and_add_up(connection, second, own, found.run_id)
            _finish(connection, own, found, totals)
    return find_launch(connection, names, key).report()


def _seal(connection: Connection, names: Names, key: RunKey) -> Registered:
    """Waits for the transactions that are writing; later ones find no run to write to."""
    with connection.transaction():
        found = find_launch(connection, names, key, lock=True)
        update = "UPDATE {runs} SET state = 'auditing' WHERE run_no = %s AND state = 'running'"
        connection.execute(names.sql(update), [found.run_no])
    return find_launch(connection, names, key)


@contextmanager
def _alone(connection: Connection, own: Names) -> Iterator[None]:
    """Keeps a second attempt of the runner out until the first has ended or its connection is gone."""
    lock = own.lock_key("audit")
    connection.execute("SELECT pg_advisory_lock(%s)", [lock])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", [lock])


def _remove_repeats(connection: Connection, own: Names, tables: "dict[str, LiteralString]") -> None:
    """Removes what tables hold twice, and notes how many rows of records that were.

    Args:
        tables: the columns by which rows of each are told apart.
    """
    with connection.transaction():
        removed = remove_repeats(connection, own, tables)
        of_records = sum(removed.get(table, 0) for table in ("results", "dead_letters"))
        # Added up in the store: an audit that is begun again no longer finds them.
        update = "UPDATE {runs} SET repeats_removed = repeats_removed + %s WHERE run_no = %s"
        connection.execute(own.sql(update), [of_records, own.run_no])


def _settle_and_add_up(connection: Connection, second: Connection, own: Names, run_id: str) -> Totals | None:
    """Makes record_id unique and returns the totals; None if results refer to what is not there.

    Nearly always it is unique from the start, and the index that proves it is all there is to do. Meanwhile a second
    connection adds up; its sums are thrown away if rows go.
    """
    with ThreadPoolExecutor(1) as thread:
        adding = thread.submit(totals_of, second, own)
        if _make_unique(connection, own):
            return _explained(adding.result)
        second.cancel()
    _remove_repeats(connection, own, {"results": "source_id, source_position"})
    with connection.transaction():
        connection.execute(own.sql(_SETTLE), {"run_id": run_id, "message": DUPLICATE_MESSAGE.replace("{}", "%s")})
        fill_raw(connection, own)
    _make_unique(connection, own)
    return _explained(lambda: totals_of(connection, own))


def _explained(add_up: Callable[[], Totals]) -> Totals | None:
    try:
        return add_up()
    except Unexplained:
        return None


def _make_unique(connection: Connection, own: Names) -> bool:
    """Makes the unique index of record_id; False if rows share one."""
    name = f"results_{own.run_no}_record_id"
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('maintenance_work_mem', '128MB', true)")
            # Bytewise, whatever the database's language: five times as fast, and letters are not confused.
            statement = 'CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {own_results} (record_id COLLATE "C")'
            connection.execute(own.sql(statement, name=sql.Identifier(name)))
    except errors.UniqueViolation:
        return False
    return True


def _finish(connection: Connection, own: Names, found: Registered, totals: Totals | None) -> None:
    """Counts, judges and notes the outcome."""
    with connection.transaction():
        [counts] = connection.execute(own.sql(_COUNT))
        read, _, results, dead_letters, duplicates = counts
        state, reason = verdict(read, results, dead_letters, duplicates, totals, found.max_dead_letter_share)
        kept = Jsonb(totals.to_json()) if totals is not None and state == State.AUDITING else None
        update = (
            "UPDATE {runs} SET state = %s, reason = %s, totals = %s, audited_at = now(), "
            "read = %s, skipped = %s, results = %s, dead_letters = %s, duplicates = %s WHERE run_no = %s AND state = 'auditing'"
        )
        connection.execute(own.sql(update), [state.value, reason, kept, *counts, own.run_no])
        if state == State.FAILED:
            attach(connection, own, found.run_id, ["dead_letters"])
