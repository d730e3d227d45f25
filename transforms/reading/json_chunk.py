"""Reads chunks of JSON lines into columns, each line exactly as `schemas.json_line.parse_line` reads it.

pyarrow reads a chunk as a whole. It takes NaN, turns long integers into doubles and dates into
timestamps, and gives wrong values for lists with null or false among numbers; it ends the process on brackets
nested 100,000 deep, and refuses a whole chunk for one bad line. So its answer is taken only where none of
this can be; the lines in doubt are taken one at a time.
"""

import re
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from schemas.json_line import Malformed, parse_line
from schemas.names import normalise_name
from transforms.reading.chunks import CHUNK_BYTES, LONGEST_RECORD_BYTES, Stream, TextChunk, line_borders, text_chunks
from transforms.reading.halving import halve
from transforms.reading.json_lines import EXACT_INTEGERS, Record, Rows, join_tables, members_of, read_lines
from transforms.reading.parsed import BadLine, Parsed, ParsedChunk, Positions, one_array, storable_text
from transforms.sinks.contract import WHOLE

Mask = npt.NDArray[np.bool_]

# A line with more opening brackets may be nested too deep for pyarrow.
_MOST_BRACKETS = 500
_FEED = re.compile(rb"\n")
_MOST_CHUNKS_AT_ONCE = 4
# With what follows the number, so that 1 is not the beginning of 11.
_CATEGORY = re.compile(rb'"category"\s*:\s*"?[0-9]+[^0-9]')
_WORD_IN_LIST = re.compile(rb"[\[,]\s*(?:null|true|false)")


def read_json_lines(
    stream: Stream,
    chunk_bytes: int = CHUNK_BYTES,
    longest_record_bytes: int = LONGEST_RECORD_BYTES,
    span: tuple[int, int] = WHOLE,
) -> Iterator[ParsedChunk]:
    """Yields the chunks of a stream of JSON lines.

    Args:
        stream: decompressed bytes.
        chunk_bytes, longest_record_bytes, span: see text_chunks.
    """
    reader = JsonChunkReader()
    chunks = json_chunks(stream, chunk_bytes, longest_record_bytes, span)
    chunk = next(chunks, None)
    while chunk is not None:
        parsed = reader.read(chunk)
        yield parsed
        # A chunk of many categories is as many small tables, whose cost is that of their number.
        size = min(len(parsed.parts), _MOST_CHUNKS_AT_ONCE) * chunk_bytes
        try:
            chunk = chunks.send(size or chunk_bytes)
        except StopIteration:
            return


def json_chunks(
    stream: Stream,
    chunk_bytes: int = CHUNK_BYTES,
    longest_record_bytes: int = LONGEST_RECORD_BYTES,
    span: tuple[int, int] = WHOLE,
) -> Generator[TextChunk, int | None, None]:
    """Yields chunks of whole lines; the arguments are those of text_chunks. A carriage return alone ends no line of JSON."""
    return text_chunks(stream, line_borders, chunk_bytes, longest_record_bytes, _FEED, span)


