"""A category has as many keys as the input is large, and its records fall on them evenly."""

from collections import Counter

import pytest

from transforms.reading.shards import MOST_LOADED_SHARDS, MOST_SHARDS, shard_of, shards_of, shards_on_flink
from transforms.sinks.contract import Source

MIB = 1 << 20


def source(size_bytes, uri="/data/a.jsonl"):
    return Source(0, uri, size_bytes)


@pytest.mark.parametrize(
    ("sources", "shards"),
    [
        ([], 1),
        ([source(0)], 1),
        ([source(16 * MIB)], 1),
        ([source(16 * MIB + 1)], 2),
        # A billion records of 280 bytes in 1,000 files: 267,029 MiB.
        ([source(280_000_000)] * 1_000, MOST_SHARDS),
        ([source(280_000_000)] * 100, 1_669),
        # Text is about five times as long when it is unpacked.
        ([source(16 * MIB, "/data/a.csv.GZ")], 5),
        ([source(16 * MIB, "gs://bucket/a.parquet")], 5),
        ([source(16 * MIB, "/data/a.xlsm")], 5),
    ],
)
def test_shards_follow_the_size_of_the_input(sources, shards):
    assert shards_of(sources) == shards


@pytest.mark.parametrize(
    ("size_mib", "slots", "most", "shards"),
    [
        (1, 2, MOST_SHARDS, 1),
        # One worker can't be busy twice.
        (16 * 7, 8, MOST_SHARDS, 7),
        # Four for each, of 16 MiB at least.
        (16 * 8, 8, MOST_SHARDS, 8),
        (16 * 9, 8, MOST_SHARDS, 16),
        (16 * 40, 8, MOST_SHARDS, 32),
        # 64 MiB each, the same number for all.
        (64 * 40, 8, MOST_SHARDS, 40),
        (64 * 41, 8, MOST_SHARDS, 48),
        (64 * 1_000_000, 8, MOST_SHARDS, MOST_SHARDS),
        (64 * 1_000_000, 12, MOST_SHARDS, 9_996),
        (64 * 1_000_000, 8, MOST_LOADED_SHARDS, 32),
        (64 * 1_000_000, 12, MOST_LOADED_SHARDS, 24),
        (64 * 1_000_000, 50, MOST_LOADED_SHARDS, 32),
    ],
)
def test_where_a_key_is_a_bundle_there_are_few_and_workers_get_the_same_number(size_mib, slots, most, shards):
    assert shards_on_flink([source(size_mib * MIB)], slots, most) == shards


@pytest.mark.parametrize("size_mib", [100, 1_000, 10_000])
def test_one_hot_category_is_spread_over_all_shards_so_that_no_worker_waits_for_another(size_mib):
    # All records are of one category: 15 blocks of 250 records, 70 kB each, a MiB of the file.
    shards = shards_of([source(size_mib * MIB)])
    blocks = Counter(shard_of(0, place * MIB // 15, shards) for place in range(size_mib * 15))
    assert len(blocks) == shards
    fullest, mean = max(blocks.values()), size_mib * 15 / shards
    assert fullest <= 1.5 * mean
