"""How fast each category is, and what a file that mixes all of them costs beside purchases alone.

    .venv/bin/python benchmarks/categories.py [--records 200000] [--rounds 3]

First the calculation alone: rows a second on batches of 1,000 records, made of the examples, with known factors. Then
whole runs into the embedded PostgreSQL, in turns: purchases of category 1 (generate.py) and the mixed file (mixed.py).
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import generate
import mixed
import numpy as np
import pyarrow as pa
from measure import measure
from run import SCOPE3

from schemas.config import Config
from schemas.records import RECORDS
from schemas.records.fields import typed_batch
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable
from transforms.sinks.embedded import embedded_server

_BATCH, _REPEATS = 1_000, 15
_GOAL = 1.5


def rows_a_second(category: int, records: list[dict], factors: FactorTable) -> float:
    """Returns how many records of a category are calculated in a CPU second, of batches of 1,000; the median."""
    random = np.random.default_rng(mixed.SEED)
    names = mixed.amounts(category)
    many = [dict(records[place % len(records)], record_id=f"R-{place}") for place in range(_BATCH)]
    for record, factor in zip(many, np.exp2(random.uniform(-1, 1, _BATCH)).tolist(), strict=True):
        record.update({name: record[name] * factor for name in names if record.get(name)})
    fields = typed_batch(RECORDS[category], [{name: value for name, value in record.items() if name != "category"} for record in many])
    sha256 = input_sha256(canonical_json(category, fields))
    places = [pa.array(np.zeros(_BATCH, np.int32)), pa.array(np.arange(_BATCH)), sha256]
    batch = pa.RecordBatch.from_arrays(
        [*places, *fields.columns], names=["source_id", "source_position", "input_sha256", *fields.schema.names]
    )
    calculator = Calculator(factors, Config())
    assert calculator.calculate(category, batch).results.num_rows == _BATCH
    seconds = []
    for _ in range(_REPEATS):
        began = time.thread_time()
        calculator.calculate(category, batch)
        seconds.append(time.thread_time() - began)
    return _BATCH / statistics.median(seconds)


def whole_runs(records: int, rounds: int, of_category: dict[int, list[dict]]) -> None:
    """Prints what whole runs take, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        purchases, factors, all_of_them = place / "purchases.jsonl", place / "products.json", place / "mixed.jsonl"
        generate.write_records(purchases, records)
        generate.write_factors(factors)
        mixed.write(all_of_them, records, of_category)
        sides = {"category 1": (purchases, [str(factors), "default"]), "all categories": (all_of_them, list(mixed.FACTORS))}
        with embedded_server(place / "store") as target:
            taken: dict[str, list[float]] = {side: [] for side in sides}
            peaks: dict[str, float] = dict.fromkeys(sides, 0.0)
            for number in range(rounds + 1):
                for side, (path, sets) in sorted(sides.items(), reverse=number % 2 == 1):
                    command = [
                        SCOPE3,
                        "run",
                        "--quiet",
                        "--input",
                        str(path),
                        "--factors",
                        *sets,
                        "--output",
                        f"embedded:{place / 'store'}",
                    ]
                    found = measure([*command, "--schema", f"s{number}{side[0]}"], target, place)
                    if number:
                        # The first round compiles modules.
                        taken[side].append(found.wall_seconds)
                        peaks[side] = max(peaks[side], found.peak_mb)
    medians = {side: statistics.median(seconds) for side, seconds in taken.items()}
    print(f"\n{records:,} records from file to published run, medians of {rounds} rounds")
    for side, seconds in medians.items():
        print(f"  {side:15} {seconds:7.2f} s {peaks[side]:6.0f} MB   from {min(taken[side]):.2f} to {max(taken[side]):.2f} s")
    print(f"  ratio {medians['all categories'] / medians['category 1']:.2f}, goal at most {_GOAL}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    of_category = mixed.templates()
    factors = FactorTable.load(list(mixed.FACTORS), Config())
    print("category   rows a second   ratio to category 1")
    found = {category: rows_a_second(category, records, factors) for category, records in of_category.items()}
    for category, speed in found.items():
        print(f"{category:8} {speed:15,.0f} {speed / found[1]:21.2f}")
    whole_runs(options.records, options.rounds, of_category)


if __name__ == "__main__":
    main()
