"""Warnings that follow from values of a record: arrays of texts, null where there is nothing to say."""

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats


def said(text: str, where: Bools) -> pa.Array:
    """Returns string[n], the same text where it is to be said.

    Args:
        where: bool[n].
    """
    return pa.array([text]).take(pa.array(np.zeros(len(where), np.int64), mask=~where))


def said_value(text: str, values: Floats, where: Bools) -> pa.Array:
    """Returns string[n], a text that ends with a value of the record, for example `W_COMPOSITION_GAP gap=` and 0.031.

    Args:
        values: float64[n].
        where: bool[n].
    """
    encoded = pa.array(values, mask=~where).dictionary_encode()
    return pa.array([f"{text}{value:.6g}" for value in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)
