"""Values of a statement, as BigQuery's client takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.cloud import bigquery

# By name: text, numbers, bytes, and lists of texts or structs.
Values = Mapping[str, Any]


def parameters(values: Values) -> list[Any]:
    """Returns the parameters of a statement."""
    return [_parameter(name, value) for name, value in values.items()]


def _parameter(name: str | None, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if value and isinstance(value[0], Mapping):
            structs = [bigquery.StructQueryParameter(None, *(_parameter(key, one) for key, one in row.items())) for row in value]
            return bigquery.ArrayQueryParameter(name, "STRUCT", structs)
        return bigquery.ArrayQueryParameter(name, "STRING", list(value))
    kind = {bool: "BOOL", int: "INT64", float: "FLOAT64", bytes: "BYTES"}.get(type(value), "STRING")
    return bigquery.ScalarQueryParameter(name, kind, value)
