"""The embedded server, started for real."""

import subprocess
import sys
import time

import psutil

from transforms.sinks.connection import connect
from transforms.sinks.embedded import embedded_server

_HOLD = """
import sys, time
from pathlib import Path
from transforms.sinks.embedded import embedded_server
with embedded_server(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(60)
"""


def _servers(folder):
    return [process for process in psutil.process_iter(["cmdline"]) if str(folder / "data") in (process.info["cmdline"] or [])]


def test_what_was_written_is_there_at_the_next_start(tmp_path):
    folder = tmp_path / "a folder"
    with embedded_server(folder) as target, connect(target, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (kg_co2e double precision)")
        connection.execute("INSERT INTO kept VALUES (1850)")
    assert _servers(folder) == []
    with embedded_server(folder) as target, connect(target) as connection:
        assert connection.execute("SELECT kg_co2e FROM kept").fetchone() == (1850.0,)


def test_a_killed_job_leaves_no_server_behind(tmp_path):
    folder = tmp_path / "store"
    job = subprocess.Popen([sys.executable, "-c", _HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert job.stdout is not None
    assert job.stdout.readline() == "up\n"
    assert _servers(folder)
    job.kill()
    job.wait()
    deadline = time.monotonic() + 20
    while _servers(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _servers(folder) == []
