"""Rows of a table as chunks, whatever store they come from: columns under normalised names, and a position for each row."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.faults import UserFault
from transforms.counters import PROGRESS
from transforms.reading.parquet import chunk_of_rows
from transforms.reading.parsed import ParsedChunk, Positions, name_columns
from transforms.sinks.contract import Source

# Rows of a part that one worker reads; more where there would be too many parts.
ROWS_OF_A_PART = 200_000
MOST_PARTS = 1_000

# Of a block that is held at once.
BLOCK_ROWS = 8_192

_PAUSE_SECONDS = 0.5

_Item = TypeVar("_Item")


def until_done(
    attempt: Callable[[], Iterator[_Item]],
    is_passing: Callable[[Exception], bool],
    explained: Callable[[Exception], UserFault | None],
    patience_seconds: float,
) -> Iterator[_Item]:
    """Yields what attempts give, one after the other until one comes to its end; each goes on where the last one broke off.

    Args:
        attempt: begins or goes on.
        is_passing: says whether a fault is worth another attempt.
        explained: gives the sentence for a fault, None for one of our own.
        patience_seconds: how long attempts may give nothing.

    Raises:
        UserFault: the sentence for a fault that does not pass, or not in time; what has none is raised as it is.
    """
    lost_at: float | None = None
    while True:
        try:
            for item in attempt():
                lost_at = None
                yield item
            return
        except Exception as error:
            fault = explained(error) or error
            lost_at = lost_at or time.monotonic()
            if is_passing(error) and time.monotonic() - lost_at < patience_seconds:
                time.sleep(_PAUSE_SECONDS)
                continue
        # Raised outside the handler: a sentence needs no history.
        raise fault


class Columns:
    """Which columns of a table are read.

    Attributes:
        names: normalised names of all its columns.
        read: name in the table by normalised name.
        unread: normalised names of the others.
    """

    def __init__(self, header: Sequence[str], wanted: frozenset[str], key: Sequence[str], uri: str) -> None:
        places = name_columns(list(header), uri)
        self.names = tuple(places)
        # A table of which no column is wanted has records all the same.
        self.read = {
            name: header[place] for name, place in places.items() if name in wanted or (wanted.isdisjoint(places) and header[place] in key)
        }
        self.unread = tuple(name for name in places if name not in self.read)


class RowChunks:
    """Makes chunks of the rows of one source, which come in the order of its key.

    A key that is one whole number is the row's position: it stays what it is whatever becomes of other rows. Any other
    gives a rank, 0 first, which is the same as long as the table is; so their number is compared at the end.
    """

    def __init__(self, source: Source, columns: Columns, key: Sequence[str], is_number: bool) -> None:
        self._source, self._columns, self._key, self._is_number = source, columns, key, is_number
        self._rows = self._counted = 0
        self._last: list[pa.Scalar] | None = None

    def chunk(self, keys: Sequence[pa.Array], rows: pa.RecordBatch, size_bytes: int) -> ParsedChunk:
        """Returns the next rows as a chunk.

        Args:
            keys: an array of n values for each column of the key.
            rows: n rows, n at least 1, of the columns that are read.
            size_bytes: how much was read, for the progress.

        Raises:
            UserFault: the key is null, or does not tell two rows apart.
        """
        self._check(keys, rows.num_rows)
        positions = self._positions(keys[0], rows.num_rows)
        self._rows += rows.num_rows
        self._count(size_bytes)
        return chunk_of_rows(rows, self._columns.read, self._columns.unread, positions)

    def end(self) -> None:
        """To be called behind the last row.

        Raises:
            UserFault: there were more or fewer rows than when the run began.
        """
        self._count(self._source.size_bytes - self._counted)
        planned = sum(below - begin for begin, below in self._source.ranges)
        if not self._is_number and self._rows != planned:
            raise UserFault(
                f"{self._source.source_uri} had {planned:,} rows when the run began, and {self._rows:,} when they were read; read a table "
                "that stands still meanwhile, or name a key that is one column of whole numbers"
            )

    def _positions(self, key: pa.Array, count: int) -> Positions:
        if self._is_number:
            return np.asarray(key.cast(pa.int64()).to_numpy(zero_copy_only=False), np.int64)
        return np.arange(self._rows, self._rows + count, dtype=np.int64)

    def _check(self, keys: Sequence[pa.Array], count: int) -> None:
        same = np.ones(count, bool)
        for place, column in enumerate(keys):
            if column.null_count:
                raise UserFault(
                    f"the key column {self._key[place]!r} of {self._source.source_uri} is null in some rows, which then can't be told "
                    "apart; name columns in &key= that are never null"
                )
            before = pa.concat_arrays([pa.array([self._last[place]], column.type) if self._last else column[:0], column[:-1]])
            own = pc.equal(column[count - len(before) :], before).to_numpy(zero_copy_only=False)
            same &= np.concatenate([np.zeros(count - len(own), bool), own])
        self._last = [column[-1].as_py() for column in keys]
        if same.any():
            row = int(np.flatnonzero(same)[0])
            shown = ", ".join(f"{name} = {column[row].as_py()}" for name, column in zip(self._key, keys, strict=True))
            raise UserFault(
                f"{self._source.source_uri} has two rows of {shown}, and its rows must be told apart by their key; name more columns "
                "in &key=, or others"
            )

    def _count(self, size_bytes: int) -> None:
        # Whatever the rows take on their way, all of them are what the source was said to hold.
        step = min(max(size_bytes, 0), self._source.size_bytes - self._counted)
        self._counted += step
        PROGRESS.bytes_read += step


def parts_of(first_keys: Sequence[int], last_key: int) -> tuple[tuple[int, int], ...]:
    """Returns the parts of a table from the first key of each, rising, and the last of all: from a key to below another."""
    return tuple(zip(first_keys, [*first_keys[1:], last_key + 1], strict=True))


def rows_of_a_part(rows: int) -> int:
    """Returns how many rows of a table one part has."""
    return max(ROWS_OF_A_PART, -(-rows // MOST_PARTS))
