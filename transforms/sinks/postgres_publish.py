"""Shows a run to readers: its tables become partitions and the inventory points at it, in one transaction."""

from psycopg import errors
from psycopg.rows import class_row

from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.launches import never_published, no_run, not_audited
from transforms.sinks.postgres_registry import SELECT_RUNS, Registered, find, find_launch, forget
from transforms.sinks.postgres_tables import RUN_TABLES, Connection, Names, attach, has_schema


def publish(connection: Connection, names: Names, key: RunKey) -> AuditReport:
    """Publishes an audited run. See contract.Store.publish.

    Raises:
        UserFault: the run was not audited.
    """
    with connection.transaction():
        inventory = find_launch(connection, names, key).inventory
        _take_turns(connection, names, inventory)
        found = find_launch(connection, names, key, lock=True)
        if found.goes_on:
            if found.audited_at is None:
                raise not_audited(key.run_id)
            attach(connection, names.of_run(found.run_no), found.run_id, RUN_TABLES)
            _point(connection, names, found)
    found = find_launch(connection, names, key)
    if found.state == State.PUBLISHED and found.keep_runs is not None:
        _drop_former(connection, names, found, found.keep_runs)
    return found.report()


def publish_again(connection: Connection, names: Names, run_id: str) -> None:
    """Points the inventory at a former run. See contract.Store.publish_again."""
    found = find(connection, names, run_id) if has_schema(connection, names) else None
    if found is None:
        raise no_run(run_id, f"schema {names.schema!r}")
    with connection.transaction():
        _take_turns(connection, names, found.inventory)
        found = find(connection, names, run_id, lock=True)
        if found is None or found.state not in (State.PUBLISHED, State.SUPERSEDED):
            raise never_published(run_id, None if found is None else found.state)
        if found.state == State.SUPERSEDED:
            _point(connection, names, found)


def _take_turns(connection: Connection, names: Names, inventory: str) -> None:
    """Lets one transaction at a time publish to an inventory."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [Names(names.schema).lock_key(f"inventory {inventory}")])


def _point(connection: Connection, names: Names, found: Registered) -> None:
    former = "UPDATE {runs} SET state = 'superseded' WHERE inventory = %s AND state = 'published'"
    connection.execute(names.sql(former), [found.inventory])
    connection.execute(names.sql("UPDATE {runs} SET state = 'published', published_at = now() WHERE run_no = %s"), [found.run_no])
    point = (
        "INSERT INTO {inventories} (inventory, run_id) VALUES (%s, %s) "
        "ON CONFLICT (inventory) DO UPDATE SET run_id = excluded.run_id, published_at = now()"
    )
    connection.execute(names.sql(point), [found.inventory, found.run_id])
    # Without it the view is planned for hundreds of inventories.
    connection.execute(names.sql("ANALYZE {inventories}"))


def _drop_former(connection: Connection, names: Names, current: Registered, keep_runs: int) -> None:
    """Removes all but the newest superseded runs of an inventory, each by itself."""
    query = SELECT_RUNS + names.sql("{runs} WHERE inventory = %s AND state = 'superseded' ORDER BY run_no DESC OFFSET %s")
    former = connection.cursor(row_factory=class_row(Registered)).execute(query, [current.inventory, keep_runs]).fetchall()
    for run in former:
        try:
            with connection.transaction():
                # Readers of any run hold the parents, and while we wait for them nobody else gets in. The next
                # publication tries again.
                connection.execute("SET LOCAL lock_timeout = '2s'")
                _take_turns(connection, names, current.inventory)
                found = find(connection, names, run.run_id, lock=True)
                if found is not None and found.run_no == run.run_no and found.state == State.SUPERSEDED:
                    forget(connection, names, found)
        except errors.LockNotAvailable:
            return
