"""Which files a chunk is of, and where in them its records are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.reading.parsed import Positions


@dataclass(frozen=True)
class Piece:
    """A part of a file.

    Attributes:
        source_id: number of the file.
        name: its short name.
        position, length: where the part begins in the file and how long it is, in bytes or rows.
    """

    source_id: int
    name: str
    position: int
    length: int


class Places:
    """Tells of the positions of a chunk in which file they are, and where.

    A chunk of one file counts as the file does; one of several counts on from each part to the next.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        lengths = [piece.length for piece in self.pieces]
        self.begins = np.array(list(accumulate(lengths[:-1], initial=self.pieces[0].position)), np.int64)
        self._source_ids = np.array([piece.source_id for piece in self.pieces], np.int32)
        self._shifts = np.array([piece.position for piece in self.pieces], np.int64) - self.begins

    def pieces_of(self, positions: Positions) -> npt.NDArray[np.int64]:
        """Returns int64[n], in which of the parts some positions of the chunk are."""
        return np.searchsorted(self.begins, positions, side="right") - 1

    def in_files(self, positions: Positions) -> tuple[npt.NDArray[np.int32], Positions]:
        """Returns int32[n] source_ids and int64[n] positions in these files for some positions of the chunk."""
        places = self.pieces_of(positions)
        return self._source_ids[places], positions + self._shifts[places]

    def at(self, position: int) -> tuple[Piece, int]:
        """Returns the part that a position of the chunk is in, and the position in its file."""
        place = int(self.pieces_of(np.array([position], np.int64))[0])
        return self.pieces[place], position + int(self._shifts[place])

    def count(self, positions: Positions) -> npt.NDArray[np.int64]:
        """Returns int64[k], how many of some positions of the chunk are in each part."""
        return np.bincount(self.pieces_of(positions), minlength=len(self.pieces)).astype(np.int64)

    def names(self, positions: Positions) -> str | pa.Array:
        """Returns the short names of the files that some positions of the chunk are in; one name if all are in one."""
        if len(self.pieces) == 1:
            return self.pieces[0].name
        return pa.array([piece.name for piece in self.pieces]).take(pa.array(self.pieces_of(positions)))
