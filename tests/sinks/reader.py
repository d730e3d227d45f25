"""Reads a store as a reader does: by a connection of its own.

Queries are plain enough for every store: a table or view as {results}, a value as %s. A kind of store registers its
reader here.
"""

import re
from functools import singledispatch
from typing import Any

from transforms.sinks import bigquery_tables
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.connection import PostgresTarget, connect
from transforms.sinks.contract import Target
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.parquet_views import connect_views
from transforms.sinks.postgres_tables import Names


@singledispatch
def read(target: Target, query: str, values: list | None = None) -> list[tuple[Any, ...]]:
    """Returns the rows of a query: numbers, text, bytes and lists as Python has them."""
    raise NotImplementedError(f"{type(target).__name__} has no reader in tests/sinks")


@read.register
def _(target: PostgresTarget, query: str, values: list | None = None) -> list[tuple[Any, ...]]:
    with connect(target, application_name="reader", autocommit=True) as connection:
        return connection.execute(Names(target.schema).sql(query), values).fetchall()


@read.register
def _(target: ParquetTarget, query: str, values: list | None = None) -> list[tuple[Any, ...]]:
    with connect_views(target.tree()) as connection:
        return connection.execute(re.sub(r"\{(\w+)\}", r"\1", query).replace("%s", "?"), values).fetchall()


@read.register
def _(target: BigQueryTarget, query: str, values: list | None = None) -> list[tuple[Any, ...]]:
    jobs = Jobs(target)
    try:
        statement = bigquery_tables.Names(target).sql(query.replace("%s", "@value"))
        return jobs.rows(statement, {"value": values[0]} if values else {})
    finally:
        jobs.close()
