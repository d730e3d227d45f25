"""How long sold products are used, and what electricity emits meanwhile.

    n(L)  = sum_{y = 1 .. ceil(L)} survival(y) * min(1, L - y + 1), which is L without a curve
    g(L)  = sum_{y = 1 .. ceil(L)} survival(y) * min(1, L - y + 1) * trajectory(y)

Source: calculation specification, 14.11; GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013),
category 11 (lifetime of products sold in the year).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats
from schemas.records.batch import Fields
from transforms.factors.resolve import Resolver

_CURVE, _TRAJECTORY = "survival_curve", "grid_trajectory_kg_co2e_per_kwh"


@dataclass(frozen=True)
class Lifetimes:
    """Lifetimes of the products of n records.

    Attributes:
        years: float64[n], L; NaN where nothing tells it, or no default is loaded.
        measured: bool[n], it was measured.
        default_key: string[n], the key whose default it is or would be; null where the record gives it.
        used_years: float64[n], n(L).
        grid_kg_per_kwh: float64[n], mean factor of the record's own trajectory over its life, NaN without one.
    """

    years: Floats
    measured: Bools
    default_key: pa.Array
    used_years: Floats
    grid_kg_per_kwh: Floats

    @property
    def told(self) -> Bools:
        """Returns bool[n], which records give a lifetime, or the key of one."""
        return ~np.isnan(self.years) | self.default_key.is_valid().to_numpy(zero_copy_only=False)

    @property
    def is_default(self) -> Bools:
        """Returns bool[n], where it is the default of product_key."""
        return ~np.isnan(self.years) & self.default_key.is_valid().to_numpy(zero_copy_only=False)


def lifetimes(resolver: Resolver, fields: Fields) -> Lifetimes:
    """Returns the lifetimes of records: measured_lifespan_years, else expected_lifespan_years, else that of product_key."""
    measured = fields.given("measured_lifespan_years")
    years = np.where(measured, fields.numbers("measured_lifespan_years"), fields.numbers("expected_lifespan_years"))
    keys = fields.texts("product_key").dictionary_encode()
    rows = [resolver.by_key("product_life", key) for key in keys.dictionary.to_pylist()]
    defaults = pa.array([row and row.value for row in rows], pa.float64()).take(keys.indices).to_numpy(zero_copy_only=False)
    by_default = np.isnan(years)
    years = np.where(by_default, defaults, years)
    default_key = pa.compute.if_else(pa.array(by_default), fields.texts("product_key"), pa.scalar(None, pa.string()))
    used, grid = years.copy(), np.full(fields.rows, np.nan)
    listed = (fields.given(_CURVE) | fields.given(_TRAJECTORY)) & ~np.isnan(years)
    if listed.any():
        used[listed], grid[listed] = _over_life(fields, np.flatnonzero(listed), years)
    return Lifetimes(years, measured, default_key, used, grid)


def _over_life(fields: Fields, records: np.ndarray, years: Floats) -> tuple[Floats, Floats]:
    """Returns n(L) and the mean grid factor of some records, year by year."""
    life = years[records]
    count = np.ceil(life).astype(np.int64)
    place = np.repeat(np.arange(len(records)), count)
    year = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    weight = np.clip(life[place] - year, 0.0, 1.0)
    # A year beyond the end of the curve has no units in use; without a curve all are.
    weight *= _at(fields, _CURVE, records, place, year, missing=1.0, last_stays=False)
    used: Floats = np.bincount(place, weight, len(records)).astype(np.float64)
    factor = _at(fields, _TRAJECTORY, records, place, year, missing=np.nan, last_stays=True)
    total = np.bincount(place, weight * factor, len(records))
    return used, total / np.where(used > 0, used, 1.0)


def _at(fields: Fields, name: str, records: np.ndarray, place: np.ndarray, year: np.ndarray, *, missing: float, last_stays: bool) -> Floats:
    """Returns the values of lists by year, float64[p].

    Args:
        place, year: int64[p], of the record among `records`, and from 0.
        missing: where a record has no list.
        last_stays: whether the last value stands for later years; else they are 0.
    """
    lists = fields.column(name, pa.list_(pa.float64())).take(pa.array(records))
    values = lists.flatten().to_numpy(zero_copy_only=False)
    length = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    start = np.cumsum(length) - length
    inside = year < length[place]
    at = np.where(inside, year, length[place] - 1) + start[place]
    found = np.append(values, np.nan)[np.clip(at, 0, len(values))]
    return np.where(length[place] == 0, missing, np.where(inside | last_stays, found, 0.0))
