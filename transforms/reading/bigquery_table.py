"""Reads a table or query of BigQuery in the order of its key: by the Storage Read API, else page by page.

Each part is a query of its own, which BigQuery bills for what it scans: the whole table, unless it is clustered or
partitioned by the key. So parts are few.
"""

import difflib
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from google.api_core import exceptions
from google.cloud import bigquery

from schemas.faults import UsageFault, UserFault
from transforms.reading.bigquery_select import Described, counted, firsts_of, selected, source_of
from transforms.reading.parsed import ParsedChunk
from transforms.reading.rows import BLOCK_ROWS, Columns, RowChunks, parts_of, until_done
from transforms.reading.tables import Table
from transforms.sinks.bigquery_dataset import NO_RETRY, REQUEST_SECONDS
from transforms.sinks.bigquery_faults import explain, has_words, is_passing, reason_of
from transforms.sinks.bigquery_jobs import Jobs, result_of
from transforms.sinks.bigquery_target import BigQueryTarget, target_from_url
from transforms.sinks.contract import Source

if TYPE_CHECKING:
    from google.cloud.bigquery_storage import BigQueryReadClient

PATIENCE_SECONDS = 60.0

# Of a part, whose rows BigQuery sorts in one place; more where there would be more parts, since each is billed for a scan.
ROWS_OF_A_PART = 2_000_000
_MOST_PARTS = 100

# Under a key that is no whole number all rows are sorted in one place, and read by one worker.
_MOST_SORTED_ROWS = 100_000_000

_WHOLE_NUMBER = "INTEGER"


def find_bigquery(table: Table) -> Source:
    """Returns the table as it is now, its size and parts with it; source_id 0.

    Raises:
        UserFault: it is not there or can't be read, or its key does not fit.
    """
    target = _target_of(table)
    fault: Exception
    try:
        with closing(_jobs(target, table)) as jobs:
            found = _described(jobs, table)
            return Source(0, table.uri, found.size_bytes, _ranges(jobs, found))
    except Exception as error:
        fault = _explained(error, target, table) or error
    # Raised outside the handler: a sentence needs no history.
    raise fault


