"""What the shape of the files costs: a CSV full of quotes beside a plain one, and many small files beside one.

    .venv/bin/python benchmarks/files.py [--records 100000] [--files 10000] [--rounds 3]

Each side is the command `scope3 run` on the same records, in turn and as a fresh process.
"""

import argparse
import csv
import statistics
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import generate
from benchmarks.measure import Measured, measure
from transforms.sinks.connection import PostgresTarget
from transforms.sinks.embedded import embedded_server

SCOPE3 = str(Path(sys.executable).with_name("scope3"))

# Side, the one it is compared with, and the goal for the ratio of their times.
GOALS = (("quotes", "plain", 1.5), ("small csv", "plain", 3.0), ("small json lines", "json lines", 3.0))


def make_inputs(folder: Path, records: int, files: int) -> dict[str, str]:
    """Writes the inputs; returns the pattern of each side."""
    for name in ("plain.csv", "lines.jsonl"):
        generate.write_records(folder / name, records)
    _quote(folder / "plain.csv", folder / "quotes.csv")
    for name in ("plain.csv", "lines.jsonl"):
        _split(folder / name, folder / f"small {name}", files)
    sides = {"plain": "plain.csv", "quotes": "quotes.csv", "small csv": "small plain.csv/*", "json lines": "lines.jsonl"}
    return {side: str(folder / name) for side, name in {**sides, "small json lines": "small lines.jsonl/*"}.items()}


def _quote(plain: Path, quoted: Path) -> None:
    """Writes a table with quotes around every value; each name has quotes, a delimiter and a line break inside."""
    with open(plain, newline="", encoding="utf-8") as lines, open(quoted, "w", newline="", encoding="utf-8") as out:
        reader = csv.reader(lines)
        header = next(reader)
        name = header.index("supplier_name")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        for row in reader:
            row[name] = f'"{row[name]}",\nof {row[name]}'
            writer.writerow(row)


def _split(whole: Path, folder: Path, files: int) -> None:
    folder.mkdir()
    lines = whole.read_bytes().splitlines(keepends=True)
    header, lines = (lines[:1], lines[1:]) if whole.suffix == ".csv" else ([], lines)
    each = -(-len(lines) // files)
    for number in range(files):
        some = lines[number * each : (number + 1) * each]
        (folder / f"{number:06}{whole.suffix}").write_bytes(b"".join([*header, *some]))


def _run(target: PostgresTarget, folder: Path, pattern: str, records: int) -> tuple[Measured, float]:
    """Runs one side; returns what it cost and the mean size of its batches."""
    schema = f"files_{Path(pattern).parent.name.replace(' ', '_').replace('.', '_').replace('-', '_')}"
    command = [SCOPE3, "run", "--input", pattern, "--output", target.url, "--schema", schema, "--quiet"]
    with psycopg.connect(target.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        try:
            measured = measure([*command, "--factors", str(folder / "products.json"), "default"], target, folder)
            query = sql.SQL("SELECT sum(records_in), avg(records_in) FROM {}").format(sql.Identifier(schema, "batch_metrics"))
            [(read, mean)] = connection.execute(query).fetchall()
            assert read == records, f"{pattern} gave {read} of {records} records"
        finally:
            connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    return measured, float(mean)


def main() -> None:
    """Runs all sides and prints the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, metavar="N")
    parser.add_argument("--files", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    options = parser.parse_args()
    print(f"{psutil.cpu_count()} cores, load average before {psutil.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="scope3-bench-") as name:
        # The server may run under another account, which must pass through.
        folder = Path(name)
        folder.chmod(0o711)
        sides = make_inputs(folder, options.records, options.files)
        generate.write_factors(folder / "products.json")
        costs: dict[str, list[Measured]] = {side: [] for side in sides}
        with embedded_server(folder / "postgres") as target:
            for _ in range(options.rounds):
                for side, pattern in sides.items():
                    measured, mean = _run(target, folder, pattern, options.records)
                    costs[side].append(measured)
                    cpu = measured.client_cpu_seconds + measured.server_cpu_seconds
                    print(
                        f"{side:18}{measured.wall_seconds:7.2f} s {cpu:7.2f} s CPU {measured.peak_mb:6.0f} MB, {mean:,.0f} records a batch",
                        flush=True,
                    )
    for side, other, goal in GOALS:
        walls = [one.wall_seconds / two.wall_seconds for one, two in zip(costs[side], costs[other], strict=True)]
        cpus = [
            (one.client_cpu_seconds + one.server_cpu_seconds) / (two.client_cpu_seconds + two.server_cpu_seconds)
            for one, two in zip(costs[side], costs[other], strict=True)
        ]
        print(
            f"{side} against {other}: {statistics.median(walls):.2f} of the time, goal at most {goal}; {statistics.median(cpus):.2f} of the CPU"
        )


if __name__ == "__main__":
    main()
