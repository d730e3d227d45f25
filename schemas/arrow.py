"""Arrow schemas of what the job writes, derived from the declarations."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from schemas.column import Column, schema_of
from schemas.dead_letter import DEAD_LETTER
from schemas.factor import FACTOR, FACTOR_USE
from schemas.result import RESULT
from schemas.run import BATCH_METRICS, CHUNKS, DUPLICATES, INPUTS

# The tables of a run. `duplicates` is filled by the audit, all others by the job's steps.
TABLES: dict[str, tuple[Column, ...]] = {
    "results": RESULT,
    "dead_letters": DEAD_LETTER,
    "duplicates": DUPLICATES,
    "factor_uses": FACTOR_USE,
    "factors": FACTOR,
    "inputs": INPUTS,
    "chunks": CHUNKS,
    "batch_metrics": BATCH_METRICS,
}


@cache
def table_schema(table: str) -> pa.Schema:
    """Returns the schema of rows for a table of a run.

    Raises:
        KeyError: no such table.
    """
    return schema_of(TABLES[table])


def table_rows(table: str, columns: Iterable[Sequence[Any]]) -> pa.RecordBatch:
    """Returns rows for a table of a run.

    Args:
        table: its name.
        columns: the values of each of its columns, in declared order.
    """
    schema = table_schema(table)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
