"""Appends a run's rows to files of its launch: one file a table and buffer, written on a background thread.

A buffer is written only while the run goes on and belongs to the same launch. One that is sent again after a fault
has the same names again; rows that a runner delivers again come in other files, and the audit removes them.
"""

import io
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
from tenacity import (
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_random_exponential,
)

from transforms.sinks.buffered import Buffer, BufferedWriter
from transforms.sinks.contract import RunKey, State
from transforms.sinks.parquet_faults import is_passing, told
from transforms.sinks.parquet_life import LifeSign
from transforms.sinks.parquet_locks import writers
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
        with told(place):
            found = self._own_run()
            self._sealed = found is None
            self._sign = None if found is None else LifeSign(tree, found.folder)

    def close(self) -> None:
        """See contract.Writer."""
        super().close()
        if self._sign is not None:
            self._sign.close()

    def _own_run(self) -> FileRun | None:
        """Returns the run while it may be written to."""
        found = find(self._tree, self._key.run_id)
        return found if found is not None and found.launch == self._key.launch and found.state == State.RUNNING else None

    def _send(self, buffer: Buffer) -> int:
        """Writes a buffer, again and again while the fault is one that passes; returns the rows written."""
        attempts = Retrying(
            retry=retry_if_exception(lambda error: not self._tree.is_local and is_passing(error)),
            wait=wait_random_exponential(multiplier=0.1, max=5),
            stop=stop_after_delay(_PATIENCE_SECONDS) | stop_when_event_set(self._closing),
            sleep=sleep_using_event(self._closing),
            reraise=True,
        )
        with told(self._place):
            return attempts(self._commit, buffer, uuid.uuid4().hex)

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
