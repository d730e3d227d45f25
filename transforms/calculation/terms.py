"""Terms: all that a distinct key decides about a result, worked out once and gathered by index.

A batch has a thousand rows and some dozens of distinct keys. Looking up, converting, deflating and
judging a factor happens per key in plain Python; rows only gather from the arrays here.
"""

import hashlib
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from schemas.canonical import canonical_text
from schemas.codes import Code
from schemas.methods import Method
from transforms.calculation.arrays import Bools, Floats, Ints
from transforms.calculation.keys import Keys
from transforms.calculation.quality import term_cv, term_quality
from transforms.factors.resolve import Resolved
from transforms.factors.row import FactorRow


@dataclass(frozen=True)
class Entry:
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


@dataclass(frozen=True)
class Term:
    """One activity with its factor.

    Attributes:
        kg_per_unit: kg CO2e per unit of the record's quantity: factor, unit, currency and price index in one number.
        cv: of the factor.
        dqi_score: 0 to 100.
        pedigree_mean: 1 best to 5, NaN without pedigree.
        warnings: full texts.
        entries: factors used, sorted by id.
        lead: place of the lead factor in `entries`.
        group: correlation group.
        shared: false where the group is that of a single record.
        gwp_sets: sets of global warming potentials in it.
        rows: the loaded rows behind it.
        failure: set where there is no factor; all else is then void.
    """

    kg_per_unit: float = math.nan
    cv: float = 0.0
    dqi_score: float = math.nan
    pedigree_mean: float = math.nan
    warnings: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    lead: int = 0
    group: str = ""
    shared: bool = True
    gwp_sets: frozenset[str] = frozenset()
    rows: tuple[FactorRow, ...] = ()
    failure: Failure | None = None

    @property
    def factor_use(self) -> int:
        """Returns the id of the term's factors: the first 8 bytes of the SHA-256 of what `factor_uses` holds of them."""
        entries = self.entries
        lists = [[one.factor_id for one in entries], [one.value for one in entries], [one.unit for one in entries], self.cvs]
        text = canonical_text([*lists, self.lead, self.group, self.shared])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)

    @property
    def cvs(self) -> list[float]:
        """Returns the list factor_cvs: the term's cv at its lead factor, 0 elsewhere."""
        return [self.cv if place == self.lead else 0.0 for place in range(len(self.entries))]


