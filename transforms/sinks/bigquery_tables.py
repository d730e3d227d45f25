"""The tables of the store in BigQuery, their names and how they are made.

Readers see one table of each kind, with a column run_id. A run writes into tables of its own launch, which nobody else
writes to; the audit seals them, and publishing appends them to what readers see, in one transaction. What a run leaves
behind when it is killed expires by itself.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from schemas.arrow import TABLES
from schemas.bigquery import fields_of
from schemas.catalogue import INVENTORIES, JSON_COLUMNS, RUN_ID, RUNS, SOURCES
from schemas.column import Column
from schemas.faults import UserFault
from transforms.sinks.bigquery_dataset import NO_RETRY, REQUEST_SECONDS
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.bigquery_views import CURRENT_RESULTS

# What a launch appends to: its writers, and its beginning to `sources`. The audit makes duplicates.
RUN_TABLES = (*(table for table in TABLES if table != "duplicates"), "sources")

# What readers see.
SHOWN_TABLES: dict[str, tuple[Column, ...]] = {table: (RUN_ID, *columns) for table, columns in {**TABLES, "sources": SOURCES}.items()}
_READERS: dict[str, tuple[Column, ...]] = {
    **SHOWN_TABLES,
    "inventories": INVENTORIES,
    # Made last: where it is, all are.
    "runs": RUNS,
}

# What an audit works on: `later` are the rows whose id another has before them.
_SEALED = (*RUN_TABLES, "duplicates", "later")

# People ask for a year, then for categories and suppliers; run_id is for whoever keeps former runs.
_CLUSTERED = {"results": ["category", "supplier_id", "run_id"], "inventories": None, "runs": None}
_PARTITIONED = {"results": ("activity_year", 1990, 2110)}

# Longer than any run, and short enough that nobody pays for what a killed run left.
_OWN_TABLES_STAY = timedelta(days=7)

_ASKED: dict[str, Any] = {"retry": NO_RETRY, "timeout": REQUEST_SECONDS}

# On the table `runs`: which columns all of them have.
_LAYOUT_LABEL = "scope3_layout"


@dataclass(frozen=True)
class Names:
    """Quoted names of the tables of a dataset, and of a launch's own tables.

    Attributes:
        target: the dataset.
        launch: the launch; own tables have no name without.
    """

    target: BigQueryTarget
    launch: str | None = None

    def of(self, launch: str) -> "Names":
        """Returns the same with the names of a launch's own tables."""
        return replace(self, launch=launch)

    @property
    def short_launch(self) -> str:
        """Returns 16 letters for the launch, in names of tables and jobs."""
        assert self.launch is not None
        return hashlib.sha256(self.launch.encode()).hexdigest()[:16]

    def id_of(self, table: str) -> str:
        """Returns the full name of a table, unquoted."""
        return f"{self.target.project}.{self.target.dataset}.{table}"

    def writing(self, table: str) -> str:
        """Returns the full name of the table that a launch's writers append to."""
        return self.id_of(f"writing_{self.short_launch}_{table}")

    def sealed(self, table: str) -> str:
        """Returns the full name of the table that its audit works on."""
        return self.id_of(f"sealed_{self.short_launch}_{table}")

    def job(self, step: str) -> str:
        """Returns the name of the job that does a step of the launch."""
        # Ids of jobs are those of a project, in which there may be several datasets.
        dataset = hashlib.sha256(self.target.dataset.encode()).hexdigest()[:8]
        return f"scope3_{dataset}_{self.short_launch}_{step}"

    def sql(self, text: str, **words: str) -> str:
        """Returns a statement with `{results}` as that table or view, `{writing_results}` and `{sealed_results}` as the
        launch's own, `{own}` as the options of an own table that is made, and `words` in place.
        """
        names = {table: _quoted(self.id_of(table)) for table in (*_READERS, "current_results")}
        if self.launch is not None:
            names |= {f"writing_{table}": _quoted(self.writing(table)) for table in RUN_TABLES}
            names |= {f"sealed_{table}": _quoted(self.sealed(table)) for table in _SEALED}
            names["own"] = self._options()
        return text.format(**(names | words))

    def _options(self) -> str:
        options = [f"expiration_timestamp = TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL {_OWN_TABLES_STAY.days} DAY)"]
        if self.target.kms_key_name is not None:
            options.append(f"kms_key_name = {json.dumps(self.target.kms_key_name)}")
        return f"OPTIONS ({', '.join(options)})"


def _quoted(name: str) -> str:
    return f"`{name}`"


