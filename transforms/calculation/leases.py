"""Leased assets: the part of the year that a lease covers, and what is told of its gate.

    f = months_in_year / 12, or days of [lease_start_date, lease_end_date] in the year / days of the year

Source: calculation specification, 13.3; GHG Protocol, Corporate Value Chain (Scope 3) Standard, table A.1 (leases).
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.records.batch import Fields
from schemas.records.lease import share_by_dates
from transforms.calculation.said import said

_MONTHS = 12.0


def share_of_year(fields: Fields) -> Floats:
    """Returns how much of the year the lease covers, float64[n], 0 to 1; 1 where the record does not say."""
    months = fields.numbers("months_in_year")
    return np.where(fields.given("months_in_year"), months / _MONTHS, shares_by_dates(fields))


def shares_by_dates(fields: Fields) -> Floats:
    """Returns the share of the year by the dates of the lease alone, float64[n]; 1 where there are none."""
    start, end, year = fields.texts("lease_start_date"), fields.texts("lease_end_date"), fields.integers("activity_year")
    if start.null_count == end.null_count == len(start):
        return np.ones(fields.rows)
    joined = pc.binary_join_element_wise(start, end, year.cast(pa.string()), "|", null_handling="replace").dictionary_encode()
    shares = np.array([_share(text) for text in joined.dictionary.to_pylist()])
    return shares[joined.indices.to_numpy()]


@lru_cache(20_000)
def _share(text: str) -> float:
    start, end, year = text.split("|")
    return share_by_dates(start or None, end or None, int(year))


def unchecked(fields: Fields) -> pa.Array:
    """Returns the warning of records that do not say enough for the gate, string[n]."""
    known: Bools = fields.given("consolidation_approach") & fields.given("lease_kind")
    return said("W_BOUNDARY_UNCHECKED", ~known)


def whole_building(fields: Fields) -> Bools:
    """Returns whose energy is that of the whole building, bool[n]."""
    return pc.fill_null(pc.equal(fields.texts("energy_scope"), "whole_building"), False).to_numpy(zero_copy_only=False)
