"""Methods of a category, tried side by side: each is an attempt for all rows of a batch, and every row takes its best one.

Source: calculation specification, 5.2 (selection) and 6 (codes when none is left).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.methods import Method
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.calculation.term import Failure
from transforms.calculation.terms import Terms


@dataclass(frozen=True)
class Parts:
    """The parts of records whose amount is a sum, one row a part, in the order of the records.

    Attributes:
        row: int64[p], the record.
        term: int64[p], index in Terms.
        quantity: float64[p], activity in the unit of the term.
        activity_cv: float64[p], of the part's own activity; 0 where that is the record's.
        place: int64[p], of the part in the record's list; -1 where it is none of its elements.
        own_value: float64[p], factor that the record gives, NaN where it is the term's; None where no record gives one.
        own_cv: float64[p], cv that the record gives, NaN where it is the term's; None likewise.
    """

    row: Ints
    term: Ints
    quantity: Floats
    activity_cv: Floats
    place: Ints
    own_value: Floats | None = None
    own_cv: Floats | None = None

    def among(self, rows: Ints) -> "Parts":
        """Returns the parts of some records; their `row` is the place in `rows`, which rise."""
        taken = self._taken(np.flatnonzero(np.isin(self.row, rows)))
        return replace(taken, row=np.searchsorted(rows, taken.row))

    @classmethod
    def join(cls, several: Sequence["Parts"]) -> "Parts":
        """Returns the parts of several lists together; those of one record stay in the order of the lists."""
        row, term, quantity, activity_cv, place = (
            np.concatenate([getattr(parts, name) for parts in several]) for name in ("row", "term", "quantity", "activity_cv", "place")
        )
        own_value, own_cv = (_own(name, several) for name in ("own_value", "own_cv"))
        return cls(row, term, quantity, activity_cv, place, own_value, own_cv)._taken(np.argsort(row, kind="stable"))

    def _taken(self, parts: Ints) -> "Parts":
        return Parts(
            self.row[parts],
            self.term[parts],
            self.quantity[parts],
            self.activity_cv[parts],
            self.place[parts],
            None if self.own_value is None else self.own_value[parts],
            None if self.own_cv is None else self.own_cv[parts],
        )


def _own(name: str, several: Sequence[Parts]) -> Floats | None:
    if all(getattr(parts, name) is None for parts in several):
        return None
    return np.concatenate([np.full(len(parts.row), np.nan) if (values := getattr(parts, name)) is None else values for parts in several])


@dataclass(frozen=True)
class Attempt:
    """One method for n records: each amount is that of one term, or with `parts` the sum of several.

    Attributes:
        method: from the registry.
        complete: bool[n], the record has the data that the method needs.
        activity_cv: float64[n], of what multiplies the whole amount of the record.
        term: int64[n], index in Terms; -1 where not complete.
        quantity: float64[n], activity in the unit of the term.
        own_value: float64[n], factor that the record gives, NaN where it is the term's; None where no record gives one.
        own_cv: float64[n], cv that the record gives, NaN where it is the term's; None likewise.
        parts: in place of the four before.
        joint: the parts of a record are one term: that of its first part, with the amount of all.
        said: string[n] arrays, warnings that follow from values of the record; null where there is nothing to say.
        memo: result columns beside the total, float64[n], NaN where there is none; those that follow from terms come by themselves.
        offered: bool[n], records that the method is there for; None where it is there for all. Others are not told what it needs.
    """

    method: Method
    complete: Bools
    activity_cv: Floats
    term: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    quantity: Floats = field(default_factory=lambda: np.zeros(0))
    own_value: Floats | None = None
    own_cv: Floats | None = None
    parts: Parts | None = None
    joint: bool = False
    said: Sequence[pa.Array] = ()
    memo: Mapping[str, Floats] = field(default_factory=dict)
    offered: Bools | None = None

    def saying(self, more: pa.Array) -> "Attempt":
        """Returns the same with a further warning, string[n]."""
        return replace(self, said=(*self.said, more))

    def failures(self, terms: Terms) -> Ints:
        """Returns the failure of each record that is complete and can't be used, int64[n], -1 for all others.

        Of several, the one whose code goes first.
        """
        found = np.full(len(self.complete), -1, np.int64)
        if self.parts is None:
            found[self.complete] = terms.failure[self.term[self.complete]]
            return found
        failure = terms.failure[self.parts.term]
        failed = failure >= 0
        if failed.any():
            row, failure = self.parts.row[failed], failure[failed]
            codes = np.array([one.code.order for one in terms.failures])[failure]
            order = np.lexsort((codes, row))
            first = order[np.diff(row[order], prepend=-1) != 0]
            found[row[first]] = failure[first]
        found[~self.complete] = -1
        return found


@dataclass(frozen=True)
class Choice:
    """Which attempt each record takes.

    Attributes:
        attempt: int64[n], index of the attempt, -1 where none can be used, -2 where its amount is beyond any double.
        passed_over: int64[n], index of the first complete attempt before it that can't be used, -1 where there is none.
        reason: int64[n], place of that attempt's failure in Terms.failures, -1 likewise.
    """

    attempt: Ints
    passed_over: Ints
    reason: Ints

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
    chosen, passed_over, reason = (np.full(rows, -1, np.int64) for _ in range(3))
    for place, attempt in enumerate(attempts):
        open_rows = attempt.complete & (chosen < 0)
        if not open_rows.any():
            continue
        failure = attempt.failures(terms)
        failed = open_rows & (failure >= 0)
        chosen[open_rows & ~failed] = place
        first = failed & (passed_over < 0)
        passed_over[first], reason[first] = place, failure[first]
    return Choice(chosen, passed_over, reason)


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
    labels = tuple(dict.fromkeys(attempt.method.label for attempt in tried))
    if choice.attempt[row] == _TOO_LARGE:
        message = "the emissions are beyond any number that can be stored; check the amount, its unit and the factor"
        return Outcome(Failure(Code.E_RANGE, None, None, message), (), labels)
    failures = [failure for attempt in tried if (failure := _failure(row, category, attempt, terms)) is not None]
    if not failures:
        offered = [attempt for attempt in attempts if attempt.offered is None or attempt.offered[row]]
        needs = "; or ".join(dict.fromkeys(attempt.method.needs for attempt in offered))
        return Outcome(Failure(Code.E_NO_TIER, None, None, f"no method has the data that it needs; give {needs}"), (), ())
    first, *others = sorted(failures, key=lambda failure: _rank(category, failure))
    return Outcome(first, tuple(others), labels)


_CODES = (Code.E_UNIT, Code.E_NO_FACTOR, Code.E_NO_TIER)


@cache
def _field_order(category: int) -> dict[str, int]:
    return {one.name: place for place, one in enumerate(fields_of(RECORDS[category]))}


def _top(name: str | None) -> str:
    return (name or "").partition("[")[0].partition(".")[0]


def _failure(row: int, category: int, attempt: Attempt, terms: Terms) -> Failure | None:
    """Returns the failure of an attempt for one record; a member of a list is named with its place."""
    if attempt.parts is None:
        place = terms.failure[attempt.term[row]]
        return terms.failures[place] if place >= 0 else None
    own = attempt.parts.row == row
    failed = [
        _placed(terms.failures[failure], place)
        for failure, place in zip(terms.failure[attempt.parts.term[own]].tolist(), attempt.parts.place[own].tolist(), strict=True)
        if failure >= 0
    ]
    return min(failed, key=lambda failure: _rank(category, failure), default=None)


def _placed(failure: Failure, place: int) -> Failure:
    if place < 0 or failure.field is None:
        return failure
    return replace(failure, field=failure.field.replace("[]", f"[{place}]"), message=failure.message.replace("[]", f"[{place}]"))


def _rank(category: int, failure: Failure) -> tuple[int, int]:
    return _CODES.index(failure.code), _field_order(category).get(_top(failure.field), -1)
