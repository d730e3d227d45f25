"""What the graph of a job has on one runner and not on another."""

import apache_beam as beam
import pytest
from apache_beam.pipeline import PipelineVisitor

from pipelines.scope3 import FLINK_BUNDLE_BYTES, Job, build
from schemas.config import Config
from transforms.keys import Keys
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.shards import MOST_LOADED_SHARDS
from transforms.sinks.bigquery_target import target_from_url as dataset_from_url
from transforms.sinks.connection import target_from_url
from transforms.sinks.contract import Run, Source

_POSTGRES, _BIGQUERY = target_from_url("postgresql://host/database"), dataset_from_url("bigquery://acme-project/scope3")
# 1,000 keys of 16 MiB.
_SOURCES = (Source(0, "gs://bucket/large.jsonl", 16_000 << 20),)


class _Steps(PipelineVisitor):
    """Finds the DoFns of a graph, by the names of their steps."""

    def __init__(self):
        self.found: dict[str, beam.DoFn] = {}

    def visit_transform(self, transform_node):
        if isinstance(transform_node.transform, beam.ParDo):
            self.found[transform_node.full_label] = transform_node.transform.fn


def _reading_step(target, flink_slots):
    pipeline = beam.Pipeline()
    build(
        pipeline,
        Job(target, Run("acme", "acme", {}, _SOURCES), NO_MAPPING, Config(), b"", 1_000, 250, local=False, flink_slots=flink_slots),
    )
    steps = _Steps()
    pipeline.visit(steps)
    (found,) = (step for name, step in steps.found.items() if name.startswith("ReadSupplierRecords/ReadFile"))
    return found


@pytest.mark.parametrize(
    ("target", "flink_slots", "shards"),
    [(_POSTGRES, None, 1_000), (_POSTGRES, 2, 250), (_BIGQUERY, None, 1_000), (_BIGQUERY, 2, MOST_LOADED_SHARDS)],
)
def test_keys_are_few_where_each_costs_a_bundle_or_a_load(target, flink_slots, shards):
    step = _reading_step(target, flink_slots)
    assert (step._reader.shards, step._keys) == (shards, Keys(shards, flink_slots))


def test_only_flink_gets_what_is_read_in_bundles_that_end():
    assert _reading_step(_POSTGRES, 2)._bundle_bytes == FLINK_BUNDLE_BYTES
    assert not hasattr(_reading_step(_POSTGRES, None), "_bundle_bytes")
