"""Appends a run's rows to BigQuery: gathered in Parquet files on disk, loaded by jobs in the background.

A load is named by the bytes of its file. One whose answer was lost is asked for, not done again; a batch that is
delivered again in other company is another file, and its repeats go in the audit. Writers append to tables of their
launch alone: those of a launch that was replaced, or that the audit has sealed, are gone, and nothing more arrives.
"""

import shutil
import tempfile
from collections import defaultdict
from concurrent.futures import Future
from pathlib import Path

from google.api_core import exceptions

from schemas.arrow import TABLES, table_schema
from schemas.faults import UserFault
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_lease import hold, let_go
from transforms.sinks.bigquery_registry import find
from transforms.sinks.bigquery_shard import Shard
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.buffered import Buffer, BufferedWriter
from transforms.sinks.contract import RunKey, State
from transforms.sinks.launches import shown
from transforms.sinks.storable import without_nul

# Rows in memory until they are a row group of a file.
_BUFFER_ROWS = 20_000
_BUFFER_BYTES = 16 << 20

# A load takes seconds, however few its rows, and BigQuery takes 1,500 into a table a day. So files grow: the first ones
# are loaded while others are written, and the last of a large run hold most of its rows.
FIRST_SHARD_ROWS = 250_000
LARGEST_SHARD_ROWS = 8_000_000
SHARD_BYTES = 1 << 30

# Tables are loaded at the same time, and rows are gathered meanwhile.
_LOADS_AT_ONCE = 4


class BigQueryWriter(BufferedWriter):
    """Writes the rows of one launch of a run. See contract.Writer."""

    def __init__(self, target: BigQueryTarget, key: RunKey) -> None:
        super().__init__(_BUFFER_ROWS, _BUFFER_BYTES, _LOADS_AT_ONCE)
        self._target, self._key = target, key
        self._names = Names(target).of(key.launch)
        self._jobs = Jobs(target, ended=self._closing)
        self._folder = Path(tempfile.mkdtemp(prefix="scope3-"))
        self._shards: dict[str, Shard] = {}
        self._shard_rows: dict[str, int] = defaultdict(lambda: FIRST_SHARD_ROWS)
        self._made = 0
        self._loads: list[Future[int]] = []
        hold(target, key)

    def close(self) -> None:
        """See contract.Writer."""
        super().close()
        self._jobs.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        let_go(self._target, self._key)

    def _submit(self, buffer: Buffer) -> None:
        """Moves rows from memory into files, and hands over those that are large enough."""
        for table, batches in buffer.items():
            shard = self._shards.get(table)
            if shard is None:
                self._made += 1
                folder = self._folder / str(self._made)
                folder.mkdir()
                shard = self._shards[table] = Shard(folder, table, table_schema(table))
            shard.add([without_nul(batch) for batch in batches] if table == "dead_letters" else batches)
            if shard.rows >= self._shard_rows[table] or shard.size_bytes >= SHARD_BYTES:
                self._shard_rows[table] = min(2 * self._shard_rows[table], LARGEST_SHARD_ROWS)
                self._load_soon(table)

    def _wait(self) -> None:
        for table in list(self._shards):
            self._load_soon(table)
        self._wait_for_all_but(0)

    def _load_soon(self, table: str) -> None:
        shard = self._shards.pop(table)
        shard.close()
        self._wait_for_all_but(_LOADS_AT_ONCE - 1)
        self._loads.append(self._threads.submit(self._load, table, shard))

    def _wait_for_all_but(self, number: int) -> None:
        while len(self._loads) > number:
            self._committed += self._loads.pop(0).result()

    def _load(self, table: str, shard: Shard) -> int:
        if self._sealed:
            return 0
        try:
            self._jobs.load(self._names.job(f"{table}_{shard.digest}"), shard.path, self._names.writing(table), TABLES[table], shard.rows)
        except exceptions.NotFound as error:
            missing = error
        else:
            return shard.rows
        finally:
            shutil.rmtree(shard.path.parent, ignore_errors=True)
        found = find(self._jobs, self._names, self._key.run_id)
        if found is not None and found.launch == self._key.launch and found.state == State.RUNNING:
            raise UserFault(
                f"table {self._names.writing(table)} of run {shown(self._key.run_id)} is gone ({missing.message}); somebody removed it or it "
                "expired. Nothing was published, give the same command again"
            )
        self._sealed = True
        return 0
