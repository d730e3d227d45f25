"""The step that calculates: one batch in, results and dead letters out."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.metrics import Metrics
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.shared import Shared
from apache_beam.utils.windowed_value import WindowedValue

from schemas.arrow import table_rows
from schemas.config import Config
from transforms.categories.registry import Calculator
from transforms.counters import BATCHES, DEAD_LETTERS, NAMESPACE, PROGRESS, RESULTS
from transforms.factors.table import FactorTable
from transforms.keys import category_of
from transforms.reading.blocks import join_blocks
from transforms.step import Step

StoreElement = tuple[str, pa.RecordBatch]

# Rows of batch_metrics are tiny; sent one at a time they would cost more than they measure.
_METRICS_PER_ELEMENT = 64


class _Factors:
    """Holds the decoded factors of a process: Shared needs an object that can be weakly referenced."""

    def __init__(self, packed: bytes) -> None:
        self.table = FactorTable.from_bytes(packed)


class _CalculateBatch(Step):
    """Calculates a batch. In: key and blocks. Out: rows of the store's tables."""

    def __init__(self, packed_factors: bytes, config: Config, shared: Shared) -> None:
        super().__init__()
        self._packed_factors, self._config, self._shared = packed_factors, config, shared
        self._calculator: Calculator | None = None
        self._metrics: list[tuple[object, ...]] = []
        self._batches = Metrics.counter(NAMESPACE, BATCHES)
        self._results = Metrics.counter(NAMESPACE, RESULTS)
        self._dead_letters = Metrics.counter(NAMESPACE, DEAD_LETTERS)

    def start_bundle(self) -> None:
        self._metrics = []
        # A bundle may be delivered again after its rows were lost, so each one brings
        # the factors it used; the audit removes what came twice.
        if self._calculator is not None:
            self._calculator.forget_returned()

    def process(self, element: tuple[int, Iterable[bytes]]) -> Iterator[StoreElement]:
        started = time.perf_counter()
        if self._calculator is None:
            self.check_version()
            factors = self._shared.acquire(lambda: _Factors(self._packed_factors)).table
            self._calculator = Calculator(factors, self._config)
        key, blocks = element
        category = category_of(key)
        batch = join_blocks(blocks)
        done = self._calculator.calculate(category, batch)
        for table, rows in (
            ("results", done.results),
            ("dead_letters", done.dead_letters),
            ("factors", done.factors),
            ("factor_uses", done.factor_uses),
        ):
            if rows.num_rows:
                yield table, rows
        results, dead_letters = done.results.num_rows, done.dead_letters.num_rows
        kg_co2e = pc.sum(done.results.column("kg_co2e")).as_py() or 0.0
        seconds = time.perf_counter() - started
        self._metrics.append((category, batch.num_rows, results, dead_letters, kg_co2e, seconds, datetime.now(timezone.utc)))
        self._count(results, dead_letters)
        if len(self._metrics) >= _METRICS_PER_ELEMENT:
            yield self._take_metrics()

    def finish_bundle(self) -> Iterator[WindowedValue]:
        if self._metrics:
            window = GlobalWindow()
            yield WindowedValue(self._take_metrics(), window.max_timestamp(), (window,))

    def _count(self, results: int, dead_letters: int) -> None:
        self._batches.inc()
        self._results.inc(results)
        self._dead_letters.inc(dead_letters)
        PROGRESS.results += results
        PROGRESS.dead_letters += dead_letters

    def _take_metrics(self) -> StoreElement:
        rows, self._metrics = table_rows("batch_metrics", zip(*self._metrics, strict=True)), []
        return "batch_metrics", rows


class CalculateEmissions(beam.PTransform):
    """Calculates the emissions of batches.

    In:  PCollection[tuple[int, Iterable[bytes]]], what `BatchRecords` gives.
    Out: PCollection[tuple[str, RecordBatch]], rows for the store's tables `results`, `dead_letters`
         (no factor, unit or method), `factors` and `factor_uses` (what the results rest on) and `batch_metrics`.

    Args:
        packed_factors: `FactorTable.to_bytes()`; decoded once a process. No side input: a step that has one is not fused
            with the batches before it, and each batch would travel once more.
        config: options of the calculation.
    """

    def __init__(self, packed_factors: bytes, config: Config) -> None:
        super().__init__()
        self._packed_factors, self._config = packed_factors, config

    def expand(self, batches: beam.PCollection) -> beam.PCollection:
        """Orders the step."""
        return batches | "CalculateBatch" >> beam.ParDo(_CalculateBatch(self._packed_factors, self._config, Shared()))
