"""Reads Parquet files in slices of row groups."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.faults import UserFault
from schemas.scalars import python_value
from transforms.reading.parsed import BadLine, Parsed, ParsedChunk, Positions, name_columns, storable_text, was_changed
from transforms.reading.typed_columns import as_text, without_views
from transforms.sinks.contract import WHOLE

_ROWS_PER_CHUNK = 8_192
_LISTS = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)
_FAULT = "a text holds the character U+0000, or bytes that are not UTF-8"


def read_parquet(
    handle: IO[bytes],
    file_uri: str,
    wanted: frozenset[str] | None = None,
    rows_per_chunk: int = _ROWS_PER_CHUNK,
    span: tuple[int, int] = WHOLE,
) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the file's column names with each chunk of it; positions are rows, 0 first.

    Args:
        handle: the file, seekable.
        file_uri: for messages.
        wanted: normalised names of the columns to read; None reads all.
        rows_per_chunk: rows of a chunk at most.
        span: rows that are wanted, whole row groups.

    Raises:
        UserFault: the file is no Parquet, was changed, or two columns become one name.
    """
    with _opened(handle, file_uri) as opened:
        begins = _begins(opened.file)
        if span[0] not in (0, *begins):
            raise was_changed(file_uri)
        groups = [group for group, begin in enumerate(begins) if span[0] <= begin < span[1]]
        opened.rows = span[0]
        for names, chunk in _chunks(opened, groups, file_uri, wanted, rows_per_chunk):
            opened.rows += chunk.length
            yield names, chunk


def row_groups(handle: IO[bytes], file_uri: str) -> list[tuple[int, int]]:
    """Returns of each row group the number of its first row, and its bytes as stored.

    Raises:
        UserFault: the file is no Parquet.
    """
    with _opened(handle, file_uri) as opened:
        metadata = opened.file.metadata
        stored = [
            sum(metadata.row_group(group).column(place).total_compressed_size for place in range(metadata.num_columns))
            for group in range(metadata.num_row_groups)
        ]
        return list(zip(_begins(opened.file), stored, strict=True))


@dataclass
class _Opened:
    """A file that is read.

    Attributes:
        file: the file.
        rows: how many rows of it are behind us.
    """

    file: pq.ParquetFile
    rows: int = 0


@contextmanager
def _opened(handle: IO[bytes], file_uri: str) -> Iterator[_Opened]:
    """Gives a file; what goes wrong with it is told with the place."""
    opened: _Opened | None = None
    try:
        opened = _Opened(pq.ParquetFile(pa.PythonFile(handle, mode="r"), pre_buffer=False, page_checksum_verification=True))
        yield opened
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeDecodeError) as error:
        # What a decompressor says is a bare OSError; of a disk or a network it has a number or a class of its own.
        if isinstance(error, OSError) and (error.errno is not None or type(error) is not OSError):
            raise
        place = f"behind row {opened.rows:,}" if opened and opened.rows else "before its first row"
        raise UserFault(f"{file_uri} is no Parquet file, or it is damaged {place}: {error}; get it again") from None


def _begins(file: pq.ParquetFile) -> list[int]:
    rows = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    return list(accumulate(rows[:-1], initial=0)) if rows else []


def _chunks(
    opened: _Opened, groups: list[int], file_uri: str, wanted: frozenset[str] | None, rows_per_chunk: int
) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    file, position = opened.file, opened.rows
    header = file.schema_arrow.names
    places = name_columns(header, file_uri)
    names = tuple(places)
    read = {name: place for name, place in places.items() if wanted is None or name in wanted}
    unread = tuple(name for name in names if name not in read)
    # A file of which no column is wanted has records all the same.
    columns = [header[place] for place in read.values()] or None
    for batch in file.iter_batches(rows_per_chunk, groups, columns, use_threads=False):
        positions = np.arange(position, position + batch.num_rows, dtype=np.int64)
        yield names, chunk_of_rows(batch, {name: header[place] for name, place in read.items()}, unread, positions)
        position += batch.num_rows


def chunk_of_rows(batch: pa.RecordBatch, read: dict[str, str], unread: tuple[str, ...], positions: Positions) -> ParsedChunk:
    """Returns rows as a chunk; those that no store takes are malformed.

    Args:
        batch: n rows, n at least 1.
        read: name of a column in the batch by normalised name.
        unread: normalised names of columns that are not in the batch.
        positions: int64[n], rising.
    """
    batch = pa.RecordBatch.from_arrays([without_views(column) for column in batch.columns], names=batch.schema.names)
    bad = unstorable_rows(batch)
    rows = np.flatnonzero(~bad)
    malformed = [BadLine(int(positions[row]), _raw(batch, row), _FAULT) for row in np.flatnonzero(bad).tolist()]
    good = batch.take(pa.array(rows)) if malformed else batch
    part = Parsed({name: _column(good.column(own)) for name, own in read.items()}, positions[rows], lambda row: _raw(good, row))
    begin, end = int(positions[0]), int(positions[-1])
    return ParsedChunk(begin, end + 1 - begin, [part] if len(rows) else [], malformed=malformed, unread_columns=unread)


def _column(column: pa.Array) -> pa.Array:
    # A decimal stays a number until the columns are mapped: what is no text is not written in the way of the mapping.
    return column if pa.types.is_decimal(column.type) else as_text(column)


def unstorable_rows(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """Says which rows hold a text with U+0000 or with bytes that are no UTF-8; Parquet has them, no store takes them."""
    bad = np.zeros(batch.num_rows, bool)
    for column in batch.columns:
        if _is_suspect(column):
            bad |= np.array([not _is_storable(value) for value in column], bool)
    return bad


def _is_suspect(column: pa.Array) -> bool:
    try:
        column.validate(full=True)
        return any(pc.any(pc.match_substring(texts, "\0")).as_py() for texts in _texts(column))
    except pa.ArrowInvalid:
        return True


def _texts(column: pa.Array) -> Iterator[pa.Array]:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        # A UUID is written in digits.
        yield from () if kind == pa.uuid() else _texts(column.storage)
    elif pa.types.is_dictionary(kind):
        yield from _texts(column.dictionary)
    elif pa.types.is_struct(kind):
        for member in column.flatten():
            yield from _texts(member)
    elif pa.types.is_map(kind):
        yield from _texts(column.keys)
        yield from _texts(column.items)
    elif any(is_of(kind) for is_of in _LISTS):
        yield from _texts(column.flatten())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield column
    elif pa.types.is_string_view(kind):
        # Of a list of views.
        yield column.cast(pa.string())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        yield column.cast(pa.binary()).cast(pa.string())


def _is_storable(value: pa.Scalar) -> bool:
    try:
        return "\\u0000" not in json.dumps(
            python_value(value), default=lambda inner: inner.decode() if isinstance(inner, bytes) else str(inner)
        )
    except UnicodeDecodeError:
        return False


def _raw(batch: pa.RecordBatch, row: int) -> str:
    """Returns a row as JSON, as it stands in the file; bytes that are no text as backslash escapes."""
    values = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column[row].is_valid:
            values[name] = _value(column[row])
    return json.dumps(values, ensure_ascii=False, default=str)


def _value(value: pa.Scalar) -> object:
    try:
        found = python_value(value)
    except UnicodeDecodeError:
        if not isinstance(value, (pa.StringScalar, pa.LargeStringScalar)):
            return "texts that are not UTF-8"
        found = value.as_buffer().to_pybytes()
    return storable_text(found) if isinstance(found, bytes) else found
