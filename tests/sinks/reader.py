"""Reads a store as a reader does: by a connection of its own."""

from typing import Any

from transforms.sinks.connection import PostgresTarget, connect
from transforms.sinks.postgres_tables import Names


def read(target: PostgresTarget, query: str, values: list | None = None) -> list[tuple[Any, ...]]:
    with connect(target, application_name="reader", autocommit=True) as connection:
        return connection.execute(Names(target.schema).sql(query), values).fetchall()
