"""Adds up what PostgreSQL holds of a run, and tells it: the server adds, Python sees sums only."""

from typing import TYPE_CHECKING

from psycopg import errors

from transforms.sinks.contract import Summary
from transforms.sinks.launches import no_run
from transforms.sinks.postgres_registry import find, state_of
from transforms.sinks.postgres_tables import Connection, Names, has_schema
from transforms.sinks.totals import LARGEST_SUPPLIERS, SharedSums, Sums, SupplierTotal, Totals, add_up, amounts_by, exact_kg

if TYPE_CHECKING:
    from typing_extensions import LiteralString

# Two integers hold an amount below 2^63 kg: its whole kg, and the rest in 2^-62 kg. Integers add up exactly in any
# order, and at a third of the cost of numeric (measured with 1 M rows). A larger amount is out of range for bigint.
_EXACT: "LiteralString" = "sum(floor(kg_co2e)::bigint) AS whole, sum(((kg_co2e - floor(kg_co2e)) * 4611686018427387904)::bigint) AS part"
_ROWS: "LiteralString" = "{own_results} AS r"

# The world emits 1e14 kg a year. Amounts far beyond come from a slip of the pen, and must not stop a run: they are
# added as they are, but their squares are capped where a double ends.
_EXACT_ANY_SIZE: "LiteralString" = "sum(whole_kg) AS whole, 0::numeric AS part"
_ROWS_ANY_SIZE: "LiteralString" = (
    "(SELECT source_id, source_position, category, label_id, factor_use, factor_ids, factor_kg_co2e, factor_cvs, supplier_id, "
    "supplier_name, dqi_score, greatest(least(kg_co2e, 1e300), -1e300)::text::numeric AS whole_kg, "
    "greatest(least(kg_co2e, 1e140), -1e140) AS kg_co2e, least(std_kg, 1e140) AS std_kg FROM {own_results}) AS r"
)

# One term on a factor_use: its deviation is kg_co2e times the cv at the lead. All other rows go into _TERMS.
_CELLS: "LiteralString" = """
SELECT cell, method, "group", sum(records)::bigint, sum(whole), sum(part), sum(square_std), sum(absolute), sum(weighted),
    min(lowest), max(highest), sum(cv * kg), sum(cv * cv * square_kg), bool_or(listed), bool_or(unexplained)
FROM (
    SELECT g.*, l.method, CASE WHEN u.shared AND NOT g.listed THEN u.correlation_group END AS "group", u.factor_cvs[u.lead + 1] AS cv,
        l.label_id IS NULL OR (g.factor_use IS NOT NULL AND u.factor_use IS NULL) AS unexplained
    FROM (
        SELECT {cell} AS cell, label_id, factor_use, factor_kg_co2e IS NOT NULL AS listed,
            count(*) AS records, {exact}, sum(kg_co2e) AS kg, sum(kg_co2e * kg_co2e) AS square_kg, sum(std_kg * std_kg) AS square_std,
            sum(abs(kg_co2e)) AS absolute, sum(abs(kg_co2e) * dqi_score) AS weighted, min(kg_co2e) AS lowest, max(kg_co2e) AS highest
        FROM {rows} WHERE {wanted} GROUP BY 1, 2, 3, 4
    ) g
    LEFT JOIN {own_labels} l ON l.label_id = g.label_id
    LEFT JOIN {own_factor_uses} u ON u.factor_use = g.factor_use
) cells
GROUP BY 1, 2, 3"""

# Rows whose amounts stand in the row: the terms of one record on one group err together too.
_TERMS: "LiteralString" = """
SELECT cell, method, "group", sum(deviation), sum(deviation * deviation)
FROM (
    SELECT {cell} AS cell, l.method, coalesce(f.correlation_group, split_part(t.factor_id, '#', 1)) AS "group", sum(t.kg * t.cv) AS deviation
    FROM {rows}
    JOIN {own_labels} l ON l.label_id = r.label_id
    LEFT JOIN {own_factor_uses} u ON u.factor_use = r.factor_use
    CROSS JOIN LATERAL unnest(coalesce(r.factor_ids, u.factor_ids), r.factor_kg_co2e, coalesce(r.factor_cvs, u.factor_cvs))
        AS t (factor_id, kg, cv)
    LEFT JOIN {own_factors} f ON f.factor_id = t.factor_id
    WHERE {wanted} AND r.factor_kg_co2e IS NOT NULL AND u.shared IS NOT FALSE AND t.kg * t.cv <> 0 AND t.factor_id NOT LIKE 'record:%%'
    GROUP BY r.source_id, r.source_position, 1, 2, 3
) records
GROUP BY 1, 2, 3"""

