"""Refuses a pooler that gives each transaction another session: locks and settings of ours are those of a session.

PgBouncer in session mode is as good as the server itself; in transaction or statement mode the sign that a run goes on would
be held by a session that others use, and would stay when the run has ended.
"""

from collections.abc import Callable

from schemas.faults import UserFault
from transforms.sinks.postgres_tables import Connection

_TRIES = 3
_WHO = "SELECT pg_backend_pid()"


def refuse_transaction_pooling(connection: Connection, open_second: Callable[[], Connection], place: str) -> None:
    """Looks whether two connections share a session of the server.

    Args:
        connection: open, in no transaction.
        open_second: opens another to the same place.
        place: the server in words.

    Raises:
        UserFault: they do.
    """
    # A pooler makes up a number of its own when it lets somebody in; the server itself tells the true one.
    if connection.execute(_WHO, prepare=False).fetchone() == (connection.info.backend_pid,):
        return
    with open_second() as second:
        for _ in range(_TRIES):
            # Each statement is a transaction of its own, and a pooler that has a free session gives the one used last.
            if connection.execute(_WHO, prepare=False).fetchone() == second.execute(_WHO, prepare=False).fetchone():
                break
        else:
            return
    raise UserFault(
        f"{place} is a pooler that shares sessions of the server between transactions, as PgBouncer does in transaction mode; name the server "
        "itself in --output, or a pool in session mode (pool_mode = session)"
    )
