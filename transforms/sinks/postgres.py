"""The store in PostgreSQL: the verbs of contract.Store over one connection."""

from collections.abc import Callable
from typing import TypeVar

import psycopg
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from transforms.sinks import postgres_audit, postgres_prepare, postgres_publish, postgres_registry, postgres_summary
from transforms.sinks.connection import PATIENCE_SECONDS, PostgresTarget, connect, explain, is_passing
from transforms.sinks.contract import AuditReport, Run, RunKey, RunListing, Summary
from transforms.sinks.postgres_pooler import refuse_transaction_pooling
from transforms.sinks.postgres_registry import watch_over_network
from transforms.sinks.postgres_tables import Connection, Names, make_schema
from transforms.sinks.postgres_write import PostgresWriter

_Answer = TypeVar("_Answer")


class PostgresStore:
    """A schema of a PostgreSQL database as a store. See contract.Store. Opens no connection before the first verb."""

    def __init__(self, target: PostgresTarget) -> None:
        self._target = target
        self._names = Names(target.schema)
        self._connection: Connection | None = None

    def prepare(self, run: Run) -> bool:
        """See contract.Store."""

        def work(connection: Connection) -> bool:
            refuse_transaction_pooling(connection, self._open, self._target.place)
            make_schema(connection, self._names, self._target)
            return postgres_prepare.prepare(connection, self._names, run)

        return self._do(work)

    def writer(self, key: RunKey) -> PostgresWriter:
        """See contract.Store."""
        return PostgresWriter(self._target, key)

    def audit(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        return self._do(lambda connection: postgres_audit.audit(connection, self._names, key, self._open))

    def publish(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        return self._do(lambda connection: postgres_publish.publish(connection, self._names, key))

    def publish_again(self, run_id: str) -> None:
        """See contract.Store."""
        self._do(lambda connection: postgres_publish.publish_again(connection, self._names, run_id))

    def fail(self, key: RunKey, reason: str) -> None:
        """See contract.Store. Tried once: it is said on the way out, often because the server is gone."""
        self._do(lambda connection: postgres_registry.fail(connection, self._names, key, reason), patience_seconds=0.0)

    def runs(self) -> list[RunListing]:
        """See contract.Store."""
        return self._do(lambda connection: postgres_registry.runs(connection, self._names))

    def summary(self, run_id: str) -> Summary:
        """See contract.Store."""
        return self._do(lambda connection: postgres_summary.summary(connection, self._names, run_id))

    def close(self) -> None:
        """See contract.Store."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _do(self, verb: Callable[[Connection], _Answer], patience_seconds: float = PATIENCE_SECONDS) -> _Answer:
        """Returns what a verb returns; again with a new connection where the fault is one that passes."""
        attempts = Retrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(multiplier=0.1, max=3),
            stop=stop_after_delay(patience_seconds),
            reraise=True,
        )
        fault: Exception
        try:
            return attempts(self._once, verb)
        except psycopg.Error as error:
            fault = explain(error, self._target) or error
        # Raised outside the handler: a sentence needs no history, and psycopg's may hold a password.
        raise fault

    def _once(self, verb: Callable[[Connection], _Answer]) -> _Answer:
        if self._connection is None or self._connection.closed:
            self._connection = self._open(reconnecting=self._connection is not None)
        return verb(self._connection)

    def _open(self, reconnecting: bool = True) -> Connection:
        connection = connect(self._target, autocommit=True, reconnecting=reconnecting)
        # The fence of the writers rests on it: a statement sees what was committed before it.
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        watch_over_network(connection)
        return connection
