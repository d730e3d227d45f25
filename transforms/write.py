"""The step that writes rows to the store."""

from collections.abc import Iterator

import apache_beam as beam
import pyarrow as pa
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from transforms.sinks.contract import RunKey, Target, Writer


class _Write(beam.DoFn):
    """Writes rows. In: table and rows. Out: how many rows a bundle committed."""

    def __init__(self, target: Target, key: RunKey) -> None:
        self._target, self._key = target, key
        self._writer: Writer | None = None

    def process(self, element: tuple[str, pa.RecordBatch]) -> None:
        if self._writer is None:
            # Not in setup: a worker may set up all steps before the run is prepared, and a writer that finds no run
            # takes it for one that another launch has replaced.
            self._writer = self._target.open().writer(self._key)
        self._writer.write(*element)

    def finish_bundle(self) -> Iterator[WindowedValue]:
        # A bundle that ends is never delivered again, so all of it must be committed now.
        if self._writer is not None:
            window = GlobalWindow()
            yield WindowedValue(self._writer.flush(), window.max_timestamp(), (window,))

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.close()


class WriteToStore(beam.PTransform):
    """Appends rows to the run's tables.

    In:  PCollection[tuple[str, RecordBatch]], the name of a table of `schemas.arrow.TABLES` and rows in its schema.
    Out: PCollection[int], rows committed, one element a bundle; a bundle that is delivered again counts again.
         No dead letters: rows are checked before, and a fault here is one of the store.
    """

    def __init__(self, target: Target, key: RunKey) -> None:
        super().__init__()
        self._target, self._key = target, key

    def expand(self, rows: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        return rows | "Append" >> beam.ParDo(_Write(self._target, self._key)).with_output_types(int)
