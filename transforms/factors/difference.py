"""What differs between two sets of factors, two editions of one publication for example."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.units import multiplier

Row = Mapping[str, Any]

# What a result follows from. An edition changes year, source_version and ids of all its rows, which alone moves no figure.
_FIGURE = (
    *("value", "unit", "basis", "price_year", "gwp", "cv", "cv_class"),
    *("pedigree", "source_class", "correlation_group", "verified"),
)

_PLACE = ("family", "key", "boundary", "region")
# How rows find each other, the surest way first; each way pairs what is alone with its key on both sides.
_WAYS: tuple[tuple[str, ...], ...] = (
    ("factor_id",),
    (*_PLACE, "unit", "basis", "year"),
    (*_PLACE, "unit", "basis"),
    _PLACE,
)
_SAME = 1e-9
# A year of a series is never another one's next edition.
_SERIES = ("fx", "price_index")
_OF_YEARS = 2


class Change(NamedTuple):
    """A row of the one set and its like in the other."""

    before: Row
    after: Row

    @property
    def columns(self) -> tuple[str, ...]:
        """Returns what of the figure differs."""
        ratio = self.ratio
        # A figure per tonne is that per kilogram.
        same = ("value", "unit") if ratio is not None and math.isclose(ratio, 1.0, rel_tol=_SAME) else ()
        return tuple(name for name in _FIGURE if name not in same and self.before[name] != self.after[name])

    @property
    def ratio(self) -> float | None:
        """Returns the value after by that before, both per unit of before; None where there is none."""
        scale = multiplier(self.before["unit"], self.after["unit"])
        if self.before["unit"] == self.after["unit"]:
            scale = 1.0
        if scale is None or self.before["value"] == 0:
            return None
        return float(self.after["value"] * scale / self.before["value"])

    @property
    def size(self) -> float:
        """Returns how much changed, on a scale where half and twice are alike; infinite where no ratio tells it."""
        ratio = self.ratio
        return math.inf if ratio is None or ratio <= 0 else abs(math.log(ratio))


@dataclass(frozen=True)
class Difference:
    """Two sets, row by row.

    Attributes:
        added, removed: rows that only the second has, and only the first, in order of their ids.
        pairs: rows that both have.
    """

    added: Sequence[Row]
    removed: Sequence[Row]
    pairs: Sequence[Change]

    @cached_property
    def changed(self) -> Sequence[Change]:
        """Returns the pairs whose figures differ, what changed most first."""
        found = [pair for pair in self.pairs if pair.columns]
        return sorted(found, key=lambda pair: (-pair.size, pair.before["factor_id"]))


def difference(before: pa.Table, after: pa.Table) -> Difference:
    """Compares two tables in FACTOR_SCHEMA.

    A row's like is that of the same id; else of the same place, unit, basis and year; else the only one of that place
    which is left on both sides, so that an edition is compared with the next.
    """
    left, right = before.to_pylist(), after.to_pylist()
    pairs: list[Change] = []
    for number, way in enumerate(_WAYS):
        of_years = number < _OF_YEARS
        matched = list(_matches(left, right, way, of_years))
        pairs += [Change(left[one], right[other]) for one, other in matched]
        gone = {one for one, _ in matched}, {other for _, other in matched}
        left, right = (
            [row for place, row in enumerate(rows) if place not in taken] for rows, taken in zip((left, right), gone, strict=True)
        )
    order = [sorted(rows, key=lambda row: str(row["factor_id"])) for rows in (right, left)]
    return Difference(order[0], order[1], pairs)


def _matches(left: Sequence[Row], right: Sequence[Row], way: Sequence[str], of_years: bool) -> Iterator[tuple[int, int]]:
    """Gives the places of rows that are alone with a key on their side."""
    keys = [[tuple(row[name] for name in way) for row in rows] for rows in (left, right)]
    counted = [Counter(side) for side in keys]
    places = {key: place for place, key in enumerate(keys[1])}
    for place, key in enumerate(keys[0]):
        if counted[0][key] == counted[1][key] == 1 and (of_years or left[place]["family"] not in _SERIES):
            yield place, places[key]
