"""Which store `--output` means, and how to open it."""

import difflib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from schemas.faults import UsageFault, UserFault
from transforms.sinks.bigquery_target import target_from_url as dataset_from_url
from transforms.sinks.connection import DEFAULT_SCHEMA, PostgresTarget, target_from_url
from transforms.sinks.contract import Target
from transforms.sinks.embedded import embedded_server
from transforms.sinks.parquet_target import ParquetTarget

# Below the folder that the command runs in.
EMBEDDED_FOLDER = Path(".scope3/postgres")

_POSTGRES = ("postgresql", "postgres")
_BUCKETS = ("gs", "s3")
_BIGQUERY = "bigquery"
_USE = (
    "use embedded, embedded:DIR, postgresql://USER@HOST/DATABASE, bigquery://PROJECT/DATASET, or a folder or bucket for Parquet: DIR, "
    "gs://BUCKET/DIR, s3://BUCKET/DIR"
)


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
        UsageFault: no store that we know. The message does not repeat the text, which may hold a password.
    """
    scheme, separator, rest = text.strip().partition("://")
    if separator:
        return _server(scheme.lower(), rest, schema, max_connections, password_secret)
    _refuse_secret(password_secret)
    word, colon, folder = text.strip().partition(":")
    if word == "embedded":
        if colon and not folder:
            raise UsageFault("--output embedded: names no folder; write embedded:DIR, or embedded alone")
        path = Path(folder or EMBEDDED_FOLDER).expanduser().absolute()
        # Checked here too, so that a wrong name is refused before a server is started.
        PostgresTarget("", schema)
        return Endpoint(f"embedded:{path}", schema, path, max_connections=max_connections)
    if re.search(r"\b(host|dbname|user|password|service)\s*=", text):
        raise UsageFault("--output takes a URL: write postgresql://USER@HOST:PORT/DATABASE, or postgresql://?service=NAME")
    nearest = [] if Path(text).is_dir() else difflib.get_close_matches(word.lower(), ["embedded", *_POSTGRES, _BIGQUERY], 1, 0.75)
    if nearest or not text.strip():
        hint = _USE if not nearest else f"did you mean {nearest[0]}{'' if nearest[0] == 'embedded' else '://'}?"
        raise UsageFault(f"--output knows no store {word!r}; {hint}")
    return _files(str(Path(text).expanduser().absolute()), schema, max_connections)


def _server(scheme: str, rest: str, schema: str, max_connections: int | None, password_secret: str | None) -> Endpoint:
    if scheme in _POSTGRES:
        target = replace(target_from_url(f"postgresql://{rest}", schema, password_secret), max_connections=max_connections)
        return Endpoint(target.url, schema, None, target, password_secret=password_secret)
    _refuse_secret(password_secret)
    if scheme in _BUCKETS:
        if "@" in rest.partition("/")[0]:
            raise UsageFault(
                f"--output {scheme}:// takes no keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into ~/.aws/credentials"
            )
        if not rest.partition("?")[0].strip("/"):
            raise UsageFault(f"--output {scheme}:// names no bucket; write {scheme}://BUCKET/FOLDER")
        return _files(f"{scheme}://{rest}", schema, max_connections)
    if scheme == "file":
        return _files(str(Path(unquote(rest.removeprefix("localhost"))).absolute()), schema, max_connections)
    if scheme == _BIGQUERY:
        _refuse_of_postgres(schema, max_connections, "a dataset of BigQuery")
        dataset = dataset_from_url(f"{scheme}://{rest}")
        return Endpoint(dataset.url, target=dataset)
    nearest = difflib.get_close_matches(scheme, [*_POSTGRES, *_BUCKETS, _BIGQUERY], 1, 0.6)
    hint = f"did you mean {nearest[0]}://?" if nearest else _USE
    raise UsageFault(f"--output knows no store {scheme[:40]!r}://; {hint}")


def _refuse_of_postgres(schema: str, max_connections: int | None, named: str) -> None:
    for option, is_given in {"schema": schema != DEFAULT_SCHEMA, "max_connections": max_connections is not None}.items():
        if is_given:
            raise UsageFault(f"--{option} is for PostgreSQL, and --output names {named}; leave it out")


def _files(url: str, schema: str, max_connections: int | None) -> Endpoint:
    _refuse_of_postgres(schema, max_connections, "a folder for Parquet files")
    return Endpoint(url, target=ParquetTarget(url))


def _refuse_secret(password_secret: str | None) -> None:
    if password_secret is not None:
        raise UsageFault(
            "--password_secret is for a PostgreSQL server; leave it out, or name one: --output=postgresql://USER@HOST/DATABASE"
        )


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
        if (
            not create
            and isinstance(endpoint.target, ParquetTarget)
            and endpoint.target.is_local
            and not Path(endpoint.target.url).is_dir()
        ):
            raise _no_store(endpoint.target.place)
        yield endpoint.target
        return
    if not create and not (endpoint.folder / "data").exists():
        raise _no_store(str(endpoint.folder))
    with embedded_server(endpoint.folder, endpoint.schema) as target:
        yield replace(target, max_connections=endpoint.max_connections)


def _no_store(place: str) -> UserFault:
    return UserFault(f"there is no store in {place} yet; make one with scope3 run, or name another with --output")
