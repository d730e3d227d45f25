"""Chunks of several small files as one: what is done once a chunk would cost more than such files hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import numpy as np
import pyarrow as pa

from transforms.reading.chunks import TextChunk
from transforms.reading.parsed import Parsed, ParsedChunk, Positions
from transforms.reading.places import Piece, Places

Row = TypeVar("Row")

# Small files are read together up to so many rows, or bytes of text.
_MOST_ROWS = 8_192
_MOST_BYTES = 2 << 20


class TextReader(Protocol):
    """Reads chunks of text."""

    def read(self, chunk: TextChunk) -> ParsedChunk: ...


class Together:
    """Takes chunks of several files, and gives them as one that counts on from each to the next."""

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._parsed: list[tuple[int, ParsedChunk]] = []
        self._texts: dict[TextReader, list[tuple[int, TextChunk]]] = {}
        self._rows = self._length = 0

    @property
    def is_empty(self) -> bool:
        """Says whether nothing was taken."""
        return not self._pieces

    @property
    def is_enough(self) -> bool:
        """Says whether what was taken is worth a chunk."""
        return self._rows >= _MOST_ROWS or self._length >= _MOST_BYTES

    def add(self, piece: Piece, chunk: ParsedChunk) -> None:
        """Takes a chunk of a file that is read already."""
        self._parsed.append((self._shift(piece), chunk))
        self._rows += chunk.rows

    def add_text(self, piece: Piece, chunk: TextChunk, reader: TextReader) -> None:
        """Takes a chunk of text; what one reader reads is read at once."""
        self._texts.setdefault(reader, []).append((self._shift(piece), chunk))
        self._rows += len(chunk.starts)

    def _shift(self, piece: Piece) -> int:
        """Returns what to add to the positions of a file's next part."""
        begin = self._pieces[0].position if self._pieces else piece.position
        self._pieces.append(piece)
        self._length += piece.length
        return begin + self._length - piece.length - piece.position

    def joined(self) -> tuple[ParsedChunk, Places]:
        """Returns what was taken, at least one chunk, as one."""
        parsed = [_shifted(chunk, shift) for shift, chunk in self._parsed]
        for reader, chunks in self._texts.items():
            parsed += [reader.read(replace(chunk, position=chunk.position + shift)) for shift, chunk in chunks if chunk.fault]
            parsed.append(reader.read(_one_text([(shift, chunk) for shift, chunk in chunks if not chunk.fault and len(chunk.starts)])))
        # What came as JSON may be asked for its values once more, and stays apart from what can't.
        alike: dict[tuple[bool, frozenset[tuple[str, pa.DataType]]], list[Parsed]] = {}
        for chunk in parsed:
            for part in chunk.parts:
                kinds = frozenset((name, column.type) for name, column in part.columns.items())
                alike.setdefault((part.values is None, kinds), []).append(part)
        joined = ParsedChunk(
            self._pieces[0].position,
            self._length,
            [_one_part(parts) for parts in alike.values()],
            [odd for chunk in parsed for odd in chunk.odd],
            [line for chunk in parsed for line in chunk.malformed],
            tuple(dict.fromkeys(name for chunk in parsed for name in chunk.unread_columns)),
        )
        return joined, Places(self._pieces)


def _shifted(chunk: ParsedChunk, shift: int) -> ParsedChunk:
    return replace(
        chunk,
        parts=[replace(part, positions=part.positions + shift) for part in chunk.parts],
        odd=[replace(odd, position=odd.position + shift) for odd in chunk.odd],
        malformed=[replace(line, position=line.position + shift) for line in chunk.malformed],
    )


def _one_text(chunks: Sequence[tuple[int, TextChunk]]) -> TextChunk:
    """Returns the records of some chunks as one text, each chunk with a line end behind it."""
    nothing = np.empty(0, np.int64)
    data, starts, ends, places = [b""], [nothing], [nothing], [nothing]
    length = 0
    for shift, chunk in chunks:
        begin, end = int(chunk.starts[0]), int(chunk.ends[-1])
        data += [chunk.data[begin:end], b"\n"]
        starts.append(chunk.starts + (length - begin))
        ends.append(chunk.ends + (length - begin))
        places.append(chunk.positions + shift)
        length += end - begin + 1
    return TextChunk(0, b"".join(data), np.concatenate(starts), np.concatenate(ends), length, places=np.concatenate(places))


def _one_part(parts: Sequence[Parsed]) -> Parsed:
    if len(parts) == 1:
        return parts[0]
    columns = {name: pa.concat_arrays([part.columns[name] for part in parts]) for name in parts[0].columns}
    begins = np.cumsum([0, *(len(part.positions) for part in parts[:-1])])
    values = [part.values for part in parts if part.values is not None]
    return Parsed(
        columns,
        np.concatenate([part.positions for part in parts]),
        _one_of(begins, [part.raw for part in parts]),
        _one_of(begins, values) if values else None,
    )


def _one_of(begins: Positions, readers: Sequence[Callable[[int], Row]]) -> Callable[[int], Row]:
    """Returns what reads a row with the reader of its part."""

    def read(row: int) -> Row:
        part = int(np.searchsorted(begins, row, side="right")) - 1
        return readers[part](row - int(begins[part]))

    return read
