"""What a hot category or a hot supplier costs beside records that are spread evenly.

    .venv/bin/python benchmarks/skew.py [--records 200000] [--rounds 3]

Whole runs into the embedded PostgreSQL, in turns: the file that mixes all categories (mixed.py), the same with one
supplier in 95 of 100 records, and one with a category in 95 of 100. Then, for sizes that no laptop runs, how much more
than its share the busiest worker of a cluster gets.

Goal: a hot category or supplier takes at most twice the time of even records. On a cluster nothing was timed: what is
reckoned there is how evenly keys are spread.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import mixed
import numpy as np
from measure import measure
from run import SCOPE3

from transforms.reading.shards import shard_of, shards_of
from transforms.sinks.contract import Source
from transforms.sinks.embedded import embedded_server

_GOAL = 2.0
_HOT_SHARE = 0.95
_HOT_CATEGORY = 4
_BLOCK_RECORDS, _RECORD_BYTES = 250, 280
# Records of a run, and workers that people give it.
_CLUSTERS = ((10_000_000, 8), (100_000_000, 32), (1_000_000_000, 128))


def write_inputs(folder: Path, records: int) -> dict[str, Path]:
    """Writes the three inputs; returns their paths by name."""
    of_category = mixed.templates()
    paths = {name: folder / f"{name.replace(' ', '_')}.jsonl" for name in ("even", "hot supplier", "hot category")}
    mixed.write(paths["even"], records, of_category)
    random = np.random.default_rng(mixed.SEED)
    with paths["even"].open() as lines, paths["hot supplier"].open("w") as hot:
        for line, is_hot in zip(lines, random.random(records) < _HOT_SHARE, strict=True):
            record = json.loads(line)
            if is_hot:
                record |= {"supplier_id": "S-HOT", "supplier_name": "Hot Ltd"}
            hot.write(json.dumps(record, ensure_ascii=False) + "\n")
    # Of a hundred records five are of the other categories in turn.
    mixed.write(paths["hot category"], records, of_category, hot=(_HOT_CATEGORY, _HOT_SHARE))
    return paths


def whole_runs(records: int, rounds: int) -> None:
    """Prints what whole runs take, in turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = write_inputs(folder, records)
        taken: dict[str, list[float]] = {side: [] for side in inputs}
        with embedded_server(folder / "store") as target:
            # The first round compiles modules.
            for number in range(rounds + 1):
                for side, path in sorted(inputs.items(), reverse=number % 2 == 1):
                    store = ["--output", f"embedded:{folder / 'store'}", "--schema", f"s{number}_{side.replace(' ', '_')}"]
                    command = [SCOPE3, "run", "--quiet", "--input", str(path), "--factors", *mixed.FACTORS, *store]
                    seconds = measure(command, target, folder).wall_seconds
                    if number:
                        taken[side].append(seconds)
    even = statistics.median(taken["even"])
    print(f"{records:,} records from file to published run, medians of {rounds} rounds")
    for side, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"  {side:13} {median:7.2f} s   {median / even:.2f} times even, from {min(seconds):.2f} to {max(seconds):.2f} s")
    _print_goal()


def busiest_of_workers() -> None:
    """Prints how much more than its share the busiest worker gets of a category that is all of the input."""
    random = np.random.default_rng(mixed.SEED)
    print("\nBlocks of one category that is all of the input: the busiest worker gets, of its share")
    for records, workers in _CLUSTERS:
        shards = shards_of([Source(0, "all.jsonl", records * _RECORD_BYTES)])
        blocks = min(records // _BLOCK_RECORDS, 400_000)
        step = records * _RECORD_BYTES // blocks
        of_shard = np.bincount([shard_of(0, place * step, shards) for place in range(blocks)], minlength=shards)
        # A runner spreads keys by a hash of its own.
        of_worker = np.bincount(random.integers(0, workers, shards), weights=of_shard, minlength=workers)
        print(f"  {records:13,} records, {workers:3} workers, {shards:6,} shards: {of_worker.max() / of_worker.mean():.2f} times")
    _print_goal()


def _print_goal() -> None:
    print(f"  goal at most {_GOAL:g} times")


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    whole_runs(options.records, options.rounds)
    busiest_of_workers()


if __name__ == "__main__":
    main()
