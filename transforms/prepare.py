"""The step that begins a run in its store."""

from collections.abc import Iterator

import apache_beam as beam

from transforms.reading.groups import small_ones_together
from transforms.sinks.contract import Run, Source, Store, Target
from transforms.step import Step


class _Prepare(Step):
    """Prepares the run. In: one element. Out: what is to be read."""

    def __init__(self, target: Target, run: Run) -> None:
        super().__init__()
        self._target, self._run = target, run
        self._store: Store | None = None

    def process(self, element: object) -> Iterator[tuple[Source, ...]]:
        self.check_version()
        if self._store is None:
            self._store = self._target.open()
        if self._store.prepare(self._run):
            yield from small_ones_together(self._run.sources)

    def teardown(self) -> None:
        # Not before: the open store is the first sign that the run goes on.
        if self._store is not None:
            self._store.close()


class PrepareRun(beam.PTransform):
    """Registers a run in the store and makes its tables, before anything is read.

    In:  PCollection with one element, `beam.Impulse()`.
    Out: PCollection[tuple[Source, ...]], the inputs of the run, small files together; none where a former attempt has written all of it already.
         No dead letters.
    """

    def __init__(self, target: Target, run: Run) -> None:
        super().__init__()
        self._target, self._run = target, run

    def expand(self, impulse: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        return impulse | "Prepare" >> beam.ParDo(_Prepare(self._target, self._run))
