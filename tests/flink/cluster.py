"""A Flink cluster on this machine: JobManager, TaskManagers, and a pool of workers beside each, all on 127.0.0.1."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.flink.parts import Parts
from tests.pipelines.command import SCOPE3

SLOTS = 2

_STARTING_SECONDS = 60
_PACKAGES = (
    *("java.lang", "java.lang.reflect", "java.lang.invoke", "java.util", "java.util.concurrent", "java.util.concurrent.atomic"),
    *("java.util.concurrent.locks", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.text", "java.time"),
)
# What Java 17 must open to Flink; deploy/flink/cluster.yaml says the same.
OPENS = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _PACKAGES]
_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
_LOGGING = """
rootLogger.level=INFO
rootLogger.appenderRef.file.ref=file
appender.file.name=file
appender.file.type=File
appender.file.fileName=${sys:log.file}
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d %-5p %c{1} - %m%n
"""
# The classes of a job are loaded, and compiled, anew for each job: the better compiler costs short jobs more than they take.
_QUICK = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
# All sizes are given: a TaskManager that is started without Flink's own script does not work them out.
_MEMORY = {
    **{"framework.heap.size": "128m", "task.heap.size": "384m", "framework.off-heap.size": "128m", "task.off-heap.size": "64m"},
    **{"network.min": "128m", "network.max": "128m", "managed.size": "256m"},
    **{"jvm-metaspace.size": "256m", "jvm-overhead.min": "192m", "jvm-overhead.max": "192m"},
}
_DIE_WITH_PARENT = 1


class Cluster:
    """A cluster that runs.

    Attributes:
        master: HOST:PORT of its REST interface.
        pool: HOST:PORT of the workers.
        folder: logs of all processes.
        parts: what it is made of.
    """

    def __init__(self, folder: Path, parts: Parts) -> None:
        self.folder, self.parts = folder, parts
        self._processes: list[subprocess.Popen] = []
        self._rpc_port, rest_port = _free_ports(2)
        self.master = f"127.0.0.1:{rest_port}"
        self.pool = ""
        self._task_managers: list[subprocess.Popen] = []

    def start(self, task_managers: int = 2) -> None:
        """Starts all and waits for the slots."""
        self._configure()
        self._start("jobmanager", ["-Xmx448m"], _JOB_MANAGER, ["--executionMode", "cluster"])
        for _ in range(task_managers):
            self.add_task_manager()
        self.pool = self.start_pool()
        self.wait_for_slots(task_managers * SLOTS)

    def add_task_manager(self) -> None:
        """Starts one more TaskManager."""
        name = f"taskmanager{len(self._task_managers)}"
        sizes = [word for key, value in _MEMORY.items() for word in ("-D", f"taskmanager.memory.{key}={value}")]
        java = ["-Xmx512m", "-XX:MaxDirectMemorySize=320m"]
        options = ["-D", f"taskmanager.resource-id={name}", "-D", "taskmanager.cpu.cores=1", *sizes]
        self._task_managers.append(self._start(name, java, _TASK_MANAGER, options))

    def start_pool(self, command: Sequence[str] = (str(SCOPE3), "workers", "--port=0"), **environment: str) -> str:
        """Starts a pool of workers; returns its address."""
        with (self.folder / "pool.log").open("a") as log:
            process = self._popen(command, stdout=subprocess.PIPE, stderr=log, env={**os.environ, **environment})
        # The last one is the one that is killed.
        self._pool = psutil.Process(process.pid)
        told = process.stdout.readline().decode()
        assert told.startswith("Workers are served at "), told
        return told.split()[-1]

    def kill_task_manager(self) -> None:
        """Kills the TaskManager that runs most tasks, without warning."""
        busiest = max(self.get("/taskmanagers")["taskmanagers"], key=lambda one: one["slotsNumber"] - one["freeSlots"])
        self._task_managers[int(busiest["id"][-1])].kill()

    def kill_workers(self) -> None:
        """Kills all workers that the pool has started, without warning."""
        for worker in self.workers():
            worker.kill()

    def workers(self) -> list[psutil.Process]:
        """Returns the workers that the pool has started and that have not ended."""
        return [worker for helper in self._pool.children() for worker in helper.children()]

    def managers(self) -> list[psutil.Process]:
        """Returns JobManager and TaskManagers."""
        return [psutil.Process(one.pid) for one in self._processes if one.pid != self._pool.pid]

    def restarts(self) -> int:
        """Returns how often jobs were begun again."""
        return self.logs().count("switched from state RUNNING to RESTARTING")

    def get(self, path: str) -> dict:
        """Returns what the REST interface says."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.master}{path}", timeout=10) as answer:
            return json.load(answer)

    def taken_in(self, step: str) -> list[int]:
        """Returns how many elements each task of a step took in, in the job that was started last."""
        job = max(self.get("/jobs/overview")["jobs"], key=lambda one: one["start-time"])["jid"]
        (vertex,) = (one for one in self.get(f"/jobs/{job}")["vertices"] if step in one["name"])
        return [task["metrics"]["read-records"] for task in self.get(f"/jobs/{job}/vertices/{vertex['id']}")["subtasks"]]

    def wait_for_slots(self, slots: int) -> None:
        """Waits until so many slots are free."""
        deadline = time.monotonic() + _STARTING_SECONDS
        while time.monotonic() < deadline:
            assert all(one.poll() is None or one in self._task_managers for one in self._processes), self.logs()[-3000:]
            # The JobManager may not listen yet.
            with suppress(OSError):
                if self.get("/overview")["slots-available"] >= slots:
                    return
            time.sleep(0.2)
        raise AssertionError(f"the cluster has no {slots} free slots: {self.logs()[-3000:]}")

    def logs(self) -> str:
        """Returns all that the processes have logged."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Ends all processes."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _configure(self) -> None:
        settings = {
            **{"jobmanager.rpc.address": "127.0.0.1", "jobmanager.rpc.port": self._rpc_port, "jobmanager.bind-host": "127.0.0.1"},
            **{"jobmanager.memory.process.size": "1024m", "taskmanager.host": "127.0.0.1", "taskmanager.bind-host": "127.0.0.1"},
            **{"taskmanager.numberOfTaskSlots": SLOTS, "rest.address": "127.0.0.1", "rest.bind-address": "127.0.0.1"},
            **{"rest.port": int(self.master.split(":")[1]), "cluster.evenly-spread-out-slots": "true"},
            **{"heartbeat.interval": 1000, "heartbeat.timeout": 5000, "io.tmp.dirs": str(self.folder / "tmp")},
            **{"restart-strategy.type": "fixed-delay", "restart-strategy.fixed-delay.attempts": 5},
            "restart-strategy.fixed-delay.delay": "1 s",
        }
        (self.folder / "config.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
        (self.folder / "log4j.properties").write_text(_LOGGING)

    def _start(self, name: str, java: Sequence[str], entry: str, options: Sequence[str]) -> subprocess.Popen:
        log = [f"-Dlog.file={self.folder}/{name}.log", f"-Dlog4j.configurationFile={self.folder}/log4j.properties"]
        libraries = ":".join(map(str, self.parts.libraries))
        command = ["java", *_QUICK, *java, *OPENS, *log, "-cp", libraries, entry, "--configDir", str(self.folder), *options]
        return self._popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _popen(self, command: Sequence[str], **keywords) -> subprocess.Popen:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent, **keywords)
        self._processes.append(process)
        return process


@contextmanager
def running_cluster(folder: Path, parts: Parts, task_managers: int = 2) -> Iterator[Cluster]:
    """Gives a cluster for the time of the block."""
    cluster = Cluster(folder, parts)
    try:
        cluster.start(task_managers)
        yield cluster
    finally:
        cluster.stop()


def _die_with_parent() -> None:
    """Asks Linux to end this process when the tests end, however they do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
