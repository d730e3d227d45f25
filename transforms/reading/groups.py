"""Puts small files together, as one alone would cost more than it holds and fill no batch, and cuts large ones."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import apache_beam as beam

from transforms.reading.mapping import Mapping
from transforms.reading.ranges import ranges_of
from transforms.reading.tables import is_table
from transforms.sinks.contract import Source

# Files of a group are together as large as a few chunks: enough for full batches, few enough for many workers.
_BYTES_TOGETHER = 4 << 20
_MOST_TOGETHER = 2_000


def small_ones_together(sources: Sequence[Source]) -> Iterator[tuple[Source, ...]]:
    """Yields sources in groups, in order: always the same ones, so that what comes of a group is the same on a retry.

    Args:
        sources: inputs of a run; what has no size is no file, and alone, as a table is.
    """
    group: list[Source] = []
    size = 0
    for source in sources:
        is_alone = not source.size_bytes or is_table(source.source_uri)
        if group and (size + source.size_bytes > _BYTES_TOGETHER or len(group) == _MOST_TOGETHER or is_alone):
            yield tuple(group)
            group, size = [], 0
        group.append(source)
        size = _BYTES_TOGETHER if is_alone else size + source.size_bytes
    if group:
        yield tuple(group)


class SplitInputs(beam.PTransform):
    """Cuts large inputs into parts, and hands these out to all workers.

    In and out: PCollection[tuple[Source, ...]], an input, a part of one, or several small files.

    Args:
        mapping: how texts are written.
        part_bytes: of a part of a file, about.
    """

    def __init__(self, mapping: Mapping, part_bytes: int) -> None:
        super().__init__()
        self._mapping, self._part_bytes = mapping, part_bytes

    def expand(self, groups: beam.PCollection) -> beam.PCollection:
        """Orders the step; a file that can't be read is a UserFault in it."""
        return (
            groups
            | "Number" >> beam.Map(_numbered).with_output_types(tuple[int, tuple[Source, ...]])
            # Where records end in a large CSV file only reading it tells: many files are looked at side by side. No
            # Reshuffle, as Flink does only one of two that follow each other.
            | "SpreadInputs" >> beam.GroupByKey()
            | beam.Values()
            | "Ungroup" >> beam.FlatMap()
            | "Cut" >> beam.FlatMap(parts_of_group, self._mapping, self._part_bytes)
            | "SpreadParts" >> beam.Reshuffle()
        )


def _numbered(group: tuple[Source, ...]) -> tuple[int, tuple[Source, ...]]:
    return group[0].source_id, group


def parts_of_group(group: tuple[Source, ...], mapping: Mapping, part_bytes: int) -> list[tuple[Source, ...]]:
    """Returns what of a group can be read apart: each part of a table or of a large file, and other files as they are.

    Args:
        group: an input, or several small files.
        mapping, part_bytes: as for SplitInputs.

    Raises:
        UserFault: a large file can't be read.
    """
    if len(group) > 1:
        return [group]
    (source,) = group
    if not is_table(source.source_uri) and (ranges := ranges_of(source, mapping, part_bytes)):
        source = replace(source, ranges=ranges, part_of_bytes=source.size_bytes)
    return [(part,) for part in source.parts()]
