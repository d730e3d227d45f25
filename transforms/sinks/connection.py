"""Connections to PostgreSQL: where it is, how to get in, and never a password in sight.

A target is picklable and holds no password. It may hold the name of a secret, which is read where a connection is made;
else libpq finds the password by its own means (PGPASSWORD, PGPASSFILE, a service file, ~/.pgpass), and one that stood in
a URL is moved to PGPASSWORD of this process.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from schemas.faults import UsageFault, UserFault
from transforms.sinks.connection_faults import explain_error, is_passing, server_is_busy
from transforms.sinks.password_secret import check_name, recent_password

if TYPE_CHECKING:
    from transforms.sinks.contract import Store

__all__ = [
    "PostgresTarget",
    "ServerAway",
    "ServerBusy",
    "connect",
    "explain",
    "is_passing",
    "keep_password",
    "password_stood_in_url",
    "target_from_url",
    "url_without_password",
]

DEFAULT_SCHEMA = "scope3"

# PostgreSQL cuts longer names without a word: NAMEDATALEN - 1.
MAX_NAME_BYTES = 63

OLDEST_SERVER_VERSION = 130000

# One shows that the run goes on, two are for its audit, one writes.
FEWEST_CONNECTIONS = 4

# How long a server may be starting, full or away before we give up.
PATIENCE_SECONDS = 60.0

# What a URL may override. A network that swallows packets is noticed within a minute, not after the 2 hours of TCP.
_LINK_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}

# Set beside PGPASSWORD where that was taken from a URL.
_FROM_URL = "SCOPE3_PASSWORD_FROM_URL"

# A role may have short limits for people's queries; a load and an audit of millions of rows are no such queries.
_SESSION = "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"


class ServerAway(UserFault):
    """A server that was there before and can't be reached now."""


class ServerBusy(UserFault):
    """A server that is starting up or has no free connection."""


@dataclass(frozen=True)
class PostgresTarget:
    """One schema of one PostgreSQL database; travels to workers.

    Attributes:
        conninfo: libpq keywords, `host=... dbname=...`; what is missing comes from libpq's environment. No password.
        schema: name of the schema that holds the tables, 1 to 63 bytes.
        data_dir: folder of the embedded server, None for any other server.
        max_connections: that a run holds at the same time at most, 4 or more; None for as many as the server gives.
        password_secret: name of the secret that holds the password, see password_secret.py; None: libpq finds it.
        option: which one named it, for messages.

    Raises:
        UsageFault: a schema name that PostgreSQL can't hold, too few connections, or what is no name of a secret.
    """

    conninfo: str
    schema: str = DEFAULT_SCHEMA
    data_dir: Path | None = field(default=None)
    max_connections: int | None = field(default=None)
    password_secret: str | None = None
    option: str = "--output"

    def __post_init__(self) -> None:
        if self.password_secret is not None:
            check_name(self.password_secret)
        size = len(self.schema.encode())
        if not 1 <= size <= MAX_NAME_BYTES or "\0" in self.schema:
            raise UsageFault(f"the schema name {self.schema!r} has {size} bytes; give --schema a name of 1 to {MAX_NAME_BYTES} bytes")
        if self.max_connections is not None and self.max_connections < FEWEST_CONNECTIONS:
            raise UsageFault(
                f"--max_connections is {self.max_connections}, and a run needs {FEWEST_CONNECTIONS}: one that shows that it goes on, "
                "two for its audit, and one that writes"
            )
        if self.schema.lower().startswith("pg_") or self.schema.lower() == "information_schema":
            raise UsageFault(f"the schema name {self.schema!r} is reserved by PostgreSQL; give --schema another name")

    @property
    def url(self) -> str:
        """Returns the URL that target_from_url reads as this target; no password."""
        return _write(self.given)

    @property
    def given(self) -> dict[str, str]:
        """Returns the libpq keywords that travel with the target."""
        return {key: str(value) for key, value in conninfo_to_dict(self.conninfo).items()}

    @property
    def keywords(self) -> dict[str, str]:
        """Returns the libpq keywords in force: those given, else those of the environment and the service file; no password."""
        found = {
            option.keyword.decode(): option.val.decode() for option in Conninfo.get_defaults() if option.val and option.dispchar != b"*"
        }
        return found | self.given

    @property
    def place(self) -> str:
        """Returns the server in words, for messages."""
        if self.data_dir is not None:
            return f"the embedded PostgreSQL in {self.data_dir}"
        words = self.keywords
        if "service" in words and "host" not in words:
            return f"PostgreSQL of service {words['service']}"
        host = words.get("host") or words.get("hostaddr") or "the local socket"
        return f"PostgreSQL at {host}, port {words.get('port', '5432')}"

    def open(self) -> "Store":
        """Returns the store; opens no connection yet."""
        # Imported here: the store imports this module.
        from transforms.sinks.postgres import PostgresStore

        return PostgresStore(self)


def target_from_url(url: str, schema: str = DEFAULT_SCHEMA, password_secret: str | None = None, option: str = "--output") -> PostgresTarget:
    """Returns the target of a `postgresql://` URL; its password, if it holds one, becomes PGPASSWORD of this process.

    Raises:
        UsageFault: libpq can't read the URL, or would read it otherwise than it was meant; or the password stands both
            in the URL and in a secret. The message does not repeat it.
    """
    clean, password = url_without_password(url, option)
    target = PostgresTarget(make_conninfo(clean), schema, password_secret=password_secret, option=option)
    if password is not None:
        keep_password(password)
    if password_secret is not None and password_stood_in_url():
        raise UsageFault("the password stands in a URL and in a secret (password_secret); take it out of the URL")
    return target


