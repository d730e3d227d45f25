"""The whole graph: read, batch, calculate, write, audit, publish. No arithmetic.

PrepareRun -> ReadSupplierRecords -> BatchRecords -> CalculateEmissions -> WriteToStore -> AuditRun -> PublishRun
                      \\-> what was read, and refused  -> WriteToStore --------/
"""

from dataclasses import dataclass

import apache_beam as beam

from schemas.config import Config
from transforms.audit import AuditRun
from transforms.batch import BatchRecords
from transforms.calculate import CalculateEmissions
from transforms.check_workers import CheckWorkers
from transforms.keys import Keys
from transforms.prepare import PrepareRun
from transforms.publish import PublishRun
from transforms.read import ReadSupplierRecords
from transforms.reading.files import is_local, short_names
from transforms.reading.groups import SplitInputs
from transforms.reading.mapping import Mapping
from transforms.reading.ranges import part_bytes_of
from transforms.reading.shards import MOST_LOADED_SHARDS, MOST_SHARDS, shards_of, shards_on_flink
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.contract import Run, Target
from transforms.write import WriteToStore

# A TaskManager keeps all that comes of a bundle on its heap until the bundle has ended, and of more than 100 messages of
# 10 MB the rest never arrives: the job stands still. A slot of Flink's default configuration has 384 MB of heap.
FLINK_BUNDLE_BYTES = 32 << 20


@dataclass(frozen=True)
class Job:
    """All that the graph is made from.

    Attributes:
        target: the store.
        run: what it notes about the run, with the inputs.
        mapping: what the inputs' columns mean.
        config: options of the calculation.
        factors: `FactorTable.to_bytes()`.
        batch_size, block_size: records.
        local: whether all of it runs in one process of this machine.
        flink_slots: parallelism on Flink, None elsewhere.
    """

    target: Target
    run: Run
    mapping: Mapping
    config: Config
    factors: bytes
    batch_size: int
    block_size: int
    local: bool
    flink_slots: int | None = None


def build(pipeline: beam.Pipeline, job: Job) -> None:
    """Adds the job to a pipeline."""
    key = job.run.key
    start = pipeline | "Start" >> beam.Impulse()
    if not job.local:
        start = start | "CheckWorkers" >> CheckWorkers([one.source_uri for one in job.run.sources if is_local(one.source_uri)])
    sources = start | "PrepareRun" >> PrepareRun(job.target, job.run)
    if not job.local:
        # Else the one worker that prepares the run would read all of it.
        sources = sources | "SplitInputs" >> SplitInputs(job.mapping, part_bytes_of(job.run.sources))
    read = sources | "ReadSupplierRecords" >> ReadSupplierRecords(
        job.mapping,
        job.config,
        job.block_size,
        _keys(job),
        short_names(job.run.sources),
        apart=job.local,
        bundle_bytes=None if job.flink_slots is None else FLINK_BUNDLE_BYTES,
    )
    batches = read.blocks | "BatchRecords" >> BatchRecords(job.batch_size, job.block_size)
    calculated = batches | "CalculateEmissions" >> CalculateEmissions(job.factors, job.config)
    # Two writers: put together first, the two streams would no longer be fused with what makes them.
    written = [
        read.store | "WriteReadings" >> WriteToStore(job.target, key),
        calculated | "WriteResults" >> WriteToStore(job.target, key),
    ]
    audited = pipeline | "Finish" >> beam.Impulse() | "AuditRun" >> AuditRun(job.target, key, written)
    audited | "PublishRun" >> PublishRun(job.target, key)


def _keys(job: Job) -> Keys:
    if job.flink_slots is None:
        return Keys(shards_of(job.run.sources))
    # There a key is a bundle, and a bundle ends with a load.
    most = MOST_LOADED_SHARDS if isinstance(job.target, BigQueryTarget) else MOST_SHARDS
    return Keys(shards_on_flink(job.run.sources, job.flink_slots, most), job.flink_slots)
