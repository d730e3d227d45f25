"""A real PostgreSQL with tables to read, started when the first test asks for it."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tests.sinks.conftest import PASSWORD, own_server
from transforms.sinks.connection import PostgresTarget, connect


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresTarget]:
    """A server that asks for its password, which stands in PGPASSWORD."""
    before = os.environ.get("PGPASSWORD")
    os.environ["PGPASSWORD"] = PASSWORD
    try:
        with own_server() as target:
            yield target
    finally:
        del os.environ["PGPASSWORD"]
        if before is not None:
            os.environ["PGPASSWORD"] = before


@pytest.fixture
def sql(database) -> Iterator[psycopg.Connection]:
    """A connection of the owner of the tables; each test has an empty schema `shop`."""
    with connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; SET search_path = shop")
        yield connection
