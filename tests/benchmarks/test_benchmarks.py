"""The benchmarks run from end to end. No time decides here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("polars", reason="polars is not installed; the benchmarks compare with it")

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def _python(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, str(BENCHMARKS / script), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_sides_give_the_same_results_in_all_columns():
    # The command itself compares: all columns of all rows of so few records.
    printed = _python("run.py", "--records", "2000", "--rounds", "1", "--no_warm_up")
    for side in ("scope3", "polars", "polars-references", "beam"):
        assert f"\n{side} " in printed
    assert "goals" in printed


def test_steps_calculates_every_record():
    assert "with 2,000 results" in _python("steps.py", "--records", "2000")


def test_a_shorter_input_is_the_beginning_of_a_longer_one(tmp_path):
    for records in (2_000, 3_000):
        _python("generate.py", "--records", str(records), "--output", str(tmp_path / f"{records}.jsonl"))
    short, long = (tmp_path / f"{records}.jsonl" for records in (2_000, 3_000))
    assert long.read_bytes().startswith(short.read_bytes())
    assert short.read_bytes().count(b"\n") == 2_000


def test_each_category_is_timed_and_a_mixed_file_beside_purchases():
    printed = _python("categories.py", "--records", "1500", "--rounds", "1")
    assert [int(line.split()[0]) for line in printed.splitlines()[1:16]] == list(range(1, 16))
    assert "all categories" in printed and "goal at most 1.5" in printed


def test_a_large_factor_set_is_measured_beside_a_small_one():
    printed = _python("factor_sets.py", "--rows", "200", "4000", "--rounds", "1")
    assert [line.split()[0] for line in printed.splitlines()[1:3]] == ["200", "4,000"]
    assert "ratio of the largest to the smallest: new key" in printed


def test_a_hot_category_and_a_hot_supplier_are_timed_beside_even_records():
    printed = _python("skew.py", "--records", "1500", "--rounds", "1")
    assert [line.split("  ")[1] for line in printed.splitlines()[1:4]] == ["even", "hot supplier", "hot category"]
    # The keys of a hot category are spread, whatever the machine's speed.
    busiest = [float(found) for found in re.findall(r"shards: ([\d.]+) times", printed)]
    assert len(busiest) == 3 and max(busiest) < 2
    assert printed.count("goal at most 2 times") == 2
