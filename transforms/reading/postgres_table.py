"""Reads a table or query of PostgreSQL: COPY TO STDOUT in the order of its key, a block of text at a time.

What is read is what a CSV file made by COPY holds: numbers with all their digits, dates in ISO form, times in UTC, one at
midnight as its day, arrays and composites as JSON. One COPY is one snapshot; where its connection is lost the next one goes on behind the
last block.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

from schemas.faults import UserFault
from transforms.reading.parsed import ParsedChunk, one_array
from transforms.reading.postgres_select import Described, described, selected, source_of
from transforms.reading.rows import BLOCK_ROWS, Columns, RowChunks, parts_of, rows_of_a_part, until_done
from transforms.reading.tables import Table
from transforms.sinks.connection import PATIENCE_SECONDS, PostgresTarget, connect, explain, is_passing, target_from_url
from transforms.sinks.connection_faults import first_line
from transforms.sinks.contract import Source

# A row may be long.
_BLOCK_BYTES = 1 << 20

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 1"

_Connection = psycopg.Connection[Any]


def target_of(table: Table) -> PostgresTarget:
    """Returns where the table is; a password in its address becomes PGPASSWORD of this process.

    Raises:
        UsageFault: as target_from_url.
    """
    return target_from_url(table.address, password_secret=table.password_secret, option="--input")


def find_postgres(table: Table) -> Source:
    """Returns the table as it is now, its key, size and parts with it; source_id 0.

    Raises:
        UserFault: it is not there or can't be read, has no key, or none that fits.
    """
    target = target_of(table)
    try:
        with closing(_open(target, reconnecting=False)) as connection:
            found = described(connection, table)
            size, ranges = _measured(connection, found)
            return Source(0, found.table_at(target.url).uri, size, ranges)
    except psycopg.Error as error:
        fault: Exception = _explained(error, target, table) or error
    # Raised outside the handler: a sentence needs no history.
    raise fault


def _measured(connection: _Connection, found: Described) -> tuple[int, tuple[tuple[int, int], ...]]:
    """Returns the size in bytes of all rows, and the parts that can be read apart."""
    source, key = source_of(found.table), sql.Identifier("q", found.table.key[0])
    query = "SELECT count(*), count({key}), coalesce(sum(pg_column_size(q)), 0)::bigint, {last} FROM {source}"
    last = sql.SQL("max({})").format(key) if found.is_number else sql.SQL("NULL")
    [(rows, keys, size, last_key)] = connection.execute(sql.SQL(query).format(key=key, last=last, source=source)).fetchall()
    if keys < rows:
        raise UserFault(
            f"the key column {found.table.key[0]!r} of {found.table.name} is null in {rows - keys:,} rows, which then can't be told apart; "
            "name columns in &key= that are never null"
        )
    if not rows or not found.is_number:
        return size, ((0, rows),) if rows else ()
    firsts = (
        "SELECT k FROM (SELECT {key} AS k, row_number() OVER (ORDER BY {key}) - 1 AS place FROM {source}) p "
        "WHERE place % {step} = 0 ORDER BY k"
    )
    # A literal: a query may hold the sign that stands for a parameter.
    found_firsts = connection.execute(sql.SQL(firsts).format(key=key, source=source, step=rows_of_a_part(rows)))
    return size, parts_of([row[0] for row in found_firsts], last_key)


def read_postgres(source: Source, table: Table, wanted: frozenset[str]) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the table's column names with each chunk of a source's rows.

    Args:
        source: as find_postgres gave it, or a part of it.
        table: what it names.
        wanted: normalised names of the columns to read.

    Raises:
        UserFault: the server is away for a minute, or the rows can't be told apart.
    """
    target = target_of(table)
    if source.ranges:
        reading = _Reading(target, source, table, wanted)
        yield from until_done(reading.go_on, is_passing, lambda error: _explained(error, target, table), PATIENCE_SECONDS)


class _Reading:
    """The reading of one source, over as many connections as it takes."""

    def __init__(self, target: PostgresTarget, source: Source, table: Table, wanted: frozenset[str]) -> None:
        self._target, self._source, self._table, self._wanted = target, source, table, wanted
        self._chunks: RowChunks | None = None
        self._last: list[str] | None = None

    def go_on(self) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
        """Yields chunks from behind the last one on."""
        with closing(_open(self._target, reconnecting=self._chunks is not None)) as connection:
            found = described(connection, self._table)
            columns = Columns([name for name, _ in found.columns], self._wanted, self._table.key, self._source.source_uri)
            self._chunks = self._chunks or RowChunks(self._source, columns, self._table.key, found.is_number)
            names = list(columns.read.values())
            statement = selected(found, names, self._source.ranges, self._last)
            for size, keys, rows in _blocks(connection, statement, len(self._table.key), names):
                chunk = self._chunks.chunk(keys, rows, size)
                self._last = [column[-1].as_py() for column in keys]
                yield columns.names, chunk
            self._chunks.end()


def _blocks(
    connection: _Connection, statement: sql.Composed, keys: int, names: Sequence[str]
) -> Iterator[tuple[int, list[pa.Array], pa.RecordBatch]]:
    """Yields blocks of rows: their bytes on the way, the columns of the key, and the named columns; all of it text."""
    numbers = [str(place) for place in range(keys + len(names))]
    held: list[bytes] = []
    size = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        # The server sends a message a row.
        for message in copy:
            held.append(bytes(message))
            size += len(message)
            if len(held) == BLOCK_ROWS or size >= _BLOCK_BYTES:
                columns = _columns(b"".join(held), numbers)
                yield size, columns[:keys], pa.RecordBatch.from_arrays(columns[keys:], names=list(names))
                held, size = [], 0
        if held:
            columns = _columns(b"".join(held), numbers)
            yield size, columns[:keys], pa.RecordBatch.from_arrays(columns[keys:], names=list(names))


def _columns(text: bytes, numbers: list[str]) -> list[pa.Array]:
    reading = pa.csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=numbers)
    parsing = pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    # COPY writes null as nothing and a text of no letters in quotes.
    converting = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(numbers, pa.string()), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    table = pa.csv.read_csv(pa.BufferReader(text), reading, parsing, converting)
    return [one_array(column) for column in table.columns]


def _open(target: PostgresTarget, reconnecting: bool) -> _Connection:
    connection = connect(target, application_name="scope3 input", autocommit=True, reconnecting=reconnecting, holds_results=False)
    connection.execute(_BEGIN)
    return connection


def _explained(error: Exception, target: PostgresTarget, table: Table) -> UserFault | None:
    """Returns the sentence for an error; None for a fault of our own."""
    state, text = getattr(error, "sqlstate", None) or "", first_line(error)
    user = target.keywords.get("user", "")
    if state == "42501":
        return UserFault(
            f"user {user} may not read {table.name} at {target.place} ({text}); let its owner run GRANT SELECT ON {table.name} TO {user}"
        )
    if state == "25006" or "data-modifying" in text:
        return UserFault(f"the query of --input changes data ({text}), and an input is only read; give a SELECT")
    # 42 the query can't be understood, 22 and 21 it stumbles over a value, 0A and P0 over what it calls.
    if table.query is not None and state[:2] in ("42", "22", "21", "0A", "P0"):
        return UserFault(f"the query of --input can't be run at {target.place}: {text}; correct it")
    return explain(error, target)
