"""What every store can do, and what is said to it: prepare, write, audit, publish.

A store is opened where it is used, from a target that travels to workers. Every verb may be called again with the
same key, after a fault or by a second attempt of the runner: it goes on from what the store holds, or answers with it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

import pyarrow as pa

from schemas.faults import UserFault
from transforms.sinks.totals import Totals

# Names of runs and inventories stand in the store's catalogue, where space is short.
MAX_NAME_BYTES = 1_000

# All positions of any input.
WHOLE = (0, 1 << 62)


class State(str, Enum):
    """How far a run is. ABANDONED is never stored: it is a run that goes on without any sign of life."""

    RUNNING = "running"
    AUDITING = "auditing"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    EMPTY = "empty"
    ABANDONED = "abandoned"


ABANDONED_REASON = "the process ended without finishing"


@dataclass(frozen=True)
class Source:
    """One file or query that a run reads.

    Attributes:
        source_id: number that rows of the run refer to.
        source_uri: its name; the order of names decides which of two records with one id stays.
        size_bytes: its size as stored.
        ranges: positions of rows, or bytes of a text, from one to below another, rising; each can be read apart from the
            others. Empty for what is read as a whole.
        part_of_bytes: size of the file that this is a part of; None of what is whole, and of tables.
    """

    source_id: int
    source_uri: str
    size_bytes: int
    ranges: tuple[tuple[int, int], ...] = ()
    part_of_bytes: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Returns from which position to below which one it is read."""
        return (self.ranges[0][0], self.ranges[-1][1]) if self.ranges else WHOLE

    def parts(self) -> "tuple[Source, ...]":
        """Returns what can be read apart: the source with one of its ranges each, or as it is."""
        share = self.size_bytes // max(len(self.ranges), 1)
        return tuple(replace(self, ranges=(one,), size_bytes=share) for one in self.ranges) or (self,)


@dataclass(frozen=True)
class RunKey:
    """One launch of a run, known to every step of its job.

    Attributes:
        run_id: the name of the run.
        launch: made anew by each command that starts the run; kept when a runner starts the same job again.
    """

    run_id: str
    launch: str


