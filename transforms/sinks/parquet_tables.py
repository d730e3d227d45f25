"""The files that readers find: the tables of a run as declared, with the run in each row.

Results hold all their lists and the name of their input, so that a row can be recomputed from itself alone.
"""

import io
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from schemas.arrow import TABLES
from schemas.column import INT32, INT64, TEXT, Column
from transforms.sinks.parquet_tree import Tree

_RUN_ID = Column("run_id", TEXT, "name of the run", required=True)
_SOURCE_URI = Column("source_uri", TEXT, "name of the input")

_FILE_ROWS, _GROUP_ROWS = 5_000_000, 50_000
_CATEGORY = ds.partitioning(pa.schema([pa.field("category", pa.int16())]), flavor="hive")


def _described(columns: Iterable[Column]) -> pa.Schema:
    """Returns a schema that tells of each column what it holds."""
    return pa.schema(
        [pa.field(one.name, one.type, not one.required, {"description": one.description.partition("; null where")[0]}) for one in columns]
    )


_DECLARED: dict[str, tuple[Column, ...]] = {
    **{table: (_RUN_ID, *columns) for table, columns in TABLES.items()},
    "results": (_RUN_ID, *TABLES["results"], _SOURCE_URI),
    "sources": (
        _RUN_ID,
        Column("source_id", INT32, "number that rows of the run refer to", required=True),
        Column("source_uri", TEXT, "name of the input", required=True),
        Column("size_bytes", INT64, "its size as stored", required=True),
    ),
}
FILE_TABLES = {table: _described(columns) for table, columns in _DECLARED.items()}


def write_files(tree: Tree, folder: str, table: str, batches: Iterable[pa.RecordBatch]) -> None:
    """Writes a table of a run; results by category.

    Args:
        tree, folder: where to.
        table: its name.
        batches: rows with its columns, in declared order; values of other widths are converted.
    """
    schema = FILE_TABLES[table]

    def converted() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from pa.Table.from_batches([batch]).cast(schema).to_batches()

    ds.write_dataset(
        converted(),
        tree.path(folder),
        schema=schema,
        filesystem=tree.files,
        format="parquet",
        file_options=ds.ParquetFileFormat().make_write_options(compression="zstd"),
        partitioning=_CATEGORY if table == "results" else None,
        basename_template="part-{i}.parquet",
        max_rows_per_file=_FILE_ROWS,
        max_rows_per_group=_GROUP_ROWS,
        min_rows_per_group=_GROUP_ROWS // 4,
        existing_data_behavior="overwrite_or_ignore",
        create_dir=tree.is_local,
    )
    if not tree.names(folder):
        # Whoever reads the table finds it, with its columns.
        file = io.BytesIO()
        pq.write_table(schema.empty_table(), file)
        tree.write(f"{folder}/part-0.parquet", file.getbuffer())


def files_of(tree: Tree, folder: str, table: str) -> ds.Dataset:
    """Returns the files of a table in a folder as a dataset; an empty one where there are none."""
    return dataset_of(tree, tree.names(f"{folder}/{table}"), table)


def dataset_of(tree: Tree, names: list[str], table: str) -> ds.Dataset:
    """Returns files of a table as a dataset, whichever runs they are of."""
    schema = FILE_TABLES[table]
    if not names:
        return ds.dataset(schema.empty_table())
    paths = [tree.path(name) for name in names]
    return ds.dataset(paths, schema, "parquet", filesystem=tree.files, partitioning=_CATEGORY if table == "results" else None)
