"""Finds the few records of a chunk that a vectorised reader refuses."""

from collections.abc import Callable, Iterator
from typing import TypeVar

Read = TypeVar("Read")

# Where a reader's call costs as much as this many lines taken one at a time.
_FEW_RECORDS = 16


def halve(count: int, read: Callable[[int, int], Read | None]) -> Iterator[tuple[int, int, Read | None]]:
    """Reads `count` records in as few calls as the refused ones among them allow.

    Args:
        count: number of records.
        read: reads the records from one place to another, or gives None if it can't.

    Yields:
        In order, where a run of records begins and ends, and what was read; None for a short run that can't be read as one.
    """
    runs = [(0, count)] if count else []
    while runs:
        begin, end = runs.pop()
        found = read(begin, end)
        if found is None and end - begin > _FEW_RECORDS:
            middle = (begin + end) // 2
            runs += [(middle, end), (begin, middle)]
        else:
            yield begin, end, found