def own_columns(table: str) -> tuple[Column, ...]:
    """Returns the columns of a launch's own table: those that readers see, without run_id."""
    return SOURCES if table == "sources" else TABLES[table]


def columns_of(table: str) -> str:
    """Returns the columns of a run's table, in declared order, quoted."""
    return ", ".join(_quoted(column.name) for column in own_columns(table))


def make_schema(jobs: Jobs, names: Names) -> None:
    """Makes dataset, tables and view where they are not there; any number of first runs may do so at once.

    Raises:
        UserFault: the tables are those of another version of this program.
    """
    jobs.make_dataset()
    if not has_schema(jobs, names):
        *first, last = (_described(jobs, names.id_of(table), columns, table) for table, columns in _READERS.items())
        _make(jobs, first)
        jobs.rows(names.sql(CURRENT_RESULTS))
        last.labels = {**last.labels, _LAYOUT_LABEL: _layout()}
        _make(jobs, [last])


def has_schema(jobs: Jobs, names: Names) -> bool:
    """Says whether the store was ever used.

    Raises:
        UserFault: the tables are those of another version of this program.
    """
    if jobs.schema_is_there:
        return True
    if not jobs.has_dataset():
        return False
    try:
        runs = jobs.ask(partial(bigquery.Client.get_table, table=names.id_of("runs"), **_ASKED))
    except exceptions.NotFound:
        return False
    if runs.labels.get(_LAYOUT_LABEL) != _layout():
        raise UserFault(
            f"the tables in {names.target.place} are those of another version of this program; name another dataset in --output"
        )
    return True


def is_there(jobs: Jobs, name: str) -> bool:
    """Says whether a table is there."""
    try:
        jobs.ask(partial(bigquery.Client.get_table, table=name, **_ASKED))
    except exceptions.NotFound:
        return False
    return True


def make_run_tables(jobs: Jobs, names: Names) -> None:
    """Makes the empty tables that a launch appends to."""
    made = [_described(jobs, names.writing(table), own_columns(table)) for table in RUN_TABLES]
    for table in made:
        table.expires = _expiry()
    _make(jobs, made)


def seal_run_tables(jobs: Jobs, names: Names) -> None:
    """Takes the tables of a launch from its writers: what they append afterwards is not there.

    A clone holds what was there at one moment and costs nothing; a job that loads into what is gone fails.
    """
    clones = [f"CREATE OR REPLACE TABLE {{sealed_{table}}} CLONE {{writing_{table}}} {{own}}" for table in RUN_TABLES]
    jobs.once(names.job("seal"), names.sql(";\n".join(clones)))
    drop_run_tables(jobs, names, "writing")


def drop_run_tables(jobs: Jobs, names: Names, *kinds: str) -> None:
    """Removes own tables of a launch.

    Args:
        kinds: `writing`, `sealed`.
    """
    jobs.ask_all(partial(bigquery.Client.delete_table, table=name, not_found_ok=True, **_ASKED) for name in _own_tables(names, kinds))


def _make(jobs: Jobs, tables: Iterable[bigquery.Table]) -> None:
    jobs.ask_all(partial(bigquery.Client.create_table, table=table, exists_ok=True, **_ASKED) for table in tables)


def _own_tables(names: Names, kinds: tuple[str, ...]) -> Iterator[str]:
    if "writing" in kinds:
        yield from map(names.writing, RUN_TABLES)
    if "sealed" in kinds:
        yield from map(names.sealed, _SEALED)


def _described(jobs: Jobs, name: str, columns: tuple[Column, ...], reader: str | None = None) -> bigquery.Table:
    """Returns a table that is to be made; `reader` is its name where readers see it."""
    fields = fields_of(columns, JSON_COLUMNS if reader == "runs" else ())
    table = bigquery.Table(name, [bigquery.SchemaField.from_api_repr(field) for field in fields])
    table.labels = dict(jobs.target.labels)
    table.encryption_configuration = jobs.encryption
    if reader is not None:
        table.clustering_fields = _CLUSTERED.get(reader, ["run_id"])
        if reader in _PARTITIONED:
            field, first, last = _PARTITIONED[reader]
            years = bigquery.PartitionRange(start=first, end=last, interval=1)
            table.range_partitioning = bigquery.RangePartitioning(range_=years, field=field)
    return table


def _expiry() -> datetime:
    return datetime.now(timezone.utc) + _OWN_TABLES_STAY


def _layout() -> str:
    """Returns a digest of the names and types of all columns that readers see."""
    columns = {table: [(column.name, str(column.type)) for column in columns] for table, columns in _READERS.items()}
    return hashlib.sha256(json.dumps(columns).encode()).hexdigest()[:16]
