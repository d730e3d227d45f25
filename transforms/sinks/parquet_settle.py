"""Settles in DuckDB what writers wrote: rows that came twice go, ids are made unique, lists are put into their rows.

DuckDB reads the files as a stream, and keeps on disk what does not fit into its share of memory.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds

from schemas.arrow import TABLES, table_schema
from schemas.result import SHARED_LISTS
from transforms.sinks.identity import IDENTITY
from transforms.sinks.parquet_tree import Tree
from transforms.sinks.storable import MOST_RAW, records_in
from transforms.sinks.verdict import DUPLICATE_MESSAGE

_MEMORY, _MOST_THREADS = "250MB", 4

# By their digest: blocks are large, and would be kept to be compared.
_IDENTITY = {**IDENTITY, "inputs": "source_id, first_position, last_position, md5(block)"}

# Of the rows of one record_id the first stays, by source_uri and source_position. What the others are is told by the
# content: the same is a line that came twice, another is a second record under the same name.
_RANKED = """
CREATE TABLE ranked AS
SELECT c.*, s.source_uri, row_number() OVER w AS rank, first_value(c.source_id) OVER w AS kept_source_id,
    first_value(s.source_uri) OVER w AS kept_uri, first_value(c.source_position) OVER w AS kept_position,
    first_value(c.input_sha256) OVER w AS kept_sha256
FROM candidates c LEFT JOIN sources s ON s.source_id = c.source_id
WINDOW w AS (PARTITION BY c.record_id ORDER BY s.source_uri, c.source_id, c.source_position)"""

_CLAIMED = """
CREATE TABLE claimed AS
SELECT 'audit' AS stage, record_id, category, 'E_DUPLICATE' AS code, 'record_id' AS field, record_id AS value,
    format($message, record_id, kept_position, coalesce(kept_uri, 'source ' || kept_source_id)) AS message, source_id, source_position
