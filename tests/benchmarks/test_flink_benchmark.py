"""The benchmark of Flink runs from end to end and compares both sides' results. No time decides here."""

import pytest

from tests.benchmarks.test_benchmarks import _python
from tests.flink.parts import what_is_missing


def test_flink_is_measured_beside_one_process():
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    # The command itself compares: all columns of all rows of so few records.
    printed = _python("flink.py", "--records", "2000", "--rounds", "1", "--no_warm_up")
    assert "2,000 records, medians of 1 rounds, parallelism 2" in printed
    assert "ratio of flink to one process" in printed and "largest worker of the cluster" in printed
