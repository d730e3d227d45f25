"""All categories once more: one record at a time, in plain Python, with no table or function of the code under test.

Written from the calculation specification alone; the numbers in brackets are its sections. It takes records that are
valid and normalised. What the kernels do in columns, with memos and shared terms, must come to the same.
"""

from typing import Any

from tests.oracle.calculation import Oracle
from tests.oracle.contradictions import contradictions_of
from tests.oracle.free_text import classify
from tests.oracle.values import Row

__all__ = ["Oracle", "classify", "contradictions"]


def contradictions(record: Row, options: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Returns what the fields of a record, each valid alone, have against each other: codes and fields, the first that of the record."""
    return contradictions_of(Oracle([], **(options or {})), record)
