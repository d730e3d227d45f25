"""Locks of a store of Parquet files: one on what a run writes, one on what an inventory shows, one on the store.

Whoever wants two takes that of the inventory first.
"""

import fcntl
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from transforms.sinks.parquet_patience import patiently
from transforms.sinks.parquet_tree import Tree, folder_name

_RENEWED_SECONDS = 20.0
_FADED_SECONDS = 120.0


def writers(tree: Tree, run_id: str, *, shared: bool = False) -> AbstractContextManager[None]:
    """Keeps others from a run's files and from what is noted of it; writers of rows share it."""
    return _locked(tree, f"writers of {run_id}", shared)


def readers(tree: Tree, inventory: str) -> AbstractContextManager[None]:
    """Keeps others from what readers of an inventory see."""
    return _locked(tree, f"inventory {inventory}")


def whole(tree: Tree) -> AbstractContextManager[None]:
    """Keeps others from making the folder a store."""
    return _locked(tree, "store")


@contextmanager
def _locked(tree: Tree, what: str, shared: bool = False) -> Iterator[None]:
    """Keeps others out that lock the same thing, here and in other processes.

    Args:
        what: the thing.
        shared: let in others that share it. Buckets know no such lock, and there nobody is kept out by it.
    """
    folder = f"_locks/{folder_name(what)}"
    if tree.is_local:
        path = Path(tree.path(folder))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            yield
    elif shared:
        yield
    else:
        claim = f"{folder}/{uuid.uuid4().hex}"
        done = threading.Event()
        renewing = threading.Thread(target=_renew, args=(tree, claim, done), name="scope3-lock", daemon=True)
        try:
            _wait_alone(tree, folder, claim)
            renewing.start()
            yield
        finally:
            done.set()
            if renewing.ident is not None:
                renewing.join()
            # What is left behind keeps others out for a while, ourselves too if we come again after a fault that passes.
            patiently(lambda: tree.remove(claim), tree.root, tree.is_local)


def _wait_alone(tree: Tree, folder: str, claim: str) -> None:
    """Waits until a claim is the only one in a folder of a bucket, whose lists are true the moment they are made.

    Each writes before it looks, so of two no more than one can find itself alone.
    """
    while True:
        tree.write(claim, b"claimed")
        others = [name for name in tree.names(folder) if name != claim]
        if not any(_is_fresh(tree, name, claim) for name in others):
            return
        tree.remove(claim)
        time.sleep(random.uniform(0.05, 0.5))


def _renew(tree: Tree, claim: str, done: threading.Event) -> None:
    while not done.wait(_RENEWED_SECONDS):
        # The next one may pass.
        with suppress(OSError):
            tree.write(claim, b"claimed")


def _is_fresh(tree: Tree, other: str, own: str) -> bool:
    """Says whether who made a claim may still be there: one that was killed leaves it behind.

    Our own claim was written just now, by the bucket's clock.
    """
    changed, now = tree.changed_at(other), tree.changed_at(own)
    return changed is not None and now is not None and (now - changed).total_seconds() < _FADED_SECONDS
