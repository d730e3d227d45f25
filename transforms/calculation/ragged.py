"""Lists of different lengths as flat arrays, built and gathered without a loop over records."""

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Ints


def gather(start: Ints, count: Ints) -> Ints:
    """Returns the indices start[i], start[i] + 1, ... of count[i] each, one list after the other."""
    before = np.cumsum(count) - count
    return np.repeat(start - before, count) + np.arange(int(count.sum()), dtype=np.int64)


def list_array(values: pa.Array, lengths: Ints, present: Bools) -> pa.Array:
    """Returns list[n] of flat values; null where not present.

    Args:
        values: the elements of all lists.
        lengths: int64[n], 0 where not present.
        present: bool[n].
    """
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    mask = None if present.all() else pa.array(~present)
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=mask)
