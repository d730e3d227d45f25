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


class Watch:
    """What the cluster does while a job runs.

    Attributes:
        peak_mb: most memory that a worker had.
        cpu_seconds: of workers, TaskManagers and JobManager.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.peak_mb = 0.0
        self._cluster, self._before = cluster, {one.pid: _cpu(one) for one in cluster.managers()}
        self._spent: dict[int, float] = {}

    @property
    def cpu_seconds(self) -> float:
        """Returns the sum of all processes."""
        return sum(self._spent.values())

    def look(self) -> None:
        """Notes what there is now."""
        for one in [*self._cluster.managers(), *self._cluster.workers()]:
            # A worker may end meanwhile.
            with suppress(psutil.Error):
                self._spent[one.pid] = _cpu(one) - self._before.get(one.pid, 0.0)
                if one.pid not in self._before:
                    self.peak_mb = max(self.peak_mb, one.memory_info().rss / 1e6)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def watched(cluster: Cluster) -> Iterator[Watch]:
    """Watches the cluster while the block runs."""
    watch, done = Watch(cluster), threading.Event()

    def look() -> None:
        while not done.wait(_POLL_SECONDS):
            watch.look()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
        watch.look()


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
    cpus: dict[str, list[float]] = defaultdict(list)
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
                    with watched(cluster) as watch:
                        one = bench.run(Job(side, options.records, options.records))
                    measured[side].append(one)
                    cpus[side].append(watch.cpu_seconds if side == FLINK else one.client_cpu_seconds)
                    peaks.append(watch.peak_mb)
                    print(f"round {number + 1}  {side:8} {one.wall_seconds:8.2f} s", flush=True)
                    # Slots come back a moment after the job's end.
                    time.sleep(1)
    print(f"\n{options.records:,} records, medians of {options.rounds} rounds, parallelism {options.parallelism}")
    walls = {side: statistics.median(one.wall_seconds for one in runs) for side, runs in measured.items()}
    for side, runs in measured.items():
        seconds = [one.wall_seconds for one in runs]
        print(f"{side:8} {walls[side]:8.2f} s wall ({min(seconds):.2f} to {max(seconds):.2f})")
    print(f"largest worker of the cluster {max(peaks):.0f} MB")
    cluster_cpu, own_cpu = (statistics.median(cpus[side]) for side in (FLINK, OURS))
    print(
        f"CPU seconds of the cluster's processes to those of one process {cluster_cpu / own_cpu:.2f} ({cluster_cpu:.1f} to {own_cpu:.1f})"
    )
    print(f"ratio of flink to one process {walls[FLINK] / walls[OURS]:.2f}, goal at most {GOAL}")


if __name__ == "__main__":
    main()
