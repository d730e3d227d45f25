"""Appends a run's rows to PostgreSQL: binary COPY on a background thread, one buffer in flight, one commit a buffer.

Each transaction begins with a fence: it writes only while the run goes on and belongs to the same launch, and an
audit waits for transactions that passed it. A buffer whose COMMIT got no answer is sent again as a whole; rows that
come twice are removed by the audit, rows that never come could not be.
"""

import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import sql
from tenacity import RetryCallState, Retrying, retry_if_exception, sleep_using_event, stop_when_event_set, wait_random_exponential
from tenacity.stop import stop_base

from transforms.sinks.buffered import Buffer, BufferedWriter
from transforms.sinks.connection import PostgresTarget, ServerAway, ServerBusy, explain, is_passing
from transforms.sinks.contract import RunKey
from transforms.sinks.postgres_labels import LabelEncoder
from transforms.sinks.postgres_link import give_back, take_link
from transforms.sinks.postgres_tables import Names
from transforms.sinks.postgres_turns import NoPlace
from transforms.sinks.storable import without_nul

# Larger buffers gain nothing more (measured by benchmarks/), smaller ones cost commits.
_BUFFER_ROWS = 10_000
_BUFFER_BYTES = 16 << 20

# How long a server may stay away in the middle of a run.
_PATIENCE_SECONDS = 300.0

# How long others may have all connections.
_PATIENCE_WHEN_BUSY_SECONDS = 3_600.0
_NOT_NOW = (ServerBusy, NoPlace)


class PostgresWriter(BufferedWriter):
    """Writes the rows of one launch of a run. See contract.Writer."""

    def __init__(self, target: PostgresTarget, key: RunKey) -> None:
        super().__init__(_BUFFER_ROWS, _BUFFER_BYTES)
        self._target, self._key = target, key
        self._labels = LabelEncoder()
        self._link = take_link(target, key)
        # Opened at once: an open connection is the sign that the run goes on.
        self._submit({})
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """See contract.Writer."""
        super().close()
        give_back(self._link)

    def _send(self, buffer: Buffer) -> int:
        """Commits a buffer, again and again while the fault is one that passes; returns the rows committed."""
        attempts = Retrying(
            retry=retry_if_exception(lambda error: is_passing(error) or isinstance(error, (ServerAway, *_NOT_NOW))),
            wait=wait_random_exponential(multiplier=0.1, max=5),
            stop=_is_long_enough | stop_when_event_set(self._closing),
            sleep=sleep_using_event(self._closing),
            reraise=True,
        )
        fault: Exception
        try:
            return attempts(self._commit, buffer)
        except psycopg.Error as error:
            fault = explain(error, self._target) or error
        # Raised outside the handler: a sentence needs no history, and psycopg's may hold a password.
        raise fault

    def _commit(self, buffer: Buffer) -> int:
        with self._link.connected(self._closing) as (connection, names):
            self._sealed = names is None
            if names is None or not buffer:
                return 0
            with connection.transaction():
                fence = "SELECT 1 FROM {runs} WHERE run_no = %s AND launch = %s AND state = 'running' FOR SHARE"
                if connection.execute(names.sql(fence), [names.run_no, self._key.launch]).fetchone() is None:
                    self._sealed = True
                    return 0
                sent = {table: sum(batch.num_rows for batch in batches) for table, batches in buffer.items()}
                with connection.cursor() as cursor:
                    for table, taken in buffer.items():
                        batches = taken
                        if table == "results":
                            batches, labels = self._labels.split(taken)
                            _copy(cursor, names, "labels", labels)
                        elif table == "dead_letters":
                            batches = [without_nul(batch) for batch in taken]
                        _copy(cursor, names, table, batches)
            self._labels.committed()
            return sum(sent.values())


class _IsLongEnough(stop_base):
    """Ends the waiting for a server that is away earlier than that for a connection that others have."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        busy = retry_state.outcome is not None and isinstance(retry_state.outcome.exception(), _NOT_NOW)
        return (retry_state.seconds_since_start or 0.0) >= (_PATIENCE_WHEN_BUSY_SECONDS if busy else _PATIENCE_SECONDS)


_is_long_enough = _IsLongEnough()


def _copy(cursor: "psycopg.Cursor[tuple]", names: Names, table: str, batches: list[pa.RecordBatch]) -> None:
    """Sends rows to the run's own table, without the columns that are null in all of them: they cost time even so."""
    if not batches:
        return
    columns = [place for place, name in enumerate(batches[0].schema.names) if any(b.column(place).null_count < b.num_rows for b in batches)]
    batches = [batch.select(columns) for batch in batches]
    schema = batches[0].schema
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        names.own(table), sql.SQL(", ").join(map(sql.Identifier, schema.names))
    )
    encoder = ArrowToPostgresBinaryEncoder(schema)
    with cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in batches:
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())
