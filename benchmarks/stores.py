"""Records a second into each kind of store, from file to published run, in turns on one machine.

    .venv/bin/python benchmarks/stores.py [--records 200000] [--rounds 3]

The embedded PostgreSQL, Parquet files in a folder, and the emulator of BigQuery that the tests use. The emulator tells
what the program itself does for BigQuery, never how fast Google's service is. Ratios are to PostgreSQL, of medians.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import generate
from measure import measure
from run import SCOPE3

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.sinks.bigquery_emulator import running_emulator, what_is_missing
from transforms.sinks.embedded import embedded_server

_POSTGRES, _PARQUET, _BIGQUERY = "PostgreSQL, embedded", "Parquet, a folder", "BigQuery, emulator"


def main() -> None:
    """Runs the rounds and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    missing = what_is_missing()
    if missing:
        parser.error(missing)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        purchases, factors = folder / "purchases.jsonl", folder / "products.json"
        generate.write_records(purchases, options.records)
        generate.write_factors(factors)
        with embedded_server(folder / "postgres") as target, running_emulator(folder) as emulator:
            stores = {
                _POSTGRES: f"embedded:{folder / 'postgres'}",
                _PARQUET: str(folder / "files"),
                _BIGQUERY: f"bigquery://{emulator.project}/emissions?api_endpoint={emulator.address}",
            }
            taken: dict[str, list[float]] = {store: [] for store in stores}
            # The first round compiles modules and makes tables.
            for number in range(options.rounds + 1):
                for store in sorted(stores, reverse=number % 2 == 1):
                    command = [SCOPE3, "run", "--quiet", "--input", str(purchases), "--factors", str(factors), "default"]
                    seconds = measure([*command, "--output", stores[store]], target, folder).wall_seconds
                    if number:
                        taken[store].append(seconds)
    base = statistics.median(taken[_POSTGRES])
    print(f"{options.records:,} records from file to published run, medians of {options.rounds} rounds")
    for store, seconds in taken.items():
        median = statistics.median(seconds)
        rate = options.records / median
        print(
            f"  {store:22}{rate:10,.0f} records/s   {median / base:5.2f} times PostgreSQL's time, {min(seconds):.2f} to {max(seconds):.2f} s"
        )


if __name__ == "__main__":
    main()
