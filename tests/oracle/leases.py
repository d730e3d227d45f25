"""Leases: who counts the emissions, and for how much of the year [13.3]."""

import calendar
from datetime import date

from tests.oracle.values import Row

# Cells of the table that are Scope 1 and 2 of the one who reports, by category.
_OWN = {
    8: {
        ("equity_share", "finance"),
        ("financial_control", "finance"),
        ("operational_control", "finance"),
        ("operational_control", "operating"),
    },
    13: {("equity_share", "operating"), ("financial_control", "operating")},
}


def belongs_elsewhere(record: Row) -> bool:
    """Says whether a record of category 8 or 13 is Scope 1 or 2; an unknown approach or kind of lease decides nothing."""
    return (record.get("consolidation_approach"), record.get("lease_kind")) in _OWN[record["category"]]


def gate_warnings(record: Row) -> set[str]:
    return set() if {"consolidation_approach", "lease_kind"} <= record.keys() else {"W_BOUNDARY_UNCHECKED"}


def share_of_year(record: Row) -> float:
    """Returns f: months win over dates, and a lease without either ran all year."""
    if "months_in_year" in record:
        return float(record["months_in_year"] / 12)
    return months_of_dates(record) / 12


def months_of_dates(record: Row) -> float:
    """Returns the months of the year that lie between the dates, both included; a null date is open."""
    year = record["activity_year"]
    first, last = date(year, 1, 1), date(year, 12, 31)
    start, end = _date(record.get("lease_start_date"), first), _date(record.get("lease_end_date"), last)
    days = (min(end, last) - max(start, first)).days + 1
    return max(days, 0) / (366 if calendar.isleap(year) else 365) * 12


def dates_in_order(record: Row) -> bool:
    if not {"lease_start_date", "lease_end_date"} <= record.keys():
        return True
    return _date(record["lease_start_date"], date.min) <= _date(record["lease_end_date"], date.max)


def _date(value: str | date | None, default: date) -> date:
    if value is None:
        return default
    return date.fromisoformat(value) if isinstance(value, str) else value
