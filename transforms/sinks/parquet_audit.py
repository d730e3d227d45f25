"""Proves by counting what the files hold that every record that was read has one end.

    read = results + dead letters + duplicates

The settled tables are written beside the staged ones, and the counts are those of the files that readers will find.
An audit that was cut off is begun again from the staged files.
"""

import uuid
from dataclasses import replace

import duckdb

from schemas.arrow import TABLES
from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.parquet_end import clear
from transforms.sinks.parquet_locks import writers
from transforms.sinks.parquet_registry import FileRun, find_launch, note, now
from transforms.sinks.parquet_settle import expanded_results, opened, settle
from transforms.sinks.parquet_tables import files_of, write_query
from transforms.sinks.parquet_totals import totals_of
from transforms.sinks.parquet_tree import Tree
from transforms.sinks.totals import Totals
from transforms.sinks.verdict import verdict


def audit(tree: Tree, key: RunKey) -> AuditReport:
    """Seals a run, removes repeats, settles ids and counts. See contract.Store.audit.

    Raises:
        UserFault: there is no such run, or another launch has replaced it.
    """
    found = _seal(tree, key)
    if not found.is_open:
        return found.report()
    folder = f"_audit-{uuid.uuid4().hex}"
    with opened(tree, found.staging, files_of(tree, found.folder, "sources")) as connection:
        repeats = settle(connection)
        totals = totals_of(connection)
        _write(tree, found, folder, connection)
    judged = _judge(tree, found, folder, repeats, totals)
    with writers(tree, key.run_id):
        found = find_launch(tree, key)
        # A second attempt of the runner may have come to the end before us.
        if found.is_open:
            if judged.state is State.FAILED:
                tree.move_below(f"{found.folder}/{folder}/dead_letters", f"{found.folder}/dead_letters")
            note(tree, judged)
            if judged.state is not State.AUDITING:
                clear(tree, judged)
    return find_launch(tree, key).report()


def _seal(tree: Tree, key: RunKey) -> FileRun:
    """Waits for writers that are writing; later ones find no run to write to."""
    with writers(tree, key.run_id):
        found = find_launch(tree, key)
        if found.state == State.RUNNING:
            note(tree, replace(found, state=State.AUDITING))
    return find_launch(tree, key)


def _write(tree: Tree, found: FileRun, folder: str, connection: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        query = expanded_results() if table == "results" else f"FROM settled_{table}"
        write_query(tree, f"{found.folder}/{folder}/{table}", table, connection, query, found.run_id)


def _judge(tree: Tree, found: FileRun, folder: str, repeats: int, totals: Totals | None) -> FileRun:
    """Counts the files of an audit; returns the run with what follows."""
    counted = f"{found.folder}/{folder}"
    results, dead_letters, duplicates = (files_of(tree, counted, table).count_rows() for table in ("results", "dead_letters", "duplicates"))
    chunks = files_of(tree, counted, "chunks").to_table(["records", "skipped"])
    read, skipped = (sum(chunks[name].to_pylist()) for name in ("records", "skipped"))
    state, reason = verdict(read, results, dead_letters, duplicates, totals, found.max_dead_letter_share)
    return replace(
        found,
        state=state,
        reason=reason,
        totals=totals.to_json() if totals is not None and state is State.AUDITING else None,
        audited_at=now(),
        read=read,
        skipped=skipped,
        results=results,
        dead_letters=dead_letters,
        duplicates=duplicates,
        repeats_removed=repeats,
        audit=folder,
    )
