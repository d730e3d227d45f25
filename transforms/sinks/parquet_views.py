"""The tables of a store of Parquet files under the names that PostgreSQL has for them, in DuckDB."""

import json
from collections import defaultdict
from collections.abc import Collection

import duckdb
import pyarrow as pa

from schemas.arrow import TABLES
from schemas.catalogue import INVENTORIES, JSON_COLUMNS, RUNS
from schemas.column import schema_of
from transforms.sinks.contract import State
from transforms.sinks.parquet_registry import FileRun, every_run
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_tree import Tree

_CURRENT_RESULTS = """
CREATE TEMP VIEW current_results AS
SELECT i.run_id, i.inventory, r.* EXCLUDE (run_id) FROM published_results r JOIN inventories i ON i.run_id = r.run_id"""

_RUNS = [column for column in RUNS if column.name != "launch"]

_PUBLISHED = (State.PUBLISHED,)
_SHOWN = (State.PUBLISHED, State.SUPERSEDED)
# Of a run that failed they tell why.
_STATES = {"dead_letters": (*_SHOWN, State.FAILED), "sources": tuple(State)}


def connect_views(tree: Tree) -> duckdb.DuckDBPyConnection:
    """Returns a connection in which the tables are views: `current_results` and what it is made from, and `runs`.

    Runs that were never published are not in the tables, but for the dead letters of those that failed.
    """
    connection = duckdb.connect()
    names = tree.names("runs")
    found = every_run(tree, names)
    files: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        runs, run, table, *_ = *name.split("/"), "", ""
        files[f"{runs}/{run}", table].append(name)

    def register(view: str, table: str, states: Collection[State]) -> None:
        of_view = [name for run in found if run.state in states for name in files[run.folder, table]]
        connection.register(view, dataset_of(tree, of_view, table))

    for table in (*TABLES, "sources"):
        register(table, table, _STATES.get(table, _SHOWN))
    register("published_results", "results", _PUBLISHED)
    connection.register("runs", pa.Table.from_pylist([_row(run) for run in found], schema_of(_RUNS)))
    published = [{"inventory": run.inventory, "run_id": run.run_id} for run in found if run.state in _PUBLISHED]
    connection.register("inventories", pa.Table.from_pylist(published, schema_of(INVENTORIES[:2])))
    connection.execute(_CURRENT_RESULTS)
    return connection


def _row(found: FileRun) -> dict[str, object]:
    row = {name: getattr(found, name) for name in (column.name for column in _RUNS)} | {"state": found.state.value}
    return row | {name: None if row[name] is None else json.dumps(row[name]) for name in JSON_COLUMNS}
