"""Jobs of BigQuery: each under a name of its own, so that none is done twice and none is lost.

A job is named by what it does. Whoever gives it again, because the answer was lost, because a runner began anew or
because two do the same, is told that it is there (409) and waits for that one. A job that failed is given again under
the next number, if its fault is one that passes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from google.api_core import exceptions
from google.cloud import bigquery
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from schemas.faults import UserFault
from transforms.sinks.bigquery_faults import explain, is_passing
from transforms.sinks.bigquery_target import BigQueryTarget

if TYPE_CHECKING:
    from google.cloud.bigquery.job import LoadJob, QueryJob

_Answer = TypeVar("_Answer")

# How long the service may be away, or limit our rate, before we give up.
PATIENCE_SECONDS = 300.0

# Of a request; a job may take longer, and is asked for again and again.
_REQUEST_SECONDS = 60.0

# BigQuery takes a hundred a second of a user.
_REQUESTS_AT_ONCE = 8

_DEFAULT_LOCATION = "US"

# We ask again ourselves: the client would, for ten minutes, and under other names.
NO_RETRY: Any = None

# Values of a statement: text, numbers, and lists of texts or structs by name.
Values = Mapping[str, Any]


class Jobs:
    """Gives jobs for one dataset. For one thread at a time, but for `load`.

    Attributes:
        schema_is_there: set once the tables were seen.
    """

    def __init__(self, target: BigQueryTarget, patience_seconds: float | None = None) -> None:
        self.target = target
        self.schema_is_there = False
        self._patience_seconds = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        self._client: bigquery.Client | None = None
        self._location: str | None = None

    def has_dataset(self) -> bool:
        """Says whether the dataset is there.

        Raises:
            UserFault: it is in another location than the one that was given.
        """
        if self._location is None:
            try:
                dataset = self.ask(lambda client: client.get_dataset(self._dataset, retry=NO_RETRY, timeout=_REQUEST_SECONDS))
            except exceptions.NotFound:
                return False
            wanted = self.target.location
            if wanted is not None and dataset.location.lower() != wanted.lower():
                raise UserFault(
                    f"{self.target.place} is in location {dataset.location}, and --output says location={wanted}; leave the location out, "
                    "or name another dataset"
                )
            self._use(dataset.location)
        return True

    def make_dataset(self) -> None:
        """Makes the dataset if it is not there."""
        if self.has_dataset():
            return
        dataset = bigquery.Dataset(self._dataset)
        dataset.location = self.target.location or _DEFAULT_LOCATION
        dataset.labels = dict(self.target.labels)
        if self.target.default_table_expiration_days is not None:
            dataset.default_table_expiration_ms = self.target.default_table_expiration_days * 86_400_000
        dataset.default_encryption_configuration = self.encryption
        self.ask(lambda client: client.create_dataset(dataset, exists_ok=True, retry=NO_RETRY, timeout=_REQUEST_SECONDS))
        self.has_dataset()

    @property
    def encryption(self) -> bigquery.EncryptionConfiguration | None:
        """Returns how tables are encrypted, None for Google's own way."""
        key = self.target.kms_key_name
        return None if key is None else bigquery.EncryptionConfiguration(key)

    def ask(self, request: Callable[[bigquery.Client], _Answer]) -> _Answer:
        """Returns the answer to a request that may be said twice; again while its fault is one that passes.

        Raises:
            NotFound, Conflict, PreconditionFailed: these mean something to whoever asks.
            UserFault: any other fault that somebody can mend.
        """
        return self._told(lambda: self._retrying()(lambda: request(self._connected())))

    def ask_all(self, requests: Iterable[Callable[[bigquery.Client], _Answer]]) -> list[_Answer]:
        """Returns the answers to requests that do not wait for each other. As ask."""
        # One alone opens the connection.
        self._told(self._connected)
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as threads:
            return list(threads.map(self.ask, requests))

    def rows(self, statement: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """Returns the rows of a statement that may be done twice: a query, or a change that says on which condition.

        Raises:
            NotFound: a table is not there.
            UserFault: any other fault that somebody can mend.
        """
        config = self._query(values)

        def request(client: bigquery.Client) -> list[tuple[Any, ...]]:
            rows = client.query_and_wait(statement, job_config=config, retry=NO_RETRY, job_retry=NO_RETRY, api_timeout=_REQUEST_SECONDS)
            return [row.values() for row in rows]

        self.has_dataset()
        return self.ask(request)

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
        config = self._query(values)

        def begin(client: bigquery.Client, job_id: str) -> "QueryJob":
            return client.query(statement, job_config=config, job_id=job_id, retry=NO_RETRY, job_retry=None, timeout=_REQUEST_SECONDS)

        return self._told(lambda: self._retrying()(self._do, name, begin, _rows_of, [0]))

    def load(self, name: str, shard: Path, table: str, rows: int) -> None:
        """Appends a Parquet file to a table that is there, a single time under its name.

        Raises:
            NotFound: the table is not there.
            UserFault: as once; or not all of its rows were taken.
        """
        options = bigquery.ParquetOptions()
        # Else a list arrives as a record that holds a list of records.
        options.enable_list_inference = True
        config = bigquery.LoadJobConfig(
            source_format=bigquery.SourceFormat.PARQUET,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            create_disposition=bigquery.CreateDisposition.CREATE_NEVER,
            parquet_options=options,
            labels=dict(self.target.labels),
        )

        def begin(client: bigquery.Client, job_id: str) -> "LoadJob":
            with shard.open("rb") as file:
                # Given again as a whole by us, under the same name.
                return client.load_table_from_file(
                    file, table, job_id=job_id, job_config=config, num_retries=0, size=shard.stat().st_size, timeout=_REQUEST_SECONDS * 5
                )

        def taken(job: "LoadJob") -> int:
            job.result(retry=NO_RETRY, timeout=_REQUEST_SECONDS)
            return job.output_rows or 0

        found = self._told(lambda: self._retrying()(self._do, name, begin, taken, [0]))
        if found != rows:
            raise UserFault(
                f"{self.target.place} took {found:,} of {rows:,} rows into {table}; nothing was published, give the same command again"
            )

    def close(self) -> None:
        """Lets go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def _dataset(self) -> bigquery.DatasetReference:
        return bigquery.DatasetReference(self.target.project, self.target.dataset)

    def _query(self, values: Values | None) -> bigquery.QueryJobConfig:
        return bigquery.QueryJobConfig(
            default_dataset=self._dataset, labels=dict(self.target.labels), use_legacy_sql=False, query_parameters=_parameters(values or {})
        )

    def _connected(self) -> bigquery.Client:
        if self._client is None:
            self._client = self.target.client(self._location or self.target.location)
        return self._client

    def _use(self, location: str) -> None:
        if self._location != location:
            self.close()
            self._location = location

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(multiplier=0.2, max=10),
            stop=stop_after_delay(self._patience_seconds),
            reraise=True,
        )

    def _do(self, name: str, begin: Callable[..., Any], take: Callable[[Any], _Answer], number: list[int]) -> _Answer:
        """Begins a job, or finds it, and waits for its end.

        Args:
            number: of the job that was begun last under this name; counted up where that one failed.
        """
        self.has_dataset()
        client = self._connected()
        while True:
            job_id = f"{name}_{number[0]}"
            found = False
            try:
                job = begin(client, job_id)
            except exceptions.Conflict:
                job, found = client.get_job(job_id, retry=NO_RETRY, timeout=_REQUEST_SECONDS), True
            try:
                return self._waited(job, take)
            except exceptions.GoogleAPICallError:
                if job.state != "DONE" or job.error_result is None:
                    raise
                number[0] += 1
                # It may have failed long ago, and what stood in its way may be mended.
                if not found:
                    raise

    @staticmethod
    def _waited(job: Any, take: Callable[[Any], _Answer]) -> _Answer:
        while True:
            try:
                return take(job)
            except futures.TimeoutError:
                # The job goes on.
                continue

    def _told(self, work: Callable[[], _Answer]) -> _Answer:
        fault: Exception
        try:
            return work()
        except (exceptions.NotFound, exceptions.Conflict, exceptions.PreconditionFailed) as error:
            if isinstance(error, exceptions.NotFound) and "Dataset" in error.message and self._location is not None:
                fault = explain(error, self.target) or error
            else:
                raise
        except Exception as error:
            fault = explain(error, self.target) or error
        # Raised outside the handler: a sentence needs no history.
        raise fault


def _rows_of(job: "QueryJob") -> list[tuple[Any, ...]]:
    return [row.values() for row in job.result(retry=NO_RETRY, job_retry=None, timeout=_REQUEST_SECONDS)]


def _parameters(values: Values) -> list[Any]:
    return [_parameter(name, value) for name, value in values.items()]


def _parameter(name: str | None, value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if value and isinstance(value[0], Mapping):
            structs = [bigquery.StructQueryParameter(None, *(_parameter(key, one) for key, one in row.items())) for row in value]
            return bigquery.ArrayQueryParameter(name, "STRUCT", structs)
        return bigquery.ArrayQueryParameter(name, "STRING", list(value))
    kind = {bool: "BOOL", int: "INT64", float: "FLOAT64", bytes: "BYTES"}.get(type(value), "STRING")
    return bigquery.ScalarQueryParameter(name, kind, value)