def keep_password(password: str) -> None:
    """Makes the password of a URL PGPASSWORD of this process and its children, and notes where it came from."""
    os.environ["PGPASSWORD"] = password
    os.environ[_FROM_URL] = "1"


def password_stood_in_url() -> bool:
    """Says whether PGPASSWORD of this process is the password of a URL, which no other machine gets."""
    return _FROM_URL in os.environ


def url_without_password(url: str, option: str = "--output") -> tuple[str, str | None]:
    """Returns the URL without its password, and the password.

    Raises:
        UsageFault: as target_from_url.
    """
    words = _read(url, option)
    password = words.pop("password", None)
    return _write(words), password


def _write(words: dict[str, str]) -> str:
    """Returns the URL that libpq reads as these keywords."""
    rest = dict(words)
    user, name = (quote(rest.pop(key, ""), safe="") for key in ("user", "dbname"))
    address = ""
    # Several hosts, sockets and IPv6 addresses go where every keyword may stand.
    if re.fullmatch(r"[\w.-]+", rest.get("host", "")):
        address = rest.pop("host") + (f":{rest.pop('port')}" if "port" in rest else "")
    query = "&".join(f"{key}={quote(value, safe='/:,')}" for key, value in rest.items())
    return f"postgresql://{user}{'@' if user else ''}{address}{'/' if name else ''}{name}{'?' if query else ''}{query}"


def _read(url: str, option: str) -> dict[str, str]:
    """Returns libpq's reading of a URL, refusing what only looks like one because a password was not encoded."""
    try:
        words = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    except (psycopg.Error, UnicodeError):
        words = None
    # Raised outside the handler: libpq's own error quotes the URL.
    if words is None:
        raise _unreadable(option)
    ports = words.get("port", "").split(",")
    if "@" in words.get("host", "") + words.get("dbname", "") or not all(
        port == "" or (port.isdigit() and 0 < int(port) < 65536) for port in ports
    ):
        raise _unreadable(option)
    for secret in ("sslpassword", "oauth_client_secret"):
        if secret in words:
            raise UsageFault(f"{secret} can't stand in the URL of {option}; put it into a service file and give postgresql://?service=NAME")
    return words


def _unreadable(option: str) -> UsageFault:
    return UsageFault(
        f"the PostgreSQL URL of {option} can't be read; write postgresql://USER@HOST:PORT/DATABASE, "
        "with @ : / ? # and % inside a name or password as %40 %3A %2F %3F %23 and %25, or give the password in PGPASSWORD"
    )


def connect(
    target: PostgresTarget,
    *,
    application_name: str = "scope3",
    autocommit: bool = False,
    reconnecting: bool = False,
    patience_seconds: float = PATIENCE_SECONDS,
    holds_results: bool = True,
) -> "psycopg.Connection[tuple]":
    """Returns an open connection in UTF-8, without limits on the time of a statement.

    A server that is starting up or has no free connection is asked again for a while.

    Args:
        reconnecting: the server was there before, so one that can't be reached is asked again as well.
        patience_seconds: for how long.
        holds_results: the database is a store, which must be in UTF-8.

    Raises:
        UserFault: no connection, no password where its secret is said to be, a server older than 13, or a
            store in another encoding; ServerBusy or ServerAway where waiting longer may help.
    """
    keywords = _LINK_DEFAULTS | target.given | {"application_name": application_name, "client_encoding": "utf8"}
    attempts = Retrying(
        retry=retry_if_exception(is_passing if reconnecting else server_is_busy),
        wait=wait_random_exponential(multiplier=0.1, max=3),
        stop=stop_after_delay(patience_seconds),
        reraise=True,
    )
    fault: UserFault | None = None
    try:
        connection = _open(attempts, keywords, target.password_secret)
    except psycopg.Error as error:
        fault = explain(error, target) or UserFault(f"cannot connect to {target.place}: {error}")
        if server_is_busy(error):
            fault = ServerBusy(str(fault))
        elif reconnecting and is_passing(error):
            fault = ServerAway(str(fault))
    # Raised outside the handler: psycopg's error carries the password of the connection.
    if fault is not None:
        raise fault
    fault = _unsuitable(connection, target, holds_results)
    if fault is not None:
        connection.close()
        raise fault
    connection.autocommit = autocommit
    return connection


def _open(attempts: Retrying, keywords: dict[str, str], secret: str | None) -> "psycopg.Connection[tuple]":
    """Returns a connection without limits on time; a password that is refused is read anew, and tried if it has changed."""
    password = None if secret is None else recent_password(secret)
    try:
        connection = attempts(psycopg.connect, **keywords, password=password, autocommit=True)
    except psycopg.Error as error:
        changed = None if secret is None or is_passing(error) else recent_password(secret, anew=True)
        if changed in (None, password):
            raise
        connection = attempts(psycopg.connect, **keywords, password=changed, autocommit=True)
    try:
        connection.execute(_SESSION)
    except psycopg.Error:
        connection.close()
        raise
    return connection


def explain(error: BaseException, target: PostgresTarget) -> UserFault | None:
    """Returns the sentence for an error of the server or of the way to it; None for a fault of our own."""
    return explain_error(error, target.place, target.keywords, target.schema, target.data_dir, target.option)


def _unsuitable(connection: "psycopg.Connection[tuple]", target: PostgresTarget, holds_results: bool) -> UserFault | None:
    version = connection.info.server_version
    if version < OLDEST_SERVER_VERSION:
        return UserFault(f"{target.place} has version {version // 10000}; version 13 or newer is needed")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8" and holds_results:
        name = connection.info.dbname
        return UserFault(
            f"the database {name!r} of {target.place} holds text in {encoding}, which lacks letters that suppliers use; "
            "name a database made with ENCODING 'UTF8'"
        )
    return None
