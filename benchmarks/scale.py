"""What 1 and 100 billion records need, reckoned from what was measured with a million; the table of deploy/SCALE.md.

    .venv/bin/python benchmarks/scale.py [--records 1000000000 100000000000]

benchmarks/scale.json holds the measurements; benchmarks/scale_measure.py renews them. Nothing here was run at that size:
it is arithmetic, and each assumption has a name below.
"""

import argparse
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.reading.shards import MOST_SHARDS, shards_of
from transforms.sinks.connection import FEWEST_CONNECTIONS
from transforms.sinks.contract import Source

RECORDED = Path(__file__).with_name("scale.json")

# CPU of a cluster (workers, TaskManagers, JobManager) against the same records in one process on one machine, and whence.
CLUSTER_TIMES, CLUSTER_TIMES_IS = 1.50, "Flink, 5 million records, `benchmarks/flink.py`"
# The server, and the part of it that one run may use.
SERVER_CORES, SERVER_SHARE = 16, 0.75
LOG_BYTES_PER_SECOND = 500e6
# One for each worker process, which its writers share (postgres_link.py); beside them that which shows that the run goes on,
# and two of the audit.
CONNECTIONS_PER_WORKER, CONNECTIONS_BESIDE = 1, FEWEST_CONNECTIONS - 1
FILE_BYTES = 1e9
BATCH = 1_000
# PostgreSQL: a table of 8 kB pages.
TABLE_LIMIT_BYTES = 32 * 2**40


# US dollars: Google's list prices for Iowa (us-central1) on its pages of prices for Dataflow (batch), Cloud SQL for
# PostgreSQL (Enterprise, SSD) and BigQuery (on demand). They change and differ by region: put yours here.
DATAFLOW_CORE_HOUR, DATAFLOW_GB_HOUR, DATAFLOW_SHUFFLE_GB = 0.056, 0.003557, 0.011
SERVER_CORE_HOUR, SERVER_GB_HOUR, SERVER_STORED_GB_MONTH = 0.0413, 0.007, 0.17
BIGQUERY_STORED_GB_MONTH, BIGQUERY_READ_TIB = 0.02, 6.25
# Memory of a core in n2-standard-4, and in the server.
GB_PER_CORE = 4


