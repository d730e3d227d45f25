"""Columns of a result that few distinct combinations fill, stored once a run.

Text and lists are dear to send and to store: `tier, ghgp_method, method, dqi_rating, warnings` are a quarter of the
cost of COPY, and a run has some hundred combinations of them. A row holds `label_id` instead; the views join.
"""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrow import table_schema

LABELS = ("tier", "ghgp_method", "method", "dqi_rating", "warnings")

# Separate parts of the text that stands for a combination; neither occurs in a label or a warning.
_BETWEEN_COLUMNS, _BETWEEN_WARNINGS, _NULL = "\x1e", "\x1f", "\x1d"


def label_schema() -> pa.Schema:
    """Returns the columns of the table of combinations."""
    results = table_schema("results")
    return pa.schema([pa.field("label_id", pa.int64(), nullable=False), *(results.field(name) for name in LABELS)])


def row_schema() -> pa.Schema:
    """Returns the columns of result rows as they are stored."""
    fields = [field for field in table_schema("results") if field.name not in LABELS]
    return pa.schema([*fields, pa.field("label_id", pa.int64(), nullable=False)])


def label_id(combination: str) -> int:
    """Returns the number of a combination: the first 8 bytes of its SHA-256, so that all writers agree without asking."""
    return int.from_bytes(hashlib.sha256(combination.encode()).digest()[:8], "big", signed=True)


class LabelEncoder:
    """Replaces the columns by `label_id`, and tells each combination once. For one writer."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._known: set[int] = set()
        self._new: set[int] = set()

    def split(self, batches: list[pa.RecordBatch]) -> tuple[list[pa.RecordBatch], list[pa.RecordBatch]]:
        """Returns the rows as stored, and the combinations that no committed buffer held.

        Args:
            batches: rows in the schema of `results`.

        Returns:
            As many batches in `row_schema()`, and none or one in `label_schema()`.
        """
        rows = pa.Table.from_batches([batch.select(LABELS) for batch in batches]).combine_chunks()
        encoded = _combinations(rows).dictionary_encode()
        distinct = encoded.dictionary.to_pylist()
        ids = np.fromiter((self._id(text) for text in distinct), np.int64, len(distinct))
        indices = encoded.indices.to_numpy()
        label_ids = pa.array(ids[indices])
        _, first_rows = np.unique(indices, return_index=True)
        self._new = set(ids.tolist()) - self._known
        told = [place for place, number in enumerate(ids.tolist()) if number in self._new]
        labels = []
        if told:
            columns = [pa.array(ids[told]), *(_one(column) for column in rows.take(pa.array(first_rows[told])).columns)]
            labels = [pa.RecordBatch.from_arrays(columns, schema=label_schema())]
        stored, start = [], 0
        for batch in batches:
            columns = [batch.column(field.name) for field in row_schema() if field.name != "label_id"]
            columns.append(label_ids.slice(start, batch.num_rows))
            stored.append(pa.RecordBatch.from_arrays(columns, schema=row_schema()))
            start += batch.num_rows
        return stored, labels

    def committed(self) -> None:
        """Notes that the buffer last split is in the store."""
        self._known |= self._new

    def _id(self, combination: str) -> int:
        known = self._ids.get(combination)
        if known is None:
            known = self._ids[combination] = label_id(combination)
        return known


def _combinations(rows: pa.Table) -> pa.Array:
    """Returns string[n], one text for each row, equal where all columns are."""
    texts = [
        pc.binary_join(column, _BETWEEN_WARNINGS) if pa.types.is_list(column.type) else pc.cast(column, pa.string())
        for column in map(_one, rows.columns)
    ]
    return pc.binary_join_element_wise(*texts, _BETWEEN_COLUMNS, null_handling="replace", null_replacement=_NULL)


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
