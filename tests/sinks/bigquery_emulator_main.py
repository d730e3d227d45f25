"""Runs local-bigquery with a quicker look into its catalogue; for the emulator's own Python, not for ours.

It asks DuckDB for all tables and columns that there are whenever a statement names one: 38 ms a time, twenty times a
statement. The tables of DuckLake tell the same of one table in 1 ms.
"""

from local_bigquery import cli
from local_bigquery.engine import database

_ask = database.fetch

_TABLES = """
SELECT table_name, 'TABLE', 0 FROM {meta}.ducklake_table JOIN {meta}.ducklake_schema s USING (schema_id)
WHERE ducklake_table.end_snapshot IS NULL AND s.end_snapshot IS NULL AND schema_name = $1 AND table_name = coalesce($2, table_name)
UNION ALL SELECT view_name, 'VIEW', 0 FROM {meta}.ducklake_view JOIN {meta}.ducklake_schema s USING (schema_id)
WHERE ducklake_view.end_snapshot IS NULL AND s.end_snapshot IS NULL AND schema_name = $1 AND view_name = coalesce($2, view_name) ORDER BY 1"""

_COLUMNS = """
SELECT column_name, nulls_allowed FROM {meta}.ducklake_column c JOIN {meta}.ducklake_table t USING (table_id)
JOIN {meta}.ducklake_schema s USING (schema_id)
WHERE c.end_snapshot IS NULL AND t.end_snapshot IS NULL AND s.end_snapshot IS NULL AND parent_column IS NULL
    AND schema_name = $1 AND table_name = $2"""


def fetch(sql, params=None):
    """Answers what is asked of one table or dataset; everything else goes to DuckDB."""
    if "FROM duckdb_tables() WHERE database_name" in sql:
        return _objects(*params)
    if "FROM duckdb_columns() WHERE database_name" in sql:
        columns = _columns(*params[:3])
        return [(name,) for name, nullable in columns if (name == params[3] if len(params) > 3 else not nullable)]
    return _ask(sql, params)


def _objects(project, dataset, table):
    if project == "emulator":
        # Results of jobs.
        try:
            _ask(f"SELECT 1 FROM {database.quote(project, dataset, table)} LIMIT 0")
        except Exception:
            return []
        return [(table, "TABLE", 0)]
    return _ask(_TABLES.format(meta=_meta(project)), [dataset, table])


def _columns(project, dataset, table):
    return [] if project == "emulator" else _ask(_COLUMNS.format(meta=_meta(project)), [dataset, table])


def _meta(project):
    return database.quote(f"__ducklake_metadata_{project}")


database.fetch = fetch
if __name__ == "__main__":
    cli.main()