def read_bigquery(source: Source, table: Table, wanted: frozenset[str]) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the table's column names with each chunk of a source's rows.

    Args:
        source: as find_bigquery gave it, or a part of it.
        table: what it names.
        wanted: normalised names of the columns to read.

    Raises:
        UserFault: BigQuery is away for a minute, or the rows can't be told apart.
    """
    target = _target_of(table)
    if source.ranges:
        reading = _Reading(target, source, table, wanted)
        yield from until_done(reading.go_on, is_passing, lambda error: _explained(error, target, table), PATIENCE_SECONDS)


class _Reading:
    """The reading of one source, over as many queries as it takes."""

    def __init__(self, target: BigQueryTarget, source: Source, table: Table, wanted: frozenset[str]) -> None:
        self._target, self._source, self._table, self._wanted = target, source, table, wanted
        self._chunks: RowChunks | None = None
        self._last: list[Any] | None = None

    def go_on(self) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
        """Yields chunks from behind the last one on."""
        with closing(_jobs(self._target, self._table)) as jobs:
            found = _described(jobs, self._table)
            columns = Columns(list(found.kinds), self._wanted, self._table.key, self._source.source_uri)
            self._chunks = self._chunks or RowChunks(self._source, columns, self._table.key, found.is_number)
            statement, values = selected(found, list(columns.read.values()), self._source.ranges, self._last)
            for rows in _blocks(jobs.query(statement, values), self._target):
                keys = rows.columns[: len(self._table.key)]
                named = pa.RecordBatch.from_arrays(rows.columns[len(keys) :], names=list(columns.read.values()))
                chunk = self._chunks.chunk(keys, named, rows.nbytes)
                self._last = [column[-1].as_py() for column in keys]
                yield columns.names, chunk
            self._chunks.end()


def _jobs(target: BigQueryTarget, table: Table) -> Jobs:
    return Jobs(target, PATIENCE_SECONDS, lambda error: _explained(error, target, table))


def _blocks(job: bigquery.QueryJob, target: BigQueryTarget) -> Iterator[pa.RecordBatch]:
    """Yields the rows of a query in blocks of BLOCK_ROWS, however they are sent."""
    rows = result_of(job, BLOCK_ROWS)
    held: list[pa.RecordBatch] = []
    count = 0
    for sent in rows.to_arrow_iterable(bqstorage_client=_storage_of(target), max_queue_size=1):
        held.append(sent)
        count += sent.num_rows
        if count >= BLOCK_ROWS:
            table = pa.Table.from_batches(held)
            whole = count - count % BLOCK_ROWS
            for begin in range(0, whole, BLOCK_ROWS):
                yield _one_batch(table.slice(begin, BLOCK_ROWS))
            held, count = table.slice(whole).to_batches(), count - whole
    if count:
        yield _one_batch(pa.Table.from_batches(held))


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]


def _storage_of(target: BigQueryTarget) -> "BigQueryReadClient | None":
    """Returns a client of the Storage Read API; none where another address of the service is given, whose pages are read."""
    if target.api_endpoint is not None:
        return None
    from google.cloud.bigquery_storage import BigQueryReadClient

    return BigQueryReadClient(client_options={"credentials_file": target.credentials_file} if target.credentials_file else None)


def _described(jobs: Jobs, table: Table) -> Described:
    """Returns what BigQuery says of a table or query without reading it.

    Raises:
        UserFault: the table or a column of the key is not there; UsageFault: the query does more than read.
    """
    statement = f"SELECT * FROM {source_of(table, jobs.target)}"
    try:
        job = jobs.tried(statement)
    except exceptions.NotFound as error:
        if table.table is None or "Table" not in error.message:
            raise
        raise _no_such_table(jobs, table.table) from None
    if job.statement_type != "SELECT":
        raise UsageFault(f"the query of --input is no single SELECT, but a {job.statement_type}, and an input is only read; give a SELECT")
    kinds = {column.name: column.field_type for column in job.schema or ()}
    for column in table.key:
        if column not in kinds:
            near = difflib.get_close_matches(column, list(kinds), 1, 0.5)
            told = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(kinds)}"
            raise UserFault(f"{table.name} has no column {column!r}, which key= names; {told}")
    is_number = len(table.key) == 1 and kinds[table.key[0]] == _WHOLE_NUMBER
    return Described(table, jobs.target, kinds, is_number, job.total_bytes_processed or 0)


def _no_such_table(jobs: Jobs, name: str) -> UserFault:
    found = jobs.ask(
        lambda client: [one.table_id for one in client.list_tables(jobs.target.dataset, retry=NO_RETRY, timeout=REQUEST_SECONDS)]
    )
    near = difflib.get_close_matches(name, found, 3, 0.5)
    told = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(found)[:20]) or 'none'}"
    return UserFault(f"{jobs.target.place} has no table {name!r}; {told}")


def _ranges(jobs: Jobs, found: Described) -> tuple[tuple[int, int], ...]:
    """Returns the parts that can be read apart."""
    [(rows, keys, first, last)] = jobs.rows(counted(found))
    if keys < rows:
        raise UserFault(
            f"the key column {found.table.key[0]!r} of {found.table.name} is null in {rows - keys:,} rows, which then can't be told apart; "
            "name columns in key= that are never null"
        )
    if rows > _MOST_SORTED_ROWS and not found.is_number:
        raise UserFault(
            f"{found.table.name} has {rows:,} rows, and under key={','.join(found.table.key)} BigQuery sorts all of them in one place, which "
            f"is too much beyond {_MOST_SORTED_ROWS:,}; name a key that is one column of whole numbers, by which the table is read in parts, "
            "or give several queries of fewer rows"
        )
    if not rows or not found.is_number:
        return ((0, rows),) if rows else ()
    parts = min(-(-rows // ROWS_OF_A_PART), _MOST_PARTS)
    between = jobs.rows(firsts_of(found, parts))[0][0] if parts > 1 else []
    return parts_of(sorted({first, *(key for key in between if first < key < last)}), last)


def _target_of(table: Table) -> BigQueryTarget:
    fault: UsageFault
    try:
        return target_from_url(table.address)
    except UsageFault as error:
        fault = UsageFault(_of_input(error))
    raise fault


def _explained(error: Exception, target: BigQueryTarget, table: Table) -> UserFault | None:
    """Returns the sentence for an error; None for a fault of our own."""
    if reason_of(error) == "resourcesExceeded":
        return UserFault(
            f"BigQuery can't sort so many rows of {table.name} by their key at once ({_first_line(error)}); name a key that is one column of "
            "whole numbers, by which the table is clustered, or give several queries of fewer rows"
        )
    if isinstance(error, exceptions.Forbidden) and reason_of(error) in ("", "accessDenied"):
        return UserFault(
            f"{target.place} does not let us read {table.name} ({_first_line(error)}); grant the account roles/bigquery.dataViewer on the "
            f"dataset, roles/bigquery.jobUser and roles/bigquery.readSessionUser on project {target.project}"
        )
    if isinstance(error, exceptions.BadRequest) and not is_passing(error) and not has_words(error):
        return UserFault(f"{table.name} can't be read at {target.place}: {_first_line(error)}; correct the query or the key of --input")
    fault = explain(error, target)
    return None if fault is None else type(fault)(_of_input(fault))


def _of_input(fault: UserFault) -> str:
    """Returns a sentence about a dataset as one about an input."""
    return str(fault).replace("--output", "--input")


def _first_line(error: Exception) -> str:
    return (getattr(error, "message", str(error)).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
