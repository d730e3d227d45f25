"""Signs of life in a store of Parquet files: a small file for each store and writer that a run has open.

Where its process can be seen from here, the process is asked for; else a sign counts while it is renewed.
"""

import socket
import threading
import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

import psutil

from transforms.sinks.parquet_tree import Tree

_RENEWED_SECONDS = 20.0
_FADED_SECONDS = 90.0

# The start of a process is counted from the start of the machine, which Linux gives rounded.
_SAME_START_SECONDS = 2.0


class LifeSign:
    """Shows that a run goes on, until it is closed or its process ends."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree = tree
        self.name = f"{folder}/_alive-{uuid.uuid4().hex}.json"
        self._closing = threading.Event()
        self._show()
        self._thread = threading.Thread(target=self._renew, name="scope3-alive", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Takes the sign away."""
        self._closing.set()
        self._thread.join()
        # It fades by itself.
        with suppress(OSError):
            self._tree.remove(self.name)

    def _show(self) -> None:
        process = psutil.Process()
        self._tree.write_json(self.name, _where() | {"pid": process.pid, "began": process.create_time()})

    def _renew(self) -> None:
        while not self._closing.wait(_RENEWED_SECONDS):
            # The next one may pass.
            with suppress(OSError):
                self._show()


def is_alive(tree: Tree, folder: str, own: Collection[str] = ()) -> bool:
    """Says whether a run shows a sign of life other than our own."""
    signs = [name for name in tree.names(folder, deep=False) if name.startswith(f"{folder}/_alive-") and name not in own]
    return any(_is_fresh(tree, folder, name) for name in signs)


def _where() -> dict[str, str | None]:
    """Returns where a process number means the same process: machines may have one name, and containers one machine."""
    boot, numbers = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    return {
        "host": socket.gethostname(),
        "boot": boot.read_text().strip() if boot.exists() else None,
        "numbers": str(numbers.readlink()) if numbers.is_symlink() else None,
    }


def _is_fresh(tree: Tree, folder: str, name: str) -> bool:
    sign = tree.read_json(name)
    if sign is None:
        return False
    if all(sign.get(key) == value for key, value in _where().items()):
        try:
            # Another may have its number by now; in a container that was started again it is always 1.
            return bool(abs(psutil.Process(sign["pid"]).create_time() - sign["began"]) < _SAME_START_SECONDS)
        except psutil.NoSuchProcess:
            return False
    changed = tree.changed_at(name)
    return changed is not None and (_time_there(tree, folder) - changed).total_seconds() < _FADED_SECONDS


def _time_there(tree: Tree, folder: str) -> datetime:
    """Returns the time by the clock that files of a folder are stamped with; ours may be another."""
    probe = f"{folder}/_clock-{uuid.uuid4().hex}"
    there = None
    # Whoever may only read goes by the own clock.
    with suppress(OSError):
        tree.write(probe, b"now")
        there = tree.changed_at(probe)
        tree.remove(probe)
    return there or datetime.now(timezone.utc)
