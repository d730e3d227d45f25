"""Which store `--output` means, and how to open it."""

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.faults import UsageFault, UserFault
from transforms.sinks.connection import DEFAULT_SCHEMA, PostgresTarget, target_from_url
from transforms.sinks.contract import Target
from transforms.sinks.embedded import embedded_server

# Below the folder that the command runs in.
EMBEDDED_FOLDER = Path(".scope3/postgres")

_POSTGRES = ("postgresql", "postgres")
_NOT_YET = ("bigquery", "gs", "s3", "hdfs", "file", "abfs", "az")
_USE = "use embedded, embedded:DIR or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True)
class Endpoint:
    """A store, without any password; picklable.

    Attributes:
        text: what `--output` takes to mean the same store from any folder; also its str().
        schema: PostgreSQL schema that holds the tables.
        folder: where the data of the embedded server lie, None for another server.
        target: where it is, None for the embedded server, which has a target only while it is open.
        max_connections: that a run holds at most, None for as many as the server gives.
        password_secret: name of the secret that holds the password, None where there is none.
    """

    text: str
    schema: str = DEFAULT_SCHEMA
    folder: Path | None = None
    target: Target | None = None
    max_connections: int | None = None
    password_secret: str | None = None

    def __str__(self) -> str:
        return self.text


def parse_output(
    text: str, schema: str = DEFAULT_SCHEMA, max_connections: int | None = None, password_secret: str | None = None
) -> Endpoint:
    """Returns the store that `--output` names; a password in it becomes PGPASSWORD of this process.

    Raises:
        UsageFault: no store that we know, or not yet. The message does not repeat the text, which may hold a password.
    """
    scheme, separator, rest = text.strip().partition("://")
    if separator:
        return _server(scheme.lower(), rest, schema, max_connections, password_secret)
    if password_secret is not None:
        raise UsageFault(
            "--password_secret is for a PostgreSQL server; leave it out, or name one: --output=postgresql://USER@HOST/DATABASE"
        )
    word, colon, folder = text.strip().partition(":")
    if word == "embedded":
        if colon and not folder:
            raise UsageFault("--output embedded: names no folder; write embedded:DIR, or embedded alone")
        path = Path(folder or EMBEDDED_FOLDER).expanduser().absolute()
        # Checked here too, so that a wrong name is refused before a server is started.
        PostgresTarget("", schema)
        return Endpoint(f"embedded:{path}", schema, path, max_connections=max_connections)
    nearest = difflib.get_close_matches(word.lower(), ["embedded", *_POSTGRES, "bigquery"], 1, 0.75)
    if nearest:
        raise UsageFault(f"--output knows no store {word!r}; did you mean {nearest[0]}{'' if nearest[0] == 'embedded' else '://'}?")
    if re.search(r"\b(host|dbname|user|password|service)\s*=", text):
        raise UsageFault("--output takes a URL: write postgresql://USER@HOST:PORT/DATABASE, or postgresql://?service=NAME")
    raise UsageFault(f"--output can't write to a folder yet in this version; {_USE}")


def _server(scheme: str, rest: str, schema: str, max_connections: int | None, password_secret: str | None) -> Endpoint:
    if scheme in _POSTGRES:
        target = replace(target_from_url(f"postgresql://{rest}", schema, password_secret), max_connections=max_connections)
        return Endpoint(target.url, schema, None, target, password_secret=password_secret)
    if scheme in _NOT_YET:
        raise UsageFault(f"--output {scheme}:// is not supported yet in this version; {_USE}")
    nearest = difflib.get_close_matches(scheme, [*_POSTGRES, *_NOT_YET], 1, 0.6)
    hint = f"did you mean {nearest[0]}://?" if nearest else _USE
    raise UsageFault(f"--output knows no store {scheme[:40]!r}://; {hint}")


@contextmanager
def open_endpoint(endpoint: Endpoint, *, create: bool = True) -> Iterator[Target]:
    """Gives the target of a store; starts the embedded one and stops it at the end, unless another process uses it.

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
        yield replace(target, max_connections=endpoint.max_connections)
