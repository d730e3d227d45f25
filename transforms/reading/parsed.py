"""What the readers give: a chunk of a file as columns, and the lines that are no record."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.faults import UserFault
from schemas.names import normalise_name

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Parsed:
    """Records of a chunk as columns.

    Attributes:
        columns: arrays of `len(positions)` values by normalised name; all text for CSV, any type elsewhere.
        positions: int64[n], byte offset in the decompressed stream, or row.
        raw: gives the record at a place in `positions` as it came.
        values: gives its values by normalised name as they came, where a column may hold them otherwise, 5.0 for 5 beside 1.5;
            None where columns hold what came.
    """

    columns: dict[str, pa.Array]
    positions: Positions
    raw: Callable[[int], str]
    values: Callable[[int], dict[str, object]] | None = None


@dataclass(frozen=True)
class OddRecord:
    """A record that no Arrow column can hold, for example a list of a number and a text.

    Attributes:
        position: as in Parsed.
        raw: the record as it came.
        values: by normalised name.
    """

    position: int
    raw: str
    values: dict[str, object]


@dataclass(frozen=True)
class BadLine:
    """A line that is no record.

    Attributes:
        position: as in Parsed.
        raw: the line as it came, without the characters that no store takes.
        detail: what is wrong with it.
    """

    position: int
    raw: str
    detail: str


@dataclass(frozen=True)
class ParsedChunk:
    """A chunk of a file: each of its records is in exactly one of `parts`, `odd` and `malformed`.

    Attributes:
        position: byte offset in the decompressed stream, or row, where the chunk begins.
        length: its length in the same unit.
        parts: most chunks have one.
        odd: rare.
        malformed: lines that are no record.
        unread_columns: names of columns that nobody asked for and that were therefore not read.
    """

    position: int
    length: int
    parts: list[Parsed] = field(default_factory=list)
    odd: list[OddRecord] = field(default_factory=list)
    malformed: list[BadLine] = field(default_factory=list)
    unread_columns: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Returns the number of records, those included that the mapping may skip."""
        return sum(len(part.positions) for part in self.parts) + len(self.odd) + len(self.malformed)


def storable_text(line: bytes, encoding: str = "utf-8") -> str:
    """Returns a line as text; bytes that are none, and U+0000, which PostgreSQL can't hold, as backslash escapes."""
    return line.decode(encoding, "backslashreplace").replace("\0", "\\x00")


def was_changed(uri: str) -> UserFault:
    """Returns the fault of a file of which a part begins where no record does any more."""
    return UserFault(f"{uri} was changed while the run read it; let it stand still meanwhile, and start the run again under another run_id")


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """Returns a column of a table as one array, copied only if it is in pieces."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def name_columns(names: list[str], file_uri: str) -> dict[str, int]:
    """Returns the place of each column by normalised name; columns without a name are left out.

    Raises:
        UserFault: two columns become one name.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        normalised = normalise_name(name)
        if normalised in places:
            both = f"{names[places[normalised]]!r} and {name!r}" if names[places[normalised]] != name else f"two columns {name!r}"
            raise UserFault(f"{file_uri} has {both}, which become one name, {normalised}; rename or remove one of them")
        if normalised:
            places[normalised] = place
    return places
