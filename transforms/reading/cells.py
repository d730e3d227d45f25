"""Lists and maps that stand as JSON in the cells of a table, read for a whole column at once."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.reading.chunks import TextChunk
from transforms.reading.json_chunk import JsonChunkReader

_NESTED = frozenset(field.name for model in RECORDS.values() for field in fields_of(model) if field.kind is None)

_MEMBER = "cell"


def read_nested_cells(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Returns columns of text with those of lists and maps read; one with a cell that is no JSON stays as it is.

    Such a column is judged cell by cell, which tells what is wrong with it.

    Args:
        columns: arrays of n values by name.
    """
    read = {name: _read(column) for name, column in columns.items() if name in _NESTED and pa.types.is_string(column.type)}
    return {name: column if (found := read.get(name)) is None else found for name, column in columns.items()}


def _read(column: pa.Array) -> pa.Array | None:
    """Returns the values of a column of JSON, null where a cell is blank; None if it can't be read as a whole."""
    given = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(given)
    if not len(rows):
        return None
    cells = column if len(rows) == len(column) else column.take(pa.array(rows))
    lines = pc.binary_join_element_wise(f'{{"{_MEMBER}":', cells, "}\n", "")
    ends = np.cumsum(pc.binary_length(lines).to_numpy(zero_copy_only=False).astype(np.int64))
    data = lines.buffers()[2].to_pybytes()[: ends[-1]]
    if data.count(b"\n") != len(rows):
        # A line break inside a cell.
        return None
    chunk = JsonChunkReader().read(TextChunk(0, data, np.concatenate([[0], ends[:-1]]), ends - 1, len(data)))
    if chunk.odd or chunk.malformed or len(chunk.parts) != 1:
        return None
    [part] = chunk.parts
    found = part.columns.get(_MEMBER)
    in_order = len(part.positions) == len(rows) and bool((np.diff(part.positions) > 0).all())
    if found is None or len(part.columns) > 1 or not in_order or not pa.types.is_nested(found.type):
        return None
    places = np.full(len(column), -1, np.int64)
    places[rows] = np.arange(len(rows))
    return found.take(pa.array(places, mask=~given))
