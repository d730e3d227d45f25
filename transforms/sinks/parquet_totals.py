"""Adds up the settled results of a run in DuckDB; Python sees sums only. See transforms/sinks/totals.py.

Two integers hold an amount below 2^63 kg: its whole kg, and the rest in 2^-62 kg. Integers add up exactly in any
order. The world emits 1e14 kg a year: amounts far beyond come from a slip of the pen, and are fetched one by one.
"""

from collections import defaultdict
from fractions import Fraction
from typing import Any

import duckdb

from transforms.sinks.totals import LARGEST_SUPPLIERS, SharedSums, Sums, SupplierTotal, Totals, add_up, amounts_by, exact_kg

_LARGEST_IN_INTEGERS = 9e18

# {cell} is a category or a supplier, {wanted} a condition. Squares are capped where a double ends. One term on a
# factor_use: its deviation is kg_co2e times the cv at the lead. All other rows go into _TERMS.
_CELLS = """
SELECT cell, method, "group", sum(records)::BIGINT, sum(whole), sum(part), sum(square_std), sum(absolute), sum(weighted),
    min(lowest), max(highest), sum(cv * kg), sum(cv * cv * square_kg), bool_or(listed), bool_or(large), bool_or(unexplained)
FROM (
    SELECT g.*, CASE WHEN u.shared AND NOT g.listed THEN u.correlation_group END AS "group", u.factor_cvs[u.lead + 1] AS cv,
        g.factor_use IS NOT NULL AND u.factor_use IS NULL AS unexplained
    FROM (
        SELECT {cell} AS cell, method, factor_use, factor_kg_co2e IS NOT NULL AS listed, bool_or(abs(kg_co2e) >= $largest) AS large,
            count(*) AS records, sum(CASE WHEN abs(kg_co2e) < $largest THEN floor(kg_co2e) ELSE 0 END::BIGINT) AS whole,
            sum(CASE WHEN abs(kg_co2e) < $largest THEN (kg_co2e - floor(kg_co2e)) * 4611686018427387904 ELSE 0 END::BIGINT) AS part,
            sum(capped) AS kg, sum(capped * capped) AS square_kg, sum(least(std_kg, 1e140) * least(std_kg, 1e140)) AS square_std,
            sum(abs(capped)) AS absolute, sum(abs(capped) * dqi_score) AS weighted, min(kg_co2e) AS lowest, max(kg_co2e) AS highest
        FROM (SELECT *, greatest(least(kg_co2e, 1e140), -1e140) AS capped FROM settled_results r WHERE {wanted}) r GROUP BY ALL
    ) g
    LEFT JOIN settled_factor_uses u ON u.factor_use = g.factor_use
) cells
GROUP BY 1, 2, 3"""

_LARGE = "SELECT {cell}, method, kg_co2e FROM settled_results r WHERE abs(kg_co2e) >= $largest AND {wanted}"

# Rows whose amounts stand in the row: the terms of one record on one group err together too.
_TERMS = """
SELECT cell, method, "group", sum(deviation), sum(deviation * deviation)
FROM (
    SELECT cell, method, coalesce(f.correlation_group, split_part(t.factor_id, '#', 1)) AS "group", sum(t.kg * t.cv) AS deviation
    FROM (
        SELECT {cell} AS cell, r.method, r.source_id, r.source_position, unnest(coalesce(r.factor_ids, u.factor_ids)) AS factor_id,
            unnest(r.factor_kg_co2e) AS kg, unnest(coalesce(r.factor_cvs, u.factor_cvs)) AS cv
        FROM settled_results r LEFT JOIN settled_factor_uses u ON u.factor_use = r.factor_use
        WHERE {wanted} AND r.factor_kg_co2e IS NOT NULL AND u.shared IS NOT FALSE
    ) t
    LEFT JOIN settled_factors f ON f.factor_id = t.factor_id
    WHERE t.kg * t.cv <> 0 AND NOT starts_with(t.factor_id, 'record:')
    GROUP BY t.source_id, t.source_position, 1, 2, 3
) records
GROUP BY 1, 2, 3"""

_SUPPLIER = "coalesce(r.supplier_id, r.supplier_name)"
_LARGEST = f"""
SELECT {_SUPPLIER}, min(r.supplier_name) FROM settled_results r
WHERE {_SUPPLIER} IS NOT NULL GROUP BY 1 ORDER BY sum(greatest(least(kg_co2e, 1e300), -1e300)) DESC, 1 LIMIT {LARGEST_SUPPLIERS}"""


class _Unexplained(Exception):
    """Results refer to factors that the store does not hold."""


def totals_of(connection: duckdb.DuckDBPyConnection) -> Totals | None:
    """Returns the totals of settled_results; None if results refer to factors that are not there."""
    try:
        return add_up(*_sums(connection, "r.category", "true", {}), _suppliers(connection))
    except _Unexplained:
        return None


def _sums(connection: duckdb.DuckDBPyConnection, cell: str, wanted: str, values: dict[str, Any]) -> tuple[list[Sums], list[SharedSums]]:
    """Returns the sums of the cells that the words tell."""
    words = {"cell": cell, "wanted": wanted}
    limited = {"largest": _LARGEST_IN_INTEGERS, **values}
    cells = connection.execute(_CELLS.format(**words), limited).fetchall()
    if any(row[-1] for row in cells):
        raise _Unexplained
    large: dict[tuple[Any, str], Fraction] = defaultdict(Fraction)
    if any(row[-2] for row in cells):
        rows = connection.execute(_LARGE.format(**words), limited)
        while row := rows.fetchone():
            large[row[0], row[1]] += Fraction(row[2])
    sums, shared = [], []
    for one, method, group, records, whole, part, *floats, deviation, square, _, _, _ in cells:
        # The large amounts of a cell go with the first of its groups.
        kg_co2e = exact_kg(whole, part) + large.pop((one, method), Fraction())
        sums.append(Sums(one, method, records, kg_co2e, *floats))
        if group is not None:
            shared.append(SharedSums(one, method, group, deviation, square))
    if any(row[-3] for row in cells):
        shared += [SharedSums(*row) for row in connection.execute(_TERMS.format(**words), values or None).fetchall()]
    return sums, shared


def _suppliers(connection: duckdb.DuckDBPyConnection) -> list[SupplierTotal]:
    """Returns the largest suppliers, found by sums in floating point and then added up exactly."""
    known = dict(connection.execute(_LARGEST).fetchall())
    if not known:
        return []
    sums, shared = _sums(connection, _SUPPLIER, f"list_contains($suppliers, {_SUPPLIER})", {"suppliers": list(known)})
    found = [SupplierTotal(one, known[one], amount) for one, amount in amounts_by(sums, shared, lambda row: row.cell).items()]
    return sorted(found, key=lambda one: (-one.amount.kg_co2e, one.supplier))
