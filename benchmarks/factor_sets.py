"""What a large factor set costs: the same purchases on a set of 1,000 rows and on one of 1,000,000.

    .venv/bin/python benchmarks/factor_sets.py [--rows 1000 1000000] [--rounds 5]

Prints for each size what is paid once (putting the table together, unpacking it in a worker) and what is paid again and
again: CPU for each distinct key that is met first, and for each record of batches whose keys are known. The last line
holds the ratios of the largest set to the smallest, from the same run.
"""

import argparse
import statistics
import time
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.config import Config
from schemas.factor import FACTOR_SCHEMA
from schemas.records import RECORDS
from schemas.records.fields import typed_batch
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.categories.registry import Calculator
from transforms.factors.read import FactorSet
from transforms.factors.table import FactorTable

_SEED, _BATCH, _REGIONS = 20260101, 1_000, ("GB", "US")


class Cost(NamedTuple):
    """Seconds once, and CPU microseconds: of a key that is new, and of a record whose key is known."""

    put_together: float
    unpack: float
    new_key: float
    known_record: float


def product_set(rows: int) -> FactorSet:
    """Returns a set of products, each with a row for two regions."""
    products = [f"P{place // len(_REGIONS):07d}" for place in range(rows)]
    regions = [_REGIONS[place % len(_REGIONS)] for place in range(rows)]
    columns = {
        "factor_id": [f"product:{key}@{region}/2025/own#cradle_to_gate" for key, region in zip(products, regions, strict=True)],
        "key": products,
        "region": regions,
        "value": np.linspace(0.1, 9.0, rows),
        "year": np.full(rows, 2025),
        "verified": np.ones(rows, bool),
    }
    same = {"family": "product", "boundary": "cradle_to_gate", "unit": "kg", "source": "own", "source_version": "own"}
    same |= {"licence": "own", "retrieved_on": "2026-01-01", "source_sha256": "0" * 64}
    columns |= {name: [text] * rows for name, text in same.items()}
    arrays = [pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type) for field in FACTOR_SCHEMA]
    return FactorSet("own", pa.Table.from_arrays(arrays, schema=FACTOR_SCHEMA), f"{rows:064d}")


def batch_of(places: np.ndarray) -> pa.RecordBatch:
    """Returns purchases of these products."""
    records = [
        {"record_id": f"R-{row}", "region": "GB", "activity_year": 2025, "product_name": "part", "quantity": 2.0 + row}
        | {"quantity_unit": "kg", "product_code": f"P{place:07d}"}
        for row, place in enumerate(places.tolist())
    ]
    fields = typed_batch(RECORDS[1], records)
    where = [pa.array(np.zeros(len(places), np.int32)), pa.array(np.arange(len(places))), input_sha256(canonical_json(1, fields))]
    return pa.RecordBatch.from_arrays(
        [*where, *fields.columns], names=["source_id", "source_position", "input_sha256", *fields.schema.names]
    )


def cost_of(rows: int, rounds: int, keys: int) -> Cost:
    """Measures a set of a size; `keys` products are bought, however large it is."""
    one, config = product_set(rows), Config()
    began = time.perf_counter()
    packed = FactorTable.join([one], config).to_bytes()
    put_together = time.perf_counter() - began
    began = time.perf_counter()
    FactorTable.from_bytes(packed)
    unpack = time.perf_counter() - began
    new, known = [], []
    random = np.random.default_rng(_SEED)
    for _ in range(rounds):
        batch = batch_of(random.choice(rows // len(_REGIONS), keys, replace=False))
        records = batch.take(pa.array(random.integers(keys, size=_BATCH)))
        # A table keeps the rows that were asked for.
        calculator = Calculator(FactorTable.from_bytes(packed), config)
        began = time.process_time()
        assert calculator.calculate(1, batch).results.num_rows == keys
        between = time.process_time()
        assert calculator.calculate(1, records).results.num_rows == _BATCH
        ended = time.process_time()
        new.append((between - began) / keys)
        known.append((ended - between) / _BATCH)
    return Cost(put_together, unpack, statistics.median(new) * 1e6, statistics.median(known) * 1e6)


def main() -> None:
    """Measures each size and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000, 1_000_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    options = parser.parse_args()
    keys = min(options.rows) // len(_REGIONS)
    cost_of(min(options.rows), 1, keys)
    print(f"{'rows':>10}{'put together s':>16}{'unpack s':>10}{'us a new key':>14}{'us a record':>13}")
    costs = []
    for rows in sorted(options.rows):
        costs.append(cost_of(rows, options.rounds, keys))
        print(
            f"{rows:>10,}{costs[-1].put_together:>16.3f}{costs[-1].unpack:>10.3f}{costs[-1].new_key:>14.1f}{costs[-1].known_record:>13.2f}"
        )
    first, last = costs[0], costs[-1]
    print(
        f"ratio of the largest to the smallest: new key {last.new_key / first.new_key:.2f}, record {last.known_record / first.known_record:.2f}"
    )


if __name__ == "__main__":
    main()
