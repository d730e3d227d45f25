"""What `--input` says of a table or a query: where it is, which rows, and the columns that tell them apart.

    postgresql://USER@HOST:PORT/DATABASE?table=SCHEMA.TABLE
    postgresql://USER@HOST:PORT/DATABASE?query=SELECT ...&key=COLUMN,COLUMN
    bigquery://PROJECT/DATASET/TABLE?key=COLUMN
    bigquery://PROJECT/DATASET?query=SELECT ...&key=COLUMN

What else stands behind the ? is the database's own. & and % inside a name or query are written %26 and %25.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from schemas.faults import UsageFault

POSTGRES, BIGQUERY = "postgresql", "bigquery"
_SCHEMES = {"postgresql": POSTGRES, "postgres": POSTGRES, "bigquery": BIGQUERY}

_TABLE, _QUERY, _KEY, _SECRET = "table", "query", "key", "password_secret"
_OURS = (_TABLE, _QUERY, _KEY, _SECRET)

_READS = re.compile(r"\(|--|/\*|(select|with|values|table)\b", re.IGNORECASE)

_USE = {
    POSTGRES: "postgresql://USER@HOST/DATABASE?table=SCHEMA.TABLE, or ...?query=SELECT ...&key=COLUMN",
    BIGQUERY: "bigquery://PROJECT/DATASET/TABLE?key=COLUMN, or bigquery://PROJECT/DATASET?query=SELECT ...&key=COLUMN",
}


@dataclass(frozen=True)
class Table:
    """A table or query to read.

    Attributes:
        kind: POSTGRES or BIGQUERY.
        address: URL of the database, without any of ours; as it was given, where it was not found yet.
        table: its name, None for a query.
        query: a SELECT, None for a table.
        key: columns that together tell its rows apart and give them an order; empty where the database is asked.
        password_secret: name of the secret that holds the password, None where libpq finds it.
    """

    kind: str
    address: str
    table: str | None = None
    query: str | None = None
    key: tuple[str, ...] = ()
    password_secret: str | None = None

    @property
    def name(self) -> str:
        """Returns a short name."""
        return self.table or _QUERY

    @property
    def uri(self) -> str:
        """Returns the text that parse_table reads as this table; also its name in the store."""
        address, table = self.address, self.table
        if self.kind == BIGQUERY and table is not None:
            dataset, mark, behind = address.partition("?")
            address, table = f"{dataset}/{quote(table)}{mark}{behind}", None
        names = {_TABLE: table, _QUERY: self.query, _SECRET: self.password_secret}
        ours = [f"{name}={_encoded(value)}" for name, value in names.items() if value is not None]
        if self.key:
            ours.append(f"{_KEY}={','.join(_encoded(column).replace(',', '%2C') for column in self.key)}")
        return join_address(address, ours)


def is_table(text: str) -> bool:
    """Says whether an input is a table or query of a database."""
    return text.partition("://")[0].strip().lower() in _SCHEMES and "://" in text


def split_address(text: str) -> tuple[str, list[str]]:
    """Returns the URL of a database without what is ours behind the ?, and that."""
    address, mark, behind = text.strip().partition("?")
    parameters = behind.split("&") if mark else []
    ours = [one for one in parameters if one.partition("=")[0] in _OURS]
    theirs = [one for one in parameters if one.partition("=")[0] not in _OURS]
    return address + ("?" + "&".join(theirs) if theirs else ""), ours


def join_address(address: str, ours: Sequence[str]) -> str:
    """Returns the text that split_address splits."""
    return "&".join([address + ("&" if "?" in address else "?") + ours[0], *ours[1:]]) if ours else address


def parse_table(text: str) -> Table:
    """Returns the table or query that an input names.

    Raises:
        UsageFault: neither or both, or something twice. The message does not repeat the text, which may hold a password.
    """
    kind = _SCHEMES[text.partition("://")[0].strip().lower()]
    address, ours = split_address(text)
    found: dict[str, str] = {}
    for parameter in ours:
        name, _, value = parameter.partition("=")
        if name in found:
            raise UsageFault(f"--input {kind}:// has {name}= twice; keep one, and write & inside a query as %26")
        if not value.strip():
            raise UsageFault(f"--input {kind}:// has {name}= without a value; write {_USE[kind]}")
        found[name] = value
    key = tuple(unquote(column).strip() for column in found.pop(_KEY, "").split(",") if column.strip())
    given = {name: unquote(value).strip() for name, value in found.items()}
    if _QUERY in given:
        given[_QUERY] = re.sub(r"[;\s]+\Z", "", given[_QUERY])
    if kind == BIGQUERY:
        address, given = _bigquery(address, given)
    if (_TABLE in given) == (_QUERY in given):
        which = "both a table and a query" if _TABLE in given else "neither a table nor a query"
        raise UsageFault(f"--input {kind}:// names {which}; write {_USE[kind]}")
    if _QUERY in given and not _READS.match(given[_QUERY]):
        raise UsageFault(f"the query of --input {kind}:// is no SELECT, and an input is only read; give a SELECT")
    if not key and (_QUERY in given or kind == BIGQUERY):
        raise UsageFault(
            f"--input {kind}:// has a {_QUERY if _QUERY in given else _TABLE} without a key: its rows have no order of their own, and a "
            "second attempt must find each again; name the columns that tell its rows apart: key=COLUMN or key=COLUMN,COLUMN"
        )
    return Table(kind, address, given.get(_TABLE), given.get(_QUERY), key, given.get(_SECRET))


def _bigquery(address: str, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Returns the address of the dataset, and the table that stood behind it beside what is given."""
    path, mark, behind = address.partition("://")[2].partition("?")
    parts = path.strip("/").split("/")
    if _TABLE in given or _SECRET in given or len(parts) not in (2, 3) or not all(parts):
        raise UsageFault(f"--input bigquery:// can't be read; write {_USE[BIGQUERY]}")
    if len(parts) == 3:
        given = {**given, _TABLE: unquote(parts[2])}
    return f"{BIGQUERY}://{parts[0]}/{parts[1]}{mark}{behind}", given


def _encoded(value: str) -> str:
    return re.sub(r"[%&\x00-\x1f]", lambda sign: f"%{ord(sign[0]):02X}", value)
