"""A key tells its category, and on Flink the worker that gets it."""

from collections import Counter

import numpy as np
import pytest

from transforms.keys import SHARD_SPAN, Keys, category_of, flink_slot

_CATEGORIES = range(1, 16)


@pytest.mark.parametrize("keys", [Keys(1), Keys(250), Keys(10_000), Keys(1, 2), Keys(250, 8), Keys(10_000, 128), Keys(3, 1_000)])
def test_each_shard_of_each_category_has_a_key_of_its_own(keys):
    found = [(category, keys.of(category, shard)) for category in _CATEGORIES for shard in range(keys.shards)]
    assert len({key for _, key in found}) == len(found)
    assert all(category_of(key) == category for category, key in found)


@pytest.mark.parametrize(("shards", "slots"), [(1, 2), (22, 2), (32, 8), (96, 32), (9_984, 128), (1_000, 1_000)])
def test_on_flink_workers_get_the_same_number_of_keys(shards, slots):
    keys = Keys(shards, slots)
    every = Counter()
    for category in _CATEGORIES:
        numbers = np.array([keys.of(category, shard) for shard in range(shards)])
        own = Counter(flink_slot(numbers, slots).tolist())
        assert max(own.values()) - min(own[slot] for slot in range(slots)) <= 1
        every += own
    assert max(every.values()) - min(every[slot] for slot in range(slots)) <= 1


def test_more_slots_than_numbers_leave_keys_as_they_are():
    assert [Keys(5, SHARD_SPAN).of(2, shard) for shard in range(5)] == [2_000_000 + shard for shard in range(5)]


def test_the_hash_is_that_of_flink():
    # How many of the first 84 numbers of category 1 each of 2 and of 4 tasks got on a cluster of Flink 1.19.
    numbers = SHARD_SPAN + np.arange(84)
    assert np.bincount(flink_slot(numbers, 2)).tolist() == [47, 37]
    assert np.bincount(flink_slot(numbers, 4)).tolist() == [24, 22, 23, 15]
