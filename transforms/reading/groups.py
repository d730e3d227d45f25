"""Puts small files together: one alone would cost more than it holds, and its records would fill no batch."""

from collections.abc import Iterator, Sequence

from transforms.sinks.contract import Source

# Files of a group are together as large as a few chunks: enough for full batches, few enough for many workers.
_BYTES_TOGETHER = 4 << 20
_MOST_TOGETHER = 2_000


def small_ones_together(sources: Sequence[Source]) -> Iterator[tuple[Source, ...]]:
    """Yields sources in groups, in order: always the same ones, so that what comes of a group is the same on a retry.

    Args:
        sources: inputs of a run; what has no size is no file, and alone.
    """
    group: list[Source] = []
    size = 0
    for source in sources:
        if group and (size + source.size_bytes > _BYTES_TOGETHER or len(group) == _MOST_TOGETHER or not source.size_bytes):
            yield tuple(group)
            group, size = [], 0
        group.append(source)
        size = size + source.size_bytes if source.size_bytes else _BYTES_TOGETHER
    if group:
        yield tuple(group)