@dataclass(frozen=True)
class Needs:
    """What one number of records needs; see the properties.

    Attributes:
        records: how many.
        recorded: what was measured, as benchmarks/scale.json holds it.
    """

    records: float
    recorded: dict[str, Any]

    def each(self, name: str) -> float:
        """Returns a measurement for all records: bytes, or microseconds as seconds."""
        value = float(self.recorded["per_record"][name]) * self.records
        return value / 1e6 if name.endswith("_us") else value

    @property
    def input_bytes(self) -> float:
        """Returns the size of the files."""
        return self.each("input_bytes")

    @property
    def shards(self) -> int:
        """Returns the keys of a category."""
        return shards_of([Source(0, "input.jsonl", int(self.input_bytes))])

    @property
    def worker_hours(self) -> float:
        """Returns the hours of one core of a worker."""
        return self.each("worker_cpu_us") * CLUSTER_TIMES / 3600

    @property
    def copy_hours(self) -> float:
        """Returns the hours that the server's cores need for COPY."""
        return self.each("server_write_cpu_us") / (SERVER_CORES * SERVER_SHARE) / 3600

    @property
    def log_hours(self) -> float:
        """Returns the hours that the log needs to reach the disk."""
        return self.each("log_bytes") / LOG_BYTES_PER_SECOND / 3600

    @property
    def audit_hours(self) -> float:
        """Returns the hours of the audit: one index and one sum, each on one core; the index sorts."""
        sorting = math.log2(self.records) / math.log2(self.recorded["records"])
        return self.each("server_audit_cpu_us") * sorting / 3600

    @property
    def server_hours(self) -> float:
        """Returns the hours of a run that waits for nothing but the server."""
        return max(self.copy_hours, self.log_hours) + self.audit_hours

    @property
    def workers(self) -> int:
        """Returns the cores of workers that keep the server busy."""
        return max(1, math.ceil(self.worker_hours / max(self.copy_hours, self.log_hours)))

    @property
    def stored_bytes(self) -> float:
        """Returns what one run holds in tables and indexes."""
        per_record = self.recorded["per_record"]
        return (sum(per_record["table_bytes"].values()) + per_record["index_bytes"]) * self.records

    @property
    def dataflow_dollars(self) -> float:
        """Returns what the workers and their shuffle cost on Dataflow."""
        hours = self.worker_hours * (DATAFLOW_CORE_HOUR + GB_PER_CORE * DATAFLOW_GB_HOUR)
        return hours + self.each("shuffle_bytes") / 1e9 * DATAFLOW_SHUFFLE_GB

    @property
    def server_dollars(self) -> float:
        """Returns what the PostgreSQL server costs while the run needs it."""
        return self.server_hours * SERVER_CORES * (SERVER_CORE_HOUR + GB_PER_CORE * SERVER_GB_HOUR)

    @property
    def stored_dollars(self) -> float:
        """Returns what one run costs a month in PostgreSQL."""
        return self.stored_bytes / 1e9 * SERVER_STORED_GB_MONTH

    @property
    def bigquery_dollars(self) -> float:
        """Returns what the queries of a run cost in BigQuery; loading is free."""
        return self.in_bigquery("billed") / 2**40 * BIGQUERY_READ_TIB

    @property
    def bigquery_stored_dollars(self) -> float:
        """Returns what one run costs a month in BigQuery, whose rows are longer than those of PostgreSQL."""
        return self.in_bigquery("stored") / 1e9 * BIGQUERY_STORED_GB_MONTH

    def in_bigquery(self, name: str) -> float:
        """Returns what bigquery_cost.py reckons: `stored` or `billed` bytes, or `loads` into the table that takes most."""
        # Imported here: it imports this module.
        import bigquery_cost

        recorded = json.loads(bigquery_cost.RECORDED.read_text(encoding="utf-8"))
        found = getattr(bigquery_cost, name)(self.records, recorded)
        return float(max(found.values()) if name == "loads" else found)


# Which limit ends a run, and at how many records.
LIMITS: dict[str, Callable[[dict[str, Any]], float]] = {
    f"keys of a category stop at {MOST_SHARDS:,}": lambda recorded: _records_of(recorded, "shards", MOST_SHARDS),
    "audit takes 8 hours on one core": lambda recorded: _records_of(recorded, "audit_hours", 8),
    "COPY and log take 8 hours": lambda recorded: min(_records_of(recorded, "copy_hours", 8), _records_of(recorded, "log_hours", 8)),
    "a table of PostgreSQL is full (32 TiB)": lambda recorded: TABLE_LIMIT_BYTES / recorded["per_record"]["table_bytes"]["results"],
}


def _records_of(recorded: dict[str, Any], name: str, limit: float) -> float:
    """Returns the number of records at which a property of Needs reaches a limit."""
    low, high = 1e6, 1e15
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if getattr(Needs(middle, recorded), name) < limit else (low, middle)
    return high


