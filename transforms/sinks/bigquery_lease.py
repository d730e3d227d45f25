"""Who goes on with a run, and that somebody does: a lease, renewed now and then by whoever works on the run.

BigQuery has no locks and no sessions that end with their process. A table without columns stands for the lease of a
run_id: to make it is to take it (a second maker is told that it is there), and a change says which version it means
(its ETag), so of two only one succeeds. Its time of change, by the service's clock, is the last sign of life. Workers
of one launch share the lease: each looks at it now and then, and renews it where nobody did lately.
"""

import hashlib
import random
import threading
import time
import uuid
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from schemas.faults import UserFault
from transforms.sinks.bigquery_dataset import NO_RETRY
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.contract import RunKey

# A run without a sign of life for so long is abandoned.
LEASE_SECONDS = 120.0

# A process looks twice in this time at least.
_LOOK_SECONDS = 20.0
_FIRST_LOOK_SECONDS = 3.0
_RENEW_SECONDS = 30.0

# Of a request. A sign of life that takes longer is of no use, and the next one is not far.
_ASKED: dict[str, Any] = {"retry": NO_RETRY, "timeout": 10.0}
_PATIENCE_SECONDS = 3.0

# How long the last sign may take of a process that ends.
_END_SECONDS = 15.0

# Its labels: the launch that has it, the process that renewed it last, whether others of the launch look after it too,
# whether it has ended, and a value that changes. Other labels are the user's.
_LAUNCH, _PROCESS, _SHARED, _ENDED, _BEAT = (f"scope3_{name}" for name in ("launch", "process", "shared", "ended", "beat"))

# Labels hold no capitals.
_THIS_PROCESS = uuid.uuid4().hex


class Lease:
    """The lease of a run_id, for one launch of it."""

    def __init__(self, jobs: Jobs, names: Names, key: RunKey) -> None:
        self._jobs = jobs
        self._name = names.id_of(f"lease_{hashlib.sha256(key.run_id.encode()).hexdigest()[:16]}")
        self._names, self._launch = names, names.of(key.launch).short_launch
        # As last seen, and since when.
        self._etag, self._since = "", 0.0

    def look(self) -> bigquery.Table | None:
        """Returns the lease as it is, None where there never was one."""
        try:
            return self._jobs.ask(lambda client: client.get_table(self._name, **_ASKED))
        except exceptions.NotFound:
            return None

    def is_ours(self, seen: bigquery.Table | None) -> bool:
        """Says whether our launch has it."""
        return seen is not None and seen.labels.get(_LAUNCH) == self._launch and _ENDED not in seen.labels

    def is_of(self, seen: bigquery.Table | None, launch: str) -> bool:
        """Says whether a launch had it last."""
        return seen is not None and seen.labels.get(_LAUNCH) == self._names.of(launch).short_launch

    def is_alive(self, seen: bigquery.Table | None) -> bool:
        """Says whether whoever has it showed a sign of life lately."""
        if seen is None or _ENDED in seen.labels:
            return False
        return self._jobs.now() - seen.modified < timedelta(seconds=LEASE_SECONDS)

    def take(self, seen: bigquery.Table | None) -> bool:
        """Takes the lease; False if somebody else changed it since it was seen."""
        labels = {_LAUNCH: self._launch, _PROCESS: _THIS_PROCESS}
        try:
            if seen is None:
                made = bigquery.Table(self._name)
                made.labels = {**dict(self._jobs.target.labels), **labels}
                made.encryption_configuration = self._jobs.encryption
                made.expires = _expiry()
                self._jobs.ask(lambda client: client.create_table(made, **_ASKED))
            else:
                self._change(seen, {**labels, _ENDED: None, _SHARED: None})
        except (exceptions.Conflict, exceptions.PreconditionFailed, exceptions.NotFound):
            # An answer that was lost looks the same, so look who has it.
            return self.is_ours(self.look())
        return True

    def renew(self) -> bool:
        """Shows a sign of life, if nobody else of the launch did lately; False if another launch has the lease."""
        seen = self.look()
        if seen is None or seen.labels.get(_LAUNCH) != self._launch:
            return False
        if seen.etag != self._etag:
            self._etag, self._since = seen.etag, time.monotonic()
        ended = _ENDED in seen.labels
        with suppress(exceptions.PreconditionFailed, exceptions.NotFound):
            if seen.labels.get(_PROCESS) == _THIS_PROCESS and not ended:
                # With another value: a change that changes nothing is none.
                self._change(seen, {_BEAT: uuid.uuid4().hex[:8]})
            elif ended or time.monotonic() - self._since > _RENEW_SECONDS:
                self._change(seen, {_PROCESS: _THIS_PROCESS, _SHARED: "yes", _ENDED: None})
            elif _SHARED not in seen.labels:
                # So that the process that has it does not end it for all.
                self._change(seen, {_SHARED: "yes"})
        return True

    def end(self) -> None:
        """Says that nobody goes on with the run, unless workers elsewhere do: then the lease runs out by itself."""
        seen = self.look()
        if seen is not None and self.is_ours(seen) and seen.labels.get(_PROCESS) == _THIS_PROCESS and _SHARED not in seen.labels:
            with suppress(exceptions.PreconditionFailed, exceptions.NotFound):
                self._change(seen, {_ENDED: "yes"})

    def _change(self, seen: bigquery.Table, labels: dict[str, str | None]) -> None:
        # A label that is None is taken away. The table carries its ETag, which the client sends along.
        seen.labels = {**seen.labels, **labels}  # type: ignore[dict-item]
        seen.expires = _expiry()
        self._jobs.ask(lambda client: client.update_table(seen, ["labels", "expires"], **_ASKED))


