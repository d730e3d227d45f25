"""The benchmark: this project and its rivals side by side, into one PostgreSQL.

    .venv/bin/python benchmarks/run.py [--records 1000000 5000000] [--rounds 3] [--rivals polars polars-references beam]

Every side runs as a fresh process into a schema of its own. They take turns, in another order each round, and each has
run once on few records before, so that its modules are compiled. See README.md for what is compared.
"""

import argparse
import math
import platform
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import generate
import psutil
import psycopg
from constants import RESULT
from measure import Measured, measure
from psycopg import sql

from transforms.sinks.connection import PostgresTarget
from transforms.sinks.embedded import embedded_server

HERE = Path(__file__).parent
# The command as people have it, beside the interpreter.
SCOPE3 = str(Path(sys.executable).parent / "scope3")

OURS, OURS_INSIDE = "scope3", "scope3 (timed inside)"
RIVALS = ("polars", "polars-references", "beam")

# Records of the untimed runs, in which all columns of all rows are compared; else sums are.
_FEW = 2_000
# Two sides may add in another order, and their exp and log may differ in the last bits.
_TOLERANCE = 1e-9
_AMOUNTS = ("kg_co2e", "std_kg", "p5_kg", "p95_kg", "dqi_score")
_LISTS = ("factor_ids", "factor_values", "factor_kg_co2e", "warnings")
# The digest is over canonical JSON here, over the line as it came there.
_COLUMNS = [name for name in RESULT if name != "input_sha256"]


@dataclass(frozen=True)
class Job:
    """One run of one side.

    Attributes:
        side: a name.
        records: size of the input as asked for.
        used: how many of them it gets: the beam rival gets fewer.
    """

    side: str
    records: int
    used: int


class Bench:
    """The server, the input files and the command of each side.

    Args:
        folder: for inputs.
        target: the server.
    """

    def __init__(self, folder: Path, target: PostgresTarget) -> None:
        self._folder, self._target = folder, target
        self._factors = folder / "products.json"
        generate.write_factors(self._factors)
        self._sums: dict[int, tuple] = {}
        self._rows: dict[int, list[tuple]] = {}

    def input(self, records: int) -> Path:
        """Returns the file with so many records, made once."""
        path = self._folder / f"purchases_{records}.jsonl"
        if not path.exists():
            generate.write_records(path, records)
        return path

    def run(self, job: Job) -> Measured:
        """Runs a side, checks that its results are those of the sides before it, and drops them.

        Raises:
            Failed: the side did.
            AssertionError: it gives other results.
        """
        schema = f"bench_{time.monotonic_ns()}"
        with psycopg.connect(self._target.url, autocommit=True) as connection:
            # What others left to be written to disk is not this side's work.
            connection.execute("CHECKPOINT")
            try:
                measured = measure(self._command(job, schema), self._target, self._folder)
                self._check(connection, job, schema)
            finally:
                connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        return measured

    def _command(self, job: Job, schema: str) -> list[str]:
        files = ["--input", str(self.input(job.used)), "--output", self._target.url, "--schema", schema]
        if job.side in (OURS, OURS_INSIDE):
            start = [SCOPE3] if job.side == OURS else [sys.executable, str(HERE / "ours.py")]
            return [*start, "run", *files, "--factors", str(self._factors), "default", "--quiet"]
        script, _, variant = job.side.partition("-")
        return [
            sys.executable,
            str(HERE / f"{script}_rival.py"),
            *files,
            "--factors",
            str(self._factors),
            *([f"--{variant}"] if variant else []),
        ]

    def _check(self, connection: "psycopg.Connection[tuple]", job: Job, schema: str) -> None:
        view = sql.Identifier(schema, "current_results")
        shown = [f"sum({name})" for name in _AMOUNTS] + [f"sum(cardinality({name}))" for name in _LISTS]
        query = sql.SQL("SELECT count(*), {} FROM {}").format(sql.SQL(", ").join(map(sql.SQL, shown)), view)  # type: ignore[arg-type]
        (sums,) = connection.execute(query).fetchall()
        assert sums[0] == job.used, f"{job.side} has {sums[0]} results of {job.used} records"
        expected = self._sums.setdefault(job.used, sums)
        assert _same(list(sums), list(expected)), f"{job.side} gives other results than the side before it: {sums}, not {expected}"
        if job.used > _FEW:
            return
        query = sql.SQL("SELECT {} FROM {} ORDER BY record_id").format(sql.SQL(", ").join(map(sql.Identifier, _COLUMNS)), view)
        rows = connection.execute(query).fetchall()
        for row, other in zip(rows, self._rows.setdefault(job.used, rows), strict=True):
            for name, value, wanted in zip(_COLUMNS, row, other, strict=True):
                assert _same(value, wanted), f"{job.side} gives {name} = {value} for record {row[0]}, the side before it {wanted}"


def _same(value: object, wanted: object) -> bool:
    """Says whether two values are equal, numbers to 1e-9 of their size."""
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    if isinstance(value, float) and isinstance(wanted, float):
        return math.isclose(value, wanted, rel_tol=_TOLERANCE)
    return value == wanted


