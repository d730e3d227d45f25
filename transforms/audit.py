"""The step that proves a run complete, by counting in the store."""

from collections.abc import Iterator, Sequence

import apache_beam as beam

from transforms.counters import PROGRESS
from transforms.sinks.contract import AuditReport, RunKey, Store, Target


class _Audit(beam.DoFn):
    """Audits the run. In: one element, and what was written as side inputs. Out: the report."""

    def __init__(self, target: Target, key: RunKey) -> None:
        self._target, self._key = target, key
        self._store: Store | None = None

    def process(self, element: object, *written: object) -> Iterator[AuditReport]:
        PROGRESS.phase = "counting in the store"
        if self._store is None:
            self._store = self._target.open()
        yield self._store.audit(self._key)

    def teardown(self) -> None:
        if self._store is not None:
            self._store.close()


class AuditRun(beam.PTransform):
    """Seals a run once all is written, removes repeats, settles ids and counts what the store holds.

    In:  PCollection with one element, `beam.Impulse()`.
    Out: PCollection[AuditReport], one element. A run that fails is no fault of the job: the report says why.

    Args:
        target: the store.
        key: the run.
        writes: all outputs of WriteToStore. They are waited for; their numbers are the runner's, and nothing rests on them.
    """

    def __init__(self, target: Target, key: RunKey, writes: Sequence[beam.PCollection]) -> None:
        super().__init__()
        if not writes:
            raise ValueError("an audit needs the writes that it waits for")
        self._target, self._key, self._writes = target, key, writes

    def expand(self, impulse: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        after = [beam.pvalue.AsIter(written) for written in self._writes]
        return impulse | "Audit" >> beam.ParDo(_Audit(self._target, self._key), *after)
