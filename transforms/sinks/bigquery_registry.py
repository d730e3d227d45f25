"""The list of runs in BigQuery: which there are, and which of them still go on."""

from google.api_core import exceptions

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_lease import Lease
from transforms.sinks.bigquery_tables import Names, columns_of, drop_run_tables, has_schema, is_there
from transforms.sinks.contract import ABANDONED_REASON, RunKey, RunListing, State, Summary
from transforms.sinks.identity import IDENTITY
from transforms.sinks.launches import no_run, replaced
from transforms.sinks.noted import Noted

_FIELDS = tuple(Noted.__dataclass_fields__)
SELECT_RUNS = f"SELECT {', '.join(f'`{name}`' for name in _FIELDS)} FROM {{runs}}"

REPEATABLE = {**IDENTITY, "sources": "source_id"}

# Where a run ends without results its dead letters are shown, as far as they are there, and what they refer to.
SHOWN_AT_END = ("dead_letters", "sources")
_FAIL = """
BEGIN TRANSACTION;
UPDATE {runs} SET state = 'failed', reason = @reason WHERE run_id = @run_id AND launch = @launch AND state IN ('running', 'auditing');
IF @@row_count = 1 THEN {show} END IF;
COMMIT TRANSACTION;"""

_SHOW = "INSERT INTO {{{table}}} (run_id, {columns}) SELECT @run_id, {columns} FROM {{{own}}}{once};"
_ONCE = " WHERE true QUALIFY ROW_NUMBER() OVER (PARTITION BY {identity}) = 1"


def show(table: str, kind: str, *, once: bool = False) -> str:
    """Returns the statement that shows a launch's own rows of a table to readers; `once`, where no audit has removed repeats."""
    only = _ONCE.format(identity=REPEATABLE[table]) if once else ""
    return _SHOW.format(table=table, own=f"{kind}_{table}", columns=columns_of(table), once=only)


def find(jobs: Jobs, names: Names, run_id: str) -> Noted | None:
    """Returns a run by its id."""
    rows = jobs.rows(names.sql(SELECT_RUNS + " WHERE run_id = @run_id"), {"run_id": run_id})
    return noted(rows[0]) if rows else None


def find_launch(jobs: Jobs, names: Names, key: RunKey) -> Noted:
    """Returns the run of a launch.

    Raises:
        UserFault: there is none, or another launch has replaced it.
    """
    found = find_known(jobs, names, key.run_id)
    if found.launch != key.launch:
        raise replaced(key.run_id)
    return found


def find_known(jobs: Jobs, names: Names, run_id: str) -> Noted:
    """Returns a run by its id.

    Raises:
        UserFault: there is none.
    """
    found = find(jobs, names, run_id) if has_schema(jobs, names) else None
    if found is None:
        raise no_run(run_id, names.target.place)
    return found


def fail(jobs: Jobs, names: Names, key: RunKey, reason: str) -> None:
    """Marks a run that goes on as failed and shows its dead letters; any other stays as it is."""
    if not has_schema(jobs, names):
        return
    found = find(jobs, names, key.run_id)
    if found is None or found.launch != key.launch or not found.goes_on:
        return
    values = {"run_id": key.run_id, "launch": key.launch, "reason": reason}
    own = names.of(key.launch)
    # The audit may have sealed them or not, and somebody may have dropped them.
    kinds = {"sealed": own.sealed("dead_letters"), "writing": own.writing("dead_letters")}
    kind = next((kind for kind, name in kinds.items() if is_there(jobs, name)), None)
    shown = "SELECT 1;" if kind is None else " ".join(show(table, kind, once=True) for table in SHOWN_AT_END)
    statement = _FAIL.replace("{show}", shown)
    jobs.rows(own.sql(statement), values)
    drop_run_tables(jobs, own, "writing", "sealed")


def runs(jobs: Jobs, names: Names) -> list[RunListing]:
    """Returns all runs, newest first."""
    if not has_schema(jobs, names):
        return []
    found = map(noted, jobs.rows(names.sql(SELECT_RUNS + " ORDER BY created_at DESC, run_id DESC")))
    return [run.listing(*state_of(jobs, names, run)) for run in found]


def summary(jobs: Jobs, names: Names, run_id: str) -> Summary:
    """Returns what is known of a run. See contract.Store.summary.

    Raises:
        UserFault: there is no such run.
    """
    found = find_known(jobs, names, run_id)
    own = names.of(found.launch)
    where = "WHERE run_id = @run_id" if not found.goes_on else ""
    table = "dead_letters" if not found.goes_on else "writing_dead_letters" if found.state == State.RUNNING else "sealed_dead_letters"
    query = f"SELECT code, COUNT(*) FROM {{{table}}} {where} GROUP BY code ORDER BY 2 DESC, code"
    by_code: list[tuple] = []
    # Of a run that goes on they may be on the way from one table to the other, and of one abandoned long ago they are gone.
    try:
        by_code = jobs.rows(own.sql(query), {"run_id": run_id})
    except exceptions.NotFound:
        if not found.goes_on:
            raise
    return found.summary(*state_of(jobs, names, found), tuple((code, number) for code, number in by_code))


def state_of(jobs: Jobs, names: Names, run: Noted) -> tuple[State, str | None]:
    """Returns state and reason of a run as people are told: one that goes on without a sign of life is abandoned."""
    if run.goes_on:
        lease = Lease(jobs, names, RunKey(run.run_id, run.launch))
        seen = lease.look()
        if not (lease.is_ours(seen) and lease.is_alive(seen)):
            return State.ABANDONED, ABANDONED_REASON
    return State(run.state), run.reason


def noted(row: tuple) -> Noted:
    """Returns a run as SELECT_RUNS gives it."""
    values = dict(zip(_FIELDS, row, strict=True))
    values["state"] = State(values["state"])
    return Noted(**values)
