"""How many keys a category has: as many as the input is large.

A key is what one worker batches and calculates, so a category needs many of them where there is much to do, whatever the
other categories need; and few where there is little, since the last batch of each key is not full.
"""

import zlib
from collections.abc import Sequence

from transforms.sinks.contract import Source

# Some 60,000 records, 60 batches. With more keys than one to 60 batches, more than one in a hundred batches is cut short.
_BYTES_PER_SHARD = 16 << 20
# Where a key is a bundle, which begins and ends with work of its own. Few of them are as even as many: see transforms.keys.
_BYTES_PER_BUNDLE = 64 << 20
_LEAST_BUNDLES_PER_SLOT = 4

# What text of records shrinks to, and columns of Parquet beside text.
_TIMES_SMALLER = 5
_SMALLER = (".gz", ".bz2", ".zst", ".parquet", ".xlsx", ".xlsm")

# Keys beyond that cost the runner more than they help: each has state, and a timer.
MOST_SHARDS = 10_000

# Where each key costs load jobs: two on Flink, in each of 15 categories, of the 1,500 that BigQuery takes into a table a day.
MOST_LOADED_SHARDS = 32


def shards_of(sources: Sequence[Source]) -> int:
    """Returns the number of keys of each category, 1 to MOST_SHARDS, for all inputs of a run."""
    return min(max(1, -(-_size(sources) // _BYTES_PER_SHARD)), MOST_SHARDS)


def shards_on_flink(sources: Sequence[Source], slots: int, most: int) -> int:
    """Returns the number of keys of each category where each key is a bundle of its own.

    Args:
        sources: all inputs of a run.
        slots: how many bundles are worked on side by side; they get the same number of keys, where there are enough.
        most: keys at most.
    """
    fewest = max(-(-_size(sources) // _BYTES_PER_BUNDLE), _LEAST_BUNDLES_PER_SLOT * slots)
    shards = min(shards_of(sources), fewest, most)
    return shards if shards < slots else min(-(-shards // slots), most // slots) * slots


def _size(sources: Sequence[Source]) -> int:
    return sum(one.size_bytes * (_TIMES_SMALLER if one.source_uri.lower().endswith(_SMALLER) else 1) for one in sources)


def shard_of(source_id: int, position: int, shards: int) -> int:
    """Returns the shard, 0 to shards - 1, of a block that begins at a place of an input: always the same, on any worker."""
    # Not hash(): Python salts it per process, and a block that is delivered again must find its key.
    return zlib.crc32(b"%d:%d" % (source_id, position)) % shards
