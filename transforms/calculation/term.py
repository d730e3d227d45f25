"""A term: one activity with its factor, as a method makes it for a distinct key.

Source: calculation specification, 9.1 (lead row and correlation group) and 8 (ids of what a record gives itself).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from schemas.codes import Code
from schemas.gases import gwp
from schemas.methods import Method
from transforms.calculation.quality import term_quality
from transforms.factors.resolved import Resolved
from transforms.factors.row import FactorRow

# Answers kept; a run on thousands of keys in several currencies has as many.
_KEPT = 20_000


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

# Of time, place and technology, as `term_quality` takes them.
SCORES = ("temporal", "geographic", "technological")

# Memo columns that follow from terms.
MEMOS = ("avoided_kg_co2e", "biogenic_kg_co2", "rf_uplift_kg_co2e", "telework_kg_co2e")


class Term(NamedTuple):
    """One activity with its factor.

    Attributes:
        kg_per_unit: direct kg CO2e per unit of the record's quantity: factor, unit, currency and price index in one number.
        cv: of the factor.
        dqi_score: 0 to 100.
        pedigree_mean: 1 best to 5, NaN without pedigree.
        warnings: full texts.
        basis: the factors behind it.
        lead: place of the lead factor among the entries.
        group: correlation group.
        shared: false where the group is that of a single record.
        failure: set where there is no factor; all else is then void.
        upstream_kg_per_unit: well-to-tank, transmission and distribution, kg CO2e per unit of the same quantity.
        memo: result columns beside the total, MEMOS, with their kg per unit of the same quantity.
        grade: what its quality follows from beside the scores of its rows; None where the record gives the factor.
        scores: time, place and technology, 1 best to 5, the worst of its rows.
        part: combined with another one before it is used; has no factor_use of its own, and does not warn of its rows.
        price: of a factor per dollar, the year of its prices and the price indices to try; None elsewhere.
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
    upstream_kg_per_unit: float = 0.0
    memo: tuple[tuple[str, float], ...] = ()
    grade: "Grade | None" = None
    scores: tuple[int, int, int] = (1, 1, 1)
    part: bool = False
    price: "tuple[int | None, tuple[str, ...]] | None" = None


class Grade(NamedTuple):
    """What the quality of a term follows from, beside the scores of its rows: lead row, method, and cv where the row has none."""

    lead: FactorRow
    method: Method
    default_cv: float


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
    upstream_kg_per_unit: float = 0.0,
    memo: Mapping[str, float] | None = None,
    warnings: Sequence[str] = (),
    default_cv: float | None = None,
    price: "tuple[int | None, tuple[str, ...]] | None" = None,
) -> Term:
    """Returns the term of a factor that was found.

    Args:
        resolved: the factor.
        method: gives quality and cv where the row states none.
        kg_per_unit: the multiplier of the record's quantity; the resolved value where it is None.
        upstream_kg_per_unit: beside it.
        memo: kg per unit of memo columns.
        warnings: on top of the resolver's.
        default_cv: instead of the method's.
        price: makes it a part, to be combined with the worth of a currency.
    """
    lead = resolved.lead
    basis, place = basis_of(lead, resolved.rows)
    scores = (resolved.temporal, resolved.geographic, resolved.technological)
    grade = Grade(lead, method, method.factor_cv if default_cv is None else default_cv)
    cv, dqi_score, pedigree_mean = term_quality(lead, *scores, method, grade.default_cv)
    told = (*resolved.warnings, *warnings, *(() if price else basis.warnings))
    value = resolved.value if kg_per_unit is None else kg_per_unit
    return Term(
        value,
        cv,
        dqi_score,
        pedigree_mean,
        told,
        basis,
        place,
        lead.group,
        upstream_kg_per_unit=upstream_kg_per_unit,
        memo=tuple((memo or {}).items()),
        grade=grade,
        scores=scores,
        part=price is not None,
        price=price,
    )


@lru_cache(_KEPT)
def basis_of(lead: FactorRow, rows: tuple[FactorRow, ...]) -> tuple[Basis, int]:
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


def record_term(
    field_name: str,
    unit: str,
    method: Method,
    *,
    kg_per_unit: float = 1.0,
    upstream_kg_per_unit: float = 0.0,
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
        upstream_kg_per_unit: of loaded rows beside it.
        cv: instead of the method's.
        more_rows: exchange rates and upstream rows used on top.
    """
    name = f"record:{field_name}"
    basis, place = _own_basis(name, 1.0, unit, more_rows)
    factor_cv = method.factor_cv if cv is None else cv
    told = (*warnings, *basis.warnings)
    quality = (method.dqi_score, math.nan)
    return Term(kg_per_unit, factor_cv, *quality, told, basis, place, name, False, upstream_kg_per_unit=upstream_kg_per_unit)


def gas_term(gas: str, gwp_set: str, method: Method, more_rows: tuple[FactorRow, ...] = ()) -> Term:
    """Returns the term of a kg of a gas: its potential is exact, and the same for all records.

    Args:
        gwp_set: AR5 or AR6.
        more_rows: parameters used on top.
    """
    name, potential = f"gwp:{gas}", gwp(gas, gwp_set)
    basis, place = _own_basis(name, potential, "kg", more_rows, gwp_set)
    return Term(potential, 0.0, method.dqi_score, math.nan, basis.warnings, basis, place, name)


@lru_cache(_KEPT)
def _own_basis(name: str, value: float, unit: str, rows: tuple[FactorRow, ...], gwp_set: str | None = None) -> tuple[Basis, int]:
    """Returns the basis of a factor that no row holds, and its place among the entries."""
    entries = sorted(
        [Entry(name, value, unit), *(Entry(row.factor_id, row.value, row.unit) for row in rows)], key=lambda one: one.factor_id
    )
    sets = frozenset(filter(None, [gwp_set, *(row.gwp for row in rows)]))
    basis = Basis(tuple(entries), rows, sets, (*_unchecked(rows), *mixed_gwp(sets)))
    return basis, next(place for place, entry in enumerate(entries) if entry.factor_id == name)
