"""What PostgreSQL is asked for: how a table or query is described, and the SELECT that reads a part of it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import sql

from schemas.faults import UsageFault, UserFault
from transforms.reading.tables import Table

# int8, int2 and int4 of pg_type.
_WHOLE_NUMBERS = (20, 21, 23)
# Of pg_type too: what a file of typed columns would say in another way than PostgreSQL.
_OWN_KINDS = {790: "money", 1700: "numeric", 1114: "timestamp", 1184: "timestamp"}
_BOOLEAN, _NESTED = "B", ("A", "C")

_MOST_TABLES = 10_000

_FIND = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {condition}
"""
_VISIBLE = "c.relname = %s AND pg_table_is_visible(c.oid)"
_NAMED = "n.nspname || '.' || c.relname = %s"
_OF_USERS = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' LIMIT {most}"

_PRIMARY_KEY = """
SELECT a.attname FROM pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indisprimary AND i.indrelid = (quote_ident(%s) || '.' || quote_ident(%s))::regclass ORDER BY k.place
"""

_Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class Described:
    """A table or query as the server knows it.

    Attributes:
        table: its key filled in, its name with the schema.
        columns: name and kind of each: a category of pg_type, or `money`, `numeric` or `timestamp`.
        is_number: the key is one column of whole numbers.
    """

    table: Table
    columns: tuple[tuple[str, str], ...]
    is_number: bool

    def table_at(self, address: str) -> Table:
        """Returns the table at an address."""
        return replace(self.table, address=address)


def described(connection: _Connection, table: Table) -> Described:
    """Returns what the server knows of a table or query.

    Raises:
        UserFault: the table or a column of the key is not there; UsageFault: there is no key.
        psycopg.Error: the server refuses the query.
    """
    if table.table is not None:
        table = _found(connection, table, table.table)
    # Prepared: more than one statement is refused.
    with connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(source_of(table)), prepare=True) as cursor:
        header = [(column.name, column.type_code) for column in cursor.description or ()]
    types = connection.execute("SELECT oid, typcategory FROM pg_type WHERE oid = ANY(%s)", [[oid for _, oid in header]])
    categories: dict[int, str] = dict(types.fetchall())
    names = [name for name, _ in header]
    if not table.key:
        raise UsageFault(
            f"{table.name} has no primary key, and a second attempt must find each row again; name the columns that tell its rows apart: "
            f"&key=COLUMN or &key=COLUMN,COLUMN; it has {', '.join(names)}"
        )
    for column in table.key:
        if column not in names:
            near = difflib.get_close_matches(column, names, 1, 0.5)
            told = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            raise UserFault(f"{table.name} has no column {column!r}, which &key= names; {told}")
    kinds = tuple((name, _OWN_KINDS.get(oid, categories[oid])) for name, oid in header)
    is_number = len(table.key) == 1 and dict(header)[table.key[0]] in _WHOLE_NUMBERS
    return Described(table, kinds, is_number)


def _found(connection: _Connection, table: Table, name: str) -> Table:
    """Returns the table with its schema and its primary key, where it is given no key."""
    condition = _NAMED if "." in name else _VISIBLE
    row = connection.execute(_FIND.format(condition=condition), [name]).fetchone()
    if row is None:
        rows = connection.execute(_FIND.format(condition=_OF_USERS.format(most=_MOST_TABLES))).fetchall()
        known = [word for schema, own in rows for word in ([f"{schema}.{own}", own] if schema == "public" else [f"{schema}.{own}"])]
        near = difflib.get_close_matches(name, known, 3, 0.5)
        told = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(known)[:20]) or 'none'}"
        raise UserFault(f"the database {connection.info.dbname} has no table {name!r} that this user sees; {told}")
    key = table.key or tuple(one for (one,) in connection.execute(_PRIMARY_KEY, row))
    return replace(table, table=".".join(row), key=key)


def source_of(table: Table) -> sql.Composed:
    """Returns what stands behind FROM, by the name q."""
    if table.query is not None:
        # On lines of its own: the query may end with a comment.
        return sql.SQL("(\n{}\n) AS q").format(sql.SQL(table.query))  # type: ignore[arg-type]
    schema, _, name = (table.table or "").partition(".")
    return sql.SQL("{} AS q").format(sql.Identifier(schema, name))


def selected(found: Described, names: Sequence[str], ranges: Sequence[tuple[int, int]], last: Sequence[str] | None) -> sql.Composed:
    """Returns the COPY that sends rows in the order of their key: the columns of the key as text, then the named ones.

    Args:
        found: the table.
        names: of its columns.
        ranges: whose rows are meant, if the key is a number; they follow each other.
        last: the key as text behind which to begin, None for the beginning.
    """
    keys = [sql.Identifier("q", name) for name in found.table.key]
    kinds = dict(found.columns)
    columns = [_text_of(name, kinds[name]) for name in names]
    conditions: list[sql.Composable] = []
    if found.is_number:
        conditions += [sql.SQL("{} >= {}").format(keys[0], ranges[0][0]), sql.SQL("{} < {}").format(keys[0], ranges[-1][1])]
    if last is not None:
        row, values = sql.SQL(", ").join(keys), sql.SQL(", ").join(map(sql.Literal, last))
        conditions.append(sql.SQL("({}) > ({})").format(row, values))
    return sql.SQL("COPY (SELECT {columns} FROM {source}{where} ORDER BY {keys}) TO STDOUT (FORMAT csv)").format(
        columns=sql.SQL(", ").join([*keys, *columns]),
        source=source_of(found.table),
        where=sql.SQL(" WHERE {}").format(sql.SQL(" AND ").join(conditions)) if conditions else sql.SQL(""),
        keys=sql.SQL(", ").join(keys),
    )


def _text_of(name: str, kind: str) -> sql.Composable:
    """Returns a column in the form that a file has."""
    column = sql.Identifier("q", name)
    if kind == _BOOLEAN:
        return sql.SQL("{}::text").format(column)
    if kind in _NESTED:
        return sql.SQL("to_jsonb({})::text").format(column)
    if kind == "numeric":
        # A code in a column of numbers is its digits, without noughts behind the point.
        return sql.SQL("trim_scale({})").format(column)
    if kind == "timestamp":
        return sql.SQL("CASE WHEN {0} = date_trunc('day', {0}) THEN {0}::date::text ELSE {0}::text END").format(column)
    # Its own text has the sign of a currency.
    return sql.SQL("{}::numeric").format(column) if kind == "money" else column
