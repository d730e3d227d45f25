"""Arrow schemas of what the job writes, derived from the declarations."""

from functools import cache

import pyarrow as pa

from schemas.column import Column
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
    return pa.schema([pa.field(column.name, column.type, nullable=not column.required) for column in TABLES[table]])
