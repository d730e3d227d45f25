"""Signs of life in a store of Parquet files: a small file for each store and writer that a run has open.

On this machine the process is asked for; of another machine, a sign counts while it is renewed.
"""

import os
import socket
import threading
import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timezone

import psutil

from transforms.sinks.parquet_tree import Tree

_RENEWED_SECONDS = 20.0
_FADED_SECONDS = 90.0


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
        self._tree.write_json(self.name, {"host": socket.gethostname(), "pid": process.pid, "began": process.create_time()})

    def _renew(self) -> None:
        while not self._closing.wait(_RENEWED_SECONDS):
            # The next one may pass.
            with suppress(OSError):
                self._show()


def is_alive(tree: Tree, folder: str, own: Collection[str] = ()) -> bool:
    """Says whether a run shows a sign of life other than our own."""
    signs = [name for name in tree.names(folder, deep=False) if name.startswith(f"{folder}/_alive-") and name not in own]
    return any(_is_fresh(tree, name) for name in signs)


def _is_fresh(tree: Tree, name: str) -> bool:
    sign = tree.read_json(name)
    if sign is None:
        return False
    if sign["host"] == socket.gethostname():
        try:
            return bool(sign["pid"] == os.getpid() or psutil.Process(sign["pid"]).create_time() == sign["began"])
        except psutil.NoSuchProcess:
            return False
    changed = tree.changed_at(name)
    return changed is not None and (datetime.now(timezone.utc) - changed).total_seconds() < _FADED_SECONDS
