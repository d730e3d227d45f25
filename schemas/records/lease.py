"""What records of leased assets have alike: the gate between the scopes, and the dates of the lease.

Source: calculation specification, 13.3; GHG Protocol, Corporate Value Chain (Scope 3) Standard, appendix A.
"""

import datetime
from typing import Annotated, Any

import numpy as np
import pyarrow.compute as pc
from annotated_types import Gt, Le

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.findings import Finding
from schemas.kinds import Number, choice
from schemas.records.batch import Fields

Approach = choice("operational_control", "financial_control", "equity_share")
LeaseKind = choice("operating", "finance")
EnergyScope = choice("leased_space", "whole_building")
Months = Annotated[Number, Gt(0), Le(12)]  # type: ignore[valid-type]

# Months and dates may differ by this share of the year.
_TOLERANCE = 0.09 + 1e-9

# Approach and kind of a lease whose emissions are in the category; of all others they are the company's Scope 1 and 2.
_LESSEE = (("equity_share", "operating"), ("financial_control", "operating"))
_LESSOR = (
    ("equity_share", "finance"),
    ("financial_control", "finance"),
    ("operational_control", "finance"),
    ("operational_control", "operating"),
)
IN_CATEGORY = {8: _LESSEE, 13: _LESSOR}


def share_by_dates(start: str | None, end: str | None, year: int) -> float:
    """Returns the share of a year that lies between two dates, both included; an open end is None."""
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    begin = max(first, datetime.date.fromisoformat(start)) if start else first
    finish = min(last, datetime.date.fromisoformat(end)) if end else last
    return max((finish - begin).days + 1, 0) / ((last - first).days + 1)


def lease_suspects(fields: Fields, category: int) -> Bools:
    """Says which of n records may be outside of the category, or contradict themselves in their dates, bool[n]."""
    approach, kind = fields.texts("consolidation_approach"), fields.texts("lease_kind")
    known = fields.given("consolidation_approach") & fields.given("lease_kind")
    inside = np.zeros(fields.rows, bool)
    for one, other in IN_CATEGORY[category]:
        both = pc.and_(pc.equal(approach, one), pc.equal(kind, other))
        inside |= pc.fill_null(both, False).to_numpy(zero_copy_only=False)
    start, end = fields.texts("lease_start_date"), fields.texts("lease_end_date")
    dated = fields.given("lease_start_date") | fields.given("lease_end_date")
    # Dates sort as texts.
    backwards = pc.fill_null(pc.less(end, start), False).to_numpy(zero_copy_only=False)
    return (known & ~inside) | backwards | (dated & fields.given("months_in_year"))


def lease_findings(record: Any, category: int) -> list[Finding]:
    """Returns what is wrong with the gate and the dates of a record of leased assets."""
    found = []
    approach, kind, months = record.consolidation_approach, record.lease_kind, record.months_in_year
    start, end = record.lease_start_date, record.lease_end_date
    if start and end and end < start:
        message = f"lease_end_date is {end}, before lease_start_date {start}; correct one of them"
        found.append(Finding(Code.E_INCONSISTENT, "lease_end_date", end, message))
    elif months is not None and (start or end):
        share = share_by_dates(start, end, record.activity_year)
        if abs(months / 12 - share) > _TOLERANCE:
            message = (
                f"months_in_year is {months:g}, and the dates of the lease cover {share * 12:.2f} months of {record.activity_year}; "
                "leave out the one or the other, or correct them"
            )
            found.append(Finding(Code.E_INCONSISTENT, "months_in_year", str(months), message))
    if approach is not None and kind is not None and (approach, kind) not in IN_CATEGORY[category]:
        role = "lessee" if category == 8 else "lessor"
        message = (
            f"consolidation_approach {approach} with lease_kind {kind}: emissions of such a lease are Scope 1 and 2 of the {role}, "
            f"not category {category}; report it there"
        )
        found.append(Finding(Code.E_BOUNDARY, "consolidation_approach", approach, message))
    return found
