"""Reads the tables of a store in BigQuery, as a person does who looks into it."""

from typing import Any

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_target import BigQueryTarget


class BigQueryReader:
    """Answers queries, in which the tables of the store go by their plain names. Closed by its opener."""

    def __init__(self, target: BigQueryTarget) -> None:
        self._jobs = Jobs(target)
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, query: str) -> "BigQueryReader":
        """Runs a query.

        Raises:
            UserFault: it can't be answered, and somebody can mend that.
        """
        self._rows = self._jobs.rows(query)
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Returns the rows of the last query."""
        return self._rows

    def __enter__(self) -> "BigQueryReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._jobs.close()
