"""Keys of blocks: a category and one of its shards, as a typed int that is the same when a block is delivered again.

Flink hands a key to the worker that a hash of it names. Of few keys, which are large, one worker would get half as many
again as another and all would wait for it; so there the keys are numbers whose hashes name the workers in turn. The hash
is Flink's own affair: were it another one day, keys would fall as they fall elsewhere, and nothing else would change.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]

# A key is category * SHARD_SPAN + a number that tells the shard.
SHARD_SPAN = 1_000_000

# Of so many numbers for a key that is wanted, one has the right hash.
_NUMBERS_PER_KEY = 4
_LEAST_PER_SLOT = 64


def category_of(key: int) -> int:
    """Returns the category, 1 to 15, of the key of a block."""
    return key // SHARD_SPAN


@dataclass(frozen=True)
class Keys:
    """The keys of a run.

    Attributes:
        shards: of each category, 1 to below SHARD_SPAN.
        flink_slots: parallelism on Flink, None elsewhere.
    """

    shards: int
    flink_slots: int | None = None

    def of(self, category: int, shard: int) -> int:
        """Returns the key of a shard."""
        return _keys(category, self.shards, self.flink_slots)[shard]


@cache
def _keys(category: int, shards: int, slots: int | None) -> tuple[int, ...]:
    first = category * SHARD_SPAN
    plain = tuple(range(first, first + shards))
    if slots is None:
        return plain
    numbers = first + np.arange(min(_NUMBERS_PER_KEY * (shards + _LEAST_PER_SLOT * slots), SHARD_SPAN))
    slot_of = flink_slot(numbers, slots)
    by_slot = np.argsort(slot_of, kind="stable")
    ends = np.cumsum(np.bincount(slot_of, minlength=slots))
    # Categories begin with different workers, as each may have a few shards only.
    slot, turn = (category + np.arange(shards)) % slots, np.arange(shards) // slots
    places = np.where(slot > 0, ends[slot - 1], 0) + turn
    # Of more slots than there are numbers for, some have none.
    return tuple(numbers[by_slot[places]].tolist()) if (places < ends[slot]).all() else plain


def flink_slot(keys: Numbers, slots: int) -> Numbers:
    """Returns which of some parallel tasks a key falls to, as Flink's DataSet API and Beam's runner on it do.

    A key is encoded as Beam encodes an int (VarInt); its bytes are hashed as Java's Arrays.hashCode does, and that is mixed
    by MurmurHash3 of 32 bits.

    Args:
        keys: int64[n], not negative.
        slots: number of tasks.
    """
    left, hashed, goes_on = keys, np.ones(len(keys), np.int64), np.ones(len(keys), bool)
    while goes_on.any():
        more = left > 0x7F
        octet = (left & 0x7F) - 0x80 * more
        hashed = np.where(goes_on, hashed * 31 + octet & 0xFFFFFFFF, hashed)
        left, goes_on = left >> 7, goes_on & more
    mixed = _murmur(hashed.astype(np.uint32)).view(np.int32).astype(np.int64)
    return np.where(mixed == -(2**31), 0, np.abs(mixed)) % slots


def _murmur(code: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    code = _rotated(code * np.uint32(0xCC9E2D51), 15)
    code = _rotated(code * np.uint32(0x1B873593), 13) * np.uint32(5) + np.uint32(0xE6546B64)
    # The length in bytes.
    code ^= np.uint32(4)
    code = (code ^ code >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    code = (code ^ code >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    return code ^ code >> np.uint32(16)


def _rotated(code: npt.NDArray[np.uint32], bits: int) -> npt.NDArray[np.uint32]:
    return code << np.uint32(bits) | code >> np.uint32(32 - bits)
