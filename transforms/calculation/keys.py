"""Numbers for combinations of values, the same for the life of a process.

A batch asks which of the known keys its rows have. Values are numbered column by column, the numbers of a row
become one integer, and all rows are looked up at once in a sorted array; only a key that is new costs Python.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Ints

# A key is a non-negative int64.
_MOST_BITS = 62
_FIRST_BITS = 4

# Known values, for each row of a batch, up to which Arrow looks them up.
_FEW_VALUES = 4


class TooManyValues(Exception):
    """One batch has more distinct values than a key has room for."""


class Numbered:
    """Numbers of codes, looked up for whole columns.

    Attributes:
        codes: int64, the known ones, rising.
    """

    def __init__(self) -> None:
        self.codes = np.empty(0, np.int64)
        self._places = np.empty(0, np.int64)

    def look_up(self, codes: Ints) -> Ints:
        """Returns the number of each code, int64[n], -1 where it is not known."""
        if not len(self.codes):
            return np.full(len(codes), -1, np.int64)
        at = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        return np.where(self.codes[at] == codes, self._places[at], -1)

    def add(self, codes: Ints, places: Ints) -> None:
        """Gives new codes their numbers."""
        order = np.argsort(codes)
        codes, places = codes[order], places[order]
        at = np.searchsorted(self.codes, codes)
        self.codes, self._places = np.insert(self.codes, at, codes), np.insert(self._places, at, places)


class Keys:
    """Keys of a fixed number of columns, each with a number that was given to it."""

    def __init__(self, columns: Sequence[pa.Array]) -> None:
        self._columns = [_Values(column.type) for column in columns]
        self._bits = [_FIRST_BITS] * len(columns)
        self._known = Numbered()

    def look_up(self, columns: Sequence[pa.Array], rows: Ints | slice) -> tuple[Ints, Ints]:
        """Returns the code and the number of the key of some rows; the number is -1 where the key is new.

        Args:
            columns: arrays of n values.
            rows: which of them are asked for. All are numbered: to take a few first costs more.

        Raises:
            TooManyValues: the keys must be begun anew, with fewer rows at once.
        """
        numbered = [values.number(column) for values, column in zip(self._columns, columns, strict=True)]
        self._widen()
        codes = np.zeros(len(columns[0]), np.int64)[rows]
        for bits, numbers in zip(self._bits, numbered, strict=True):
            codes = (codes << bits) | numbers[rows]
        return codes, self._known.look_up(codes)

    def values(self, code: int) -> tuple[object, ...]:
        """Returns the values of a key."""
        found = []
        for bits, values in zip(reversed(self._bits), reversed(self._columns), strict=True):
            found.append(values.values[code & ((1 << bits) - 1)])
            code >>= bits
        return tuple(reversed(found))

    def add(self, codes: Ints, places: Ints) -> None:
        """Gives new keys their numbers."""
        self._known.add(codes, places)

    @property
    def is_full(self) -> bool:
        """Says whether there may be no room for the values of one more batch."""
        return sum(self._bits) > _MOST_BITS - 4

    def _widen(self) -> None:
        """Makes room for the values met so far, and brings the known keys into the new form."""
        wanted = [max(bits, (len(one.values) - 1).bit_length()) for bits, one in zip(self._bits, self._columns, strict=True)]
        if wanted == self._bits:
            return
        if sum(wanted) > _MOST_BITS:
            raise TooManyValues
        old, widened, shift = self._known.codes, np.zeros(len(self._known.codes), np.int64), 0
        for before, after in zip(reversed(self._bits), reversed(wanted), strict=True):
            widened |= (old & ((1 << before) - 1)) << shift
            old, shift = old >> before, shift + after
        # The order of the keys stays: each part keeps its value and its rank.
        self._bits, self._known.codes = wanted, widened


class _Values:
    """Numbers for the values of one column, in the order in which they are met; 0 is null."""

    def __init__(self, kind: pa.DataType) -> None:
        self.values: list[object] = [None]
        self._known = pa.nulls(1, kind)
        self._numbers: dict[object, int] = {None: 0}

    def number(self, column: pa.Array) -> Ints:
        """Returns the number of each row's value, int64[n]."""
        if column.null_count == len(column):
            return np.zeros(len(column), np.int64)
        if len(self.values) > _FEW_VALUES * len(column):
            # Arrow would build a table of all known values for each batch.
            encoded = column.dictionary_encode(null_encoding="encode")
            numbers = self._add(encoded.dictionary.to_pylist())
            return np.array(numbers, np.int64)[encoded.indices.to_numpy()]
        found = pc.index_in(column, value_set=self._known)
        if found.null_count:
            self._add(column.filter(found.is_null()).unique().to_pylist())
            self._known = pa.array(self.values, column.type)
            found = pc.index_in(column, value_set=self._known)
        return found.to_numpy().astype(np.int64)

    def _add(self, values: list[object]) -> list[int]:
        numbers = []
        for value in values:
            number = self._numbers.setdefault(value, len(self.values))
            if number == len(self.values):
                self.values.append(value)
            numbers.append(number)
        return numbers
