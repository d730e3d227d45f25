"""The files that readers find: the tables of a run as declared, with the run in each row.

Results hold all their lists and the name of their input, so that a row can be recomputed from itself alone.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from schemas.arrow import TABLES
from schemas.catalogue import RUN_ID, SOURCES
from schemas.column import TEXT, Column
from transforms.sinks.parquet_tree import Tree

_SOURCE_URI = Column("source_uri", TEXT, "name of the input")

_FILE_ROWS, _GROUP_ROWS = 5_000_000, 50_000
# A row of it holds some 250 records.
_GROUP_ROWS_OF_INPUTS = 500
_BATCHES_PER_GROUP = 5
_CATEGORY = ds.partitioning(pa.schema([pa.field("category", pa.int16())]), flavor="hive")


def _described(columns: Iterable[Column]) -> pa.Schema:
    """Returns a schema that tells of each column what it holds."""
    return pa.schema(
        [pa.field(one.name, one.type, not one.required, {"description": one.description.partition("; null where")[0]}) for one in columns]
    )


_DECLARED: dict[str, tuple[Column, ...]] = {
    **{table: (RUN_ID, *columns) for table, columns in TABLES.items()},
    "results": (RUN_ID, *TABLES["results"], _SOURCE_URI),
    "sources": (RUN_ID, *SOURCES),
}
FILE_TABLES = {table: _described(columns) for table, columns in _DECLARED.items()}


class _Part:
    """The rows of one folder: gathered to row groups, and a new file where one is long enough."""

    def __init__(self, tree: Tree, folder: str, schema: pa.Schema, group_rows: int) -> None:
        self._tree, self._folder, self._schema, self._group_rows = tree, folder, schema, group_rows
        self._gathered: list[pa.RecordBatch] = []
        self._rows = self._rows_of_file = self._files = 0
        self._writer: pq.ParquetWriter | None = None

    def add(self, rows: pa.RecordBatch) -> None:
        """Takes rows."""
        self._gathered.append(rows)
        self._rows += rows.num_rows
        if self._rows >= self._group_rows:
            self._write_group()

    def close(self) -> None:
        """Writes what is left; a folder has one file at least, so that whoever reads the table finds its columns."""
        if self._rows or not self._files:
            self._write_group()
        self._end_file()

    def _write_group(self) -> None:
        if self._writer is None:
            if self._tree.is_local:
                Path(self._tree.path(self._folder)).mkdir(parents=True, exist_ok=True)
            path = self._tree.path(f"{self._folder}/part-{self._files}.parquet")
            self._writer = pq.ParquetWriter(path, self._schema, filesystem=self._tree.files, compression="zstd")
            self._files += 1
        self._writer.write_table(pa.Table.from_batches(self._gathered, self._schema), self._rows or 1)
        self._rows_of_file += self._rows
        self._gathered, self._rows = [], 0
        if self._rows_of_file >= _FILE_ROWS:
            self._end_file()

    def _end_file(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._rows_of_file = None, 0


def _group_rows(table: str) -> int:
    return _GROUP_ROWS_OF_INPUTS if table == "inputs" else _GROUP_ROWS


def _batch_rows(table: str) -> int:
    """Returns how many rows of a table are best handed over at once."""
    return _group_rows(table) // _BATCHES_PER_GROUP


def write_files(tree: Tree, folder: str, table: str, batches: Iterable[pa.RecordBatch]) -> None:
    """Writes a table of a run; results by category.

    Arrow's own writer of datasets would take in millions of rows before it writes the first.

    Args:
        tree, folder: where to.
        table: its name.
        batches: rows with its columns, in declared order; values of other widths are converted.
    """
    schema = FILE_TABLES[table]
    by_category = table == "results"
    of_file = schema.remove(schema.get_field_index("category")) if by_category else schema
    group_rows = _group_rows(table)
    parts: dict[str, _Part] = {} if by_category else {folder: _Part(tree, folder, of_file, group_rows)}

    def take(batch: pa.RecordBatch) -> None:
        [rows] = pa.Table.from_batches([batch]).cast(schema).to_batches()
        if not by_category:
            parts[folder].add(rows)
            return
        found = rows["category"]
        for category in pc.unique(found).to_pylist():
            below = f"{folder}/category={category}"
            if below not in parts:
                parts[below] = _Part(tree, below, of_file, group_rows)
            parts[below].add(rows.filter(pc.equal(found, category)).select(of_file.names))

    with ThreadPoolExecutor(1, "scope3-files") as thread:
        writing = None
        for batch in batches:
            # One is written while the next is made.
            if writing is not None:
                writing.result()
            writing = thread.submit(take, batch) if batch.num_rows else None
        if writing is not None:
            writing.result()
    for part in parts.values():
        part.close()


def write_query(tree: Tree, folder: str, table: str, connection: duckdb.DuckDBPyConnection, query: str, run_id: str) -> None:
    """Writes the rows of a query, which gives the columns of a table as declared without the run."""
    columns = ", ".join(name for name in FILE_TABLES[table].names if name != RUN_ID.name)
    answer = connection.execute(f"SELECT $run_id AS run_id, {columns} FROM ({query})", {"run_id": run_id})
    write_files(tree, folder, table, answer.to_arrow_reader(_batch_rows(table)))


def files_of(tree: Tree, folder: str, table: str) -> ds.Dataset:
    """Returns the files of a table in a folder as a dataset; an empty one where there are none."""
    return dataset_of(tree, tree.names(f"{folder}/{table}"), table)


def dataset_of(tree: Tree, names: list[str], table: str) -> ds.Dataset:
    """Returns files of a table as a dataset, whichever runs they are of."""
    schema = FILE_TABLES[table]
    if not names:
        return ds.dataset(schema.empty_table())
    paths = [tree.path(name) for name in names]
    # What is above the store may have names like that of a category too.
    by_folder = {"partitioning": _CATEGORY, "partition_base_dir": tree.root} if table == "results" else {}
    return ds.dataset(paths, schema, "parquet", filesystem=tree.files, **by_folder)
