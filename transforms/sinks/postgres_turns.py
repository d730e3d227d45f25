"""Who may have a connection when there are more writers than connections: they take turns.

A server gives a number of connections and refuses the next. Writers that keep theirs for the whole job would leave the
others none, so a writer looks at the end of each turn whether somebody may be waiting, and then lets go of its connection.
Whoever finds none waits and asks again.

With `--max_connections` a run has as many numbered places; a place is an advisory lock, which ends with its connection. Whoever
waits for one asks with a connection of some milliseconds, as only the server knows of the others.
"""

from schemas.faults import UserFault
from transforms.sinks.connection import FEWEST_CONNECTIONS
from transforms.sinks.postgres_registry import ADVISORY_LOCKS
from transforms.sinks.postgres_tables import Connection, Names

# How long a writer goes on when others may be waiting. To connect anew takes some 10 ms.
TURN_SECONDS = 5.0

_ARE_TAKEN = (
    f"SELECT count(DISTINCT number) >= %(places)s FROM ({ADVISORY_LOCKS}) AS held(number) "
    "WHERE number BETWEEN %(first)s + 1 AND %(first)s + %(places)s"
)
_TAKE = "SELECT place FROM generate_series(1, %(places)s) AS place WHERE pg_try_advisory_lock(%(first)s + place) LIMIT 1"

# Some limits are -1 where there is none. A session of another user shows its database and user, and little else.
_IS_FULL = """
SELECT count(*) >= current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
        - coalesce(current_setting('reserved_connections', true)::integer, 0)
    OR count(*) FILTER (WHERE usename = current_user) >= nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1)
    OR count(*) FILTER (WHERE datname = current_database())
        >= nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1)
FROM pg_stat_activity WHERE datname IS NOT NULL"""


class NoPlace(UserFault):
    """All places of a run are taken."""


def take_place(connection: Connection, own: Names, max_connections: int) -> None:
    """Takes a place of the run for as long as the connection is open.

    Raises:
        NoPlace: all are taken.
    """
    if connection.execute(_TAKE, _numbers(own, max_connections)).fetchone() is None:
        raise NoPlace(
            f"the other writers of the run use all of its {max_connections} connections; give a larger --max_connections, or fewer workers"
        )


def places_are_taken(connection: Connection, own: Names, max_connections: int) -> bool:
    """Says whether a run has no place left, so that somebody may be waiting for one."""
    row = connection.execute(_ARE_TAKEN, _numbers(own, max_connections)).fetchone()  # type: ignore[arg-type]
    return row is not None and row[0] is True


def _numbers(own: Names, max_connections: int) -> dict[str, int]:
    # Half of the numbers of locks are negative; adding must not leave their range.
    return {"places": max_connections - FEWEST_CONNECTIONS + 1, "first": own.lock_key("places") // 2}


def is_full(connection: Connection) -> bool:
    """Says whether the server, the user or the database has no connection left."""
    row = connection.execute(_IS_FULL).fetchone()
    return row is not None and row[0] is True
