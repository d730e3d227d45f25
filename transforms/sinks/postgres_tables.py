"""The tables of the store in PostgreSQL, their names and how they are made.

Readers see partitioned parents, one partition a run. A run writes into tables of its own, named by its number, which
become partitions when it is published. Each holds its run_id as a default and a CHECK: rows are sent without it, and
attaching scans nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from schemas.arrow import TABLES
from schemas.catalogue import INVENTORIES, RUN_ID, RUNS, SOURCES
from schemas.column import INT64, Column
from schemas.faults import UserFault
from schemas.sql import postgres_definition
from transforms.sinks.connection import PostgresTarget
from transforms.sinks.postgres_labels import LABELS
from transforms.sinks.postgres_views import VIEWS

if TYPE_CHECKING:
    from typing_extensions import LiteralString

Connection = psycopg.Connection[tuple]

_LABEL_ID = Column("label_id", INT64, "row of `labels` with tier, ghgp_method, method, dqi_rating and warnings", required=True)
_RESULT = {column.name: column for column in TABLES["results"]}

# As stored; `current_results` shows results as declared.
RUN_TABLES: dict[str, tuple[Column, ...]] = {
    **TABLES,
    "results": (*(column for name, column in _RESULT.items() if name not in LABELS), _LABEL_ID),
    "labels": (_LABEL_ID, *(_RESULT[name] for name in LABELS)),
}

_RUN_NO = {"run_no": ("bigint GENERATED ALWAYS AS IDENTITY UNIQUE", "number that the run's own tables are named by")}


def _declared(columns: Iterable[Column], **own: str) -> dict[str, tuple[str, str]]:
    """Returns definition and comment by name; `own` are definitions that say more than the declaration."""
    return {column.name: (own.get(column.name) or postgres_definition(column), column.description) for column in columns}


_NOW = "timestamp with time zone NOT NULL DEFAULT now()"
_CATALOGUE: dict[str, dict[str, tuple[str, str]]] = {
    "runs": _RUN_NO
    | _declared(
        RUNS,
        run_id="text PRIMARY KEY",
        fingerprint="jsonb NOT NULL",
        config="jsonb NOT NULL",
        totals="jsonb",
        created_at=_NOW,
        repeats_removed="bigint NOT NULL DEFAULT 0",
    ),
    "inventories": _declared(INVENTORIES, inventory="text PRIMARY KEY", published_at=_NOW),
    "sources": _declared((RUN_ID, *SOURCES)),
}

_EVERY_NAME = (*_CATALOGUE, *RUN_TABLES, *VIEWS)


@dataclass(frozen=True)
class Names:
    """Quoted names of the tables of one schema, and of one run's own tables.

    Attributes:
        schema: the schema.
        run_no: number of the run; own tables have no name without.
    """

    schema: str
    run_no: int | None = None

    def of_run(self, run_no: int) -> "Names":
        """Returns the same with the names of a run's own tables."""
        return replace(self, run_no=run_no)

    def own(self, table: str) -> sql.Identifier:
        """Returns a table of the run, for example results_17."""
        assert self.run_no is not None and table in RUN_TABLES
        return sql.Identifier(self.schema, f"{table}_{self.run_no}")

    def sql(self, text: "LiteralString", **more: sql.Composable) -> sql.Composed:
        """Returns a statement with `{runs}` as that table or view, `{own_results}` as the run's own, and `more` in place."""
        names: dict[str, sql.Composable] = {name: sql.Identifier(self.schema, name) for name in _EVERY_NAME}
        if self.run_no is not None:
            names |= {f"own_{table}": self.own(table) for table in RUN_TABLES}
        return sql.SQL(text).format(**(names | more))

    def lock_key(self, what: str) -> int:
        """Returns the number of an advisory lock: those are shared by all schemas of a database and by other programs."""
        text = f"scope3\0{self.schema}\0{self.run_no}\0{what}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def make_schema(connection: Connection, names: Names, target: PostgresTarget) -> None:
    """Makes schema, parents, catalogue and views where they are not there; any number of first runs may do so at once.

    Raises:
        UserFault: the tables are those of another version of this program.
    """
    with connection.transaction():
        # CREATE ... IF NOT EXISTS fails when two do it at once.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [names.lock_key("schema")])
        if not has_schema(connection, names):
            # Not IF NOT EXISTS: that asks for the right to create schemas even where it is there.
            if connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [names.schema]).fetchone() is None:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(names.schema)))
            _make_everything(connection, names)
    _check_version(connection, names, target)


