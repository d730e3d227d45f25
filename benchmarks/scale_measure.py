"""Measures what benchmarks/scale.py calculates with, and writes it to benchmarks/scale.json.

    .venv/bin/python benchmarks/scale_measure.py [--records 1000000]

One run of `scope3 run` as a fresh process gives seconds, CPU, log and tables; the steps of the job in one process
(steps.py) tell writing and audit of the server apart; reading alone gives the size of what the batches are made of.
"""

import argparse
import json
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

import generate
import psutil
import psycopg
from measure import measure
from steps import SERVER_AUDITS, SERVER_WRITES, Clock, run_steps

from schemas.config import Config
from transforms.reading.files import find_sources
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.readings import Reader
from transforms.sinks.embedded import embedded_server

RECORDED = Path(__file__).with_name("scale.json")

_SCOPE3 = str(Path(sys.executable).parent / "scope3")
_BLOCK_SIZE, _SHARDS = 250, 8
# What a start costs is not a record's: a run of so few is taken off.
_FEW = 2_000

# Of the run's own tables; TOAST belongs to its table, indexes are told apart.
_SIZES = """
SELECT regexp_replace(c.relname, '_[0-9]+$', ''), pg_table_size(c.oid), pg_indexes_size(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname ~ '_[0-9]+$'"""


def shuffled_bytes(path: Path) -> int:
    """Returns the bytes of the blocks that a file gives, as they are grouped into batches."""
    reader = Reader(NO_MAPPING, Config(), _BLOCK_SIZE, _SHARDS, {})
    return sum(len(block.stream) for source in find_sources([str(path)]) for reading in reader.read((source,)) for block in reading.blocks)


def measured(records: int, folder: Path) -> dict[str, object]:
    """Returns the measurements, each for one record of `records`; needs some GB in the folder."""
    path, few, factors = folder / "purchases.jsonl", folder / "few.jsonl", folder / "products.json"
    generate.write_records(path, records)
    generate.write_records(few, _FEW)
    generate.write_factors(factors)
    with embedded_server(folder / "postgres") as target, psycopg.connect(target.url, autocommit=True) as connection:

        def run(file: Path, schema: str) -> "tuple[float, float, float, float, int]":
            connection.execute("CHECKPOINT")
            begin = _log_position(connection)
            files = ["--input", str(file), "--output", target.url, "--schema", schema, "--factors", str(factors), "default"]
            one = measure([_SCOPE3, "run", "--quiet", *files], target, folder)
            return one.wall_seconds, one.client_cpu_seconds, one.server_cpu_seconds, one.peak_mb, _log_position(connection) - begin

        start_wall, start_cpu, *_ = run(few, "few")
        wall, cpu, server_cpu, peak, log = run(path, "many")
        sizes = list(connection.execute(_SIZES, ["many"]))
        clock = Clock()
        run_steps(path, factors, target, clock)
    writing, auditing = clock.seconds[SERVER_WRITES], clock.seconds[SERVER_AUDITS]
    tables = {name: table / records for name, table, _ in sizes if table / records >= 0.5}
    return {
        "date": date.today().isoformat(),
        "machine": f"{psutil.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        "records": records,
        "start_seconds": round(start_wall, 1),
        "peak_mb": round(peak),
        "per_record": {
            "wall_us": round((wall - start_wall) / records * 1e6, 2),
            "worker_cpu_us": round((cpu - start_cpu) / records * 1e6, 2),
            "server_write_cpu_us": round(server_cpu * writing / (writing + auditing) / records * 1e6, 2),
            "server_audit_cpu_us": round(server_cpu * auditing / (writing + auditing) / records * 1e6, 2),
            "input_bytes": round(path.stat().st_size / records, 1),
            "shuffle_bytes": round(shuffled_bytes(path) / records, 1),
            "log_bytes": round(log / records, 1),
            "index_bytes": round(sum(index for *_, index in sizes) / records, 1),
            "table_bytes": {name: round(size, 1) for name, size in sorted(tables.items())},
        },
    }


def _log_position(connection: "psycopg.Connection[tuple]") -> int:
    [(position,)] = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")
    return int(position)


def main() -> None:
    """Measures, and replaces what was recorded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--output", type=Path, default=RECORDED, metavar="FILE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scope3-scale-") as name:
        # The server may run under another account, which must pass through.
        Path(name).chmod(0o711)
        found = measured(options.records, Path(name))
    options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"{options.output} is written; benchmarks/scale.py prints what follows from it")


if __name__ == "__main__":
    main()
