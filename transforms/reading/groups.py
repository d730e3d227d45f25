"""Puts small files together: one alone would cost more than it holds, and its records would fill no batch."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

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


def parts_of_group(group: tuple[Source, ...], mapping: Mapping, part_bytes: int) -> list[tuple[Source, ...]]:
    """Returns what of a group can be read apart: each part of a table or of a large file, and other files as they are.

    Args:
        group: an input, or several small files.
        mapping: how texts are written.
        part_bytes: of a part of a file, about.

    Raises:
        UserFault: a large file can't be read.
    """
    if len(group) > 1:
        return [group]
    (source,) = group
    if not is_table(source.source_uri):
        source = replace(source, ranges=ranges_of(source, mapping, part_bytes))
    return [(part,) for part in source.parts()]
