"""A pooler in session mode is as good as the server; one in transaction mode is refused."""

import pytest

from schemas.faults import UserFault
from tests.sinks.pgbouncer import running_pgbouncer
from tests.sinks.rows import chunk, make_run, result, whole_run
from transforms.sinks.connection import ServerBusy, connect
from transforms.sinks.contract import State

# The embedded server listens on no port that a pooler could reach.
KINDS = ("own_server",)


def test_a_pooler_in_session_mode_works(target):
    with running_pgbouncer(target, "session") as pooled:
        store = pooled.open()
        report = whole_run(store, make_run("pooled"), results=[result("A", 0)], chunks=[chunk(1)])
        store.close()
    assert (report.state, report.results) == (State.PUBLISHED, 1)


def test_a_pool_that_is_too_small_is_waited_for_and_told_with_the_remedy(target):
    told = r"are all in use.*give --max_connections of at most the size of its pool"
    pool = running_pgbouncer(target, "session", default_pool_size=1, query_wait_timeout=1)
    with pool as pooled, connect(pooled), pytest.raises(ServerBusy, match=told):
        connect(pooled, patience_seconds=0.0)


@pytest.mark.parametrize("pool_mode", ["transaction", "statement"])
def test_a_pooler_that_shares_sessions_between_transactions_is_refused(target, pool_mode):
    with running_pgbouncer(target, pool_mode) as pooled:
        store = pooled.open()
        with pytest.raises(UserFault, match=r"shares sessions.*session mode"):
            store.prepare(make_run("pooled"))
        store.close()
