"""Reads chunks of a CSV file into columns of text.

pyarrow reads a chunk as a whole and refuses it as a whole; then halves of it are tried, and only
the few lines around a bad one are taken one at a time.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv

from schemas.faults import UserFault
from transforms.reading.chunks import CHUNK_BYTES, LINE_END, LONGEST_RECORD_BYTES, UTF8_MARK, Stream, TextChunk, text_chunks
from transforms.reading.csv_borders import CsvBorders, split_record
from transforms.reading.halving import halve
from transforms.reading.parsed import BadLine, Parsed, ParsedChunk, name_columns, one_array, storable_text
from transforms.sinks.contract import WHOLE

_OTHER_DELIMITERS = ";\t|"


@dataclass(frozen=True)
class CsvFormat:
    """How the text of a CSV file is written.

    Attributes:
        encoding: name of an encoding in which ASCII characters are themselves.
        delimiter: one ASCII character.
        lines_above: lines above the header, blank ones included.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    lines_above: int = 0


def read_csv(
    stream: Stream,
    file_uri: str,
    wanted: frozenset[str] | None = None,
    text_format: CsvFormat = CsvFormat(),
    chunk_bytes: int = CHUNK_BYTES,
    longest_record_bytes: int = LONGEST_RECORD_BYTES,
    span: tuple[int, int] = WHOLE,
    header: bytes | None = None,
) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the file's column names with each chunk of it; nothing for a file without a header.

    Args:
        stream: decompressed bytes.
        file_uri: for messages.
        wanted: normalised names of the columns to read; None reads all.
        text_format: of the file.
        chunk_bytes, longest_record_bytes, span: see text_chunks.
        header: the line that names the columns, where the stream begins behind it.

    Raises:
        UserFault: the header can't be read, lies below the end of the file, or two columns become one name.
    """
    reader: CsvReader | None = None
    for line, chunk in csv_chunks(stream, file_uri, text_format, chunk_bytes, longest_record_bytes, span, header):
        reader = reader or CsvReader(line, file_uri, wanted, text_format)
        yield reader.names, reader.read(chunk)


def csv_chunks(
    stream: Stream,
    file_uri: str,
    text_format: CsvFormat = CsvFormat(),
    chunk_bytes: int = CHUNK_BYTES,
    longest_record_bytes: int = LONGEST_RECORD_BYTES,
    span: tuple[int, int] = WHOLE,
    header: bytes | None = None,
) -> Iterator[tuple[bytes, TextChunk]]:
    """Yields the file's header with each chunk of records; the arguments are those of read_csv.

    Raises:
        UserFault: the header can't be cut out, or lies below the end of the file.
    """
    lines_above = text_format.lines_above
    for chunk in text_chunks(stream, CsvBorders(text_format.delimiter), chunk_bytes, longest_record_bytes, span=span):
        if header is None:
            if chunk.fault:
                raise UserFault(f"the header of {file_uri} can't be read: {chunk.fault}; mend its first line")
            above = list(islice(LINE_END.finditer(chunk.data), lines_above))
            lines_above -= len(above)
            row = int(np.searchsorted(chunk.starts, above[-1].end())) if above else 0
            if lines_above or row == len(chunk.starts):
                continue
            header, chunk = chunk.record(row), chunk.without_first(row + 1)
        yield header, chunk
    if header is None and text_format.lines_above:
        raise UserFault(f"{file_uri} has no line below the {text_format.lines_above:,} of lines_above_header in [format]; mend that number")


def _header(line: bytes, file_uri: str, text_format: CsvFormat) -> list[str]:
    if b"\0" in line:
        # First: it tells more of UTF-16 without a mark than that this is no UTF-8.
        raise UserFault(f"the header of {file_uri} holds the character U+0000; save the file as UTF-8")
    try:
        names = split_record(line.decode(text_format.encoding), text_format.delimiter)
    except UnicodeDecodeError:
        raise UserFault(f"the header of {file_uri} is not {text_format.encoding}; name its encoding in [format] of a mapping") from None
    other = next((sign for sign in _OTHER_DELIMITERS if sign != text_format.delimiter and sign in names[0]), None)
    if len(names) == 1 and other:
        raise UserFault(
            f"the header of {file_uri} has {other!r} and no {text_format.delimiter!r} between its columns; "
            # In double quotes: in single ones TOML takes a backslash as it is.
            f"say delimiter = {json.dumps(other)} in [format] of a mapping"
        )
    return names


class CsvReader:
    """Reads chunks of files with one header. Made where it is used: pyarrow's options do not pickle.

    Args:
        line: the header.
        file_uri, wanted, text_format: as for read_csv, which also tells what is raised.
    """

    def __init__(self, line: bytes, file_uri: str, wanted: frozenset[str] | None, text_format: CsvFormat) -> None:
        header = _header(line, file_uri, text_format)
        places = name_columns(header, file_uri)
        self.names = tuple(places)
        self._places = {name: place for name, place in places.items() if wanted is None or name in wanted}
        self._unread = tuple(name for name in places if name not in self._places)
        self._width = len(header)
        self._format = text_format
        # Columns are named by their place: names of the file may be blank or repeat each other.
        numbers = [str(place) for place in range(self._width)]
        read = [str(place) for place in self._places.values()] or numbers[:1]
        self._numbers = numbers
        self._convert = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(read, pa.string()), include_columns=read, strings_can_be_null=False, check_utf8=False
        )

    def read(self, chunk: TextChunk) -> ParsedChunk:
        """Returns the records of a chunk."""
        if chunk.fault:
            bad = BadLine(chunk.position, storable_text(chunk.data, self._format.encoding), chunk.fault)
            return ParsedChunk(chunk.position, chunk.length, malformed=[bad], unread_columns=self._unread)
        positions = chunk.positions
        pieces: list[tuple[np.ndarray, list[pa.Array]]] = []
        malformed: list[BadLine] = []
        for begin, end, columns in halve(len(positions), lambda begin, end: self._columns(chunk, begin, end)):
            rows = np.arange(begin, end)
            if columns is None:
                columns, rows, bad_lines = self._line_by_line(chunk, begin, end)
                malformed += bad_lines
            if len(rows):
                pieces.append((rows, columns))
        parts = []
        if pieces:
            rows = np.concatenate([rows for rows, _ in pieces])
            columns = [pa.concat_arrays(list(same)) for same in zip(*(columns for _, columns in pieces), strict=True)]
            named = dict(zip(self._places, columns, strict=True))
            parts.append(Parsed(named, positions[rows], lambda row: self._raw(chunk, int(rows[row]))))
        return ParsedChunk(chunk.position, chunk.length, parts, malformed=malformed, unread_columns=self._unread)

    def _columns(self, chunk: TextChunk, begin: int, end: int) -> list[pa.Array] | None:
        """Returns the wanted columns of some records, or None if pyarrow does not read exactly these records."""
        data = chunk.data[chunk.starts[begin] : chunk.ends[end - 1]]
        if b"\0" in data:
            return None
        if not data.isascii():
            # Here and not by pyarrow, which looks only at the columns that it is asked for.
            try:
                data = data.decode(self._format.encoding).encode()
            except UnicodeDecodeError:
                return None
        if data.startswith(UTF8_MARK):
            # pyarrow would leave it out.
            return None
        reading = pa.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=self._numbers)
        parsing = pa.csv.ParseOptions(delimiter=self._format.delimiter, newlines_in_values=b'"' in data)
        try:
            table = pa.csv.read_csv(pa.BufferReader(data), reading, parsing, self._convert)
        except pa.ArrowInvalid:
            return None
        if table.num_rows != end - begin:
            return None
        return [one_array(table.column(str(place))) for place in self._places.values()]

    def _line_by_line(self, chunk: TextChunk, begin: int, end: int) -> tuple[list[pa.Array], np.ndarray, list[BadLine]]:
        rows, records, malformed, positions = [], [], [], chunk.positions
        for row in range(begin, end):
            line = chunk.record(row)
            found = self._fields(line)
            if isinstance(found, str):
                malformed.append(BadLine(int(positions[row]), storable_text(line, self._format.encoding), found))
            else:
                rows.append(row)
                records.append(found)
        columns = [pa.array([record[place] for record in records], pa.string()) for place in self._places.values()]
        return columns, np.array(rows, np.int64), malformed

    def _fields(self, line: bytes) -> Sequence[str] | str:
        """Returns the fields of a line, or what is wrong with it."""
        try:
            text = line.decode(self._format.encoding)
        except UnicodeDecodeError as fault:
            return (
                f"byte {fault.start} of the line, {line[fault.start]:#x}, is not {self._format.encoding}; "
                "where many lines are so, encoding in [format] of a mapping names another"
            )
        if "\0" in text:
            return "the line holds the character U+0000"
        fields = split_record(text, self._format.delimiter)
        if len(fields) != self._width:
            blank = (
                ", of which the last is blank, as where a line ends in a delimiter" if len(fields) > 1 and not fields[-1].strip() else ""
            )
            return f"the line has {len(fields)} fields and the header {self._width}{blank}"
        return fields

    def _raw(self, chunk: TextChunk, row: int) -> str:
        return storable_text(chunk.record(row), self._format.encoding)
