"""Flink against one process, on the same records, into one PostgreSQL.

    .venv/bin/python benchmarks/flink.py [--records 5000000] [--rounds 3] [--parallelism 2]

A cluster of this machine, as the tests have it (JobManager, two TaskManagers, a pool of workers), is started before and is
there all the time, as clusters are. Each side is the command as people start it; they take turns. All sums must be equal.
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from measure import Measured
from run import OURS, Bench, Job, machine

from transforms.sinks.embedded import embedded_server

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.flink.cluster import Cluster, running_cluster
from tests.flink.job import Jobs
from tests.flink.parts import get_parts, what_is_missing

FLINK = "flink"
GOAL = 1.5

_FEW = 2_000
_POLL_SECONDS = 0.1


class FlinkBench(Bench):
    """Both sides: ours, and the same command with the options of the cluster."""

    def use(self, options: list[str]) -> None:
        """Takes the options of the cluster."""
        self._options = options

    def _command(self, job: Job, schema: str) -> list[str]:
        ours = super()._command(Job(OURS, job.records, job.used), schema)
        return [*ours, *self._options] if job.side == FLINK else ours


@contextmanager
def workers_watched(cluster: Cluster) -> Iterator[list[float]]:
    """Gives the most memory that a worker had while the block runs, MB, as the only element."""
    most, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(_POLL_SECONDS):
            with suppress(psutil.Error):
                most[0] = max([most[0], *(worker.memory_info().rss / 1e6 for worker in cluster.workers())])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        done.set()
        thread.join()


def main() -> None:
    """Runs both sides and prints the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=5_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--parallelism", type=int, default=2, metavar="N", help="at most 4, the slots of the cluster (default: 2)")
    parser.add_argument("--no_warm_up", action="store_true", help="no untimed run before: start-up may then hold compilation")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="for inputs, server and cluster, removed at the end")
    options = parser.parse_args()
    if missing := what_is_missing():
        sys.exit(missing)
    print(machine())
    print(f"load average before {psutil.getloadavg()[0]:.1f}: what others do here makes wall seconds, and less so CPU seconds, larger")
    measured: dict[str, list[Measured]] = defaultdict(list)
    peaks: list[float] = []
    with tempfile.TemporaryDirectory(prefix="scope3-bench-", dir=options.folder) as name:
        folder = Path(name)
        # The server may run under another account, which must pass through.
        folder.chmod(0o711)
        (folder / "cluster").mkdir()
        with embedded_server(folder / "postgres") as target, running_cluster(folder / "cluster", get_parts()) as cluster:
            bench = FlinkBench(folder, target)
            bench.use(Jobs(cluster, folder).options("EXTERNAL", parallelism=options.parallelism))
            bench.input(options.records)
            for side in [] if options.no_warm_up else [OURS, FLINK]:
                bench.run(Job(side, _FEW, _FEW))
            for number in range(options.rounds):
                for side in (OURS, FLINK) if number % 2 == 0 else (FLINK, OURS):
                    with workers_watched(cluster) as most:
                        one = bench.run(Job(side, options.records, options.records))
                    measured[side].append(one)
                    peaks.append(most[0])
                    print(f"round {number + 1}  {side:8} {one.wall_seconds:8.2f} s", flush=True)
                    # Slots come back a moment after the job's end.
                    time.sleep(1)
    print(f"\n{options.records:,} records, medians of {options.rounds} rounds, parallelism {options.parallelism}")
    walls = {side: statistics.median(one.wall_seconds for one in runs) for side, runs in measured.items()}
    for side, runs in measured.items():
        seconds = [one.wall_seconds for one in runs]
        print(f"{side:8} {walls[side]:8.2f} s wall ({min(seconds):.2f} to {max(seconds):.2f})")
    print(f"largest worker of the cluster {max(peaks):.0f} MB")
    print(f"ratio of flink to one process {walls[FLINK] / walls[OURS]:.2f}, goal at most {GOAL}")


if __name__ == "__main__":
    main()
