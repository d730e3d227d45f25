"""A Parquet file that gathers rows for one load: on disk, so that many rows cost little memory."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


class Shard:
    """Rows of one table.

    Attributes:
        path: the file.
        rows: how many it holds.
        digest: of its bytes once it is closed: the same rows give the same bytes.
    """

    def __init__(self, folder: Path, table: str, schema: pa.Schema) -> None:
        self.path = folder / f"{table}.parquet"
        self.rows = 0
        self.digest = ""
        self._writer = pq.ParquetWriter(self.path, schema, compression="zstd", compression_level=1)

    @property
    def size_bytes(self) -> int:
        """Returns how large the file is so far."""
        return self.path.stat().st_size

    def add(self, batches: Sequence[pa.RecordBatch]) -> None:
        """Appends rows."""
        self._writer.write_table(pa.Table.from_batches([_with_empty_lists(batch) for batch in batches]))
        self.rows += sum(batch.num_rows for batch in batches)

    def close(self) -> None:
        """Ends the file."""
        self._writer.close()
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        self.digest = digest.hexdigest()[:32]


def _with_empty_lists(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Returns rows with an empty list for an absent one: BigQuery knows no other."""
    for place, column in enumerate(rows.columns):
        if pa.types.is_list(column.type) and column.null_count:
            lengths = column.value_lengths().fill_null(0)
            offsets = pa.array([0, *lengths.to_numpy().cumsum().tolist()], pa.int32())
            rows = rows.set_column(place, rows.schema.field(place), pa.ListArray.from_arrays(offsets, column.flatten(), column.type))
    return rows
