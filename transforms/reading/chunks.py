"""Cuts a stream of text into chunks of whole records.

A chunk's borders depend on the stream alone, and what is held in memory is one chunk. A record
that is longer than a chunk may be, or whose quote is never closed, is malformed: it costs its
first line, and reading goes on at the second.
"""

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from transforms.reading.parsed import Positions
from transforms.sinks.contract import WHOLE

CHUNK_BYTES = 1 << 19
LONGEST_RECORD_BYTES = 1 << 21

# Of a record that is too long its dead letter shows the beginning.
_SHOWN_BYTES = 10_000
LINE_END = re.compile(rb"\r\n?|\n")
UTF8_MARK = b"\xef\xbb\xbf"


class Stream(Protocol):
    """A stream of bytes. `read` gives at most `size` bytes, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Borders:
    """Where the records of a buffer lie.

    Attributes:
        starts, ends: int64[n], first byte of each record and the byte behind its last, without line end; blank lines left out.
        complete: length of the part of the buffer that holds whole records; 0 if not even the first is whole.
    """

    starts: Positions
    ends: Positions
    complete: int


# Buffer and whether the stream ends with it.
FindBorders = Callable[[bytes, bool], Borders]


@dataclass(frozen=True)
class TextChunk:
    """Whole records of a stream.

    Attributes:
        position: offset of its first byte in the stream.
        data: the bytes.
        starts, ends: int64[n], where in `data` its records are; blank lines left out.
        fault: why the chunk is one line that is no record, with its beginning as `data`; None for all other chunks.
        length: in bytes; longer than `data` where a fault cut it.
        places: int64[n], where in the stream the records are; None where `data` is a piece of the stream as it stands.
    """

    position: int
    data: bytes
    starts: Positions
    ends: Positions
    length: int
    fault: str | None = None
    places: Positions | None = None

    @property
    def positions(self) -> Positions:
        """Returns int64[n], where in the stream the records are."""
        return self.position + self.starts if self.places is None else self.places

    def record(self, row: int) -> bytes:
        """Returns the bytes of a record without its line end."""
        return self.data[self.starts[row] : self.ends[row]]

    def without_first(self, rows: int) -> "TextChunk":
        """Returns the chunk without its first records, which were the header and what stood above it."""
        return TextChunk(self.position, self.data, self.starts[rows:], self.ends[rows:], self.length, self.fault)

    def up_to(self, length: int) -> "TextChunk":
        """Returns the chunk without the records that begin behind some of its bytes."""
        rows = int(np.searchsorted(self.starts, length))
        return TextChunk(self.position, self.data[:length], self.starts[:rows], np.minimum(self.ends[:rows], length), length, self.fault)


def text_chunks(
    stream: Stream,
    find_borders: FindBorders,
    chunk_bytes: int = CHUNK_BYTES,
    longest_record_bytes: int = LONGEST_RECORD_BYTES,
    line_end: "re.Pattern[bytes]" = LINE_END,
    span: tuple[int, int] = WHOLE,
) -> Generator[TextChunk, int | None, None]:
    """Yields the chunks of a stream in order; a number that is sent back is the size of the next ones.

    Args:
        stream: decompressed bytes.
        find_borders: knows the format.
        chunk_bytes: a chunk is no longer, unless it is a single record.
        longest_record_bytes: a longer record is malformed; at least `chunk_bytes`.
        line_end: of the line that such a record costs.
        span: where in the file the stream begins, which is where a record does, and below which place records begin that are
            wanted. What the stream holds behind it tells how the last of them ends.
    """
    position, below = span
    buffer = _fill(stream, b"", max(chunk_bytes, len(UTF8_MARK)))
    if not position and buffer.startswith(UTF8_MARK):
        position = len(UTF8_MARK)
        buffer = _fill(stream, buffer[position:], chunk_bytes)
    wanted = chunk_bytes
    while buffer and position < below:
        at_end = len(buffer) < wanted
        borders = find_borders(buffer, at_end)
        if borders.complete:
            chunk = TextChunk(position, buffer[: borders.complete], borders.starts, borders.ends, borders.complete)
            sent = yield chunk if position + chunk.length <= below else chunk.up_to(below - position)
            # A chunk that may hold a longer record would take it.
            chunk_bytes = min(sent or chunk_bytes, longest_record_bytes)
            position += borders.complete
            wanted = chunk_bytes
            buffer = _fill(stream, buffer[borders.complete :], wanted)
        elif at_end or len(buffer) >= longest_record_bytes:
            fault = "a quote opens and is never closed" if at_end else f"the record is longer than {longest_record_bytes:,} bytes"
            shown, length, rest = _first_line(stream, buffer, line_end)
            yield TextChunk(position, shown, np.array([0]), np.array([len(shown)]), length, fault)
            position += length
            wanted = chunk_bytes
            buffer = _fill(stream, rest, wanted)
        else:
            wanted += min(chunk_bytes, longest_record_bytes - wanted)
            buffer = _fill(stream, buffer, wanted)


def line_borders(data: bytes, at_end: bool) -> Borders:
    """Finds the lines of JSON: a line feed ends one, and blanks are no content."""
    octets = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(octets == ord("\n")).astype(np.int64)
    complete = int(ends[-1]) + 1 if len(ends) else 0
    if at_end and complete < len(data):
        ends, complete = np.append(ends, len(data)), len(data)
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else ends
    return Borders(*without_blank_lines(data, starts, ends, b" \t\r"), complete)


def without_blank_lines(data: bytes, starts: Positions, ends: Positions, blanks: bytes) -> tuple[Positions, Positions]:
    """Returns the starts and ends of lines that hold more than `blanks`; a carriage return before the end is cut off."""
    if not len(starts):
        return starts, ends
    octets = np.frombuffer(data, np.uint8)
    ends = ends - ((ends > starts) & (octets[np.maximum(ends, 1) - 1] == ord("\r")))
    first = octets[np.minimum(starts, len(octets) - 1)]
    kept = ends > starts
    # Few lines begin with a blank; only those need a look at the whole line.
    for line in np.flatnonzero(kept & np.isin(first, list(blanks))).tolist():
        kept[line] = bool(data[starts[line] : ends[line]].strip(blanks))
    return (starts, ends) if kept.all() else (starts[kept], ends[kept])


def _fill(stream: Stream, buffer: bytes, size: int) -> bytes:
    """Reads until the buffer holds `size` bytes or the stream ends: borders must not depend on how it is delivered."""
    parts, held = [buffer], len(buffer)
    while held < size:
        part = stream.read(size - held)
        if not part:
            break
        parts.append(part)
        held += len(part)
    return b"".join(parts)


def _first_line(stream: Stream, buffer: bytes, line_end: "re.Pattern[bytes]") -> tuple[bytes, int, bytes]:
    """Returns the beginning of the buffer's first line, the line's length with its end, and what was read behind it."""
    shown = buffer[:_SHOWN_BYTES]
    passed = 0
    while True:
        end = line_end.search(buffer)
        if end and (end.end() < len(buffer) or end[0] != b"\r"):
            return shown[: passed + end.start()], passed + end.end(), buffer[end.end() :]
        # A carriage return at the very end may have its line feed in what follows.
        kept = end.start() if end else len(buffer)
        more = stream.read(CHUNK_BYTES)
        if not more:
            return shown[: passed + kept], passed + len(buffer), b""
        passed += kept
        buffer = buffer[kept:] + more
