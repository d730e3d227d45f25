"""Methods of a category, tried side by side: each is an attempt for all rows of a batch, and every row takes its best one.

Source: calculation specification, 5.2 (selection) and 6 (codes when none is left).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from schemas.codes import Code
from schemas.methods import Method
from transforms.calculation.arrays import Bools, Floats, Ints
from transforms.calculation.terms import Failure, Terms


@dataclass(frozen=True)
class Parts:
    """Results of several terms each, one row a term, in the order of the records.

    Attributes:
        row: int64[p], the record.
        term: int64[p], index in Terms.
        kg: float64[p], amount of the term, kg CO2e.
        activity_cv: float64[p], of the term's own activity.
        place: int64[p], of the term in the record's list; -1 where it is none of its elements.
    """

    row: Ints
    term: Ints
    kg: Floats
    activity_cv: Floats
    place: Ints


@dataclass(frozen=True)
class Attempt:
    """One method for n records.

    Attributes:
        method: from the registry.
        complete: bool[n], the record has the data that the method needs.
        term: int64[n], index in Terms; -1 where not complete.
        quantity: float64[n], activity in the unit of the term.
        activity_cv: of the quantity.
        own_value: float64[n], factor that the record gives, NaN where it is the term's; None where no record gives one.
        own_cv: float64[n], cv that the record gives, NaN where it is the term's; None likewise.
        parts: of a method with several terms; then quantity is void.
    """

    method: Method
    complete: Bools
    term: Ints
    quantity: Floats
    activity_cv: Floats
    own_value: Floats | None = None
    own_cv: Floats | None = None
    parts: Parts | None = None


@dataclass(frozen=True)
class Choice:
    """Which attempt each record takes.

    Attributes:
        attempt: int64[n], index of the attempt, -1 where none can be used.
        passed_over: int64[n], index of the first complete attempt before it that can't be used, -1 where there is none.
    """

    attempt: Ints
    passed_over: Ints


def choose(attempts: Sequence[Attempt], terms: Terms) -> Choice:
    """Gives every record its first attempt that is complete and has a factor."""
    terms.grow()
    rows = len(attempts[0].complete)
    chosen, passed_over = np.full(rows, -1, np.int64), np.full(rows, -1, np.int64)
    for place, attempt in enumerate(attempts):
        open_rows = attempt.complete & (chosen < 0)
        if not open_rows.any():
            continue
        failed = open_rows & terms.failed[attempt.term]
        chosen[open_rows & ~failed] = place
        passed_over[failed & (passed_over < 0)] = place
    return Choice(chosen, passed_over)


@dataclass(frozen=True)
class Outcome:
    """Why a record has no result.

    Attributes:
        failure: what stands in its dead letter.
        others: further failures.
        attempted: labels of the methods that had complete data.
    """

    failure: Failure
    others: tuple[Failure, ...]
    attempted: tuple[str, ...]


def refuse(row: int, attempts: Sequence[Attempt], terms: Terms) -> Outcome:
    """Returns why no attempt can be used for a record: E_UNIT before E_NO_FACTOR before E_NO_TIER."""
    tried = [attempt for attempt in attempts if attempt.complete[row]]
    failures = [failure for attempt in tried if (failure := _failure(row, attempt, terms)) is not None]
    if not failures:
        needs = "; or ".join(attempt.method.needs for attempt in attempts)
        return Outcome(Failure(Code.E_NO_TIER, None, None, f"no method has the data that it needs; give {needs}"), (), ())
    order = (Code.E_UNIT, Code.E_NO_FACTOR, Code.E_NO_TIER)
    first = min(failures, key=lambda failure: order.index(failure.code))
    others = tuple(failure for failure in failures if failure is not first)
    return Outcome(first, others, tuple(attempt.method.label for attempt in tried))


def _failure(row: int, attempt: Attempt, terms: Terms) -> Failure | None:
    place = terms.failure[attempt.term[row]]
    failure = terms.failures[place] if place >= 0 else None
    if failure is None or attempt.parts is None or failure.field is None:
        return failure
    # A member of a list is named with its place.
    places = attempt.parts.place[attempt.parts.row == row]
    failed = terms.failure[attempt.parts.term[attempt.parts.row == row]] == place
    index = f"[{places[failed][0]}]"
    return replace(failure, field=failure.field.replace("[]", index), message=failure.message.replace("[]", index))
