"""The store in BigQuery: the verbs of contract.Store, each a few jobs."""

from collections.abc import Callable
from typing import TypeVar

from google.api_core import exceptions

from transforms.sinks import bigquery_audit, bigquery_prepare, bigquery_publish, bigquery_registry
from transforms.sinks.bigquery_faults import explain
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_lease import hold, let_go
from transforms.sinks.bigquery_tables import Names, make_schema
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.bigquery_write import BigQueryWriter
from transforms.sinks.contract import AuditReport, Run, RunKey, RunListing, Summary

_Answer = TypeVar("_Answer")


class BigQueryStore:
    """A dataset of BigQuery as a store. See contract.Store. Opens no connection before the first verb."""

    def __init__(self, target: BigQueryTarget) -> None:
        self._target = target
        self._names = Names(target)
        self._jobs = Jobs(target)
        self._held: list[RunKey] = []

    def prepare(self, run: Run) -> bool:
        """See contract.Store."""

        def work() -> bool:
            make_schema(self._jobs, self._names)
            return bigquery_prepare.prepare(self._jobs, self._names, run, lambda: self._hold(run.key))

        return self._do(work)

    def writer(self, key: RunKey) -> BigQueryWriter:
        """See contract.Store."""
        return BigQueryWriter(self._target, key)

    def audit(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        self._hold(key)
        return self._do(lambda: bigquery_audit.audit(self._jobs, self._names, key))

    def publish(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        return self._do(lambda: bigquery_publish.publish(self._jobs, self._names, key))

    def publish_again(self, run_id: str) -> None:
        """See contract.Store."""
        self._do(lambda: bigquery_publish.publish_again(self._jobs, self._names, run_id))

    def fail(self, key: RunKey, reason: str) -> None:
        """See contract.Store. Not waited for long: it is said on the way out, often because the service is away."""
        jobs = Jobs(self._target, patience_seconds=0.0)
        try:
            self._do(lambda: bigquery_registry.fail(jobs, self._names, key, reason))
        finally:
            jobs.close()

    def runs(self) -> list[RunListing]:
        """See contract.Store."""
        return self._do(lambda: bigquery_registry.runs(self._jobs, self._names))

    def summary(self, run_id: str) -> Summary:
        """See contract.Store."""
        return self._do(lambda: bigquery_registry.summary(self._jobs, self._names, run_id))

    def close(self) -> None:
        """See contract.Store."""
        while self._held:
            let_go(self._target, self._held.pop())
        self._jobs.close()

    def _do(self, verb: Callable[[], _Answer]) -> _Answer:
        """Returns what a verb returns; what the service says is not there, and should be, becomes a sentence."""
        fault: Exception
        try:
            return verb()
        except exceptions.GoogleAPICallError as error:
            fault = explain(error, self._target) or error
        # Raised outside the handler: a sentence needs no history.
        raise fault

    def _hold(self, key: RunKey) -> None:
        if key not in self._held:
            hold(self._target, key)
            self._held.append(key)
