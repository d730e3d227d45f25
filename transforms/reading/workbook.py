"""Reads a sheet of an Excel workbook as a table: its first row that is not blank holds the names of the columns."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import IO

import numpy as np
import pyarrow as pa

from schemas.faults import UserFault
from transforms.factors.workbook import SheetRow, cell_name, column_letters, sheet_rows
from transforms.reading.parsed import BadLine, Parsed, ParsedChunk, name_columns
from transforms.reading.text_format import PLAIN, Format

_ROWS_PER_CHUNK = 4_096


def read_workbook(
    handle: IO[bytes],
    file_uri: str,
    wanted: frozenset[str] | None = None,
    text_format: Format = PLAIN,
    rows_per_chunk: int = _ROWS_PER_CHUNK,
) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the sheet's column names with each chunk of it; positions are the numbers that the sheet shows beside its rows.

    Args:
        handle: the file, seekable.
        file_uri: for messages.
        wanted: normalised names of the columns to read; None reads all.
        text_format: which sheet, what stands above its header, and how numbers are written, so that all of a column's are alike.
        rows_per_chunk: rows of a chunk at most.

    Raises:
        UserFault: the file is no workbook or damaged, the header holds an error or lies below the end, or two columns become one name.
    """
    above = text_format.lines_above_header
    rows = (row for row in sheet_rows(handle, file_uri, text_format.sheet, text_format.decimal) if row.number > above)
    header = next(rows, None)
    if header is None:
        if above:
            raise UserFault(f"{file_uri} has no row below the {above:,} of lines_above_header in [format]; mend that number")
        return
    if header.faults:
        place, fault = next(iter(header.faults.items()))
        raise UserFault(f"the header of {file_uri} can't be read: its cell {cell_name(place, header.number)} {fault}; mend it")
    table = _Table([name or "" for name in header.cells], file_uri, wanted)
    some = list(islice(rows, rows_per_chunk))
    # A sheet that has nothing but a header has a chunk too: its columns are looked at.
    yield table.names, table.chunk(some, header.number)
    while some := list(islice(rows, rows_per_chunk)):
        yield table.names, table.chunk(some, header.number)


class _Table:
    """Makes chunks of the rows of one sheet."""

    def __init__(self, header: list[str], file_uri: str, wanted: frozenset[str] | None) -> None:
        places = name_columns(header, file_uri)
        self.names = tuple(places)
        self._header = header
        self._read = {name: place for name, place in places.items() if wanted is None or name in wanted}
        self._unread = tuple(name for name in places if name not in self._read)
        self._named = frozenset(places.values())

    def chunk(self, rows: list[SheetRow], header_number: int) -> ParsedChunk:
        """Returns rows as a chunk; one with an error in a column that is read is malformed."""
        if not rows:
            return ParsedChunk(header_number + 1, 0, unread_columns=self._unread)
        read = frozenset(self._read.values())
        good = [row for row in rows if read.isdisjoint(row.faults)]
        malformed = [BadLine(row.number, self._raw(row), self._fault(row, read)) for row in rows if not read.isdisjoint(row.faults)]
        columns = {
            name: pa.array([row.cells[place] if place < len(row.cells) else None for row in good], pa.string())
            for name, place in self._read.items()
        }
        positions = np.array([row.number for row in good], np.int64)
        parts = [Parsed(columns, positions, lambda row: self._raw(good[row]))] if good else []
        length = rows[-1].number + 1 - rows[0].number
        return ParsedChunk(rows[0].number, length, parts, malformed=malformed, unread_columns=(*self._unread, *self._nameless(rows)))

    def _fault(self, row: SheetRow, read: frozenset[int]) -> str:
        told = (f"cell {cell_name(place, row.number)} {fault}" for place, fault in row.faults.items() if place in read)
        return ", and ".join(told)

    def _nameless(self, rows: list[SheetRow]) -> list[str]:
        """Returns what to call the columns that have values and no name, as those below a merged cell of the header."""
        places = {place for row in rows for place, cell in enumerate(row.cells) if cell is not None} - self._named
        return [f"column {column_letters(place)}, without a name" for place in sorted(places)]

    def _raw(self, row: SheetRow) -> str:
        """Returns a row as JSON, with the names of the sheet."""
        names = (*self._header, *[""] * (len(row.cells) - len(self._header)))
        values = {name or column_letters(place): cell for place, (name, cell) in enumerate(zip(names, row.cells, strict=False)) if cell}
        return json.dumps(values, ensure_ascii=False)
