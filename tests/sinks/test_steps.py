"""The steps of the job that speak to the store, run by Beam."""

import apache_beam as beam
import pyarrow as pa
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from tests.sinks.rows import chunk, dead_letter, factor, factor_use, make_run, result, rows
from transforms.audit import AuditRun
from transforms.prepare import PrepareRun
from transforms.publish import PublishRun
from transforms.sinks.contract import State
from transforms.write import WriteToStore

_LARGE, _LARGE_BLOCKS = bytes(1 << 20), 128
_held: list[int] = []


def _rows_of(source):
    """Yields the rows of a source with 3 records, one of them bad."""
    number = source.source_id
    good = [result(f"R-{number}-{place}", place, source_id=number) for place in (0, 10)]
    yield "results", rows("results", *good)
    yield "dead_letters", rows("dead_letters", dead_letter(20, source_id=number))
    yield "chunks", rows("chunks", chunk(3, source_id=number))


def _factors(source):
    yield "factors", rows("factors", factor(), factor("cpi:US"))
    yield "factor_uses", rows("factor_uses", factor_use())


def _large_blocks(source):
    """Yields blocks of 1 MiB, and notes how much memory Arrow has after each."""
    for place in range(_LARGE_BLOCKS):
        yield "inputs", rows("inputs", {"source_id": source.source_id, "first_position": place, "last_position": place, "block": _LARGE})
        _held.append(pa.total_allocated_bytes())


def _run(target, run):
    # Without pickling by address the functions above travel as references to this module.
    with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])) as pipeline:
        sources = pipeline | "Start" >> beam.Impulse() | PrepareRun(target, run) | "Each" >> beam.FlatMap(list)
        written = [
            sources | "Rows" >> beam.FlatMap(_rows_of) | "WriteRows" >> WriteToStore(target, run.key),
            sources | "Factors" >> beam.FlatMap(_factors) | "WriteFactors" >> WriteToStore(target, run.key),
        ]
        audited = pipeline | "Finish" >> beam.Impulse() | AuditRun(target, run.key, written)
        audited | PublishRun(target, run.key)


def test_a_job_writes_audits_and_publishes(store, target):
    run = make_run()
    _run(target, run)
    audit = store.summary("first").audit
    assert (audit.state, audit.read, audit.results, audit.dead_letters) == (State.PUBLISHED, 6, 4, 2)
    # The runner begins the whole job again after its end.
    _run(target, run)
    assert store.summary("first").audit == audit


def test_a_fault_of_the_store_reaches_the_caller_as_a_sentence(store, target):
    _run(target, make_run())
    with pytest.raises(Exception, match="run 'first' was published already"):
        _run(target, make_run())


def test_what_a_worker_holds_does_not_grow_with_a_bundle_that_ends_late(store, target):
    # This runner ends a bundle when all of it was read, as Flink may.
    run = make_run()
    _held.clear()
    with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])) as pipeline:
        blocks = (
            pipeline
            | "Start" >> beam.Impulse()
            | PrepareRun(target, run)
            | "Each" >> beam.FlatMap(list)
            | "Blocks" >> beam.FlatMap(_large_blocks)
        )
        blocks | WriteToStore(target, run.key)
    # A buffer that fills, one that is sent, and what sending takes: at most 32 MB each, of 256 MB in all.
    assert len(_held) == 2 * _LARGE_BLOCKS and max(_held) - _held[0] < 128 << 20


def test_an_audit_without_writes_is_refused_before_the_job():
    with pytest.raises(ValueError, match="needs the writes"):
        AuditRun(None, make_run().key, [])
