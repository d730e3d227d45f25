"""Methods of a category, tried side by side: each is an attempt for all rows of a batch, and every row takes its best one.

Source: calculation specification, 5.2 (selection) and 6 (codes when none is left).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from schemas.codes import Code
from schemas.methods import Method
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.calculation.arrays import Bools, Floats, Ints
from transforms.calculation.term import Failure
from transforms.calculation.terms import Terms


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

    def among(self, rows: Ints) -> "Parts":
        """Returns the parts of some records; their `row` is the place in `rows`, which rise."""
        own = np.isin(self.row, rows)
        row = np.searchsorted(rows, self.row[own])
        return Parts(row, self.term[own], self.kg[own], self.activity_cv[own], self.place[own])


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
        attempt: int64[n], index of the attempt, -1 where none can be used, -2 where its amount is beyond any double.
        passed_over: int64[n], index of the first complete attempt before it that can't be used, -1 where there is none.
    """

    attempt: Ints
    passed_over: Ints

    def without(self, rows: Ints) -> "Choice":
        """Returns the same without rows whose amount is too large."""
        attempt = self.attempt.copy()
        attempt[rows] = _TOO_LARGE
        return replace(self, attempt=attempt)


_TOO_LARGE = -2


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


def refuse(category: int, row: int, choice: Choice, attempts: Sequence[Attempt], terms: Terms) -> Outcome:
    """Returns why no attempt can be used for a record: E_RANGE, then E_UNIT, E_NO_FACTOR, E_NO_TIER, then by the order of the fields."""
    tried = [attempt for attempt in attempts if attempt.complete[row]]
    labels = tuple(attempt.method.label for attempt in tried)
    if choice.attempt[row] == _TOO_LARGE:
        message = "the emissions are beyond any number that can be stored; check the amount, its unit and the factor"
        return Outcome(Failure(Code.E_RANGE, None, None, message), (), labels)
    failures = [failure for attempt in tried if (failure := _failure(row, attempt, terms)) is not None]
    if not failures:
        needs = "; or ".join(attempt.method.needs for attempt in attempts)
        return Outcome(Failure(Code.E_NO_TIER, None, None, f"no method has the data that it needs; give {needs}"), (), ())
    first, *others = sorted(failures, key=lambda failure: (_CODES.index(failure.code), _field_order(category).get(_top(failure.field), -1)))
    return Outcome(first, tuple(others), labels)


_CODES = (Code.E_UNIT, Code.E_NO_FACTOR, Code.E_NO_TIER)


@cache
def _field_order(category: int) -> dict[str, int]:
    return {field.name: place for place, field in enumerate(fields_of(RECORDS[category]))}


def _top(field: str | None) -> str:
    return (field or "").partition("[")[0]


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