@dataclass(frozen=True)
class Run:
    """What a store notes about a run before the first row.

    Attributes:
        run_id: the name of the run, 1 to 1,000 bytes.
        inventory: what the run is a version of, for example `acme-2026`; 1 to 1,000 bytes.
        fingerprint: what the results follow from, by name (`inputs`, `options`, `factors`, `engine_version`), as JSON
            values; a run_id given again must have the same.
        sources: the inputs.
        config: the options of the calculation, as JSON values.
        config_sha256, factors_sha256: hexadecimal.
        engine_version: version of this package.
        max_dead_letter_share: the run fails if more of what was read becomes dead letters; 0 to 1.
        keep_runs: how many former runs of the inventory stay; None keeps all.
        launch: see RunKey.

    Raises:
        UserFault: a run_id or inventory that a store can't hold.
    """

    run_id: str
    inventory: str
    fingerprint: Mapping[str, Any]
    sources: tuple[Source, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    config_sha256: str = ""
    factors_sha256: str = ""
    engine_version: str = ""
    max_dead_letter_share: float = 0.5
    keep_runs: int | None = None
    launch: str = field(default_factory=lambda: uuid.uuid4().hex)

    def __post_init__(self) -> None:
        check_name("run_id", self.run_id)
        check_name("inventory", self.inventory)

    @property
    def key(self) -> RunKey:
        """Returns what the later steps need to know of the run."""
        return RunKey(self.run_id, self.launch)


def check_name(option: str, name: str) -> None:
    """Refuses the name of a run or inventory that a store can't hold.

    Raises:
        UserFault: a blank or too long name, or one with U+0000 or bytes that are not UTF-8.
    """
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        size = 0
    if not name.strip() or "\0" in name or not 1 <= size <= MAX_NAME_BYTES:
        raise UserFault(
            f"--{option} {name[:60]!r} can't be used; give a name of 1 to {MAX_NAME_BYTES:,} bytes of UTF-8 text, without U+0000"
        )


@dataclass(frozen=True)
class AuditReport:
    """What the store holds of a run, counted there.

    Attributes:
        state: AUDITING (may be published), FAILED or EMPTY; after that PUBLISHED or SUPERSEDED.
        read: records that the reader found, without skipped rows and blank lines.
        skipped: rows taken out by [skip] of a mapping.
        results, dead_letters, duplicates: rows.
        repeats_removed: rows that a batch, delivered again, had written a second time.
        reason: why the run failed, None if it did not.
    """

    state: State
    read: int
    skipped: int
    results: int
    dead_letters: int
    duplicates: int
    repeats_removed: int
    reason: str | None


@dataclass(frozen=True)
class Summary:
    """What a person wants to know of a run.

    Attributes:
        audit: the counts; zeros before the audit.
        dead_letters_by_code: code and number, most frequent first.
        totals: amounts in kg CO2e; None of a run that was not audited, failed or was empty.
        created_at, published_at: UTC.
    """

    run_id: str
    inventory: str
    audit: AuditReport
    dead_letters_by_code: tuple[tuple[str, int], ...]
    totals: Totals | None
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class RunListing:
    """One line of `scope3 runs`. Counts and kg_co2e are None before the audit."""

    run_id: str
    inventory: str
    state: State
    reason: str | None
    read: int | None
    results: int | None
    dead_letters: int | None
    duplicates: int | None
    kg_co2e: float | None
    created_at: datetime
    published_at: datetime | None


class Writer(Protocol):
    """Appends rows to a run's tables. Of one thread; closed by its opener."""

    def write(self, table: str, rows: pa.RecordBatch) -> None:
        """Takes rows of a table, in the schema of `schemas.arrow.table_schema(table)`; may send what has gathered.

        Raises:
            UserFault: the store can't take rows, and waiting would not help.
        """

    def flush(self) -> int:
        """Waits until everything taken is committed; returns the rows committed since the last flush.

        Raises:
            UserFault: as write.
        """

    def close(self) -> None:
        """Drops what is not committed and lets go of the store."""


class Store(Protocol):
    """The verbs of a store. All may raise UserFault; a fault that passes by itself is waited for."""

    def prepare(self, run: Run) -> bool:
        """Registers a run and makes its tables; False if the store needs no more rows of it (it was written before).

        Raises:
            UserFault: the run_id belongs to other inputs or options, or to a run that is going on.
        """

    def writer(self, key: RunKey) -> Writer:
        """Returns a new writer. It writes nothing once the run is sealed by an audit or belongs to another launch."""

    def audit(self, key: RunKey) -> AuditReport:
        """Seals the run, removes repeats, settles ids and counts."""

    def publish(self, key: RunKey) -> AuditReport:
        """Shows an audited run to readers, in place of the former run of its inventory. A failed or empty run stays hidden."""

    def publish_again(self, run_id: str) -> None:
        """Points the inventory at a former run.

        Raises:
            UserFault: the run was never published, or is not there.
        """

    def fail(self, key: RunKey, reason: str) -> None:
        """Marks a run that goes on as failed; any other stays as it is."""

    def runs(self) -> list[RunListing]:
        """Returns all runs, newest first; none where no run was ever made."""

    def summary(self, run_id: str) -> Summary:
        """Returns what is known of a run."""

    def close(self) -> None:
        """Lets go of the store. Until then the run that was prepared here shows a sign of life."""


class Target(Protocol):
    """Where a store is. Picklable: it travels to workers, and holds no secret."""

    @property
    def place(self) -> str:
        """Returns where the store is in words, for messages."""

    def open(self) -> Store:
        """Returns the store; opens no connection yet."""