def _expiry() -> datetime:
    """Returns when a lease is removed that nobody renews, long after it has ended."""
    return datetime.now(timezone.utc) + timedelta(days=7)


class _Holder:
    """The sign of life of this process for one launch of a run, however many stores and writers work on it."""

    def __init__(self, target: BigQueryTarget, key: RunKey) -> None:
        self.users = 0
        self._ended = threading.Event()
        # What is away for longer is told by the work itself, and the next look comes soon.
        self._jobs = Jobs(target, _PATIENCE_SECONDS, ended=self._ended)
        self._lease = Lease(self._jobs, Names(target), key)
        self._thread = threading.Thread(target=self._go_on, name="scope3-lease", daemon=True)
        self._thread.start()

    def _go_on(self) -> None:
        # Soon for the first time: another process may be about to end the lease for all.
        seconds = _FIRST_LOOK_SECONDS
        while not self._ended.wait(seconds):
            seconds = random.uniform(0.5, 1.0) * _LOOK_SECONDS
            # What keeps us from it will be told by the work itself.
            with suppress(UserFault, exceptions.GoogleAPICallError):
                if not self._lease.renew():
                    return

    def end(self) -> None:
        """Ends the sign. Where the service is away the lease runs out by itself."""
        self._ended.set()
        self._thread.join(_END_SECONDS)
        if not self._thread.is_alive():
            with suppress(UserFault, exceptions.GoogleAPICallError):
                self._lease.end()
        self._jobs.close()


_lock = threading.Lock()
_holders: dict[tuple[BigQueryTarget, RunKey], _Holder] = {}


def hold(target: BigQueryTarget, key: RunKey) -> None:
    """Lets this process show that a run goes on, until as many have said let_go."""
    with _lock:
        holder = _holders.get((target, key))
        if holder is None:
            holder = _holders[target, key] = _Holder(target, key)
        holder.users += 1


def let_go(target: BigQueryTarget, key: RunKey) -> None:
    """Ends what `hold` began."""
    with _lock:
        holder = _holders[target, key]
        holder.users -= 1
        if holder.users:
            return
        del _holders[target, key]
    holder.end()