def machine() -> str:
    """Returns what this machine is, for people."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0] if names else model
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _median(runs: list[Measured], name: str) -> float:
    return statistics.median(getattr(one, name) for one in runs)


def _seconds_a_record(job: Job, runs: list[Measured]) -> float:
    """Returns wall seconds a record; without start-up where a side got fewer records, on which it would weigh more."""
    return _median(runs, "wall_seconds" if job.used == job.records else "inside_seconds") / job.used


def _cpu_a_record(job: Job, runs: list[Measured]) -> float:
    return (_median(runs, "client_cpu_seconds") + _median(runs, "server_cpu_seconds")) / job.used


def _print_table(records: int, measured: dict[Job, list[Measured]]) -> None:
    """Prints medians, and their ratio to ours as seconds a record."""
    jobs = [job for job in measured if job.records == records and job.side != OURS_INSIDE]
    ours = next(job for job in jobs if job.side == OURS)
    print(f"\n{records:,} records, medians of {len(measured[ours])} rounds")
    print(
        "side                records   wall s  inside s  client CPU s  server CPU s  peak MB  server MB  wall ratio  CPU ratio  wall s from, to"
    )
    for job in jobs:
        runs = measured[job]
        inside = measured.get(Job(OURS_INSIDE, records, job.used), []) if job.side == OURS else runs
        wall_ratio = _seconds_a_record(ours, measured[ours]) / _seconds_a_record(job, runs)
        cpu_ratio = _cpu_a_record(ours, measured[ours]) / _cpu_a_record(job, runs)
        cells = [f"{job.side:18}", f"{job.used:>9,}", f"{_median(runs, 'wall_seconds'):8.2f}"]
        cells.append(f"{_median(inside, 'inside_seconds'):9.2f}" if inside else f"{'':9}")
        cells += [f"{_median(runs, 'client_cpu_seconds'):13.2f}", f"{_median(runs, 'server_cpu_seconds'):13.2f}"]
        cells += [
            f"{_median(runs, 'peak_mb'):8.0f}",
            f"{_median(runs, 'server_peak_mb'):10.0f}",
            f"{wall_ratio:11.3f}",
            f"{cpu_ratio:10.3f}",
        ]
        walls = [one.wall_seconds for one in runs]
        print(" ".join(cells) + f"  {min(walls):.2f} to {max(walls):.2f}")
        if job.used != job.records:
            print(f"{'':18}   (fewer records, as it is slow; wall ratio of seconds a record, its own without start-up)")


def _print_goals(sizes: list[int], measured: dict[Job, list[Measured]]) -> None:
    """Prints the goals with what was measured: the largest size against the smallest, and each rival."""
    ours = {records: measured[Job(OURS, records, records)] for records in sizes}
    small, large = min(sizes), max(sizes)
    print("\ngoals, by medians of wall seconds a record")
    for records in sizes:
        own = _seconds_a_record(Job(OURS, records, records), ours[records])
        for job, runs in measured.items():
            if job.records == records and job.side in RIVALS:
                ratio = own / _seconds_a_record(job, runs)
                goal = f"{1 / ratio:.1f} times faster, goal 10" if job.side == "beam" else f"{ratio:.3f} of its time, goal at most 1.0"
                print(f"  {records:,}: against {job.side}: {goal}")
    print(f"  peak memory: {max(_median(runs, 'peak_mb') for runs in ours.values()):.0f} MB, goal under 300")
    if small < large:
        seconds = (_median(ours[large], "wall_seconds") / large) / (_median(ours[small], "wall_seconds") / small)
        memory = _median(ours[large], "peak_mb") / _median(ours[small], "peak_mb")
        print(
            f"  {large:,} against {small:,}: {seconds:.3f} of the time a record, goal at most 1.05; {memory:.3f} of the memory, goal at most 1.1"
        )


def main() -> None:
    """Runs all sides and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, nargs="+", default=[1_000_000, 5_000_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--rivals", nargs="*", choices=RIVALS, default=list(RIVALS), help="default: all")
    parser.add_argument("--beam_records", type=int, default=200_000, metavar="N", help="most records of the beam rival (default: 200000)")
    parser.add_argument("--no_warm_up", action="store_true", help="no untimed run before: start-up may then hold compilation")
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="for inputs and server, removed at the end (default: the temporary folder)"
    )
    options = parser.parse_args()
    sizes = sorted(set(options.records))
    jobs = []
    for records in sizes:
        jobs += [Job(OURS, records, records), Job(OURS_INSIDE, records, records)]
        # The beam rival is measured once, beside the smallest size.
        rivals = [side for side in options.rivals if side != "beam" or records == sizes[0]]
        jobs += [Job(side, records, min(records, options.beam_records) if side == "beam" else records) for side in rivals]
    measured: dict[Job, list[Measured]] = defaultdict(list)
    print(machine())
    print(f"load average before {psutil.getloadavg()[0]:.1f}: what others do here makes wall seconds, and less so CPU seconds, larger")
    with tempfile.TemporaryDirectory(prefix="scope3-bench-", dir=options.folder) as name:
        # The server may run under another account, which must pass through.
        Path(name).chmod(0o711)
        with embedded_server(Path(name) / "postgres") as target:
            bench = Bench(Path(name), target)
            for records in sorted({job.used for job in jobs}):
                bench.input(records)
            for side in dict.fromkeys(job.side for job in jobs if not options.no_warm_up):
                bench.run(Job(side, _FEW, _FEW))
            for number in range(options.rounds):
                turn = number % len(jobs)
                for job in jobs[turn:] + jobs[:turn]:
                    one = bench.run(job)
                    measured[job].append(one)
                    print(f"round {number + 1}  {job.side:22} {job.used:>9,}  {one.wall_seconds:7.2f} s  {one.peak_mb:6.0f} MB", flush=True)
    measured = {job: measured[job] for job in jobs}
    for records in sizes:
        _print_table(records, measured)
    _print_goals(sizes, measured)


if __name__ == "__main__":
    main()