_LARGEST: "LiteralString" = """
SELECT coalesce(supplier_id, supplier_name) FROM {rows}
WHERE coalesce(supplier_id, supplier_name) IS NOT NULL GROUP BY 1 ORDER BY sum(kg_co2e) DESC, 1 LIMIT %s"""

_OF_SUPPLIERS: "LiteralString" = """
SELECT coalesce(supplier_id, supplier_name), min(supplier_name COLLATE "C") FROM {rows}
WHERE coalesce(supplier_id, supplier_name) = ANY(%s) GROUP BY 1"""


class Unexplained(Exception):
    """Results refer to labels or factors that the store does not hold."""


def totals_of(connection: Connection, names: Names) -> Totals:
    """Returns the totals of the results in a run's own tables; they hold no repeats.

    Raises:
        Unexplained: as it says.
    """
    connection.execute("SELECT set_config('work_mem', '64MB', false)")
    try:
        return _totals(connection, names, _ROWS, _EXACT)
    except errors.NumericValueOutOfRange:
        return _totals(connection, names, _ROWS_ANY_SIZE, _EXACT_ANY_SIZE)


def _totals(connection: Connection, names: Names, rows: "LiteralString", exact: "LiteralString") -> Totals:
    words = {"rows": names.sql(rows), "exact": names.sql(exact)}
    every = {"cell": names.sql("r.category"), "wanted": names.sql("true")}
    return add_up(*_sums(connection, names, {**words, **every}, None), _suppliers(connection, names, words))


def _sums(connection: Connection, names: Names, words: dict, values: list | None) -> tuple[list[Sums], list[SharedSums]]:
    """Returns the sums of the cells that the words tell."""
    sums, shared, listed = [], [], False
    for cell, method, group, records, whole, part, *floats, deviation, square, has_lists, unexplained in connection.execute(
        names.sql(_CELLS, **words), values
    ):
        if unexplained:
            raise Unexplained
        sums.append(Sums(cell, method, records, exact_kg(whole, part), *floats))
        listed |= has_lists
        if group is not None:
            shared.append(SharedSums(cell, method, group, deviation, square))
    if listed:
        shared += [SharedSums(*row) for row in connection.execute(names.sql(_TERMS, **words), values or [])]
    return sums, shared


def _suppliers(connection: Connection, names: Names, words: dict) -> list[SupplierTotal]:
    """Returns the largest suppliers, found by sums in floating point and then added up exactly."""
    largest = [row[0] for row in connection.execute(names.sql(_LARGEST, **words), [LARGEST_SUPPLIERS])]
    if not largest:
        return []
    known = dict(connection.execute(names.sql(_OF_SUPPLIERS, **words), [largest]))
    supplier = names.sql("coalesce(r.supplier_id, r.supplier_name)")
    cells = {"cell": supplier, "wanted": names.sql("coalesce(r.supplier_id, r.supplier_name) = ANY(%s)")}
    sums, shared = _sums(connection, names, {**words, **cells}, [largest])
    found = [SupplierTotal(one, known[one], amount) for one, amount in amounts_by(sums, shared, lambda row: row.cell).items()]
    return sorted(found, key=lambda one: (-one.amount.kg_co2e, one.supplier))


def summary(connection: Connection, names: Names, run_id: str) -> Summary:
    """Returns what is known of a run. See contract.Store.summary.

    Raises:
        UserFault: there is no such run.
    """
    found = find(connection, names, run_id) if has_schema(connection, names) else None
    if found is None:
        raise no_run(run_id, f"schema {names.schema!r}")
    [(state, reason)] = state_of(connection, names, [found])
    query = 'SELECT code, count(*) FROM {own_dead_letters} GROUP BY code ORDER BY 2 DESC, code COLLATE "C"'
    by_code = connection.execute(names.of_run(found.run_no).sql(query)).fetchall()
    return found.summary(state, reason, tuple((code, number) for code, number in by_code))
