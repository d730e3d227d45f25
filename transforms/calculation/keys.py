"""Numbers for combinations of values, the same for the life of a process.

A batch asks which of the known keys its rows have. Values are numbered column by column, the numbers of a row
become one integer, and all rows are looked up at once in a sorted array; only a key that is new costs Python.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from transforms.calculation.arrays import Ints

# A key is a non-negative int64.
_MOST_BITS = 62
_FIRST_BITS = 4


class Keys:
    """Keys of a fixed number of columns, each with a number that was given to it."""

    def __init__(self, columns: int) -> None:
        self._numbers: list[dict[object, int]] = [{} for _ in range(columns)]
        self._bits = [_FIRST_BITS] * columns
        self._codes = np.empty(0, np.int64)
        self._places = np.empty(0, np.int64)

    def look_up(self, columns: Sequence[pa.Array]) -> tuple[Ints, Ints]:
        """Returns the code and the number of each row's key, int64[n] each; the number is -1 where the key is new."""
        encoded = [column.dictionary_encode(null_encoding="encode") for column in columns]
        numbered = [self._number(place, one.dictionary.to_pylist()) for place, one in enumerate(encoded)]
        self._widen()
        codes = np.zeros(len(columns[0]), np.int64)
        for bits, one, numbers in zip(self._bits, encoded, numbered, strict=True):
            codes = (codes << bits) | numbers[one.indices.to_numpy()]
        if not len(self._codes):
            return codes, np.full(len(codes), -1, np.int64)
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        return codes, np.where(self._codes[at] == codes, self._places[at], -1)

    def values(self, code: int) -> tuple[object, ...]:
        """Returns the values of a key."""
        found = []
        for bits, numbers in zip(reversed(self._bits), reversed(self._numbers), strict=True):
            found.append(list(numbers)[code & ((1 << bits) - 1)])
            code >>= bits
        return tuple(reversed(found))

    def add(self, codes: Ints, places: Ints) -> None:
        """Gives new keys their numbers."""
        all_codes, all_places = np.append(self._codes, codes), np.append(self._places, places)
        order = np.argsort(all_codes)
        self._codes, self._places = all_codes[order], all_places[order]

    @property
    def is_full(self) -> bool:
        """Says whether there may be no room for the values of one more batch."""
        return sum(self._bits) > _MOST_BITS - 4

    def _number(self, place: int, values: list[object]) -> Ints:
        numbers = self._numbers[place]
        return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int64)

    def _widen(self) -> None:
        """Makes room for the values met so far, and brings the known keys into the new form."""
        wanted = [max(bits, (len(numbers) - 1).bit_length()) for bits, numbers in zip(self._bits, self._numbers, strict=True)]
        if wanted == self._bits:
            return
        old, widened, shift = self._codes, np.zeros(len(self._codes), np.int64), 0
        for before, after in zip(reversed(self._bits), reversed(wanted), strict=True):
            widened |= (old & ((1 << before) - 1)) << shift
            old, shift = old >> before, shift + after
        # The order of the keys stays: each part keeps its value and its rank.
        self._bits, self._codes = wanted, widened
