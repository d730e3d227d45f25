"""Rows of a run that were delivered twice: which they are, and their removal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from psycopg import sql

from transforms.sinks.identity import IDENTITY
from transforms.sinks.postgres_tables import Connection, Names

if TYPE_CHECKING:
    from typing_extensions import LiteralString

REPEATABLE: "dict[str, LiteralString]" = {**IDENTITY, "labels": "label_id"}

# A join, as an array of row addresses ends at 67 million of them. In the order of the addresses, and each looked up by itself:
# a hash join, which the server would take, reads the table once more where nothing is repeated, and removes rows here and there.
_ONE_BY_ONE = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL jit = off"
_REMOVE_REPEATS: "LiteralString" = """
DELETE FROM {own} USING (
    SELECT address FROM (SELECT ctid AS address, row_number() OVER (PARTITION BY {identity}) AS place FROM {own}) ranked
    WHERE place > 1 ORDER BY address
) repeats WHERE ctid = address"""


def remove_repeats(connection: Connection, own: Names, tables: "Mapping[str, LiteralString]") -> dict[str, int]:
    """Removes all but one of the rows that are one row; returns how many rows of each table that were.

    Args:
        connection: in a transaction.
        tables: by name of the table, the columns that its rows are told apart by.
    """
    connection.execute(_ONE_BY_ONE)
    return {
        table: connection.execute(own.sql(_REMOVE_REPEATS, own=own.own(table), identity=sql.SQL(identity))).rowcount
        for table, identity in tables.items()
    }
