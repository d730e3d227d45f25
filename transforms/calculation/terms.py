"""Terms: all that a distinct key decides about a result, worked out once and gathered by index.

A batch has a thousand rows and some dozens of distinct keys. Looking up, converting, deflating and
judging a factor happens per key in plain Python; rows only gather from the arrays here.
"""

import hashlib
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.codes import Code
from schemas.methods import Method
from transforms.calculation.arrays import Bools, Floats, Ints
from transforms.calculation.keys import Keys, TooManyValues
from transforms.calculation.quality import term_quality
from transforms.factors.resolve import Resolved
from transforms.factors.row import FactorRow

# Answers kept; a run on thousands of keys in several currencies has as many.
_KEPT = 20_000

_Value = TypeVar("_Value", bound=Hashable)


class Entry(NamedTuple):
    """One factor of a term as the result shows it."""

    factor_id: str
    value: float
    unit: str


@dataclass(frozen=True)
class Failure:
    """Why a method with complete data can't be used.

    Attributes:
        code: E_UNIT, E_NO_FACTOR, or E_NO_TIER for a boundary that the method may not use.
        field: whose value is in the way; `list[].member` for one of a list's elements.
        value: that value.
        message: a sentence for the supplier.
    """

    code: Code
    field: str | None
    value: str | None
    message: str

    @property
    def reason(self) -> str:
        """Returns what a result says that another method could not be used for: the code, or the boundary that is in the way."""
        return self.value or self.code.value if self.code is Code.E_NO_TIER else self.code.value


@dataclass(frozen=True, eq=False)
class Basis:
    """The factors behind a term as the result shows them; one object for the same rows.

    Attributes:
        entries: factors used, sorted by id.
        rows: the loaded rows among them.
        gwp_sets: sets of global warming potentials in it.
        warnings: what follows from the rows alone: one of them was never checked, or the sets differ.
    """

    entries: tuple[Entry, ...] = ()
    rows: tuple[FactorRow, ...] = ()
    gwp_sets: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


NO_BASIS = Basis()


class Term(NamedTuple):
    """One activity with its factor.

    Attributes:
        kg_per_unit: kg CO2e per unit of the record's quantity: factor, unit, currency and price index in one number.
        cv: of the factor.
        dqi_score: 0 to 100.
        pedigree_mean: 1 best to 5, NaN without pedigree.
        warnings: full texts.
        basis: the factors behind it.
        lead: place of the lead factor among the entries.
        group: correlation group.
        shared: false where the group is that of a single record.
        failure: set where there is no factor; all else is then void.
    """

    kg_per_unit: float = math.nan
    cv: float = 0.0
    dqi_score: float = math.nan
    pedigree_mean: float = math.nan
    warnings: tuple[str, ...] = ()
    basis: Basis = NO_BASIS
    lead: int = 0
    group: str = ""
    shared: bool = True
    failure: Failure | None = None


class Use(NamedTuple):
    """The factors of a term as `factor_uses` holds them; many terms share one.

    Attributes:
        factor_use: the first 8 bytes of the SHA-256 of the rest.
        cv: of the term, at its lead factor.
        basis, lead, group, shared: see Term.
    """

    factor_use: int
    cv: float
    basis: Basis
    lead: int
    group: str
    shared: bool

    @property
    def cvs(self) -> list[float]:
        """Returns the list factor_cvs: the term's cv at its lead factor, 0 elsewhere."""
        return [self.cv if place == self.lead else 0.0 for place in range(len(self.basis.entries))]


def factor_term(
    resolved: Resolved,
    method: Method,
    *,
    kg_per_unit: float | None = None,
    more_rows: tuple[FactorRow, ...] = (),
    warnings: Sequence[str] = (),
    default_cv: float | None = None,
) -> Term:
    """Returns the term of a factor that was found.

    Args:
        resolved: the factor.
        method: gives quality and cv where the row states none.
        kg_per_unit: the multiplier of the record's quantity; the resolved value where it is None.
        more_rows: exchange rates and indices used on top; they take no part in the scores.
        warnings: on top of the resolver's.
        default_cv: instead of the method's.
    """
    lead = resolved.lead
    basis, place = _basis_of(lead, (*resolved.rows, *more_rows))
    scores = (resolved.temporal, resolved.geographic, resolved.technological)
    cv, dqi_score, pedigree_mean = term_quality(lead, *scores, method, method.factor_cv if default_cv is None else default_cv)
    told = (*resolved.warnings, *warnings, *basis.warnings)
    value = resolved.value if kg_per_unit is None else kg_per_unit
    return Term(value, cv, dqi_score, pedigree_mean, told, basis, place, lead.group)


