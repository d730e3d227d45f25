"""What a run into BigQuery costs, on paper: jobs, bytes and slots against the published quotas; the table of deploy/SCALE.md.

    .venv/bin/python benchmarks/bigquery_cost.py [--records 1000000 100000000 10000000000]
    .venv/bin/python benchmarks/bigquery_cost.py --measure 200000    # writes benchmarks/bigquery_cost.json anew

No run of that size was made, and none in Google's cloud: bytes a record are measured from a run into Parquet files, as
BigQuery counts them (its documentation, "Data type sizes"); the rest is arithmetic with the names below.

Source of the quotas: Google, BigQuery, "Quotas and limits" and "Optimize load jobs", read on 2026-11-28.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import generate
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import scale
from scale import _count, _figures, _size

from pipelines.scope3 import FLINK_BUNDLE_BYTES
from transforms.reading.shards import MOST_LOADED_SHARDS, shards_on_flink
from transforms.sinks.bigquery_write import FIRST_SHARD_ROWS, LARGEST_SHARD_ROWS, SHARD_BYTES
from transforms.sinks.contract import Source

RECORDED = Path(__file__).with_name("bigquery_cost.json")

LOADS_A_TABLE_AND_DAY, LOADS_A_PROJECT_AND_DAY = 1_500, 100_000
LEAST_BYTES_A_TABLE = 10 << 20
SLOTS_ON_DEMAND = 2_000
# Assumed: what one slot reads, shuffles and writes of such rows. Google publishes none.
SLOT_BYTES_PER_SECOND = 20e6
# Of a cluster; each has files of its own, and one bundle.
WRITERS = 16
# On Flink, measured with 8 keys: one bundle for the rows of a key and one for its timer.
BUNDLES_OF_A_KEY = 2
# Begin, seal, census, two of totals, finish, publish; and the look-ups between them.
JOBS_OF_A_RUN, LOOK_UPS = 7, 6

# What each query of the audit and the publication reads: columns of a table, None for all.
_TOTALS = {
    "results": ["category", "supplier_id", "supplier_name", "method", "factor_use", "factor_kg_co2e", "kg_co2e", "std_kg", "dqi_score"]
}
QUERIES: dict[str, dict[str, list[str] | None]] = {
    "census": {"results": ["record_id"], "inputs": None, "factor_uses": ["factor_use"], "factors": ["factor_id"]},
    "totals of categories": _TOTALS,
    "totals of suppliers": _TOTALS,
    "publication": {"results": None, "inputs": None, "factor_uses": None, "factors": None},
}


def logical_bytes(column: pa.ChunkedArray) -> int:
    """Returns the bytes of a column as BigQuery counts them: 8 a number, 2 and its UTF-8 bytes a text, nothing a null."""
    if pa.types.is_list(column.type):
        return sum(logical_bytes(pa.chunked_array([chunk.flatten()])) for chunk in column.chunks)
    present = len(column) - column.null_count
    if pa.types.is_boolean(column.type):
        return present
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_binary(column.type):
        return 2 * present + (pc.sum(pc.binary_length(column)).as_py() or 0)
    return (34 if pa.types.is_fixed_size_binary(column.type) else 8) * present


def shards(rows: float) -> int:
    """Returns the files that one writer makes of its rows."""
    number, size = 0, FIRST_SHARD_ROWS
    while rows > 0 and size < LARGEST_SHARD_ROWS:
        rows, size, number = rows - size, 2 * size, number + 1
    return number + max(0, math.ceil(rows / LARGEST_SHARD_ROWS))


def loads(records: float, recorded: dict[str, Any]) -> dict[str, int]:
    """Returns the load jobs into each table."""
    found = {}
    for table, size in recorded["parquet_bytes"].items():
        of_writer = records * recorded["rows"][table] / WRITERS
        by_bytes = math.ceil(size * records / WRITERS / SHARD_BYTES)
        found[table] = WRITERS * max(1, shards(of_writer), by_bytes)
    return found


def loads_on_flink(records: float) -> int:
    """Returns the load jobs into the table that has most on Flink, where each bundle ends with one: records of one category."""
    needs = scale.Needs(records, json.loads(scale.RECORDED.read_text(encoding="utf-8")))
    keys = shards_on_flink([Source(0, "input.jsonl", int(needs.input_bytes))], WRITERS, MOST_LOADED_SHARDS)
    return max(BUNDLES_OF_A_KEY * keys, math.ceil(needs.each("shuffle_bytes") / FLINK_BUNDLE_BYTES))


def read_bytes(records: float, recorded: dict[str, Any], query: str) -> float:
    """Returns the bytes that a query is billed for."""
    total = 0.0
    for table, columns in QUERIES[query].items():
        sizes = recorded["logical_bytes"].get(table, {})
        total += max(LEAST_BYTES_A_TABLE, records * sum(sizes.get(name, 0) for name in (sizes if columns is None else columns)))
    return total


def billed(records: float, recorded: dict[str, Any]) -> float:
    """Returns the bytes of all queries of a run."""
    return sum(read_bytes(records, recorded, query) for query in QUERIES)


def stored(records: float, recorded: dict[str, Any]) -> float:
    """Returns the logical bytes that a run holds."""
    return records * sum(sum(sizes.values()) for sizes in recorded["logical_bytes"].values())


def slot_hours(records: float, recorded: dict[str, Any]) -> float:
    """Returns the work of all queries, in hours of one slot."""
    return billed(records, recorded) / SLOT_BYTES_PER_SECOND / 3600


ROWS: dict[str, Callable[[float, dict[str, Any]], str]] = {
    "load jobs into `results`": lambda n, r: f"{loads(n, r)['results']:,}",
    f"of {LOADS_A_TABLE_AND_DAY:,} a table and day": lambda n, r: f"{max(loads(n, r).values()) / LOADS_A_TABLE_AND_DAY:.0%}",
    "load jobs into one table, on Flink": lambda n, r: f"{loads_on_flink(n):,}",
    f"of {LOADS_A_TABLE_AND_DAY:,} a table and day, on Flink": lambda n, r: f"{loads_on_flink(n) / LOADS_A_TABLE_AND_DAY:.0%}",
    "load jobs, all tables": lambda n, r: f"{sum(loads(n, r).values()):,}",
    f"of {LOADS_A_PROJECT_AND_DAY:,} a project and day": lambda n, r: f"{sum(loads(n, r).values()) / LOADS_A_PROJECT_AND_DAY:.2%}",
    "uploaded as Parquet": lambda n, r: _size(n * sum(r["parquet_bytes"].values())),
    "other jobs, look-ups": lambda n, r: f"{JOBS_OF_A_RUN}, {LOOK_UPS}",
    **{f"billed: {query}": lambda n, r, query=query: _size(read_bytes(n, r, query)) for query in QUERIES},
    "billed, all of it": lambda n, r: _size(billed(n, r)),
    f"slot hours, at {SLOT_BYTES_PER_SECOND / 1e6:.0f} MB/s a slot": lambda n, r: _figures(slot_hours(n, r)),
    f"minutes, with all of {SLOTS_ON_DEMAND:,} slots": lambda n, r: _figures(slot_hours(n, r) * 60 / SLOTS_ON_DEMAND),
    "stored, one run": lambda n, r: _size(stored(n, r)),
}


def table(recorded: dict[str, Any], sizes: list[float]) -> str:
    """Returns the table in Markdown."""
    lines = ["| records, " + f"{WRITERS} writers | " + " | ".join(map(_count, sizes)) + " |", "| --- |" + " --- |" * len(sizes)]
    lines += [f"| {name} | " + " | ".join(show(size, recorded) for size in sizes) + " |" for name, show in ROWS.items()]
    return "\n".join(lines)


def measured(records: int, folder: Path) -> dict[str, Any]:
    """Returns rows, logical bytes and Parquet bytes a record, from a run into files."""
    path, factors, store = folder / "purchases.jsonl", folder / "products.json", folder / "store"
    generate.write_records(path, records)
    generate.write_factors(factors)
    scope3 = str(Path(sys.executable).parent / "scope3")
    command = [scope3, "run", "--quiet", "--input", str(path), "--output", str(store), "--factors", str(factors), "default"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    found: dict[str, Any] = {"date": date.today().isoformat(), "records": records, "rows": {}, "logical_bytes": {}, "parquet_bytes": {}}
    for name in ("results", "inputs", "factor_uses", "factors"):
        files = [file for file in store.rglob("*.parquet") if f"/{name}/" in f"{file}/" or file.name.startswith(name)]
        rows = ds.dataset(files).to_table()
        again = folder / f"{name}.parquet"
        pq.write_table(rows, again, compression="zstd", compression_level=1)
        found["rows"][name] = rows.num_rows / records
        found["parquet_bytes"][name] = round(again.stat().st_size / records, 3)
        found["logical_bytes"][name] = {column: round(logical_bytes(rows[column]) / records, 3) for column in rows.column_names}
    return found


def main() -> None:
    """Prints the table, or measures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=float, nargs="+", default=[1e6, 1e8, 1e10], metavar="N")
    parser.add_argument("--measure", type=int, metavar="N")
    options = parser.parse_args()
    if options.measure:
        with tempfile.TemporaryDirectory() as folder:
            RECORDED.write_text(json.dumps(measured(options.measure, Path(folder)), indent=2) + "\n", encoding="utf-8")
    print(table(json.loads(RECORDED.read_text(encoding="utf-8")), options.records))


if __name__ == "__main__":
    main()
