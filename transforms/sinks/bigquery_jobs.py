"""Jobs of BigQuery: each under a name of its own, so that none is done twice and none is lost.

A job is named by what it does. Whoever gives it again, because the answer was lost, because a runner began anew or
because two do the same, is told that it is there (409) and waits for that one. A job that failed is given again under
the next number, if its fault is one that passes.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent import futures
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import requests
from google.api_core import exceptions
from google.cloud import bigquery

from schemas.bigquery import fields_of
from schemas.column import Column
from schemas.faults import UserFault
from transforms.sinks.bigquery_dataset import NO_RETRY, REQUEST_SECONDS, DatasetClient
from transforms.sinks.bigquery_patience import Patience
from transforms.sinks.bigquery_values import Values, parameters

if TYPE_CHECKING:
    from google.cloud.bigquery.job import LoadJob, QueryJob
    from google.cloud.bigquery.table import RowIterator

_Answer = TypeVar("_Answer")

_UPLOAD_SECONDS = 300.0

# Between two looks at a job: soon at first, for most are short.
_FIRST_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.1, 5.0


class Jobs(DatasetClient):
    """Gives jobs for one dataset. For any number of threads."""

    def rows(self, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a statement that may be done twice: a query, or a change that says on which condition.

        Raises:
            NotFound: a table is not there.
            UserFault: any other fault that somebody can mend.
        """
        return self._told(lambda: self._done(None, self._beginning(statement, parameters(values or {})), _rows_of))

    def query(self, statement: str, values: Sequence[bigquery.ScalarQueryParameter]) -> "QueryJob":
        """Returns the job of a query that has come to its end, for whoever reads many rows. As rows."""
        return self._told(lambda: self._done(None, self._beginning(statement, values), lambda job: job))

    def tried(self, statement: str) -> "QueryJob":
        """Returns the job that a query would be: it is looked at, and not done. As rows."""
        self.has_dataset()
        return self._told(lambda: self._answer(partial(self._beginning(statement, (), dry_run=True), job_id=None)))

    def now(self) -> datetime:
        """Returns the time of the service's own clock."""
        [[now]] = self.rows("SELECT CURRENT_TIMESTAMP()")
        return now

    def once(self, name: str, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """Lets statements be done a single time under their name, by whomever, and returns the rows of the last one.

        Raises:
            NotFound: a table is not there.
            UserFault: any other fault that somebody can mend.
        """
        return self._told(lambda: self._done(name, self._beginning(statement, parameters(values or {})), _rows_of))

    def load(self, name: str, shard: Path, table: str, columns: Iterable[Column], rows: int) -> None:
        """Appends a Parquet file to a table that is there, a single time under its name.

        Args:
            columns: of the file, those of the table.
            rows: how many there are in the file.

        Raises:
            NotFound: the table is not there.
            UserFault: as once; or not all of its rows were taken.
        """
        options = bigquery.ParquetOptions()
        # Else a list arrives as a record that holds a list of records.
        options.enable_list_inference = True
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            # Else columns that must not be null are taken for ones that may be, and refused.
            schema=[bigquery.SchemaField.from_api_repr(field) for field in fields_of(columns)],
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            parquet_options=options,
            labels=dict(self.target.labels),
        )

        def begin(client: bigquery.Client, job_id: str | None) -> "LoadJob":
            # Given again as a whole by us, under the same name.
            given: dict[str, Any] = {"job_id": job_id, "job_config": config, "location": self._location, "num_retries": 0}
            with shard.open("rb") as file:
                return client.load_table_from_file(file, table, size=shard.stat().st_size, timeout=_UPLOAD_SECONDS, **given)

        found = self._told(lambda: self._done(name, begin, lambda job: job.output_rows or 0, slow=True))
        if found != rows:
            raise UserFault(
                f"{self.target.place} took {found:,} of {rows:,} rows into {table}; nothing was published, give the same command again"
            )

    def _beginning(self, statement: str, values: Sequence[Any], dry_run: bool = False) -> "Callable[..., QueryJob]":
        """Returns what begins the job of a statement."""
        config = bigquery.QueryJobConfig(
            default_dataset=self._dataset,
            labels=dict(self.target.labels),
            use_legacy_sql=False,
            query_parameters=list(values),
            dry_run=dry_run,
        )

        def begin(client: bigquery.Client, job_id: str | None) -> "QueryJob":
            given: dict[str, Any] = {"job_config": config, "job_id": job_id, "location": self._location}
            return client.query(statement, retry=NO_RETRY, job_retry=None, timeout=REQUEST_SECONDS, **given)

        return begin

    def _done(self, name: str | None, begin: Callable[..., Any], take: Callable[[Any], _Answer], slow: bool = False) -> _Answer:
        """Begins a job, or finds it, waits for its end and returns what is taken from it.

        Args:
            name: None for a job that may be done twice.
            slow: it is a load.
        """
        self.has_dataset()
        patience, number = Patience(self._patience_seconds, slow=slow, ended=self._ended), 0
        while True:
            job, found = self._answer(partial(self._begun, begin, None if name is None else f"{name}_{number}"))
            self._wait_for(job)
            if job.error_result is None:
                return self._answer(lambda _, job=job: take(job))  # type: ignore[misc]
            number += 1
            # One that was found may have failed long ago, and what stood in its way may be mended.
            if not found:
                patience.wait(job.exception())

    def _begun(self, begin: Callable[..., Any], job_id: str | None, client: bigquery.Client) -> tuple[Any, bool]:
        """Returns a job, and whether it was there already."""
        try:
            return begin(client, job_id), False
        except exceptions.Conflict:
            if job_id is None:
                raise
            return _there(partial(client.get_job, job_id, location=self._location, retry=NO_RETRY, timeout=REQUEST_SECONDS)), True

    def _wait_for(self, job: Any) -> None:
        """Waits for the end of a job, however long it takes; each look at it has the patience of a request."""
        seconds = _FIRST_LOOK_SECONDS
        while not self._answer(lambda _: _there(partial(job.done, retry=NO_RETRY, timeout=REQUEST_SECONDS))):
            time.sleep(seconds)
            seconds = min(1.5 * seconds, _LONGEST_LOOK_SECONDS)


def result_of(job: "QueryJob", page_size: int | None = None) -> "RowIterator":
    """Returns the rows of a query that has come to its end.

    Raises:
        requests.Timeout: no answer came.
    """
    try:
        return job.result(page_size=page_size, retry=NO_RETRY, job_retry=None, timeout=REQUEST_SECONDS)
    except futures.TimeoutError as error:
        # The client's word for it.
        raise requests.Timeout(f"no answer within {REQUEST_SECONDS:.0f} s") from error


def _rows_of(job: "QueryJob") -> list[tuple[Any, ...]]:
    return [row.values() for row in result_of(job)]


def _there(look: Callable[[], _Answer]) -> _Answer:
    """Returns what a look at a job gives that is known to be there: not found is not found yet, and no word on tables."""
    try:
        return look()
    except exceptions.NotFound as error:
        raise exceptions.ServiceUnavailable(error.message, errors=[]) from error