class JsonChunkReader:
    """Reads the chunks of one file. Made where it is used: pyarrow's options do not pickle."""

    def __init__(self) -> None:
        # Columns that pyarrow would take for times; learned from the first chunk that has them.
        self._texts: dict[str, pa.DataType] = {}

    def read(self, chunk: TextChunk) -> ParsedChunk:
        """Returns the records of a chunk."""
        if chunk.fault:
            bad = BadLine(chunk.position, storable_text(chunk.data), chunk.fault)
            return ParsedChunk(chunk.position, chunk.length, malformed=[bad])
        found: list[list[tuple[Rows, pa.Table]]] = []
        single: list[Rows] = []
        for rows, lines in by_category(chunk):
            tables, refused = self._tables(lines, rows)
            found.append(tables)
            single += refused
        taken, odd, malformed = read_lines(chunk, np.concatenate(single) if single else np.empty(0, np.int64))
        positions = chunk.positions
        # Lines of one category have columns of their own; with those of others they would be wide and mostly null.
        groups = [*found, taken] if len(found) > 1 else [[*found[0], *taken]]
        parts = [_part(chunk, positions, rows, table) for group in groups for rows, table in join_tables(group)]
        return ParsedChunk(chunk.position, chunk.length, parts, odd, malformed)

    def _tables(self, lines: TextChunk, rows: Rows) -> tuple[list[tuple[Rows, pa.Table]], list[Rows]]:
        """Returns lines as tables with the rows they hold, and the rows of those that pyarrow does not read as we do.

        Args:
            lines: the lines alone.
            rows: int64[n], which lines of the chunk they are.
        """
        suspects = _suspects(lines)
        found: list[tuple[Rows, pa.Table]] = []
        single: list[Rows] = []
        for begin, end, columns in halve(len(lines.starts), lambda begin, end: self._columns(lines, suspects, begin, end)):
            own = rows[begin:end]
            if columns is None:
                single.append(own)
                continue
            table, doubtful = columns
            if doubtful.any():
                single.append(own[doubtful])
                own, table = own[~doubtful], table.filter(pa.array(~doubtful))
            if len(own):
                found.append((own, table))
        return found, single

    def _columns(self, chunk: TextChunk, suspects: Mask, begin: int, end: int) -> tuple[pa.Table, Mask] | None:
        """Returns some lines as a table, and which of its rows are in doubt; None if pyarrow does not read exactly these lines."""
        data = chunk.data[chunk.starts[begin] : chunk.ends[end - 1]]
        # Most chunks have no backslash, and one byte is found faster than six.
        if suspects[begin:end].any() or (b"\\" in data and b"\\u0000" in data):
            return None
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                return None
        table = self._table(data)
        if table is None or table.num_rows != end - begin or not table.num_columns:
            return None
        names = [normalise_name(name) for name in table.schema.names]
        if len(set(names)) < len(names):
            return None
        doubtful = np.zeros(table.num_rows, bool)
        has_list = False
        for column in table.itercolumns():
            if pa.types.is_floating(column.type):
                doubtful |= ~_exact(column)
            elif pa.types.is_nested(column.type):
                has_list |= _has(column.type, pa.types.is_list)
                if _members_collide(column.type) or not all(_exact(part).all() for part in _nested_doubles(column)):
                    return None
        # pyarrow gives wrong values for [null, 1] and [0.5, false].
        if has_list and _WORD_IN_LIST.search(data):
            return None
        return table.rename_columns(names), doubtful

    def _table(self, data: bytes) -> pa.Table | None:
        """Returns lines as a table in which texts are texts, None if pyarrow refuses them."""
        for texts in [self._texts, {}] if self._texts else [{}]:
            table = _read(data, texts)
            if table is None:
                continue
            times = {field.name: _as_texts(field.type) for field in table.schema if _has(field.type, pa.types.is_timestamp)}
            if times:
                texts = {**texts, **times}
                table = _read(data, texts)
                self._texts = texts
            if table is not None:
                return table
        return None


