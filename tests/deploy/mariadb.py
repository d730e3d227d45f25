"""A MariaDB for tests, out of Debian's packages: fetched once into a folder, nothing is installed."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PACKAGES = (
    "mariadb-server-core",
    "mariadb-client-core",
    "libmariadb3",
    "libaio1",
    "liburing2",
    "libpcre2-8-0",
    "libsnappy1v5",
    "liblz4-1",
)
_STARTING_SECONDS = 60


class MariaDb:
    """A server that runs, reached over a socket of its own."""

    def __init__(self, root: Path, data: Path) -> None:
        self._root, self._socket = root, data / "socket"
        self.arguments = [f"--socket={self._socket}", "--no-defaults"]

    def run(self, sql: str, cwd: Path) -> str:
        """Returns what the client prints for statements, in a folder."""
        command = [
            str(self._root / "usr/bin/mariadb"),
            "--no-defaults",
            f"--socket={self._socket}",
            "--local-infile=1",
            "--batch",
            "--raw",
            "-N",
        ]
        done = subprocess.run(command, input=sql, cwd=cwd, env=_environment(self._root), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def what_is_missing() -> str | None:
    """Returns why there can be no MariaDB here, None if there can."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "MariaDB is fetched as packages of Debian, and this machine has no apt-get and dpkg"
    return None if _fetched() else "Debian's packages of MariaDB can't be fetched here, or don't run"


@contextmanager
def running_mariadb(folder: Path) -> Iterator[MariaDb]:
    """Gives a server without any database, and stops it at the end."""
    root, data = _folder() / "root", folder / "data"
    data.mkdir()
    account = ["--user=root"] if os.geteuid() == 0 else []
    shared = root / "usr/share/mysql"
    command = [
        *(
            str(root / "usr/sbin/mariadbd"),
            "--no-defaults",
            *account,
            f"--datadir={data}",
            f"--socket={data / 'socket'}",
            "--skip-networking",
        ),
        *("--skip-grant-tables", "--local-infile=1", f"--lc-messages-dir={shared}", f"--character-sets-dir={shared / 'charsets'}"),
    ]
    with (folder / "mariadb.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment(root))
    try:
        deadline = time.monotonic() + _STARTING_SECONDS
        while not (data / "socket").exists():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "mariadb.log").read_text()[-2000:]
            time.sleep(0.1)
        yield MariaDb(root, data)
    finally:
        process.terminate()
        process.wait(60)


def _folder() -> Path:
    return Path(__file__).parents[2] / ".scope3/mariadb"


def _environment(root: Path) -> dict[str, str]:
    return {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu:{root}/lib/x86_64-linux-gnu"}


def _fetched() -> bool:
    """Fetches the packages where they are not there yet: some 10 MB; says whether the server runs."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = folder / "root/usr/sbin/mariadbd"
        if not server.exists():
            if subprocess.run(["apt-get", "download", "-q", *_PACKAGES], cwd=folder, capture_output=True, check=False).returncode:
                return False
            for package in folder.glob("*.deb"):
                subprocess.run(["dpkg", "-x", package.name, "root"], cwd=folder, check=True)
        return (
            subprocess.run([str(server), "--version"], env=_environment(folder / "root"), capture_output=True, check=False).returncode == 0
        )