def factor_term(
    resolved: Resolved,
    method: Method,
    *,
    kg_per_unit: float | None = None,
    more_rows: Iterable[FactorRow] = (),
    warnings: Iterable[str] = (),
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
    rows = tuple({row.factor_id: row for row in (*resolved.rows, *more_rows)}.values())
    entries = tuple(Entry(row.factor_id, row.value, row.unit) for row in sorted(rows, key=lambda row: row.factor_id))
    dqi_score, pedigree_mean = term_quality(resolved.lead, resolved, method)
    unsourced = [f"W_FACTOR_UNSOURCED factor_id={row.factor_id}" for row in rows if not row.verified]
    gwp_sets = frozenset(row.gwp for row in rows if row.gwp is not None)
    return Term(
        kg_per_unit=resolved.value if kg_per_unit is None else kg_per_unit,
        cv=term_cv(resolved.lead, resolved, method.factor_cv if default_cv is None else default_cv),
        dqi_score=dqi_score,
        pedigree_mean=pedigree_mean,
        warnings=tuple(dict.fromkeys([*resolved.warnings, *warnings, *sorted(unsourced)[:1], *mixed_gwp(gwp_sets)])),
        entries=entries,
        lead=next(place for place, entry in enumerate(entries) if entry.factor_id == resolved.lead.factor_id),
        group=resolved.lead.group,
        gwp_sets=gwp_sets,
        rows=rows,
    )


def mixed_gwp(sets: frozenset[str]) -> list[str]:
    """Returns the warning for factors of different sets of global warming potentials."""
    return [f"W_GWP_MIXED sets={','.join(sorted(sets))}"] if len(sets) > 1 else []


def sum_term(parts: Sequence[Term]) -> Term:
    """Returns what several terms of one record say together: warnings, or the first failure. It has no amount."""
    failure = next((part.failure for part in parts if part.failure is not None), None)
    sets = frozenset().union(*(part.gwp_sets for part in parts))
    warnings = dict.fromkeys(text for part in parts for text in part.warnings)
    return Term(warnings=(*warnings, *mixed_gwp(sets)), gwp_sets=sets, failure=failure)


def record_term(
    field_name: str,
    unit: str,
    method: Method,
    *,
    kg_per_unit: float = 1.0,
    cv: float | None = None,
    more_rows: Sequence[FactorRow] = (),
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
    entries = sorted(
        [Entry(name, 1.0, unit), *(Entry(row.factor_id, row.value, row.unit) for row in more_rows)], key=lambda one: one.factor_id
    )
    unsourced = [f"W_FACTOR_UNSOURCED factor_id={row.factor_id}" for row in more_rows if not row.verified]
    return Term(
        kg_per_unit=kg_per_unit,
        cv=method.factor_cv if cv is None else cv,
        dqi_score=method.dqi_score,
        warnings=(*warnings, *sorted(unsourced)[:1]),
        entries=tuple(entries),
        lead=next(place for place, entry in enumerate(entries) if entry.factor_id == name),
        group=name,
        shared=False,
        rows=tuple(more_rows),
    )


@dataclass
class Terms:
    """All terms that a process has met, as arrays; the memo of distinct keys. Grows up to a bound, then starts anew.

    Attributes:
        terms: the terms by index.
        kg_per_unit, cv, dqi_score, pedigree_mean: float64, parallel to `terms`.
        failed: bool, parallel to `terms`.
        factor_use: int64, parallel to `terms`; 0 where the term has no factors of its own.
        entry_start, entry_count, lead: int64, parallel to `terms`: where a term's entries stand in `entries`, how many
            they are, and which of them is its lead.
        entries, entry_value: the factors of all terms, one after the other, and their values.
        warning_set, reason: int64, parallel to `terms`: numbers that terms with the same warnings, or failures that are
            told alike, share.
        warning_sets, reasons: what these numbers stand for.
    """

    terms: list[Term] = field(default_factory=list)
    kg_per_unit: Floats = field(default_factory=lambda: np.empty(0))
    cv: Floats = field(default_factory=lambda: np.empty(0))
    dqi_score: Floats = field(default_factory=lambda: np.empty(0))
    pedigree_mean: Floats = field(default_factory=lambda: np.empty(0))
    failed: Bools = field(default_factory=lambda: np.empty(0, bool))
    factor_use: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    entry_start: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    entry_count: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    lead: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    entries: list[Entry] = field(default_factory=list)
    entry_value: Floats = field(default_factory=lambda: np.empty(0))
    warning_set: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    reason: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    warning_sets: dict[tuple[str, ...], int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    _keys: dict[str, Keys] = field(default_factory=dict)
    _places: dict[Hashable, int] = field(default_factory=dict)

    def find(self, kind: str, columns: Sequence[pa.Array], wanted: Bools, make: Callable[..., Term]) -> Ints:
        """Returns the index of each row's term, int64[n], -1 where none is wanted.

        Args:
            kind: names `make`; keys of one kind have one meaning.
            columns: the key, arrays of n values without floats.
            wanted: bool[n].
            make: gives the term of the values of one row.
        """
        if wanted.all():
            return self._find(kind, columns, make)
        places = np.full(len(wanted), -1, np.int64)
        rows = np.flatnonzero(wanted)
        if len(rows):
            places[rows] = self._find(kind, [column.take(pa.array(rows)) for column in columns], make)
        return places

    def _find(self, kind: str, columns: Sequence[pa.Array], make: Callable[..., Term]) -> Ints:
        keys = self._keys.get(kind)
        if keys is None or keys.is_full:
            keys = self._keys[kind] = Keys(columns)
        codes, places = keys.look_up(columns)
        missing = places < 0
        if missing.any():
            new, inverse = np.unique(codes[missing], return_inverse=True)
            numbers = np.arange(len(self.terms), len(self.terms) + len(new))
            self.terms += [make(*keys.values(code)) for code in new.tolist()]
            keys.add(new, numbers)
            places[missing] = numbers[inverse]
        return places

    def place(self, key: Hashable, make: Callable[[], Term]) -> int:
        """Returns the index of a term, made when it is met first. Call `grow` before the arrays are used."""
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = len(self.terms)
            self.terms.append(make())
        return place

    def grow(self) -> None:
        """Brings the arrays up to the terms met so far."""
        new = self.terms[len(self.failed) :]
        if new:
            self.kg_per_unit = np.append(self.kg_per_unit, [term.kg_per_unit for term in new])
            self.cv = np.append(self.cv, [term.cv for term in new])
            self.dqi_score = np.append(self.dqi_score, [term.dqi_score for term in new])
            self.pedigree_mean = np.append(self.pedigree_mean, [term.pedigree_mean for term in new])
            self.failed = np.append(self.failed, [term.failure is not None for term in new])
            self.factor_use = np.append(self.factor_use, [term.factor_use if term.entries else 0 for term in new])
            counts = np.array([len(term.entries) for term in new], np.int64)
            self.entry_start = np.append(self.entry_start, len(self.entries) + np.cumsum(counts) - counts)
            self.entry_count = np.append(self.entry_count, counts)
            self.lead = np.append(self.lead, [term.lead for term in new])
            for term in new:
                self.entries += term.entries
            self.entry_value = np.append(self.entry_value, [entry.value for term in new for entry in term.entries])
            sets, reasons = self.warning_sets, self.reasons
            self.warning_set = np.append(self.warning_set, [sets.setdefault(term.warnings, len(sets)) for term in new])
            told = ["" if term.failure is None else term.failure.reason for term in new]
            self.reason = np.append(self.reason, [reasons.setdefault(text, len(reasons)) for text in told])
