"""Waits for a bucket that stays away for a moment, and tells in a sentence what doesn't pass."""

import threading
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, sleep_using_event, wait_random_exponential

from transforms.sinks.parquet_faults import is_passing, told

_Answer = TypeVar("_Answer")

# How long a command waits that somebody sits before, and how long one that is on its way out.
PATIENCE_SECONDS = 60.0
LAST_PATIENCE_SECONDS = 5.0


def patiently(
    work: Callable[[], _Answer],
    place: str,
    is_local: bool,
    patience_seconds: float = PATIENCE_SECONDS,
    closing: threading.Event | None = None,
) -> _Answer:
    """Returns what some work returns, which is done again where it meets a fault that passes by itself.

    Args:
        work: what may be done twice.
        place: the store in words.
        is_local: whether it is a folder, whose faults stay until somebody mends them.
        patience_seconds: how long is waited in all, beside the work.
        closing: ends the waiting.

    Raises:
        UserFault: see told.
    """
    stop = threading.Event() if closing is None else closing

    def is_enough(state: RetryCallState) -> bool:
        return is_local or stop.is_set() or state.idle_for >= patience_seconds

    attempts = Retrying(
        retry=retry_if_exception(is_passing),
        wait=wait_random_exponential(multiplier=0.1, max=5),
        stop=is_enough,
        sleep=sleep_using_event(stop),
        reraise=True,
    )
    with told(place):
        return attempts(work)
