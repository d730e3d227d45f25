"""A writer that gathers rows, and sends one buffer on a background thread while the next one fills."""

from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pyarrow as pa

from schemas.arrow import table_schema

# Rows by table.
Buffer = dict[str, list[pa.RecordBatch]]


class BufferedWriter:
    """The part of a writer that no store has for itself. See contract.Writer.

    A subclass sends a buffer in `_send`, and says with `_sealed` that the run takes no more rows. One that gathers further
    does that in `_submit` and `_wait`.

    Args:
        most_rows, most_bytes: when a buffer is sent.
        threads: that send.
    """

    def __init__(self, most_rows: int, most_bytes: int, threads: int = 1) -> None:
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._buffer: Buffer = defaultdict(list)
        self._rows = self._bytes = self._committed = 0
        self._sealed = False
        self._in_flight: Future[int] | None = None
        self._closing = Event()
        self._threads = ThreadPoolExecutor(threads, "scope3-write")

    def write(self, table: str, rows: pa.RecordBatch) -> None:
        """See contract.Writer.

        Raises:
            UserFault: the store can't take rows, and waiting would not help.
            ValueError: rows in another schema than the table's.
        """
        if not rows.schema.equals(table_schema(table)):
            raise ValueError(f"rows for {table} have columns {rows.schema.names}, not {table_schema(table).names}")
        if self._sealed:
            return
        self._buffer[table].append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= self._most_rows or self._bytes >= self._most_bytes:
            self._hand_over()

    def flush(self) -> int:
        """See contract.Writer."""
        self._hand_over()
        self._wait()
        committed, self._committed = self._committed, 0
        return committed

    def close(self) -> None:
        """See contract.Writer."""
        self._closing.set()
        self._threads.shutdown(cancel_futures=True)

    def _send(self, buffer: Buffer) -> int:
        """Commits a buffer, again and again while the fault is one that passes; returns the rows committed."""
        raise NotImplementedError

    def _hand_over(self) -> None:
        if self._rows:
            buffer, self._buffer = self._buffer, defaultdict(list)
            self._rows = self._bytes = 0
            self._submit(buffer)

    def _submit(self, buffer: Buffer) -> None:
        self._wait()
        self._in_flight = self._threads.submit(self._send, buffer)

    def _wait(self) -> None:
        if self._in_flight is not None:
            in_flight, self._in_flight = self._in_flight, None
            self._committed += in_flight.result()
