"""Terms: all that distinct keys decide about results, worked out once and gathered by index.

A batch has a thousand rows and some dozens of distinct keys. Looking up, converting, deflating and
judging a factor happens per key in plain Python; rows only gather from the arrays here.
"""

import hashlib
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from transforms.calculation.growing import Growing, Rare, Shared
from transforms.calculation.keys import Keys, TooManyValues
from transforms.calculation.pairs import Pairs
from transforms.calculation.term import MEMOS, SCORES, Basis, Entry, Failure, Grade, Term, Use


class Terms:
    """All terms that a process has met, as arrays; the memo of distinct keys.

    What many terms share (factors, warnings, failures) is kept once, so a term is a hundred bytes. Call `grow` before
    the arrays are used.

    Attributes:
        kg_per_unit, upstream_kg_per_unit, cv, dqi_score, pedigree_mean: float64, one element a term.
        memo: by column, float64, kg per unit, NaN where a term has none; None while no term has any.
        failed: bool.
        temporal, geographic, technological: int64, scores, 1 best to 5.
        grade, failure, use, warning_set, gwp_set: int64, places in the lists below; -1 where a term has none.
        grades, failures, uses, warning_sets, gwp_sets: what terms share.
        warning_lists: the lists of warnings that results were given, by what they follow from.
        factor_use, group, entry_start, entry_count, lead: int64, one element a use: its id, the number of its
            correlation group, where its entries stand in `entries`, how many they are, and which is its lead.
        parts: basis, lead, cv and group of terms that are combined before they are used.
        entries, entry_value: the factors of all uses, one after the other, and their values.
    """

    def __init__(self) -> None:
        self._new: list[Term] = []
        self._columns = {name: Growing(kind) for name, kind in _TERM_COLUMNS.items()}
        self._memo_columns = {name: Rare() for name in MEMOS}
        self._use_columns = {name: Growing(np.int64) for name in _USE_COLUMNS}
        self._entry_value = Growing(np.float64)
        self.entries: list[Entry] = []
        self.failures = Shared[Failure]()
        self.uses: list[Use] = []
        self._use_places: dict[Hashable, int] = {}
        self._groups = Shared[str]()
        self.warning_sets = Shared[tuple[str, ...]]()
        self.gwp_sets = Shared[frozenset[str]]()
        self.warning_lists: dict[Hashable, list[str]] = {}
        self._keys: dict[str, Keys] = {}
        self._places: dict[Hashable, int] = {}
        self.parts = Shared[tuple[Basis, int, float, str]]()
        self.prices = Shared[tuple[int | None, tuple[str, ...]]]()
        self.grades = Shared[Grade]()
        self._pairs = Pairs(self)
        self.joined_sets: dict[tuple[int, ...], int] = {}
        self._count = 0
        # One that nothing refers to: rows without a term look at the last place, and there has to be one.
        blank = Term()
        self._add(blank)
        self.place_of_use(blank)
        self.grow()

    @property
    def is_full(self) -> bool:
        """Says whether so much is kept that it is better to start anew."""
        return self._count > _MOST_TERMS or len(self.uses) > _MOST_USES

    def find(self, kind: str, columns: Sequence[pa.Array], wanted: Bools, make: Callable[..., Term]) -> Ints:
        """Returns the index of each row's term, int64[n], -1 where none is wanted.

        Args:
            kind: names `make`; keys of one kind have one meaning.
            columns: the key, arrays of n values without floats.
            wanted: bool[n].
            make: gives the term of the values of one row.
        """
        if wanted.all():
            return self._find(kind, columns, slice(None), make)
        places = np.full(len(wanted), -1, np.int64)
        rows = np.flatnonzero(wanted)
        if len(rows):
            places[rows] = self._find(kind, columns, rows, make)
        return places

    def _find(self, kind: str, columns: Sequence[pa.Array], rows: Ints | slice, make: Callable[..., Term]) -> Ints:
        keys = self._keys.get(kind)
        if keys is None or keys.is_full:
            keys = self._keys[kind] = Keys(columns)
        try:
            codes, places = keys.look_up(columns, rows)
        except TooManyValues:
            del self._keys[kind]
            half = len(columns[0]) // 2
            every = np.arange(len(columns[0]))[rows]
            first, second = every[every < half], every[every >= half] - half
            return np.concatenate(
                [
                    self._find(kind, [column.slice(0, half) for column in columns], first, make),
                    self._find(kind, [column.slice(half) for column in columns], second, make),
                ]
            )
        missing = places < 0
        if missing.any():
            new, inverse = np.unique(codes[missing], return_inverse=True)
            numbers = np.array([self._add(make(*keys.values(code))) for code in new.tolist()], np.int64)
            keys.add(new, numbers)
            places[missing] = numbers[inverse]
        return places

    def place(self, key: Hashable, make: Callable[[], Term]) -> int:
        """Returns the index of a term, made when it is met first."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._add(make())
        return place

    def _add(self, term: Term) -> int:
        self._new.append(term)
        self._count += 1
        return self._count - 1

    def grow(self) -> None:
        """Brings the arrays up to the terms met so far."""
        new, self._new = self._new, []
        scores = [term.scores for term in new]
        values: dict[str, list[Any]] = {
            "kg_per_unit": [term.kg_per_unit for term in new],
            "upstream_kg_per_unit": [term.upstream_kg_per_unit for term in new],
            "cv": [term.cv for term in new],
            "dqi_score": [term.dqi_score for term in new],
            "pedigree_mean": [term.pedigree_mean for term in new],
            "failed": [term.failure is not None for term in new],
            "failure": [-1 if term.failure is None else self.failures.place(term.failure) for term in new],
            "use": [self.place_of_use(term) if term.basis.entries and not term.part else -1 for term in new],
            "part": [self.parts.place((term.basis, term.lead, term.cv, term.group)) if term.part else -1 for term in new],
            "price": [-1 if term.price is None else self.prices.place(term.price) for term in new],
            "warning_set": [self.warning_sets.place(term.warnings) for term in new],
            "gwp_set": [self.gwp_sets.place(term.basis.gwp_sets) for term in new],
            "grade": [-1 if term.grade is None else self.grades.place(term.grade) for term in new],
            **{name: [score[place] for score in scores] for place, name in enumerate(SCORES)},
            **{name: [dict(term.memo).get(name, math.nan) for term in new] for name in MEMOS},
        }
        self._extend(values)

    def append(self, count: int, values: Mapping[str, Sequence[Any] | Floats | Ints | Bools]) -> Ints:
        """Adds terms given as columns; returns their numbers, int64[count]. No other new ones may be waiting for `grow`."""
        numbers = np.arange(self._count, self._count + count)
        self._count += count
        self._extend(values)
        return numbers

    def _extend(self, values: Mapping[str, Sequence[Any] | Floats | Ints | Bools]) -> None:
        for name, column in self._columns.items():
            column.append(values[name])
            setattr(self, name, column.values)
        for name, rare in self._memo_columns.items():
            rare.append(values[name])
        self.memo = {name: rare.values for name, rare in self._memo_columns.items()}
        for name, column in self._use_columns.items():
            setattr(self, name, column.values)
        self.entry_value: Floats = self._entry_value.values

    memo: dict[str, Floats | None]
    kg_per_unit: Floats
    upstream_kg_per_unit: Floats
    cv: Floats
    dqi_score: Floats
    pedigree_mean: Floats
    failed: Bools
    failure: Ints
    use: Ints
    warning_set: Ints
    gwp_set: Ints
    part: Ints
    price: Ints
    grade: Ints
    temporal: Ints
    geographic: Ints
    technological: Ints
    factor_use: Ints
    group: Ints
    entry_start: Ints
    entry_count: Ints
    lead: Ints

    def combine(self, factors: Ints, worths: Ints, wanted: Bools) -> Ints:
        """Returns the terms of factors per dollar with the worth of a currency, int64[n], -1 where none is wanted.

        Args:
            factors, worths: int64[n], parts; a worth is -1 where the factor failed.
            wanted: bool[n].
        """
        self.grow()
        places = np.full(len(wanted), -1, np.int64)
        rows = np.flatnonzero(wanted)
        places[rows] = self._pairs.places(factors[rows], worths[rows])
        return places

    def place_of_use(self, term: Term) -> int:
        """Returns the place of the factors of a term."""
        key = (term.basis, term.cv, term.group)
        place = self._use_places.get(key)
        if place is not None:
            return place
        place = self._use_places[key] = len(self.uses)
        use = Use(_number_of(term), term.cv, term.basis, term.lead, term.group, term.shared)
        self.uses.append(use)
        entries = use.basis.entries
        values = (use.factor_use, self._groups.place(use.group), len(self.entries), len(entries), use.lead)
        for column, value in zip(self._use_columns.values(), values, strict=True):
            column.append([value])
        self.entries += entries
        self._entry_value.append([entry.value for entry in entries])
        return place


_TERM_COLUMNS = {
    "kg_per_unit": np.float64,
    "upstream_kg_per_unit": np.float64,
    "cv": np.float64,
    "dqi_score": np.float64,
    "pedigree_mean": np.float64,
    "failed": np.bool_,
    "failure": np.int64,
    "use": np.int64,
    "warning_set": np.int64,
    "gwp_set": np.int64,
    "part": np.int64,
    "price": np.int64,
    "grade": np.int32,
    **dict.fromkeys(SCORES, np.int8),
}
_USE_COLUMNS = ("factor_use", "group", "entry_start", "entry_count", "lead")

# About 100 bytes a term, and 1 kB a use.
_MOST_TERMS, _MOST_USES = 400_000, 40_000


def _number_of(term: Term) -> int:
    """Returns the id of a term's factors, the same in every process."""
    text = repr([tuple(entry) for entry in term.basis.entries] + [term.cv, term.lead, term.group, term.shared])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
