"""PostgreSQL column types of what the job writes, derived from the declarations."""

import pyarrow as pa

from schemas.arrow import TABLES
from schemas.column import BOOL, BYTES, FLOAT, FLOATS, INT16, INT32, INT64, SHA256, TEXT, TEXTS, TIMESTAMP, Column

_POSTGRES: dict[pa.DataType, str] = {
    INT16: "smallint",
    INT32: "integer",
    INT64: "bigint",
    FLOAT: "double precision",
    BOOL: "boolean",
    TEXT: "text",
    TEXTS: "text[]",
    FLOATS: "double precision[]",
    pa.list_(INT64): "bigint[]",
    SHA256: "bytea",
    BYTES: "bytea",
    TIMESTAMP: "timestamp with time zone",
}


def postgres_type(arrow: pa.DataType) -> str:
    """Returns the PostgreSQL type that holds the values of an Arrow type without loss.

    Raises:
        KeyError: no declaration uses such a type.
    """
    return _POSTGRES[arrow]


def postgres_definition(column: Column) -> str:
    """Returns type and constraint of a column, for example `bigint NOT NULL`."""
    return postgres_type(column.type) + (" NOT NULL" if column.required else "")


def postgres_ddl(table: str) -> str:
    """Returns the statements that make a table of a run as readers see it, with its comments; for people to read.

    Raises:
        KeyError: no such table.
    """
    columns = TABLES[table]
    width = max(len(column.name) for column in columns) + 2
    quoted = [f'"{column.name}"'.ljust(width) for column in columns]
    lines = ",\n".join(f"    {name} {postgres_definition(column)}" for name, column in zip(quoted, columns, strict=True))
    comments = "".join(f"COMMENT ON COLUMN {table}.\"{column.name}\" IS '{_escaped(column.description)}';\n" for column in columns)
    return f"CREATE TABLE {table} (\n{lines}\n);\n{comments}"


def _escaped(text: str) -> str:
    return text.replace("'", "''")
