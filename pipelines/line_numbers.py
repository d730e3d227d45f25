"""Where a record stands, in the words of the program that a person looks at the file with."""

import re
from collections.abc import Iterable

from schemas.faults import UserFault
from transforms.reading.chunks import Stream
from transforms.reading.files import CSV, JSON_LINES, WORKBOOK, decompressed, format_of, opened
from transforms.reading.tables import is_table
from transforms.sinks.contract import Source

_PIECE_BYTES = 1 << 20
_LINE_END = re.compile(rb"\r\n?|\n")


def shown_places(source: Source, positions: Iterable[int]) -> dict[int, str]:
    """Returns the places of some records of a file by position: the line of a text file, counted from 1, or the row.

    Args:
        source: the file; a text file is read once more, as far as the last of the positions.
        positions: as in dead letters.
    """
    if is_table(source.source_uri):
        return {position: f"row {position} by its key" for position in positions}
    kind = format_of(source.source_uri)
    if kind not in (CSV, JSON_LINES):
        return {position: f"row {position}" + ("" if kind == WORKBOOK else ", 0 first") for position in positions}
    try:
        with opened(source) as handle:
            return _lines(decompressed(source, handle), sorted(set(positions)))
    except UserFault:
        # It was read a moment ago; without it the position has to do.
        return {position: f"byte {position}" for position in positions}


def _lines(stream: Stream, positions: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    passed, line, last = 0, 1, b""
    for position in positions:
        while passed < position:
            data = stream.read(min(position - passed, _PIECE_BYTES))
            if not data:
                break
            line += len(_LINE_END.findall(data)) - (last == b"\r" and data.startswith(b"\n"))
            passed, last = passed + len(data), data[-1:]
        found[position] = f"line {line}"
    return found
