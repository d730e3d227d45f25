"""What is odd about a set: values far from all that is known, gaps in a series, two sets of potentials.

A value is compared in the canonical unit of its dimension, with the same key and boundary in the shipped sets
of `default`, else with the whole family. Ten times away is far: from EPA v1.2 to v1.3 one of 1,016 codes moved more
than that, a lost decimal point is 10 times or more, grams for kilograms 1,000 times.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pyarrow as pa

from schemas.faults import UserFault
from schemas.units import DIMENSIONS, dimension
from transforms.factors.read import DEFAULT_SETS, shipped_set

_FAR = 10.0
# So many values must be comparable before their median tells of a unit: one kWh of hydropower is no fault.
_ENOUGH = 10
_SHOWN = 3
# Families whose rows are a series of years of which each is looked up exactly.
_SERIES = ("fx", "price_index")

_Place = tuple[str, ...]


def oddities(name: str, table: pa.Table) -> Iterator[str]:
    """Gives a sentence for each kind of oddity.

    Raises:
        UserFault: most values are far from what is known, so their unit is another one.
    """
    rows = table.to_pylist()
    yield from _far(name, rows)
    yield from _gaps(rows)
    potentials = sorted({row["gwp"] for row in rows if row["gwp"] is not None})
    if len(potentials) > 1:
        yield f"rows rest on {' and '.join(potentials)}; a record that uses both carries W_GWP_MIXED"


def _far(name: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    keys, families = _known()
    far, ratios = [], []
    for row in rows:
        place, value = _place(row), _canonical(row)
        if row["family"] == "key_alias":
            continue
        of_key, of_family = keys.get((*place, row["key"], row["region"])), families.get(place)
        if of_key is not None:
            nearest = min(of_key, key=lambda year: abs(year - row["year"]))
            ratio = value / of_key[nearest]
            ratios.append(ratio)
            if not 1 / _FAR <= ratio <= _FAR:
                far.append(f"{row['factor_id']} is {row['value']:.6g}, {_times(ratio)} what is known of {nearest}")
        elif of_family is not None and value != 0 and not of_family[0] / _FAR <= value <= of_family[1] * _FAR:
            far.append(
                f"{row['factor_id']} is {row['value']:.6g}; known values of {'/'.join(place)} are {of_family[0]:.3g} to {of_family[1]:.3g}"
            )
    if len(ratios) >= _ENOUGH and not 1 / _FAR <= statistics.median(ratios) <= _FAR:
        raise UserFault(
            f"{name}: half of the values are {_times(statistics.median(ratios))} those known of the same keys; "
            "their unit must be another one (grams for kilograms, tonnes, per 100)"
        )
    if far:
        more = f" and {len(far) - _SHOWN} more" if len(far) > _SHOWN else ""
        yield f"far from what is known, is a decimal point lost? {'; '.join(far[:_SHOWN])}{more}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 100 else f"{ratio:.3g} times"


def _gaps(rows: list[dict[str, Any]]) -> Iterator[str]:
    years: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in rows:
        if row["family"] in _SERIES:
            years[row["family"], row["key"]].add(row["year"])
    for (family, key), found in sorted(years.items()):
        missing = sorted(set(range(min(found), max(found))) - found)
        if missing:
            yield f"{family}:{key} has no {', '.join(map(str, missing))}; an amount of such a year becomes a dead letter"


@cache
def _known() -> tuple[dict[_Place, dict[int, float]], dict[_Place, tuple[float, float]]]:
    """Returns the values by year of each key and region, and the smallest and largest of each family, boundary and dimension."""
    keys: dict[_Place, dict[int, float]] = defaultdict(dict)
    families: dict[_Place, tuple[float, float]] = {}
    for name in DEFAULT_SETS:
        for row in shipped_set(name).rows.to_pylist():
            place, value = _place(row), _canonical(row)
            if value > 0 and row["family"] != "key_alias":
                keys[(*place, row["key"], row["region"])].setdefault(row["year"], value)
                least, most = families.get(place, (value, value))
                families[place] = min(least, value), max(most, value)
    return keys, families


def _place(row: Mapping[str, Any]) -> _Place:
    return row["family"], row["boundary"], dimension(row["unit"]) or row["unit"]


def _canonical(row: Mapping[str, Any]) -> float:
    """Returns the value per canonical unit; that of a parameter as it is."""
    kind = dimension(row["unit"])
    return row["value"] if kind is None else row["value"] / DIMENSIONS[kind][row["unit"]]
