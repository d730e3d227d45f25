"""Runs local-bigquery with what it lacks; for the emulator's own Python, not for ours.

It asks DuckDB for all tables and columns that there are whenever a statement names one: 38 ms a time, twenty times a
statement. The tables of DuckLake tell the same of one table in 1 ms.

A load of Parquet with a schema takes bytes for base64 there. One without is taken even where BigQuery refuses it: into
columns that must not be null (https://github.com/googleapis/python-bigquery/issues/1981). The options of a clone are
understood in front of CLONE only, where BigQuery has them behind.
"""

import re

from local_bigquery import cli
from local_bigquery.catalog import tables
from local_bigquery.engine import database, types
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import load, query

_ask = database.fetch
_projection = load._projection
_execute = query.execute

_CLONE = re.compile(r"(CLONE \S+) (OPTIONS \([^;]*\))")

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


def projection(config, fields, columns):
    """Returns what a load selects from its files, and which of its rows are bad."""
    if config.sourceFormat != "PARQUET":
        return _projection(config, fields, columns)
    if not fields and config.writeDisposition == "WRITE_APPEND":
        table = tables.reference(config.destinationTable)
        for field in tables.fields(tables.load(*table)):
            if field.mode == "REQUIRED":
                told = f"Provided Schema does not match Table {table[2]}. Field {field.name} has changed mode from REQUIRED to NULLABLE"
                raise BigQueryError("invalid", told)
    casts = (f"CAST({database.quote(one.name)} AS {types.duckdb_type(one)}) AS {database.quote(one.name)}" for one in fields)
    return ", ".join(casts) or "*", "false"


def execute(cursor, project, job, config, **options):
    """Does a query."""
    config.query = _CLONE.sub(r"\2 \1", config.query)
    return _execute(cursor, project, job, config, **options)


database.fetch = fetch
query.execute = execute
load._projection = projection
if __name__ == "__main__":
    cli.main()
