"""Treatment of waste: its factors, and how a region treats its waste where the record does not say.

    kg_co2e = kg * sum(share_k * EF[waste, waste_type:k]),  k = landfill, recycling, incineration, composting
    EF(incineration) = e * EF[incineration_with_energy_recovery] + (1 - e) * EF[incineration],
                       e = incineration_energy_recovery_share

Recycling and recovery of energy carry collection and transport only; what they avoid is a memo beside the total.
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), categories 5 and 12,
waste-type-specific and average-data methods; calculation specification, 14.5 and 14.12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.records.shares import EXACT, TOLERANCE
from transforms.calculation.term import Failure, Term, factor_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved
from transforms.factors.row import FactorRow

TREATMENTS = ("landfill", "recycling", "incineration", "composting")

# Boundaries beside the treatment itself, and the memo columns that they fill.
MEMO_COLUMNS = {"avoided": "avoided_kg_co2e", "biogenic": "biogenic_kg_co2"}

_RECOVERY, _NO_RECOVERY = "incineration_with_energy_recovery", "incineration"
_CELLS = ("landfill", "recycling", _RECOVERY, _NO_RECOVERY, "composting")
_BURNED = (_CELLS.index(_RECOVERY), _CELLS.index(_NO_RECOVERY))


class Named(NamedTuple):
    """What a dead letter names where there is no factor.

    Attributes:
        field: the field that says what the waste is; `list[].member` for one of a list's elements.
        value: what it says.
        amount_field: the field of the amount, where its unit does not fit the factor.
    """

    field: str
    value: str | None
    amount_field: str


class Split(NamedTuple):
    """How a region treats its waste.

    Attributes:
        shares: by TREATMENTS, 1 together.
        rows: the loaded rows behind them; they take no part in scores.
        warnings: full texts.
        fault: why there is none; the rest is then blank.
    """

    shares: tuple[float, ...] = ()
    rows: tuple[FactorRow, ...] = ()
    warnings: tuple[str, ...] = ()
    fault: str | None = None


def waste_term(
    resolver: Resolver,
    method: Method,
    waste_type: str,
    treatment: str,
    region: str,
    year: int,
    named: Named,
    *,
    unit: str = "kg",
    also: Sequence[str] = tuple(MEMO_COLUMNS),
    shares_burning: bool = False,
    default_cv: float | None = None,
    split: Split | None = None,
) -> Term:
    """Returns the term of a unit of waste in one treatment.

    Args:
        waste_type, treatment: one of WASTE_TYPES and of DISPOSAL_METHODS.
        region, year: of the treatment.
        named: for its dead letter.
        unit: of the amount.
        also: of MEMO_COLUMNS, which to fill where rows are loaded.
        shares_burning: the waste is burned with and without recovery of energy, and this is one part of it: both parts
            are one activity, which the row with recovery leads.
        default_cv: where the row states none; the method's where None.
        split: of the region, where it decided on the treatment.
    """
    if split is not None and split.fault is not None:
        message = f"region: {split.fault}; say how the waste is treated, or load shares with --factors"
        return Term(failure=Failure(Code.E_NO_FACTOR, "region", region, message))
    found = _treated(resolver, waste_type, treatment, region, year, unit, also)
    if shares_burning:
        found = _beside(found, _treated(resolver, waste_type, _other(treatment), region, year, unit, also), treatment)
    if isinstance(found, Unresolved):
        field = named.amount_field if found.code is Code.E_UNIT else named.field
        value = named.value if field == named.field else None
        return Term(failure=Failure(found.code, field, value, f"{field}: {found.detail}; correct it, or load a factor with --factors"))
    memo = {MEMO_COLUMNS[name]: value for name, value in found.also.items()}
    if split is None:
        return factor_term(found, method, memo=memo, default_cv=default_cv)
    found = found._replace(rows=(*found.rows, *split.rows))
    return factor_term(found, method, memo=memo, default_cv=default_cv, warnings=split.warnings)


def _treated(
    resolver: Resolver, waste_type: str, treatment: str, region: str, year: int, unit: str, also: Sequence[str]
) -> Resolved | Unresolved:
    """Returns the factor of a treatment; `also` holds the boundaries that rows are loaded for."""
    found = resolver.resolve("waste", f"{waste_type}:{treatment}", "treatment", region, year, unit=unit, also=tuple(also))
    if isinstance(found, Unresolved):
        return found
    loaded = {row.boundary for row in found.rows}
    return found._replace(also={name: value for name, value in found.also.items() if name in loaded})


def _other(treatment: str) -> str:
    return _NO_RECOVERY if treatment == _RECOVERY else _RECOVERY


def _beside(own: Resolved | Unresolved, other: Resolved | Unresolved, treatment: str) -> Resolved | Unresolved:
    """Returns one kind of incineration as part of the activity that is both: with the lead, the rows and the worst scores of that."""
    missing = [one for one in (own, other) if isinstance(one, Unresolved)]
    if missing:
        return min(missing, key=lambda one: one.code.order)
    assert isinstance(own, Resolved) and isinstance(other, Resolved)
    first, second = (own, other) if treatment == _RECOVERY else (other, own)
    return own._replace(
        lead=first.lead,
        rows=(*first.rows, *second.rows),
        geographic=max(own.geographic, other.geographic),
        temporal=max(own.temporal, other.temporal),
        technological=max(own.technological, other.technological),
        warnings=tuple(dict.fromkeys([*first.warnings, *second.warnings])),
    )


def split_of(resolver: Resolver, region: str, year: int) -> Split:
    """Returns how a region treats its waste: all shares of one region, year and source; a treatment without a row has none."""
    rows, warnings = resolver.together("treatment_split", TREATMENTS, region, year)
    if not rows:
        return Split(fault=f"no shares of treatments (treatment_split) are loaded for {region} or what stands in for it")
    shares = [rows[name].value if name in rows else 0.0 for name in TREATMENTS]
    total = sum(shares)
    if abs(total - 1) > TOLERANCE + EXACT:
        return Split(
            fault=f"the loaded shares of treatments for {region} add up to {total:.6g}, and must add up to 1 (within {TOLERANCE:g})"
        )
    if abs(total - 1) > EXACT:
        warnings = (*warnings, f"W_SHARES_RENORMALISED sum={total:.6g}")
    return Split(tuple(share / total for share in shares), tuple(rows.values()), warnings)


def region_shares(resolver: Resolver, fields: Fields, wanted: Bools) -> Floats:
    """Returns how the region of each record treats its waste, float64[n, 4], by TREATMENTS; all landfill where that is not known.

    A record whose split is not known needs a part all the same: its term says what is missing.

    Args:
        wanted: bool[n]; the others get NaN.
    """
    shares = np.full((fields.rows, len(TREATMENTS)), np.nan)
    rows = np.flatnonzero(wanted)
    at = pa.array(rows)
    region = fields.texts("region").take(at).dictionary_encode()
    year = fields.integers("activity_year").take(at).dictionary_encode()
    codes = region.indices.to_numpy().astype(np.int64) * max(len(year.dictionary), 1) + year.indices.to_numpy()
    distinct, which = np.unique(codes, return_inverse=True)
    regions, years = region.dictionary.to_pylist(), year.dictionary.to_pylist()
    splits = [split_of(resolver, regions[code // len(years)], years[code % len(years)]) for code in distinct.tolist()]
    if splits:
        unknown = tuple(float(name == "landfill") for name in TREATMENTS)
        shares[rows] = np.array([split.shares or unknown for split in splits])[which]
    return shares


@dataclass(frozen=True)
class Streams:
    """Items of waste by treatment, one row a stream, in the order of the items; those of share 0 are left out.

    Attributes:
        item: int64[q], the item.
        treatment: string[q], one of DISPOSAL_METHODS.
        shares_burning: bool[q], the item is burned with and without recovery of energy, and this is one part of it.
        share: float64[q], of the item's mass.
    """

    item: Ints
    treatment: pa.Array
    shares_burning: Bools
    share: Floats

    @classmethod
    def of(cls, shares: Floats, recovery: Floats) -> "Streams":
        """Returns the streams of p items.

        Args:
            shares: float64[p, 4], by TREATMENTS.
            recovery: float64[p], share of the burned mass with recovery of energy.
        """
        landfill, recycling, burned, composting = shares.T
        cells = np.column_stack([landfill, recycling, burned * recovery, burned * (1 - recovery), composting])
        item, cell = np.nonzero(cells > 0)
        both = (recovery > 0) & (recovery < 1)
        return cls(item, pa.array(_CELLS).take(pa.array(cell)), both[item] & np.isin(cell, _BURNED), cells[item, cell])
