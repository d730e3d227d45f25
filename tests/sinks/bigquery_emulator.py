"""BigQuery on this machine: the emulator local-bigquery, in an environment of its own that is made once.

It needs Python 3.13, which this project need not run on. What is asked of it here it does as BigQuery does, but for
locations, quotas, rights and bytes billed; those are tried against bigquery_fake.py.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

PROJECT = "test-project"

_DUCKDB = "1.5.5"
_EXTENSIONS = ("icu", "ducklake", "spatial", "httpfs")
_PACKAGES = (
    "local-bigquery==0.3.2",
    f"duckdb=={_DUCKDB}",
    f"duckdb-extensions=={_DUCKDB}",
    "setuptools==84.2.1",
    *(f"duckdb-extension-{name}=={_DUCKDB}" for name in _EXTENSIONS),
)
_UNPACK = f"from duckdb_extensions import import_extension\nfor name in {_EXTENSIONS}: import_extension(name)"
_MAIN = Path(__file__).with_name("bigquery_emulator_main.py")
_STARTING_SECONDS = 60


@dataclass(frozen=True)
class Emulator:
    """An emulator that runs.

    Attributes:
        address: its REST interface, `http://127.0.0.1:PORT`.
        storage: its Storage Read API, `127.0.0.1:PORT`, gRPC without TLS.
        project: the project that is there.
    """

    address: str
    storage: str
    project: str = PROJECT


def what_is_missing() -> str | None:
    """Returns what the emulator needs and this machine lacks, None if it lacks nothing."""
    return None if _python() else "the BigQuery emulator needs Python 3.13, and there is no python3.13 on the PATH or in pyenv"


@contextmanager
def running_emulator(folder: Path) -> Iterator[Emulator]:
    """Gives an emulator without any data, and stops it at the end.

    Args:
        folder: for its data and its log.
    """
    home = _environment()
    port, storage_port = _free_port(), _free_port()
    ports = [f"--port={port}", f"--grpc-port={storage_port}"]
    command = [home / "venv/bin/python", _MAIN, "--host=127.0.0.1", *ports, f"--project={PROJECT}"]
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [*map(str, command), f"--data-dir={folder / 'data'}"], stdout=log, stderr=log, env={**os.environ, "HOME": str(home)}, cwd=folder
        )
    try:
        emulator = Emulator(f"http://127.0.0.1:{port}", f"127.0.0.1:{storage_port}")
        _wait_for(emulator, process, folder / "emulator.log")
        yield emulator
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(emulator: Emulator, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"{emulator.address}/bigquery/v2/projects", timeout=5).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(f"the BigQuery emulator did not start:\n{log.read_text()[-3000:]}")


def _python() -> Path | None:
    """Returns a Python 3.13 that can make environments."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for found in (shutil.which("python3.13"), *sorted(pyenv.glob("versions/3.13*/bin/python3.13"))):
        if found and subprocess.run([found, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0:
            return Path(found)
    return None


def _environment() -> Path:
    """Returns the folder of the emulator's environment and extensions, made now where it is not there: some 15 seconds and 800 MB.

    It is $SCOPE3_BIGQUERY_EMULATOR, else .scope3/bigquery-emulator in the project.
    """
    folder = Path(os.environ.get("SCOPE3_BIGQUERY_EMULATOR") or Path(__file__).parents[2] / ".scope3/bigquery-emulator")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = " ".join(_PACKAGES)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = folder / "stamp"
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder / "venv", ignore_errors=True)
            _run(str(_python()), "-m", "venv", str(folder / "venv"))
            python = str(folder / "venv/bin/python")
            uv = Path(sys.executable).with_name("uv")
            # Compiled now: where bytecode is never written, each start would cost seconds more.
            install = [str(uv), "pip", "install", "-q", "--compile-bytecode", "--python", python]
            _run(*(install if uv.exists() else [python, "-m", "pip", "install", "-q"]), *_PACKAGES)
            _run(python, "-c", _UNPACK, HOME=str(folder))
            stamp.write_text(wanted)
    return folder


def _run(*command: str, **environment: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout[-3000:]}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
