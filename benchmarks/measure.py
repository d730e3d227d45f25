"""Runs a command as a fresh process and measures it and the PostgreSQL server beside it."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from transforms.sinks.connection import PostgresTarget

_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Measured:
    """What one process cost.

    Attributes:
        wall_seconds: from its start to its end.
        inside_seconds: what it says itself, without start-up; None where it says nothing.
        client_cpu_seconds: of the process and its children.
        server_cpu_seconds: of all of PostgreSQL in that time.
        peak_mb: most memory of the largest process, without PostgreSQL, 10^6 bytes.
        server_peak_mb: most memory of the largest process of PostgreSQL, shared memory included.
    """

    wall_seconds: float
    inside_seconds: float | None
    client_cpu_seconds: float
    server_cpu_seconds: float
    peak_mb: float
    server_peak_mb: float


class Failed(Exception):
    """A command ended with another status than 0; says which, and the end of what it printed."""


def measure(command: Sequence[str], target: PostgresTarget, folder: Path) -> Measured:
    """Runs a command to its end.

    Args:
        command: program and arguments.
        target: the embedded server that it writes to.
        folder: where it runs.

    Raises:
        Failed: the command did.
    """
    # Compiled modules must be written in the first, untimed run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    server = server_of(target)
    with tempfile.TemporaryFile() as output:
        cpu_before = cpu_of_server(target)
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        peak = server_peak = 0.0
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            peak, server_peak = max(peak, _peak_of_tree(process.pid)), max(server_peak, _resident_of_server(server))
            time.sleep(_POLL_SECONDS)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with status {process.returncode}:\n{text[-4000:]}")
    # A backend's time is counted when it has ended.
    time.sleep(0.2)
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(wall, _inside(text), cpu, cpu_of_server(target) - cpu_before, peak / 1e6, server_peak / 1e6)


def _inside(text: str) -> float | None:
    for line in reversed(text.splitlines()):
        if line.startswith('{"inside_seconds"'):
            return float(json.loads(line)["inside_seconds"])
    return None


def _peak_of_tree(pid: int) -> float:
    """Returns the most memory that any process of a tree had up to now, bytes."""
    peak = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            with suppress(psutil.Error):
                peak = max(peak, _high_water(one))
    return peak


def _high_water(process: psutil.Process) -> float:
    """Returns the peak that the kernel keeps, which no poll can miss; elsewhere than on Linux the memory at the moment."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024.0
    return float(process.memory_info().rss)


def cpu_of_server(target: PostgresTarget) -> float:
    """Returns the CPU seconds of all processes of an embedded server since its start; those of a backend that runs, too."""
    server = server_of(target)
    times = server.cpu_times()
    seconds = sum(getattr(times, name, 0.0) for name in ("user", "system", "children_user", "children_system"))
    for child in server.children():
        with suppress(psutil.Error):
            own = child.cpu_times()
            seconds += own.user + own.system
    return seconds


def server_of(target: PostgresTarget) -> psutil.Process:
    """Returns the first process of an embedded server."""
    assert target.data_dir is not None
    return psutil.Process(int((target.data_dir / "data" / "postmaster.pid").read_text().split()[0]))


def _resident_of_server(server: psutil.Process) -> float:
    resident = 0.0
    for child in server.children():
        with suppress(psutil.Error):
            resident = max(resident, float(child.memory_info().rss))
    return resident
