"""Shows a run to readers: its rows are appended to what they see and the inventory points at it, in one transaction."""

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_registry import SELECT_RUNS, find_known, find_launch, noted, show
from transforms.sinks.bigquery_tables import RUN_TABLES, SHOWN_TABLES, Names, drop_run_tables
from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.launches import never_published, not_audited

_POINT = """
UPDATE {runs} SET state = 'superseded' WHERE inventory = @inventory AND state = 'published' AND run_id <> @run_id;
DELETE FROM {inventories} WHERE inventory = @inventory;
INSERT INTO {inventories} (inventory, run_id, published_at) VALUES (@inventory, @run_id, CURRENT_TIMESTAMP());"""

# The first statement is the condition for all others: whoever comes too late changes nothing.
_PUBLISH = """
BEGIN TRANSACTION;
UPDATE {runs} SET state = 'published', published_at = CURRENT_TIMESTAMP()
WHERE run_id = @run_id AND launch = @launch AND state = 'auditing' AND audited_at IS NOT NULL;
IF @@row_count = 1 THEN {show} {point} END IF;
COMMIT TRANSACTION;
{select} WHERE run_id = @run_id"""

_PUBLISH_AGAIN = """
BEGIN TRANSACTION;
UPDATE {runs} SET state = 'published', published_at = CURRENT_TIMESTAMP() WHERE run_id = @run_id AND state = 'superseded';
IF @@row_count = 1 THEN {point} END IF;
COMMIT TRANSACTION;"""

_FORMER = """
SELECT run_id FROM {runs} WHERE inventory = @inventory AND state = 'superseded' ORDER BY created_at DESC, run_id DESC"""

_FORGET = """
BEGIN TRANSACTION;
DELETE FROM {runs} WHERE run_id IN UNNEST(@former) AND state = 'superseded';
IF @@row_count = ARRAY_LENGTH(@former) THEN {deletes} ELSE ROLLBACK TRANSACTION; RETURN; END IF;
COMMIT TRANSACTION;"""


def publish(jobs: Jobs, names: Names, key: RunKey) -> AuditReport:
    """Publishes an audited run. See contract.Store.publish.

    Raises:
        UserFault: the run was not audited.
    """
    found = find_launch(jobs, names, key)
    if found.goes_on:
        if found.audited_at is None:
            raise not_audited(key.run_id)
        own = names.of(key.launch)
        # Duplicates were made if there are any.
        tables = [*RUN_TABLES, *(["duplicates"] if found.duplicates else [])]
        statement = (
            _PUBLISH.replace("{show}", " ".join(show(table, "sealed") for table in tables))
            .replace("{point}", _POINT)
            .replace("{select}", SELECT_RUNS)
        )
        values = {"run_id": key.run_id, "launch": key.launch, "inventory": found.inventory}
        [row] = jobs.once(own.job("publish"), own.sql(statement), values)
        drop_run_tables(jobs, own, "sealed")
        found = noted(row)
    if found.state == State.PUBLISHED and found.keep_runs is not None:
        _drop_former(jobs, names, found.inventory, found.keep_runs)
    return found.report()


def publish_again(jobs: Jobs, names: Names, run_id: str) -> None:
    """Points the inventory at a former run. See contract.Store.publish_again."""
    found = find_known(jobs, names, run_id)
    if found.state == State.SUPERSEDED:
        values = {"run_id": run_id, "inventory": found.inventory}
        jobs.rows(names.sql(_PUBLISH_AGAIN.replace("{point}", _POINT)), values)
        found = find_known(jobs, names, run_id)
    if found.state != State.PUBLISHED:
        raise never_published(run_id, found.state)


def _drop_former(jobs: Jobs, names: Names, inventory: str, keep_runs: int) -> None:
    """Removes all but the newest superseded runs of an inventory."""
    former = [row[0] for row in jobs.rows(names.sql(_FORMER), {"inventory": inventory})][keep_runs:]
    if former:
        deletes = " ".join(f"DELETE FROM {{{table}}} WHERE run_id IN UNNEST(@former);" for table in SHOWN_TABLES)
        jobs.rows(names.sql(_FORGET.replace("{deletes}", deletes)), {"former": former})
