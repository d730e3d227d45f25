"""Where the time of this project goes: the steps of the job one after the other in one process, without Beam.

    .venv/bin/python benchmarks/steps.py [--records 200000] [--input FILE --factors FILE]

Prints CPU seconds per 1,000,000 records for each step, and for the PostgreSQL server.
"""

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import generate
import pyarrow as pa
from measure import cpu_of_server

from schemas.config import Config
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable
from transforms.reading.blocks import BlockMaker, join_blocks
from transforms.reading.files import find_sources, opened
from transforms.reading.json_chunk import read_json_lines
from transforms.reading.mapping import NO_MAPPING
from transforms.reading.places import Piece, Places
from transforms.reading.records import judge_chunk
from transforms.sinks.connection import PostgresTarget
from transforms.sinks.contract import Run
from transforms.sinks.embedded import embedded_server

# As `scope3 run` has them.
_BLOCK_SIZE, _BATCH_SIZE, _SHARDS = 250, 1_000, 8

_STEPS = {
    "load factors": "once a run",
    "read and parse": "bytes to columns",
    "judge": "columns to valid, typed columns",
    "canonical JSON": "what is hashed and stored",
    "SHA-256": "of each record",
    "blocks": "Arrow IPC, and the stored input compressed",
    "join batches": "Arrow IPC to batches of 1,000",
    "calculate": "batches to result rows",
    "hand over": "result rows to the writer's buffer",
    "write": "encode and COPY, in the writer's own thread",
    "audit, publish": "our side of it",
}
SERVER_WRITES, SERVER_AUDITS = "PostgreSQL: write", "PostgreSQL: audit"
# A backend's time is counted in full when it has ended.
_BACKEND_ENDS_SECONDS = 0.2


class Clock:
    """Adds up CPU seconds of the calling thread by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Counts what happens inside to a step."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.seconds[name] += time.thread_time() - began


def run_steps(path: Path, factor_file: Path, target: PostgresTarget, clock: Clock) -> int:
    """Runs the whole job; returns the number of results."""
    config = Config()
    server_before = cpu_of_server(target)
    with clock.step("load factors"):
        factors = FactorTable.load([str(factor_file), "default"], config)
        # Workers get them as bytes.
        factors = FactorTable.from_bytes(factors.to_bytes())
        calculator = Calculator(factors, config)
    sources = find_sources([str(path)])
    store = target.open()
    run = Run("steps", "steps", {}, sources)
    store.prepare(run)
    maker, writer = BlockMaker(_BLOCK_SIZE, _SHARDS), store.writer(run.key)
    waiting: list[bytes] = []
    results = 0

    def write(table: str, rows: pa.RecordBatch) -> None:
        if rows.num_rows:
            with clock.step("hand over"):
                writer.write(table, rows)

    def calculate() -> int:
        with clock.step("join batches"):
            batch = join_blocks(waiting)
        waiting.clear()
        with clock.step("calculate"):
            done = calculator.calculate(1, batch)
        for table in ("results", "dead_letters", "factors", "factor_uses"):
            write(table, getattr(done, table))
        return done.results.num_rows

    before = time.process_time() - time.thread_time()
    with opened(sources[0]) as stream:
        chunks = read_json_lines(stream)
        while True:
            with clock.step("read and parse"):
                chunk = next(chunks, None)
            if chunk is None:
                break
            with clock.step("judge"):
                judged = judge_chunk(chunk, Places([Piece(0, path.name, chunk.position, chunk.length)]), NO_MAPPING, config)
            for taken in judged.taken:
                with clock.step("canonical JSON"):
                    canonical = canonical_json(taken.category, taken.fields)
                with clock.step("SHA-256"):
                    input_sha256(canonical)
            with clock.step("blocks"):
                blocks, rows = maker.make(judged)
            for table, batch in rows:
                write(table, batch)
            for block in blocks:
                waiting.append(block.stream)
                if len(waiting) == _BATCH_SIZE // _BLOCK_SIZE:
                    results += calculate()
    if waiting:
        results += calculate()
    with clock.step("hand over"):
        writer.flush()
    clock.seconds["write"] = time.process_time() - time.thread_time() - before
    # The maker has done these two a second time.
    clock.seconds["blocks"] -= clock.seconds["canonical JSON"] + clock.seconds["SHA-256"]
    writer.close()
    time.sleep(_BACKEND_ENDS_SECONDS)
    clock.seconds[SERVER_WRITES] = cpu_of_server(target) - server_before
    with clock.step("audit, publish"):
        store.audit(run.key)
        store.publish(run.key)
    store.close()
    time.sleep(_BACKEND_ENDS_SECONDS)
    clock.seconds[SERVER_AUDITS] = cpu_of_server(target) - server_before - clock.seconds[SERVER_WRITES]
    return results


def main() -> None:
    """Runs the steps and prints their cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000, metavar="N")
    parser.add_argument("--input", type=Path, metavar="FILE", help="JSON lines of category 1 (default: generated)")
    parser.add_argument("--factors", type=Path, metavar="FILE", help="product factors (default: generated)")
    options = parser.parse_args()
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="scope3-steps-") as name:
        Path(name).chmod(0o711)
        path, factors = options.input or Path(name) / "purchases.jsonl", options.factors or Path(name) / "products.json"
        if options.input is None:
            generate.write_records(path, options.records)
        if options.factors is None:
            generate.write_factors(factors)
        with embedded_server(Path(name) / "postgres") as target:
            began = time.perf_counter()
            results = run_steps(path, factors, target, clock)
            wall = time.perf_counter() - began
    print(f"CPU seconds per 1,000,000 records, measured with {results:,} results")
    scale = 1e6 / results
    for step, meaning in _STEPS.items():
        print(f"  {step:18} {clock.seconds[step] * scale:7.2f}  {meaning}")
    print(f"  {'all':18} {sum(clock.seconds[step] for step in _STEPS) * scale:7.2f}")
    for step in (SERVER_WRITES, SERVER_AUDITS):
        print(f"  {step:18} {clock.seconds[step] * scale:7.2f}  the server's own processes")
    print(f"  wall seconds {wall * scale:.2f}, without start-up and Beam, with canonical JSON and SHA-256 done twice")


if __name__ == "__main__":
    main()
