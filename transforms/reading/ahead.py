"""Works ahead of its reader in a thread of its own.

Reading, parsing and hashing spend most of their time in Arrow, which lets other threads run: while one chunk is
calculated, the next is made ready.
"""

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import Generic, TypeVar

_Item = TypeVar("_Item")

# One chunk is being made while another waits.
_WAITING = 1
_POLL_SECONDS = 0.2


class _End(Generic[_Item]):
    """The end of the items, with the fault that ended them."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


def ahead(items: Iterable[_Item], waiting: int = _WAITING) -> Iterator[_Item]:
    """Yields the items in order, made in another thread.

    Args:
        items: what is to be made.
        waiting: as many are made before the first of them is taken.

    Raises:
        BaseException: what making them raised, at the place where it was raised.
    """
    made: queue.Queue[_Item | _End[_Item]] = queue.Queue(waiting)
    stopped = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, stopped), name="scope3-read", daemon=True)
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            yield item
    finally:
        stopped.set()
        thread.join()
    if item.fault is not None:
        raise item.fault


def _make(items: Iterable[_Item], made: "queue.Queue[_Item | _End[_Item]]", stopped: threading.Event) -> None:
    fault: BaseException | None = None
    try:
        for item in items:
            if not _put(item, made, stopped):
                return
    except BaseException as error:
        fault = error
    finally:
        # A generator lets go of what it holds now, and not when it is collected.
        if isinstance(items, Generator):
            items.close()
    _put(_End(fault), made, stopped)


def _put(item: "_Item | _End[_Item]", made: "queue.Queue[_Item | _End[_Item]]", stopped: threading.Event) -> bool:
    """Hands an item over; False if nobody wants it any more."""
    while not stopped.is_set():
        try:
            made.put(item, timeout=_POLL_SECONDS)
        except queue.Full:
            continue
        return True
    return False
