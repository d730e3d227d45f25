"""A PgBouncer on this machine: the one on the PATH, else Debian's package, unpacked into a folder."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.sinks.conftest import PASSWORD
from transforms.sinks.connection import PostgresTarget

_PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")
_STARTING_SECONDS = 20


def find_pgbouncer(folder: Path) -> tuple[str, dict[str, str]]:
    """Returns the program and the environment that it needs; skips the test where it can't be had."""
    there = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if there:
        return there, {}
    if not shutil.which("apt-get"):
        pytest.skip("there is no pgbouncer on the PATH, and no apt-get that could bring it")
    for package in _PACKAGES:
        command = ["apt-get", "download", "-q", package]
        if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
            pytest.skip(f"there is no pgbouncer on the PATH, and apt-get can't download {package}")
    for archive in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", archive, folder], check=True)
    libraries = ":".join(str(path) for path in folder.glob("usr/lib/*") if path.is_dir())
    return str(folder / "usr/sbin/pgbouncer"), {"LD_LIBRARY_PATH": libraries}


@contextmanager
def running_pgbouncer(server: PostgresTarget, pool_mode: str, **more: int) -> Iterator[PostgresTarget]:
    """Gives a pooler in front of a server that asks for a password; `more` settings as PgBouncer names them."""
    folder = Path(tempfile.mkdtemp(prefix="scope3-pgbouncer-"))
    try:
        program, environment = find_pgbouncer(folder)
        words = {key: str(value) for key, value in conninfo_to_dict(server.conninfo).items()}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (folder / "users.txt").write_text(f'"{words["user"]}" "{PASSWORD}"\n')
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n* = host={words['host']} port={words['port']}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
            f"auth_type = plain\nauth_file = {folder}/users.txt\npool_mode = {pool_mode}\nunix_socket_dir =\n"
            + "".join(f"{name} = {value}\n" for name, value in more.items())
        )
        account: dict = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            for path in (folder, settings, folder / "users.txt"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        pooler = subprocess.Popen([program, str(settings)], env={**os.environ, **environment}, cwd="/", **quiet, **account)
        try:
            _wait_for(port, pooler)
            yield replace(server, conninfo=make_conninfo(server.conninfo, port=port))
        finally:
            pooler.terminate()
            pooler.wait(10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, pooler: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _STARTING_SECONDS
    while pooler.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail("pgbouncer did not start")
