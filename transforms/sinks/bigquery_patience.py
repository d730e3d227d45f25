"""How long faults of BigQuery that pass are waited for, and how soon we ask again."""

import random
import threading
import time

from transforms.sinks.bigquery_faults import is_passing, is_too_fast, met_another

# How often the service may be too busy with others, or with us, for the patience we have when it is away.
_TIMES_CROWDED = 6

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 10.0

# Of a load that came too soon after others: a table takes five in ten seconds, and each that fails counts toward its 1,500
# of a day. Many workers wait, so each for another time.
_SLOW_PAUSE_SECONDS = (10.0, 60.0)


class Patience:
    """The patience for one answer, or for one job: counted from its first fault on, however long it took before.

    Args:
        seconds: how long the service may be away; six times as long for limits of the rate, and for others who change
            the same tables.
        slow: what is asked is a load.
        ended: whoever asks has ended, and waits no longer.
    """

    def __init__(self, seconds: float, *, slow: bool = False, ended: threading.Event | None = None) -> None:
        self._seconds, self._slow = seconds, slow
        self._ended = ended or threading.Event()
        self._first_fault: float | None = None
        self._pause = _FIRST_PAUSE_SECONDS

    def wait(self, error: Exception) -> None:
        """Waits a moment, after a fault.

        Raises:
            Exception: the error, if it does not pass, or has not passed in time.
        """
        now = time.monotonic()
        self._first_fault = now if self._first_fault is None else self._first_fault
        too_fast = is_too_fast(error)
        seconds = self._seconds * (_TIMES_CROWDED if too_fast or met_another(error) else 1)
        if not is_passing(error) or now - self._first_fault >= seconds:
            raise error
        if too_fast and self._slow:
            pause = random.uniform(*_SLOW_PAUSE_SECONDS)
        else:
            pause = random.uniform(0.0, self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        if self._ended.wait(pause):
            raise error
