"""Appends a run's rows to files of its launch: one file a table and buffer, written on a background thread.

A buffer is written only while the run goes on and belongs to the same launch. One that is sent again after a fault
has the same names again; rows that a runner delivers again come in other files, and the audit removes them.
"""

import io
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.sinks.buffered import Buffer, BufferedWriter
from transforms.sinks.contract import RunKey, State
from transforms.sinks.parquet_life import LifeSign
from transforms.sinks.parquet_locks import writers
from transforms.sinks.parquet_patience import patiently
from transforms.sinks.parquet_registry import FileRun, find
from transforms.sinks.parquet_tree import Tree
from transforms.sinks.storable import without_nul

# As much as a worker can hold beside its own work; each file costs the audit a few milliseconds.
_BUFFER_ROWS, _GROUP_ROWS = 100_000, 20_000
_BUFFER_BYTES = 32 << 20

# How long a bucket may stay away in the middle of a run.
_PATIENCE_SECONDS = 300.0


class ParquetWriter(BufferedWriter):
    """Writes the rows of one launch of a run. See contract.Writer."""

    def __init__(self, tree: Tree, key: RunKey, place: str) -> None:
        super().__init__(_BUFFER_ROWS, _BUFFER_BYTES)
        self._tree, self._key, self._place = tree, key, place
        self._sign = patiently(self._show, place, tree.is_local)
        self._sealed = self._sign is None

    def close(self) -> None:
        """See contract.Writer."""
        super().close()
        if self._sign is not None:
            self._sign.close()

    def _show(self) -> LifeSign | None:
        found = self._own_run()
        return None if found is None else LifeSign(self._tree, found.folder)

    def _own_run(self) -> FileRun | None:
        """Returns the run while it may be written to."""
        found = find(self._tree, self._key.run_id)
        return found if found is not None and found.launch == self._key.launch and found.state == State.RUNNING else None

    def _send(self, buffer: Buffer) -> int:
        """Writes a buffer, again and again while the fault is one that passes; returns the rows written."""
        name = uuid.uuid4().hex
        return patiently(lambda: self._commit(buffer, name), self._place, self._tree.is_local, _PATIENCE_SECONDS, self._closing)

    def _commit(self, buffer: Buffer, name: str) -> int:
        # What it is shared with: an audit waits here for files that are being written.
        with writers(self._tree, self._key.run_id, shared=True):
            found = self._own_run()
            if found is None:
                self._sealed = True
                return 0
            # Results last: whoever sees them finds their factors.
            for table in sorted(buffer, key=lambda table: table == "results"):
                self._tree.write(f"{found.staging}/{table}/{name}.parquet", _file_of(table, buffer[table]))
        return sum(batch.num_rows for batches in buffer.values() for batch in batches)


def _file_of(table: str, batches: list[pa.RecordBatch]) -> memoryview:
    """Returns a Parquet file as bytes."""
    if table == "dead_letters":
        batches = [without_nul(batch) for batch in batches]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_batches(batches), file, row_group_size=_GROUP_ROWS, compression="zstd")
    return file.getbuffer()
