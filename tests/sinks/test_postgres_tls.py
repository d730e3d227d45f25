"""A server that speaks TLS: a connection that is cut there is one that was lost, and no fault of a certificate."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest
from psycopg.conninfo import make_conninfo

from schemas.faults import UserFault
from tests.sinks.conftest import PASSWORD, own_server
from tests.sinks.rows import chunk, factor, factor_use, make_run, result, rows
from transforms.sinks.connection import PostgresTarget, connect
from transforms.sinks.contract import State

_ROWS = 60_000


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresTarget]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        with own_server(speaks_tls=True) as found:
            yield found


def test_a_connection_that_is_cut_without_goodbye_loses_nothing(server):
    target = replace(server, conninfo=make_conninfo(server.conninfo, sslmode="require"))
    run = make_run("cut")
    store = target.open()
    assert store.prepare(run)
    writer = store.writer(run.key)
    writer.write("factors", rows("factors", factor(), factor("cpi:US")))
    writer.write("factor_uses", rows("factor_uses", factor_use()))
    writer.write("chunks", rows("chunks", chunk(_ROWS)))
    for start in range(0, _ROWS, 1_000):
        writer.write("results", rows("results", *(result(f"R-{place}", place) for place in range(start, start + 1_000))))
        if start == _ROWS // 2:
            # A process that is killed so says nothing more: neither PostgreSQL's farewell nor that of TLS. The newest is the writer's.
            newest = "SELECT pid FROM pg_stat_activity WHERE application_name = 'scope3 cut' ORDER BY backend_start DESC LIMIT 1"
            with connect(target, application_name="killer") as killer:
                [(backend,)] = killer.execute(newest)
            # Not inside: the server ends all other sessions too.
            os.kill(backend, signal.SIGKILL)
    writer.flush()
    writer.close()
    report = store.audit(run.key)
    store.close()
    assert (report.state, report.reason, report.results) == (State.AUDITING, None, _ROWS)


@pytest.mark.parametrize(
    "settings",
    [{"sslmode": "verify-full"}, {"sslmode": "require", "ssl_min_protocol_version": "TLSv1", "ssl_max_protocol_version": "TLSv1.1"}],
)
def test_what_the_two_ends_do_not_agree_on_is_told_at_once_with_the_remedy(server, settings):
    with connect(server) as connection:
        [(certificate,)] = connection.execute("SELECT current_setting('data_directory') || '/server.crt'")
    other = replace(server, conninfo=make_conninfo(server.conninfo, sslrootcert=certificate, **settings))
    with pytest.raises(UserFault, match=r"the certificate that .* shows, or ours, was not accepted.*correct sslrootcert"):
        connect(other, reconnecting=True)
