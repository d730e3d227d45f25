"""The step that shows an audited run to readers."""

from collections.abc import Iterator

import apache_beam as beam

from transforms.sinks.contract import AuditReport, RunKey, Store, Target


class _Publish(beam.DoFn):
    """Publishes the run. In and out: its report."""

    def __init__(self, target: Target, key: RunKey) -> None:
        self._target, self._key = target, key
        self._store: Store | None = None

    def process(self, report: AuditReport) -> Iterator[AuditReport]:
        if self._store is None:
            self._store = self._target.open()
        yield self._store.publish(self._key)

    def teardown(self) -> None:
        if self._store is not None:
            self._store.close()


class PublishRun(beam.PTransform):
    """Points the inventory at the run, in one transaction. A run that failed or was empty stays hidden.

    In:  PCollection[AuditReport], one element, after which the run may be published.
    Out: PCollection[AuditReport], the same with the state that the run has now.
    """

    def __init__(self, target: Target, key: RunKey) -> None:
        super().__init__()
        self._target, self._key = target, key

    def expand(self, report: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        return report | "Publish" >> beam.ParDo(_Publish(self._target, self._key))
