"""The connection of a process's writers to a run's tables: one, however many threads and steps write.

A process that runs several steps, or one step in several threads, would hold a connection for each, and a writer that
waits for one could wait for another that waits for it. They share one, commit after commit, and keep it between bundles: it is the
sign that the run goes on.
"""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from transforms.sinks.connection import PostgresTarget, connect
from transforms.sinks.contract import RunKey
from transforms.sinks.postgres_registry import life_sign, watch_over_network
from transforms.sinks.postgres_tables import Connection, Names
from transforms.sinks.postgres_turns import TURN_SECONDS, is_full, places_are_taken, take_place

# After its turn a writer stays away for as long as it takes another to ask.
_PAUSE_SECONDS = 1.0


class Link:
    """A connection for the writers of one launch of a run. Thread-safe."""

    def __init__(self, target: PostgresTarget, key: RunKey) -> None:
        self._target, self._key = target, key
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._names: Names | None = None
        self._timer: threading.Timer | None = None
        self._opened_at = self._rests_until = 0.0
        self.users = 0

    @contextmanager
    def connected(self, closing: threading.Event) -> Iterator[tuple[Connection, Names | None]]:
        """Gives the connection to one writer at a time, a new one if the last was lost, and the names of the run's tables.

        The names are None where the run is not there or another launch has taken it over.

        Args:
            closing: set when the writer ends; nothing is waited for any longer.

        Raises:
            psycopg.Error: the connection was lost.
            ServerAway, ServerBusy, NoPlace: there is no connection to be had now.
            UserFault: the server can't be reached or does not let us in.
        """
        with self._lock:
            closing.wait(max(0.0, self._rests_until - time.monotonic()))
            connection = self._open()
            yield connection, self._names
            if time.monotonic() - self._opened_at > TURN_SECONDS:
                self._end_turn()

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._let_go()

    def _watch(self, connection: Connection) -> None:
        """Ends the turn of a connection even where nobody commits with it: between bundles others may be waiting."""
        self._timer = threading.Timer(TURN_SECONDS, self._look_round, [connection])
        self._timer.daemon = True
        self._timer.start()

    def _look_round(self, connection: Connection) -> None:
        with self._lock:
            if self._connection is connection:
                self._end_turn()
            if self._connection is connection:
                self._watch(connection)

    def _end_turn(self) -> None:
        """Lets go of the connection where somebody may be waiting for one."""
        if self._connection is not None and self._is_wanted(self._connection):
            self._rests_until = time.monotonic() + random.uniform(0.5, 1.0) * _PAUSE_SECONDS
            self._let_go()

    def _is_wanted(self, connection: Connection) -> bool:
        try:
            if self._target.max_connections is None or self._names is None:
                return is_full(connection)
            return places_are_taken(connection, self._names, self._target.max_connections)
        except psycopg.Error:
            # It was lost, and the next commit opens another.
            return True

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if self._timer is not None:
            self._timer.cancel()
        if connection is not None:
            connection.close()

    def _open(self) -> Connection:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        again = self._names is not None
        connection = connect(self._target, autocommit=True, reconnecting=again, patience_seconds=0.0)
        try:
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            watch_over_network(connection)
            if self._names is None:
                self._names = self._find(connection)
            if self._names is not None:
                if self._target.max_connections is not None:
                    take_place(connection, self._names, self._target.max_connections)
                life_sign(connection, self._names, self._key)
        except BaseException:
            connection.close()
            raise
        self._let_go()
        self._connection, self._opened_at = connection, time.monotonic()
        self._watch(connection)
        return connection

    def _find(self, connection: Connection) -> Names | None:
        """Returns the names of the tables of our launch."""
        names = Names(self._target.schema)
        query = "SELECT run_no FROM {runs} WHERE run_id = %s AND launch = %s"
        row = connection.execute(names.sql(query), [self._key.run_id, self._key.launch]).fetchone()
        return names.of_run(row[0]) if row else None


_links: dict[tuple[PostgresTarget, RunKey], Link] = {}
_lock = threading.Lock()


def take_link(target: PostgresTarget, key: RunKey) -> Link:
    """Returns this process's link to a run; to be given back by `give_back`."""
    with _lock:
        link = _links.setdefault((target, key), Link(target, key))
        link.users += 1
        return link


def give_back(link: Link) -> None:
    """Lets go of a link; the last to do so closes its connection."""
    with _lock:
        link.users -= 1
        if link.users:
            return
        for name in [name for name, one in _links.items() if one is link]:
            del _links[name]
    link.close()
