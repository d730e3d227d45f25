"""A column of a table that the job writes, declared once; the stores' schemas are derived from it."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

TEXT, INT16, INT32, INT64, FLOAT, BOOL = pa.string(), pa.int16(), pa.int32(), pa.int64(), pa.float64(), pa.bool_()
TEXTS, FLOATS = pa.list_(pa.string()), pa.list_(pa.float64())
SHA256, BYTES = pa.binary(32), pa.binary()
TIMESTAMP = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: with its unit, where it has one.
        type: of its values in Arrow.
        description: what it holds, for the README and `scope3 schema`.
        required: false where it may be null.
    """

    name: str
    type: pa.DataType
    description: str
    required: bool = False


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Returns the Arrow schema of declared columns."""
    return pa.schema([pa.field(column.name, column.type, nullable=not column.required) for column in columns])
