"""Rows of the tables beside the results: dead letters, and the factors that results rest on."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.arrow import table_rows, table_schema
from schemas.codes import Code, Stage
from transforms.calculation.attempts import Attempt, Choice, refuse
from transforms.calculation.provenance import canonical_json
from transforms.calculation.term import Use
from transforms.calculation.terms import Terms
from transforms.factors.row import FactorRow


@cache
def no_rows(table: str) -> pa.RecordBatch:
    """Returns a batch of no rows for a table of a run."""
    return pa.RecordBatch.from_pylist([], schema=table_schema(table))


def dead_letters(category: int, batch: pa.RecordBatch, choice: Choice, attempts: Sequence[Attempt], terms: Terms) -> pa.RecordBatch:
    """Returns the dead letters of the rows that no method can calculate."""
    schema = table_schema("dead_letters")
    rows = np.flatnonzero(choice.attempt < 0)
    if not len(rows):
        return no_rows("dead_letters")
    refused = batch.take(pa.array(rows))
    outcomes = [refuse(category, row, choice, attempts, terms) for row in rows.tolist()]
    fields = refused.drop_columns(["source_id", "source_position", "input_sha256"])
    others = ["; ".join(f"{one.code.value}: {one.message}" for one in outcome.others) or None for outcome in outcomes]
    stages = [Stage.FACTOR if outcome.failure.code in (Code.E_UNIT, Code.E_NO_FACTOR) else Stage.CALCULATE for outcome in outcomes]
    columns = {
        "stage": pa.array([stage.value for stage in stages]),
        "record_id": refused.column("record_id"),
        "category": pa.array(np.full(len(rows), category, np.int16)),
        "code": pa.array([outcome.failure.code.value for outcome in outcomes]),
        "field": pa.array([outcome.failure.field for outcome in outcomes], pa.string()),
        "value": pa.array([outcome.failure.value for outcome in outcomes], pa.string()),
        "message": pa.array([outcome.failure.message for outcome in outcomes]),
        "detail": pa.array(others, pa.string()),
        "attempted_methods": pa.array([list(outcome.attempted) for outcome in outcomes], pa.list_(pa.string())),
        "source_id": refused.column("source_id"),
        "source_position": refused.column("source_position"),
        "raw": canonical_json(category, fields),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


def use_rows(uses: Sequence[Use]) -> pa.RecordBatch:
    """Returns rows of the table `factor_uses`."""
    if not uses:
        return no_rows("factor_uses")
    columns: list[list[Any]] = [
        [use.factor_use for use in uses],
        [[entry.factor_id for entry in use.basis.entries] for use in uses],
        [[entry.value for entry in use.basis.entries] for use in uses],
        [[entry.unit for entry in use.basis.entries] for use in uses],
        [use.cvs for use in uses],
        [use.lead for use in uses],
        [use.group for use in uses],
        [use.shared for use in uses],
    ]
    return table_rows("factor_uses", columns)


def factor_rows(rows: Sequence[FactorRow]) -> pa.RecordBatch:
    """Returns rows of the table `factors`."""
    if not rows:
        return no_rows("factors")
    return table_rows("factors", [[getattr(row, name) for row in rows] for name in table_schema("factors").names])
