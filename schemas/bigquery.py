"""BigQuery schemas, derived from the declarations. Source: BigQuery's REST reference, TableFieldSchema."""

from collections.abc import Collection, Iterable

import pyarrow as pa

from schemas.arrow import TABLES
from schemas.column import Column


def bigquery_fields(table: str) -> list[dict[str, str]]:
    """Returns the fields of a table of a run as BigQuery takes them.

    Raises:
        KeyError: no such table.
    """
    return fields_of(TABLES[table])


def fields_of(columns: Iterable[Column], json_columns: Collection[str] = ()) -> list[dict[str, str]]:
    """Returns declared columns as BigQuery takes them.

    Args:
        columns: as declared.
        json_columns: those whose text is JSON.
    """
    return [
        {
            "name": column.name,
            "type": "JSON" if column.name in json_columns else _type(column.type),
            # A list is never null in BigQuery: an absent one is empty.
            "mode": "REPEATED" if pa.types.is_list(column.type) else "REQUIRED" if column.required else "NULLABLE",
            "description": column.description,
        }
        for column in columns
    ]


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _type(kind.value_type)
    if pa.types.is_integer(kind):
        return "INTEGER"
    if pa.types.is_floating(kind):
        return "FLOAT"
    if pa.types.is_boolean(kind):
        return "BOOLEAN"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    return "STRING" if pa.types.is_string(kind) else "BYTES"
