"""The tables of a store of Parquet files under the names that PostgreSQL has for them, in DuckDB."""

import json

import duckdb
import pyarrow as pa

from schemas.arrow import TABLES
from schemas.catalogue import INVENTORIES, JSON_COLUMNS, RUNS
from schemas.column import schema_of
from transforms.sinks.parquet_registry import FileRun, current, every_run
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_tree import Tree

_CURRENT_RESULTS = """
CREATE TEMP VIEW current_results AS
SELECT i.run_id, i.inventory, r.* EXCLUDE (run_id) FROM results r JOIN inventories i ON i.run_id = r.run_id"""

_RUNS = [column for column in RUNS if column.name != "launch"]


def connect_views(tree: Tree) -> duckdb.DuckDBPyConnection:
    """Returns a connection in which the tables are views: `current_results` and what it is made from, and `runs`.

    Runs that were neither published nor have failed are not in the tables.
    """
    connection = duckdb.connect()
    found = every_run(tree)
    for table in (*TABLES, "sources"):
        names = [name for run in found for name in tree.names(f"{run.folder}/{table}")]
        connection.register(table, dataset_of(tree, names, table))
    connection.register("runs", pa.Table.from_pylist([_row(run) for run in found], schema_of(_RUNS)))
    pointers = [{"inventory": name, "run_id": current(tree, name)} for name in sorted({run.inventory for run in found})]
    published = [pointer for pointer in pointers if pointer["run_id"] is not None]
    connection.register("inventories", pa.Table.from_pylist(published, schema_of(INVENTORIES[:2])))
    connection.execute(_CURRENT_RESULTS)
    return connection


def _row(found: FileRun) -> dict[str, object]:
    row = {name: getattr(found, name) for name in (column.name for column in _RUNS)} | {"state": found.state.value}
    return row | {name: None if row[name] is None else json.dumps(row[name]) for name in JSON_COLUMNS}
