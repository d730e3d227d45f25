"""Adds up what BigQuery holds of a run: the service adds, Python sees sums only."""

from decimal import Decimal
from fractions import Fraction

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.totals import LARGEST_SUPPLIERS, SharedSums, Sums, SupplierTotal, Totals, add_up, amounts_by, exact_kg

# Two integers hold an amount below 2^62 kg: its whole kg, and the rest in 2^-62 kg. Integers add up exactly in any
# order, and NUMERIC holds the sums of 20 billion rows. The world emits 1e14 kg a year; what is far beyond comes from a slip of the pen and must not stop a run: it is
# added in floating point, and squares are capped where a double ends.
_EXACT = """SUM(CAST(IF(huge, 0, CAST(FLOOR(kg_co2e) AS INT64)) AS NUMERIC)) AS whole,
    SUM(CAST(IF(huge, 0, CAST((kg_co2e - FLOOR(kg_co2e)) * 4611686018427387904 AS INT64)) AS NUMERIC)) AS part,
    SUM(IF(huge, kg_co2e, 0.0)) AS huge_kg"""
_ROWS = """(
    SELECT source_id, source_position, category, COALESCE(supplier_id, supplier_name) AS supplier,
        supplier_name, method, factor_use, factor_ids,
        factor_kg_co2e, factor_cvs, dqi_score, ABS(kg_co2e) >= 4611686018427387904 AS huge,
        GREATEST(LEAST(kg_co2e, 1e300), -1e300) AS kg_co2e, GREATEST(LEAST(kg_co2e, 1e140), -1e140) AS kg, LEAST(std_kg, 1e140) AS std_kg
    FROM {sealed_results}
)"""

# One term on a factor_use: its deviation is kg_co2e times the cv at the lead. All other rows go into _TERMS.
_CELLS = """
SELECT cell, method, correlation, ANY_VALUE(name), SUM(records), SUM(whole), SUM(part), SUM(huge_kg), SUM(square_std), SUM(absolute), SUM(weighted),
    MIN(lowest), MAX(highest), SUM(cv * kg), SUM(cv * cv * square_kg), LOGICAL_OR(listed), LOGICAL_OR(unexplained)
FROM (
    SELECT g.*, IF(u.shared AND NOT g.listed, u.correlation_group, NULL) AS correlation, u.factor_cvs[SAFE_OFFSET(u.`lead`)] AS cv,
        g.factor_use IS NOT NULL AND u.factor_use IS NULL AS unexplained
    FROM (
        SELECT {cell} AS cell, r.method, r.factor_use, ARRAY_LENGTH(r.factor_kg_co2e) > 0 AS listed,
            {name} AS name, COUNT(*) AS records, {exact}, SUM(kg) AS kg, SUM(kg * kg) AS square_kg, SUM(std_kg * std_kg) AS square_std,
            SUM(ABS(kg)) AS absolute, SUM(ABS(kg) * dqi_score) AS weighted, MIN(kg) AS lowest, MAX(kg) AS highest
        FROM {rows} r {joined} GROUP BY 1, 2, 3, 4
    ) g
    LEFT JOIN {sealed_factor_uses} u ON u.factor_use = g.factor_use
) cells
GROUP BY 1, 2, 3"""

# Rows whose amounts stand in the row: the terms of one record on one group err together too.
_TERMS = """
SELECT cell, method, correlation, SUM(deviation), SUM(deviation * deviation)
FROM (
    SELECT cell, method, COALESCE(f.correlation_group, SPLIT(t.factor_id, '#')[OFFSET(0)]) AS correlation, SUM(t.kg * t.cv) AS deviation
    FROM (
        SELECT {cell} AS cell, r.method, r.source_id, r.source_position, factor_id, r.factor_kg_co2e[OFFSET(place)] AS kg,
            IF(ARRAY_LENGTH(r.factor_cvs) > 0, r.factor_cvs[SAFE_OFFSET(place)], u.factor_cvs[SAFE_OFFSET(place)]) AS cv
        FROM {rows} r {joined}
        LEFT JOIN {sealed_factor_uses} u ON u.factor_use = r.factor_use
        CROSS JOIN UNNEST(IF(ARRAY_LENGTH(r.factor_ids) > 0, r.factor_ids, u.factor_ids)) AS factor_id WITH OFFSET AS place
        WHERE ARRAY_LENGTH(r.factor_kg_co2e) > 0 AND u.shared IS NOT FALSE
    ) t
    LEFT JOIN {sealed_factors} f ON f.factor_id = t.factor_id
    WHERE t.kg * t.cv <> 0 AND NOT STARTS_WITH(t.factor_id, 'record:')
    GROUP BY t.source_id, t.source_position, 1, 2, 3
) records
GROUP BY 1, 2, 3"""

# By sums in floating point, and then added up exactly.
_LARGEST = """(
    SELECT supplier, MIN(supplier_name) AS supplier_name FROM {rows} r WHERE supplier IS NOT NULL
    GROUP BY 1 ORDER BY SUM(kg_co2e) DESC, 1 LIMIT {most}
)"""
_OF_CATEGORIES = {"cell": "r.category", "name": "CAST(NULL AS STRING)", "joined": ""}
_OF_SUPPLIERS = {"cell": "r.supplier", "name": "ANY_VALUE(largest.supplier_name)", "joined": "JOIN {largest} largest USING (supplier)"}


def totals_of(jobs: Jobs, own: Names) -> Totals | None:
    """Returns the totals of the results in a launch's sealed tables, which hold no repeats; None if results refer to
    factors that are not there.
    """
    every = _sums(jobs, own, _OF_CATEGORIES)
    if every is None:
        return None
    of_suppliers = _sums(jobs, own, _OF_SUPPLIERS)
    assert of_suppliers is not None
    sums, shared, names = of_suppliers
    suppliers = [SupplierTotal(one, names[one], amount) for one, amount in amounts_by(sums, shared, lambda row: row.cell).items()]
    suppliers.sort(key=lambda one: (-one.amount.kg_co2e, one.supplier))
    return add_up(every[0], every[1], suppliers)


def _sums(jobs: Jobs, own: Names, cells: dict[str, str]) -> tuple[list[Sums], list[SharedSums], dict[str, str]] | None:
    """Returns the sums of cells and the names of those that have one; None as totals_of."""
    rows = own.sql(_ROWS)
    joined = cells["joined"].format(largest=_LARGEST.format(rows=rows, most=LARGEST_SUPPLIERS))
    words = {"cell": cells["cell"], "name": cells["name"], "joined": joined, "exact": _EXACT, "rows": rows}
    sums, shared, names, listed = [], [], {}, False
    for cell, method, group, name, records, whole, part, huge_kg, *floats, deviation, square, has_lists, unexplained in jobs.rows(
        own.sql(_CELLS, **words)
    ):
        if unexplained:
            return None
        names[cell] = name
        sums.append(Sums(cell, method, records, _exact(whole, part, huge_kg), *floats))
        listed |= has_lists
        if group is not None:
            shared.append(SharedSums(cell, method, group, deviation, square))
    if listed:
        shared += [SharedSums(*row) for row in jobs.rows(own.sql(_TERMS, **words))]
    return sums, shared, names


def _exact(whole: Decimal, part: Decimal, huge_kg: float) -> Fraction:
    return exact_kg(whole, part) + Fraction(huge_kg)