FROM ranked WHERE rank > 1 AND input_sha256 <> kept_sha256"""

_BLOCKS = """
SELECT i.source_id, list(w.source_position), any_value(i.block)
FROM (SELECT source_id, source_position FROM claimed ORDER BY ALL LIMIT $most) w
JOIN inputs i ON i.source_id = w.source_id AND w.source_position BETWEEN i.first_position AND i.last_position
GROUP BY i.source_id, i.first_position, i.last_position, md5(i.block)"""

_TERM_KG = (
    "coalesce(r.factor_kg_co2e, CASE WHEN u.factor_use IS NOT NULL THEN "
    "[CASE WHEN place = u.lead THEN r.kg_co2e ELSE 0.0 END FOR place IN range(len(u.factor_ids))] END) AS factor_kg_co2e"
)


@contextmanager
def opened(tree: Tree, staging: str, sources: ds.Dataset) -> Iterator[duckdb.DuckDBPyConnection]:
    """Gives a connection with what was written as views, by the names of the tables, and `sources`."""
    with tempfile.TemporaryDirectory(prefix="scope3-") as folder:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": folder,
            # Each takes its part of the memory.
            "threads": min(_MOST_THREADS, os.cpu_count() or 1),
            "preserve_insertion_order": False,
        }
        with duckdb.connect(config=settings) as connection:
            for table in TABLES:
                # The list is made once: a file that comes later is one of a writer that is late.
                names = [tree.path(name) for name in tree.names(f"{staging}/{table}")]
                if names and tree.is_local:
                    # At half the memory of what Arrow reads ahead.
                    connection.read_parquet(names, hive_partitioning=False).create_view(table)
                else:
                    schema = table_schema(table)
                    files = ds.dataset(names, schema, "parquet", filesystem=tree.files) if names else ds.dataset(schema.empty_table())
                    connection.register(table, files)
            connection.register("sources", sources)
            yield connection


def settle(connection: duckdb.DuckDBPyConnection) -> int:
    """Removes repeats and makes record_id unique; returns how many results and dead letters were repeats.

    Leaves the views settled_TABLE, each without repeats, with the columns as declared.
    """
    repeats = {table: _without_repeats(connection, table, identity) for table, identity in _IDENTITY.items()}
    connection.execute("CREATE VIEW settled_batch_metrics AS FROM batch_metrics")
    connection.execute("CREATE TABLE doubled AS SELECT record_id FROM results GROUP BY record_id HAVING count(*) > 1")
    of_results = 0
    if _number(connection, "SELECT count(*) FROM doubled"):
        of_results = _settle_ids(connection)
    else:
        for table in ("results", "dead_letters"):
            connection.execute(f"CREATE VIEW settled_{table} AS FROM {'once_' if table == 'dead_letters' else ''}{table}")
        connection.register("settled_duplicates", ds.dataset(table_schema("duplicates").empty_table()))
    return of_results + repeats["dead_letters"]


def expanded_results() -> str:
    """Returns the query of the results as readers find them, without the run."""
    columns = []
    for column in TABLES["results"]:
        shared = f"coalesce(r.{column.name}, u.{column.name}) AS {column.name}"
        own = _TERM_KG if column.name == "factor_kg_co2e" else f"r.{column.name}"
        columns.append(shared if column.name in SHARED_LISTS else own)
    return (
        f"SELECT {', '.join(columns)}, s.source_uri FROM settled_results r "
        "LEFT JOIN settled_factor_uses u ON u.factor_use = r.factor_use LEFT JOIN sources s ON s.source_id = r.source_id"
    )


def once(table: str) -> str:
    """Returns the query of a table without its repeats."""
    return f"FROM {table} QUALIFY row_number() OVER (PARTITION BY {_IDENTITY[table]}) = 1"


def _without_repeats(connection: duckdb.DuckDBPyConnection, table: str, identity: str) -> int:
    view = "once_dead_letters" if table == "dead_letters" else f"settled_{table}"
    repeats = _number(connection, f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM (SELECT count(*) AS n FROM {table} GROUP BY {identity})")
    # Nearly always there are none, and rows go through as a stream.
    connection.execute(f"CREATE VIEW {view} AS {once(table) if repeats else f'FROM {table}'}")
    return repeats


def _settle_ids(connection: duckdb.DuckDBPyConnection) -> int:
    """Settles the ids that more than one row has; returns how many rows were repeats."""
    same_id = _number(connection, "SELECT count(*) FROM results SEMI JOIN doubled USING (record_id)")
    connection.execute(
        "CREATE TABLE candidates AS SELECT * FROM results SEMI JOIN doubled USING (record_id) "
        "QUALIFY row_number() OVER (PARTITION BY source_id, source_position) = 1"
    )
    left = _number(connection, "SELECT count(*) FROM candidates")
    connection.execute(_RANKED)
    connection.execute(_CLAIMED, {"message": DUPLICATE_MESSAGE})
    connection.register("raws", _raws(connection))
    columns = ", ".join(column.name for column in TABLES["results"])
    connection.execute(
        f"CREATE VIEW settled_results AS SELECT {columns} FROM results ANTI JOIN doubled USING (record_id) "
        f"UNION ALL SELECT {columns} FROM ranked WHERE rank = 1"
    )
    connection.execute(
        "CREATE VIEW settled_duplicates AS SELECT record_id, category, source_id, source_position, kept_source_id, "
        "kept_position AS kept_source_position FROM ranked WHERE rank > 1 AND input_sha256 = kept_sha256"
    )
    connection.execute(
        "CREATE VIEW settled_dead_letters AS FROM once_dead_letters UNION ALL BY NAME "
        "SELECT c.*, w.raw FROM claimed c LEFT JOIN raws w USING (source_id, source_position)"
    )
    return same_id - left


def _raws(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Returns the records of the first dead letters of the audit, from the blocks of canonical JSON in `inputs`."""
    found: dict[tuple[int, int], str] = {}
    rows = connection.execute(_BLOCKS, {"most": MOST_RAW})
    while row := rows.fetchone():
        source_id, positions, block = row
        found |= {(source_id, position): record for position, record in records_in(block, set(positions)).items()}
    places = list(found)
    columns = {
        "source_id": pa.array([place[0] for place in places], pa.int32()),
        "source_position": pa.array([place[1] for place in places], pa.int64()),
        "raw": pa.array(list(found.values()), pa.string()),
    }
    return pa.table(columns)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