@lru_cache(_KEPT)
def _basis_of(lead: FactorRow, rows: tuple[FactorRow, ...]) -> tuple[Basis, int]:
    """Returns the basis of some rows, and the place of the lead among its entries."""
    distinct = tuple({row.factor_id: row for row in rows}.values())
    entries = tuple(Entry(row.factor_id, row.value, row.unit) for row in sorted(distinct, key=lambda row: row.factor_id))
    sets = frozenset(row.gwp for row in distinct if row.gwp is not None)
    basis = Basis(entries, distinct, sets, (*_unchecked(distinct), *mixed_gwp(sets)))
    return basis, next(place for place, entry in enumerate(entries) if entry.factor_id == lead.factor_id)


def _unchecked(rows: Iterable[FactorRow]) -> list[str]:
    return sorted(f"W_FACTOR_UNSOURCED factor_id={row.factor_id}" for row in rows if not row.verified)[:1]


def mixed_gwp(sets: frozenset[str]) -> list[str]:
    """Returns the warning for factors of different sets of global warming potentials."""
    return [f"W_GWP_MIXED sets={','.join(sorted(sets))}"] if len(sets) > 1 else []


def sum_term(terms: "Terms", parts: Sequence[int]) -> Term:
    """Returns what several terms of one record say together: warnings, or the failure whose code goes first. It has no amount."""
    failures = [terms.failures[place] for part in parts if (place := terms.failure[part]) >= 0]
    failure = min(failures, key=lambda one: one.code.order, default=None)
    sets = frozenset().union(*(terms.gwp_sets[terms.gwp_set[part]] for part in parts))
    warnings = dict.fromkeys(text for part in parts for text in terms.warning_sets[terms.warning_set[part]])
    return Term(warnings=(*warnings, *mixed_gwp(sets)), failure=failure)


def record_term(
    field_name: str,
    unit: str,
    method: Method,
    *,
    kg_per_unit: float = 1.0,
    cv: float | None = None,
    more_rows: tuple[FactorRow, ...] = (),
    warnings: Sequence[str] = (),
) -> Term:
    """Returns the term of a factor or an amount that the record itself gives.

    Args:
        field_name: the field; its id is `record:<field>`, and its group that of the record alone.
        unit: the factor's denominator, or kg_co2e or t_co2e of an amount.
        method: gives the quality, and the cv where the record states none.
        kg_per_unit: kg CO2e per unit of an amount; 1 for a factor, which is gathered from the record.
        cv: instead of the method's.
        more_rows: exchange rates used on top.
    """
    name = f"record:{field_name}"
    basis, place = _record_basis(name, unit, more_rows)
    factor_cv = method.factor_cv if cv is None else cv
    return Term(kg_per_unit, factor_cv, method.dqi_score, math.nan, (*warnings, *basis.warnings), basis, place, name, False)


@lru_cache(_KEPT)
def _record_basis(name: str, unit: str, rows: tuple[FactorRow, ...]) -> tuple[Basis, int]:
    entries = sorted([Entry(name, 1.0, unit), *(Entry(row.factor_id, row.value, row.unit) for row in rows)], key=lambda one: one.factor_id)
    basis = Basis(tuple(entries), rows, warnings=tuple(_unchecked(rows)))
    return basis, next(place for place, entry in enumerate(entries) if entry.factor_id == name)