def has_schema(connection: Connection, names: Names) -> bool:
    """Says whether the store was ever used. All is made in one transaction, so its last piece stands for the whole."""
    query = "SELECT 1 FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = %s AND relname = %s"
    return connection.execute(query, [names.schema, _EVERY_NAME[-1]]).fetchone() is not None


def make_run_tables(connection: Connection, names: Names, run_id: str) -> None:
    """Makes the empty tables of a run."""
    statements = []
    for table in RUN_TABLES:
        words = {"own": names.own(table), "parent": sql.Identifier(names.schema, table), "run_id": sql.Literal(run_id)}
        # A vacuum that begins in the middle takes its time from the load, and the audit's index waits for it.
        like = "CREATE TABLE {own} (LIKE {parent} INCLUDING COMMENTS, CHECK (run_id = {run_id})) WITH (autovacuum_enabled = off)"
        statements.append(sql.SQL(like).format(**words))
        statements.append(sql.SQL("ALTER TABLE {own} ALTER run_id SET DEFAULT {run_id}").format(**words))
    _execute(connection, statements)


def attach(connection: Connection, names: Names, run_id: str, tables: Iterable[str]) -> None:
    """Shows tables of a run to readers; a table that is shown already stays so."""
    query = (
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relispartition AND relname = ANY(%s)"
    )
    own = {f"{table}_{names.run_no}": table for table in tables}
    attached = {row[0] for row in connection.execute(query, [names.schema, list(own)])}
    statements = []
    for name, table in own.items():
        if name not in attached:
            statements.append(sql.SQL("ALTER TABLE {} RESET (autovacuum_enabled)").format(names.own(table)))
            words = (sql.Identifier(names.schema, table), names.own(table), sql.Literal(run_id))
            statements.append(sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES IN ({})").format(*words))
    if statements:
        _execute(connection, statements)


def drop_run_tables(connection: Connection, names: Names) -> None:
    """Removes the tables of a run with their rows. Waits for readers of tables that are shown."""
    connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.SQL(", ").join(map(names.own, RUN_TABLES))))


def _make_everything(connection: Connection, names: Names) -> None:
    statements: list[sql.Composable] = []
    for table, columns in _CATALOGUE.items():
        statements.append(_create(names, table, {name: kind for name, (kind, _) in columns.items()}))
        statements += _comments(names, table, {name: text for name, (_, text) in columns.items()})
    statements.append(names.sql("ALTER TABLE {sources} ADD PRIMARY KEY (run_id, source_id)"))
    for table, declared in RUN_TABLES.items():
        definitions = {"run_id": "text NOT NULL"} | {column.name: postgres_definition(column) for column in declared}
        statements.append(_create(names, table, definitions) + sql.SQL(" PARTITION BY LIST (run_id)"))
        statements += _comments(names, table, {"run_id": "name of the run"} | {column.name: column.description for column in declared})
    for view, (text, comments) in VIEWS.items():
        statements += [names.sql(text), *_comments(names, view, comments)]
    _execute(connection, statements)


def _create(names: Names, table: str, definitions: Mapping[str, str]) -> sql.Composed:
    columns = sql.SQL(", ").join(
        # The definitions are constants of this program.
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # type: ignore[arg-type]
        for name, kind in definitions.items()
    )
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(names.schema, table), columns)


def _comments(names: Names, table: str, texts: Mapping[str, str]) -> list[sql.Composed]:
    statement = sql.SQL("COMMENT ON COLUMN {} IS {}")
    return [statement.format(sql.Identifier(names.schema, table, name), sql.Literal(text)) for name, text in texts.items()]


def _execute(connection: Connection, statements: Iterable[sql.Composable]) -> None:
    """Sends statements at once: one at a time, a server across the ocean would take half a minute for them."""
    connection.execute(sql.SQL("; ").join(statements))


def _check_version(connection: Connection, names: Names, target: PostgresTarget) -> None:
    query = (
        "SELECT relname, array_agg(attname::text) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped WHERE nspname = %s AND relname = ANY(%s) GROUP BY 1"
    )
    expected = {table: set(columns) for table, columns in _CATALOGUE.items()}
    expected |= {table: {"run_id", *(column.name for column in columns)} for table, columns in RUN_TABLES.items()}
    found = {table: set(columns) for table, columns in connection.execute(query, [names.schema, list(expected)])}
    for table, columns in expected.items():
        other = sorted(columns ^ found.get(table, set()))
        if other:
            raise UserFault(
                f"the tables in schema {names.schema!r} of {target.place} are those of another version of this program "
                f"({table} differs in {', '.join(other)}); name another schema with --schema"
            )
