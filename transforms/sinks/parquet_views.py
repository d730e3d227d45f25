"""The tables of a store of Parquet files under the names that PostgreSQL has for them, in DuckDB."""

import json

import duckdb
import pyarrow as pa

from schemas.arrow import TABLES
from transforms.sinks.parquet_registry import FileRun, current, every_run
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_tree import Tree

_CURRENT_RESULTS = """
CREATE TEMP VIEW current_results AS
SELECT i.run_id, i.inventory, r.* EXCLUDE (run_id) FROM results r JOIN inventories i ON i.run_id = r.run_id"""

_CATALOGUE = pa.schema(
    [
        *((name, pa.string()) for name in ("run_id", "inventory", "state", "reason", "fingerprint", "config", "config_sha256")),
        *((name, pa.string()) for name in ("factors_sha256", "engine_version", "totals")),
        *((name, pa.timestamp("us", tz="UTC")) for name in ("created_at", "audited_at", "published_at")),
        *((name, pa.int64()) for name in ("read", "skipped", "results", "dead_letters", "duplicates", "repeats_removed", "keep_runs")),
        ("max_dead_letter_share", pa.float64()),
    ]
)


def connect_views(tree: Tree) -> duckdb.DuckDBPyConnection:
    """Returns a connection in which the tables are views: `current_results` and what it is made from, and `runs`.

    Runs that were neither published nor have failed are not in the tables.
    """
    connection = duckdb.connect()
    found = every_run(tree)
    for table in (*TABLES, "sources"):
        names = [name for run in found for name in tree.names(f"{run.folder}/{table}")]
        connection.register(table, dataset_of(tree, names, table))
    connection.register("runs", pa.Table.from_pylist([_row(run) for run in found], _CATALOGUE))
    pointers = [{"inventory": name, "run_id": current(tree, name)} for name in sorted({run.inventory for run in found})]
    published = [pointer for pointer in pointers if pointer["run_id"] is not None]
    connection.register("inventories", pa.Table.from_pylist(published, pa.schema([("inventory", pa.string()), ("run_id", pa.string())])))
    connection.execute(_CURRENT_RESULTS)
    return connection


def _row(found: FileRun) -> dict[str, object]:
    row = {name: getattr(found, name) for name in _CATALOGUE.names} | {"state": found.state.value}
    return row | {name: None if row[name] is None else json.dumps(row[name]) for name in ("fingerprint", "config", "totals")}
