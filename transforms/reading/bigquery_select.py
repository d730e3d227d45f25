"""The statements that read a table or query of BigQuery."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.cloud.bigquery import ScalarQueryParameter

from transforms.reading.tables import Table
from transforms.sinks.bigquery_target import BigQueryTarget

# What a schema calls the types of parameters.
_TYPES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


@dataclass(frozen=True)
class Described:
    """A table or query as BigQuery knows it.

    Attributes:
        table: the table.
        target: where it is.
        kinds: type of each column by name.
        is_number: the key is one column of whole numbers.
        size_bytes: what a query of all columns reads.
    """

    table: Table
    target: BigQueryTarget
    kinds: dict[str, str]
    is_number: bool
    size_bytes: int


def source_of(table: Table, target: BigQueryTarget) -> str:
    """Returns what stands behind FROM, by the name q."""
    if table.query is not None:
        # On lines of its own: the query may end with a comment.
        return f"(\n{table.query}\n) AS q"
    return f"{_quoted(f'{target.project}.{target.dataset}.{table.table}')} AS q"


def counted(found: Described) -> str:
    """Returns the query for the number of rows and of keys, and, of a key of numbers, the first and the last."""
    key = _key(found)[0]
    ends = f"MIN({key}), MAX({key})" if found.is_number else "NULL, NULL"
    return f"SELECT COUNT(*), COUNT({key}), {ends} FROM {source_of(found.table, found.target)}"


def firsts_of(found: Described, parts: int) -> str:
    """Returns the query for keys that cut the table into about equal parts: one list, both ends among them."""
    return f"SELECT APPROX_QUANTILES({_key(found)[0]}, {parts}) FROM {source_of(found.table, found.target)}"


def selected(
    found: Described, names: Sequence[str], ranges: Sequence[tuple[int, int]], last: Sequence[Any] | None
) -> tuple[str, list[ScalarQueryParameter]]:
    """Returns the query for rows in the order of their key, the columns of the key first, then the named ones; and its values.

    Args:
        found: the table.
        names: of its columns.
        ranges: whose rows are meant, if the key is a number; they follow each other.
        last: the key behind which to begin, None for the beginning.
    """
    keys = _key(found)
    columns = [*(f"{key} AS scope3_key_{place}" for place, key in enumerate(keys)), *(f"q.{_quoted(name)}" for name in names)]
    conditions = [f"{keys[0]} >= {ranges[0][0]} AND {keys[0]} < {ranges[-1][1]}"] if found.is_number else []
    values: list[ScalarQueryParameter] = []
    if last is not None:
        # Structs can't be compared: behind is who is greater in the first column in which he differs.
        behind = [
            " AND ".join([*(f"{key} = @key_{other}" for other, key in enumerate(keys[:place])), f"{keys[place]} > @key_{place}"])
            for place in range(len(keys))
        ]
        conditions.append(f"({' OR '.join(f'({one})' for one in behind)})")
        kinds = [found.kinds[name] for name in found.table.key]
        values = [
            ScalarQueryParameter(f"key_{place}", _TYPES.get(kind, kind), value)
            for place, (kind, value) in enumerate(zip(kinds, last, strict=True))
        ]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(columns)} FROM {source_of(found.table, found.target)}{where} ORDER BY {', '.join(keys)}", values


def _key(found: Described) -> list[str]:
    return [f"q.{_quoted(name)}" for name in found.table.key]


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