def _size(value: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if value < 1000 or unit == "PB":
            return f"{_figures(value)} {unit}"
        value /= 1000
    raise AssertionError


def _figures(value: float) -> str:
    """Returns two figures: more would claim more than is known."""
    if value == 0:
        return "0"
    rounded = round(value, 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.0f}" if abs(rounded) >= 10 else f"{rounded:g}"


# Rows of the table.
ROWS: dict[str, Callable[[Needs], str]] = {
    "input, JSON lines": lambda n: _size(n.input_bytes),
    "files of 1 GB": lambda n: _figures(n.input_bytes / FILE_BYTES),
    "batches of 1,000": lambda n: _figures(n.records / BATCH),
    "keys of a category": lambda n: f"{n.shards:,}",
    "shuffle": lambda n: _size(n.each("shuffle_bytes")),
    "hours of a worker's core": lambda n: _figures(n.worker_hours),
    "**PostgreSQL**": lambda _: "",
    f"COPY, {SERVER_CORES} cores": lambda n: f"{_figures(n.copy_hours)} h",
    f"log, at {LOG_BYTES_PER_SECOND / 1e6:.0f} MB/s": lambda n: f"{_figures(n.log_hours)} h, {_size(n.each('log_bytes'))}",
    "audit, one core": lambda n: f"{_figures(n.audit_hours)} h",
    "all of it": lambda n: f"{_figures(n.server_hours)} h",
    "workers' cores that keep it busy": lambda n: f"{n.workers:,}",
    "connections": lambda n: f"{n.workers * CONNECTIONS_PER_WORKER + CONNECTIONS_BESIDE:,}",
    "stored in tables and indexes, one run": lambda n: _size(n.stored_bytes),
    "stored, 7 former runs kept": lambda n: _size(8 * n.stored_bytes),
    "**BigQuery**": lambda _: "",
    "workers' cores for 2 hours": lambda n: f"{math.ceil(n.worker_hours / 2):,}",
    "loads into one table, of 1,500 a day, not on Flink": lambda n: f"{n.in_bigquery('loads'):,.0f}",
    "stored in BigQuery, one run": lambda n: _size(n.in_bigquery("stored")),
    "**US dollars**": lambda _: "",
    "workers on Dataflow, one run": lambda n: _figures(n.dataflow_dollars),
    "PostgreSQL, hours of one run": lambda n: _figures(n.server_dollars),
    "PostgreSQL, one run kept for a month": lambda n: _figures(n.stored_dollars),
    "BigQuery, one run": lambda n: _figures(n.bigquery_dollars),
    "BigQuery, one run kept for a month": lambda n: _figures(n.bigquery_stored_dollars),
}


def _count(records: float) -> str:
    return f"{records / 1e9:,.0f} billion" if records >= 1e9 else f"{records / 1e6:,.0f} million"


def tables(recorded: dict[str, Any], sizes: list[float]) -> str:
    """Returns the tables in Markdown: what was measured, what is needed, and which limit comes when."""
    per_record = recorded["per_record"]
    lines = [f"Measured on {recorded['date']} with {recorded['records']:,} records, {recorded['machine']}:", ""]
    lines += ["| a record costs | |", "| --- | --- |"]
    lines += [f"| {name} | {value:g} |" for name, value in _flat(per_record).items()]
    lines += [f"| times that on a cluster ({CLUSTER_TIMES_IS}) | {CLUSTER_TIMES:g} |"]
    lines += ["", "| records | " + " | ".join(map(_count, sizes)) + " |", "| --- |" + " --- |" * len(sizes)]
    lines += [f"| {name} | " + " | ".join(show(Needs(size, recorded)) for size in sizes) + " |" for name, show in ROWS.items()]
    lines += ["", "| limit | reached at records |", "| --- | --- |"]
    limits = sorted(((limit(recorded), name) for name, limit in LIMITS.items()))
    lines += [f"| {name} | {_figures(records / 1e6)} million |" for records, name in limits]
    return "\n".join(lines)


def _flat(per_record: dict[str, Any]) -> dict[str, float]:
    """Returns the measurements by what they mean."""
    words = {
        "wall_us": "microseconds, local run",
        "worker_cpu_us": "microseconds of a core, worker",
        "server_write_cpu_us": "microseconds of a core, server: COPY",
        "server_audit_cpu_us": "microseconds of a core, server: audit",
        "input_bytes": "bytes of input",
        "shuffle_bytes": "bytes of shuffle (block of 250 as Arrow IPC)",
        "log_bytes": "bytes of the server's log",
        "index_bytes": "bytes of index",
    }
    return {words[name]: per_record[name] for name in words} | {
        f"bytes in table {name}": size for name, size in per_record["table_bytes"].items()
    }


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=float, nargs="+", default=[1e9, 1e11], metavar="N")
    parser.add_argument("--recorded", type=Path, default=RECORDED, metavar="FILE")
    options = parser.parse_args()
    print(tables(json.loads(options.recorded.read_text(encoding="utf-8")), options.records))


if __name__ == "__main__":
    main()
