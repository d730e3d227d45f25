"""A dataset of BigQuery and the client that asks for it: every request again while its fault is one that passes."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from google.api_core import exceptions
from google.cloud import bigquery

from schemas.faults import UserFault
from transforms.sinks.bigquery_faults import explain
from transforms.sinks.bigquery_patience import Patience
from transforms.sinks.bigquery_target import BigQueryTarget

_Answer = TypeVar("_Answer")

# How long the service may be away before we give up.
PATIENCE_SECONDS = 300.0

# Of a request; a job may take longer, and is asked for again and again.
REQUEST_SECONDS = 60.0

# BigQuery takes a hundred a second of a user.
_REQUESTS_AT_ONCE = 8

_DEFAULT_LOCATION = "US"

# We ask again ourselves: the client would, for ten minutes, and under other names.
NO_RETRY: Any = None


class DatasetClient:
    """Asks for one dataset. For any number of threads.

    Args:
        target: the dataset.
        patience_seconds: how long the service may be away; None for PATIENCE_SECONDS.
        explained: gives the sentence for a fault, None for one of our own; where it is not the store's.
        ended: whoever asks has ended, and waits for nothing that is away.

    Attributes:
        schema_is_there: set once the tables were seen.
    """

    def __init__(
        self,
        target: BigQueryTarget,
        patience_seconds: float | None = None,
        explained: Callable[[Exception], UserFault | None] | None = None,
        ended: threading.Event | None = None,
    ) -> None:
        self.target = target
        self.schema_is_there = False
        self._patience_seconds = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
        self._explained, self._ended = explained, ended
        self._client: bigquery.Client | None = None
        self._lock = threading.Lock()
        # Of the dataset, once it was seen; its jobs are done there.
        self._location: str | None = None

    def has_dataset(self) -> bool:
        """Says whether the dataset is there.

        Raises:
            UserFault: it is in another location than the one that was given.
        """
        if self._location is None:
            try:
                dataset = self.ask(lambda client: client.get_dataset(self._dataset, retry=NO_RETRY, timeout=REQUEST_SECONDS))
            except exceptions.NotFound:
                return False
            wanted = self.target.location
            if wanted is not None and dataset.location.lower() != wanted.lower():
                raise UserFault(
                    f"{self.target.place} is in location {dataset.location}, and --output says location={wanted}; leave the location out, "
                    "or name another dataset"
                )
            self._location = dataset.location
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
        self.ask(lambda client: client.create_dataset(dataset, exists_ok=True, retry=NO_RETRY, timeout=REQUEST_SECONDS))
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
        return self._told(lambda: self._answer(request), of_statement=False)

    def ask_all(self, requests: Iterable[Callable[[bigquery.Client], _Answer]]) -> list[_Answer]:
        """Returns the answers to requests that do not wait for each other. As ask."""
        with ThreadPoolExecutor(_REQUESTS_AT_ONCE) as threads:
            return list(threads.map(self.ask, requests))

    def close(self) -> None:
        """Lets go of the connection."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @property
    def _dataset(self) -> bigquery.DatasetReference:
        return bigquery.DatasetReference(self.target.project, self.target.dataset)

    def _connected(self) -> bigquery.Client:
        with self._lock:
            if self._client is None:
                self._client = self.target.client()
            return self._client

    def _answer(self, request: Callable[[bigquery.Client], _Answer]) -> _Answer:
        patience = Patience(self._patience_seconds, ended=self._ended)
        while True:
            try:
                return request(self._connected())
            except Exception as error:
                patience.wait(error)

    def _told(self, work: Callable[[], _Answer], of_statement: bool = True) -> _Answer:
        def explained(error: Exception) -> Exception:
            told = self._explained(error) if self._explained else explain(error, self.target, of_statement=of_statement)
            return told or error

        fault: Exception
        try:
            return work()
        except (exceptions.NotFound, exceptions.Conflict, exceptions.PreconditionFailed) as error:
            if isinstance(error, exceptions.NotFound) and "Dataset" in error.message and self._location is not None:
                fault = explained(error)
            else:
                raise
        except Exception as error:
            fault = explained(error)
        # Raised outside the handler: a sentence needs no history.
        raise fault