def by_category(chunk: TextChunk) -> list[tuple[Rows, TextChunk]]:
    """Returns the lines of a chunk by what seems to be their category, each group in order: all in one group where that can't be told.

    The verdict on a line does not depend on its neighbours, so a line in the wrong group costs time and nothing else.
    """
    every = [(np.arange(len(chunk.starts), dtype=np.int64), chunk)]
    first = _CATEGORY.search(chunk.data)
    if first is None or chunk.data.count(first[0]) == len(chunk.starts):
        return every
    found = _CATEGORY.findall(chunk.data)
    if len(found) != len(chunk.starts):
        return every
    kinds, kind = np.unique(np.array(found), return_inverse=True)
    data = chunk.data if chunk.data.endswith(b"\n") else chunk.data + b"\n"
    # Each line with what follows it up to the next one: its end, and blank lines.
    offsets = np.append(chunk.starts, len(data)).astype(np.int32)
    lines = pa.Array.from_buffers(pa.binary(), len(chunk.starts), [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    groups = []
    for place in range(len(kinds)):
        rows = np.flatnonzero(kind == place)
        taken = lines.take(pa.array(rows))
        starts = np.frombuffer(taken.buffers()[1], np.int32)[: len(rows)].astype(np.int64)
        text = taken.buffers()[2].to_pybytes()
        groups.append((rows, TextChunk(chunk.position, text, starts, starts + (chunk.ends - chunk.starts)[rows], len(text))))
    return groups


def _read(data: bytes, texts: dict[str, pa.DataType]) -> pa.Table | None:
    reading = pa.json.ReadOptions(use_threads=False, block_size=len(data) + 1)
    parsing = pa.json.ParseOptions(explicit_schema=pa.schema(list(texts.items()))) if texts else None
    try:
        return pa.json.read_json(pa.BufferReader(data), reading, parsing)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _suspects(chunk: TextChunk) -> Mask:
    """Marks lines that are no object in braces, or are nested deep, or have blanks around them."""
    octets = np.frombuffer(chunk.data, np.uint8)
    if not len(chunk.starts):
        return np.zeros(0, bool)
    suspects = (octets[chunk.starts] != ord("{")) | (octets[chunk.ends - 1] != ord("}"))
    for row in np.flatnonzero(suspects).tolist():
        line = chunk.record(row).strip(b" \t\r")
        suspects[row] = not (line.startswith(b"{") and line.endswith(b"}"))
    brackets = np.count_nonzero(octets == ord("[")) + np.count_nonzero(octets == ord("{"))
    if brackets > len(chunk.starts) + _MOST_BRACKETS:
        opening = (octets == ord("[")) | (octets == ord("{"))
        suspects |= np.add.reduceat(opening, chunk.starts, dtype=np.int64) > _MOST_BRACKETS
    return suspects


def _exact(column: pa.ChunkedArray | pa.Array) -> Mask:
    """Says which numbers tell what was written: not NaN, not inf, and no integer beyond the exact ones."""
    return np.asarray(pc.fill_null(pc.less(pc.abs(column), float(EXACT_INTEGERS)), True)).astype(bool)


def _nested_doubles(column: pa.ChunkedArray | pa.Array) -> Iterator[pa.Array]:
    if isinstance(column, pa.ChunkedArray):
        for chunk in column.chunks:
            yield from _nested_doubles(chunk)
    elif pa.types.is_struct(column.type):
        for member in column.flatten():
            yield from _nested_doubles(member)
    elif pa.types.is_list(column.type):
        yield from _nested_doubles(column.flatten())
    elif pa.types.is_floating(column.type):
        yield column


def _children(kind: pa.DataType) -> list[pa.Field]:
    if pa.types.is_list(kind):
        return [kind.value_field]
    return [kind.field(place) for place in range(kind.num_fields)] if pa.types.is_struct(kind) else []


def _has(kind: pa.DataType, test: Any) -> bool:
    return bool(test(kind)) or any(_has(child.type, test) for child in _children(kind))


def _members_collide(kind: pa.DataType, in_list: bool = False) -> bool:
    """Says whether two members of a list's elements become one name; keys of maps are values and may."""
    children = _children(kind)
    if in_list and pa.types.is_struct(kind) and len({normalise_name(child.name) for child in children}) < len(children):
        return True
    return any(_members_collide(child.type, pa.types.is_list(kind)) for child in children)


def _as_texts(kind: pa.DataType) -> pa.DataType:
    """Returns the type with text in place of times."""
    if pa.types.is_timestamp(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_as_texts(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(child.name, _as_texts(child.type)) for child in _children(kind)])
    return kind


def _part(chunk: TextChunk, positions: Positions, rows: Rows, table: pa.Table) -> Parsed:
    columns = {name: one_array(column) for name, column in zip(table.schema.names, table.columns, strict=True) if name}

    def values(row: int) -> Record:
        record = parse_line(chunk.record(int(rows[row])))
        assert not isinstance(record, Malformed)
        return members_of(record)

    return Parsed(columns, positions[rows], lambda row: storable_text(chunk.record(int(rows[row]))), values)