class Terms:
    """All terms that a process has met, as arrays; the memo of distinct keys.

    What many terms share (factors, warnings, failures) is kept once, so a term is a hundred bytes. Call `grow` before
    the arrays are used.

    Attributes:
        kg_per_unit, cv, dqi_score, pedigree_mean: float64, one element a term.
        failed: bool.
        failure, use, warning_set, gwp_set: int64, places in the lists below; -1 where a term has none.
        failures, uses, warning_sets, gwp_sets: what terms share.
        warning_lists: the lists of warnings that results were given, by what they follow from.
        factor_use, group, entry_start, entry_count, lead: int64, one element a use: its id, the number of its
            correlation group, where its entries stand in `entries`, how many they are, and which is its lead.
        entries, entry_value: the factors of all uses, one after the other, and their values.
    """

    def __init__(self) -> None:
        self._new: list[Term] = []
        self._columns = {name: _Growing(kind) for name, kind in _TERM_COLUMNS.items()}
        self._use_columns = {name: _Growing(np.int64) for name in _USE_COLUMNS}
        self._entry_value = _Growing(np.float64)
        self.entries: list[Entry] = []
        self.failures = _Shared[Failure]()
        self.uses: list[Use] = []
        self._use_places: dict[Hashable, int] = {}
        self._groups = _Shared[str]()
        self.warning_sets = _Shared[tuple[str, ...]]()
        self.gwp_sets = _Shared[frozenset[str]]()
        self.warning_lists: dict[Hashable, list[str]] = {}
        self._keys: dict[str, Keys] = {}
        self._places: dict[Hashable, int] = {}
        self._count = 0
        self.grow()

    @property
    def is_full(self) -> bool:
        """Says whether so much is kept that it is better to start anew."""
        return self._count > _MOST_TERMS or len(self.uses) > _MOST_USES or len(self.warning_lists) > _MOST_USES

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
        values: dict[str, list[Any]] = {
            "kg_per_unit": [term.kg_per_unit for term in new],
            "cv": [term.cv for term in new],
            "dqi_score": [term.dqi_score for term in new],
            "pedigree_mean": [term.pedigree_mean for term in new],
            "failed": [term.failure is not None for term in new],
            "failure": [-1 if term.failure is None else self.failures.place(term.failure) for term in new],
            "use": [self._use(term) if term.basis.entries else -1 for term in new],
            "warning_set": [self.warning_sets.place(term.warnings) for term in new],
            "gwp_set": [self.gwp_sets.place(term.basis.gwp_sets) for term in new],
        }
        for name, column in self._columns.items():
            column.append(values[name])
            setattr(self, name, column.values)
        for name, column in self._use_columns.items():
            setattr(self, name, column.values)
        self.entry_value: Floats = self._entry_value.values

    kg_per_unit: Floats
    cv: Floats
    dqi_score: Floats
    pedigree_mean: Floats
    failed: Bools
    failure: Ints
    use: Ints
    warning_set: Ints
    gwp_set: Ints
    factor_use: Ints
    group: Ints
    entry_start: Ints
    entry_count: Ints
    lead: Ints

    def _use(self, term: Term) -> int:
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
    "cv": np.float64,
    "dqi_score": np.float64,
    "pedigree_mean": np.float64,
    "failed": np.bool_,
    "failure": np.int64,
    "use": np.int64,
    "warning_set": np.int64,
    "gwp_set": np.int64,
}
_USE_COLUMNS = ("factor_use", "group", "entry_start", "entry_count", "lead")

# About 100 bytes a term, and 1 kB a use.
_MOST_TERMS, _MOST_USES = 400_000, 40_000


def _number_of(term: Term) -> int:
    """Returns the id of a term's factors, the same in every process."""
    text = repr([tuple(entry) for entry in term.basis.entries] + [term.cv, term.lead, term.group, term.shared])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


class _Shared(list[_Value]):
    """Values that many terms share, each once."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[_Value, int] = {}

    def place(self, value: _Value) -> int:
        """Returns the place of a value, added when it is met first."""
        place = self._places.setdefault(value, len(self))
        if place == len(self):
            self.append(value)
        return place


class _Growing:
    """An array that grows at its end without being copied each time."""

    def __init__(self, kind: type) -> None:
        self._data: npt.NDArray[Any] = np.empty(1_024, kind)
        self._size = 0

    @property
    def values(self) -> npt.NDArray[Any]:
        """Returns the elements; a view that later elements do not change."""
        return self._data[: self._size]

    def append(self, values: Sequence[Any]) -> None:
        """Adds elements."""
        size = self._size + len(values)
        if size > len(self._data):
            larger = np.empty(max(size, 2 * len(self._data)), self._data.dtype)
            larger[: self._size] = self._data[: self._size]
            self._data = larger
        self._data[self._size : size] = values
        self._size = size
