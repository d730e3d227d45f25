"""Containers that only grow: an array, and a list of values that many refer to by their place."""

from collections.abc import Hashable, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

_Value = TypeVar("_Value", bound=Hashable)


class Shared(list[_Value]):
    """Values that many terms share, each once."""

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[_Value, int] = {}

    def place(self, value: _Value) -> int:
        """Returns the place of a value, added when it is met first."""
        place = self._places.setdefault(value, len(self))
        if place == len(self):
            self.append(value)
        return place


class Growing:
    """An array that grows at its end without being copied each time."""

    def __init__(self, kind: type) -> None:
        self._data: npt.NDArray[Any] = np.empty(1_024, kind)
        self._size = 0

    @property
    def values(self) -> npt.NDArray[Any]:
        """Returns the elements; a view that later elements do not change."""
        return self._data[: self._size]

    def append(self, values: Sequence[Any] | npt.NDArray[Any]) -> None:
        """Adds elements."""
        size = self._size + len(values)
        if size > len(self._data):
            larger = np.empty(max(size, 2 * len(self._data)), self._data.dtype)
            larger[: self._size] = self._data[: self._size]
            self._data = larger
        self._data[self._size : size] = values
        self._size = size


class Rare:
    """Floats that nearly all are NaN: nothing is kept until the first that is not."""

    def __init__(self) -> None:
        self._column: Growing | None = None
        self._size = 0

    @property
    def values(self) -> npt.NDArray[np.float64] | None:
        """Returns the elements, None while all are NaN."""
        return None if self._column is None else self._column.values

    def append(self, values: Sequence[Any] | npt.NDArray[Any]) -> None:
        """Adds elements."""
        if self._column is None and np.isnan(values).all():
            self._size += len(values)
            return
        if self._column is None:
            self._column = Growing(np.float64)
            self._column.append(np.full(self._size, np.nan))
        self._column.append(values)
