"""What is to be looked at in a user's own set, beside its own rows and the other sets of a run: told, and not refused.

Values are compared with those that are known where there are any, else with the others of the file: a lost decimal
point, or grams for kilograms, stands apart from them by ten times or more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.units import DIMENSIONS, dimension
from transforms.factors.importers.plausible import oddities
from transforms.factors.read import DEFAULT_SETS, FactorSet, shipped_set

_FAR = 10.0
# Only few stand apart, and of few rows only one.
_FEW, _ENOUGH = 0.1, 6
_SHOWN = 5


def doubts_of(own: FactorSet, others: Sequence[FactorSet]) -> Iterator[str]:
    """Gives a sentence for each doubt.

    Args:
        own: the user's set.
        others: the other sets of the run.

    Raises:
        UserFault: most values are far from what is known, so their unit is another one.
    """
    yield from own.notes
    found = (*oddities(own.name, own.rows), *_price_years(own.rows), *_apart(own.rows), *_aliases(own.rows, others))
    yield from (f"{own.name}: {doubt}" for doubt in found)


def _price_years(rows: pa.Table) -> Iterator[str]:
    """Tells where rows of one edition are in prices of several years."""
    years: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    dollars = rows.filter(pc.is_valid(rows["price_year"]))
    for one in dollars.group_by(["family", "source_version", "price_year"]).aggregate([([], "count_all")]).to_pylist():
        years[one["family"], one["source_version"]][one["price_year"]] += one["count_all"]
    for (family, version), counted in sorted(years.items()):
        if len(counted) > 1:
            told = ", ".join(f"{year} in {count:,}" for year, count in counted.most_common())
            yield f"price_year is {told} of the rows of {family}, {version}; is one of them a slip?"


def _apart(rows: pa.Table) -> Iterator[str]:
    """Tells values that stand apart from the others of their family, boundary and dimension, where none of these is known."""
    places: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in rows.group_by(["family", "boundary", "unit"]).aggregate([]).to_pylist():
        kind = dimension(one["unit"])
        if kind is not None and one["family"] not in _known_families():
            places[one["family"], one["boundary"], kind].append(one["unit"])
    apart: list[str] = []
    for (family, boundary, kind), units in places.items():
        here = rows.filter(
            (pc.field("family") == family) & (pc.field("boundary") == boundary) & pc.field("unit").isin(units) & (pc.field("value") > 0)
        )
        scale = pc.index_in(here["unit"], value_set=pa.array(units))
        values = here["value"].to_numpy() / np.array([DIMENSIONS[kind][unit] for unit in units])[scale.to_numpy()]
        for row in _outliers(values).tolist():
            apart.append(f"{here['factor_id'][row].as_py()} is {here['value'][row].as_py():.6g} per {here['unit'][row].as_py()}")
    if apart:
        more = f" and {len(apart) - _SHOWN:,} more" if len(apart) > _SHOWN else ""
        yield f"far from the others of their family, is a decimal point lost? {'; '.join(apart[:_SHOWN])}{more}"


def _outliers(values: "np.ndarray[Any, np.dtype[np.float64]]") -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Returns the places of the few values that a gap of ten times sets apart from all others, int64[k]."""
    if len(values) < _ENOUGH:
        return np.zeros(0, np.int64)
    order = np.argsort(values)
    few = max(1, int(len(values) * _FEW))
    # Number of values below each gap.
    below = np.flatnonzero(values[order][1:] >= values[order][:-1] * _FAR) + 1
    low = below[below <= few].max(initial=0)
    high = below[below >= len(values) - few].min(initial=len(values))
    return np.concatenate([order[:low], order[high:]])


@cache
def _known_families() -> frozenset[str]:
    return frozenset(family for name in DEFAULT_SETS for family in shipped_set(name).rows["family"].unique().to_pylist())


def _aliases(rows: pa.Table, others: Sequence[FactorSet]) -> Iterator[str]:
    """Tells aliases that no record can use: their target is not there, or what they stand for is a key itself."""
    aliases = rows.filter(pc.equal(rows["family"], "key_alias"))
    if not aliases.num_rows:
        return
    keys = pa.concat_tables([rows.select(["family", "key"]), *(one.rows.select(["family", "key"]) for one in others)])
    known = pc.binary_join_element_wise(keys["family"], keys["key"], ":").combine_chunks()
    families = pc.extract_regex(aliases["key"], "^(?P<family>[^:]*)").combine_chunks().field("family")
    targets = pc.binary_join_element_wise(families, aliases["basis"].combine_chunks(), ":")
    lost = targets.filter(pc.invert(pc.is_in(targets, value_set=known))).to_pylist()
    if lost:
        yield f"key_alias: no loaded set has {_some(lost)}; what leads there finds no factor by its alias"
    idle = aliases["key"].filter(pc.is_in(aliases["key"], value_set=known)).to_pylist()
    if idle:
        yield f"key_alias: {_some(idle)} is a key that has factors itself; they go first, and its alias is used only where they can't be"


def _some(names: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - _SHOWN:,} more" if len(distinct) > _SHOWN else ""
    return f"{', '.join(distinct[:_SHOWN])}{more}"
