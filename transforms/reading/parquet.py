"""Reads Parquet files in slices of row groups."""

import json
from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.faults import UserFault
from transforms.reading.parsed import Parsed, ParsedChunk, name_columns

_ROWS_PER_CHUNK = 8_192


def read_parquet(
    handle: IO[bytes], file_uri: str, wanted: frozenset[str] | None = None, rows_per_chunk: int = _ROWS_PER_CHUNK
) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the file's column names with each chunk of it; positions are rows, 0 first.

    Args:
        handle: the file, seekable.
        file_uri: for messages.
        wanted: normalised names of the columns to read; None reads all.
        rows_per_chunk: rows of a chunk at most.

    Raises:
        UserFault: the file is no Parquet, or two columns become one name.
    """
    try:
        file = pq.ParquetFile(pa.PythonFile(handle, mode="r"), pre_buffer=False)
    except pa.ArrowInvalid as error:
        raise UserFault(f"{file_uri} is no Parquet file, or it is damaged: {error}; get it again") from None
    header = file.schema_arrow.names
    places = name_columns(header, file_uri)
    names = tuple(places)
    read = {name: place for name, place in places.items() if wanted is None or name in wanted}
    unread = tuple(name for name in names if name not in read)
    position = 0
    columns = [header[place] for place in read.values()]
    for batch in file.iter_batches(rows_per_chunk, columns=columns, use_threads=False) if columns else _empty(file, rows_per_chunk):
        arrays = {name: _storable(batch.column(header[place])) for name, place in read.items()}
        positions = np.arange(position, position + batch.num_rows, dtype=np.int64)
        part = Parsed(arrays, positions, lambda row, batch=batch: _raw(batch, row))  # type: ignore[misc]
        yield names, ParsedChunk(position, batch.num_rows, [part] if batch.num_rows else [], unread_columns=unread)
        position += batch.num_rows


def _empty(file: pq.ParquetFile, rows_per_chunk: int) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a file of which no column is wanted: each is a record all the same."""
    yield from file.iter_batches(rows_per_chunk, use_threads=False)


def _storable(column: pa.Array) -> pa.Array:
    """Returns decimals and times as text: their exact digits, and the ISO form."""
    if pa.types.is_decimal(column.type) or pa.types.is_temporal(column.type):
        return column.cast(pa.string())
    return column


def _raw(batch: pa.RecordBatch, row: int) -> str:
    """Returns a row as JSON, as it stands in the file."""
    values = {name: column[row].as_py() for name, column in zip(batch.schema.names, batch.columns, strict=True) if column[row].is_valid}
    return json.dumps(values, ensure_ascii=False, default=str)
