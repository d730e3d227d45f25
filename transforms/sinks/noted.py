"""What a store has noted about a run. The same for every store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transforms.sinks.contract import AuditReport, RunListing, State, Summary
from transforms.sinks.totals import Totals


@dataclass(frozen=True)
class Noted:
    """A run as it is noted. Counts are None before the audit; attributes are those of contract.Run, AuditReport and RunListing."""

    run_id: str
    inventory: str
    launch: str
    state: State
    reason: str | None
    fingerprint: Mapping[str, Any]
    max_dead_letter_share: float
    keep_runs: int | None
    created_at: datetime
    audited_at: datetime | None
    published_at: datetime | None
    read: int | None
    skipped: int | None
    results: int | None
    dead_letters: int | None
    duplicates: int | None
    repeats_removed: int
    totals: Mapping[str, Any] | None

    @property
    def goes_on(self) -> bool:
        """Says whether the run has not come to an end, be it alive or not."""
        return self.state in (State.RUNNING, State.AUDITING)

    @property
    def is_open(self) -> bool:
        """Says whether its audit has not come to an end."""
        return self.goes_on and self.audited_at is None

    def report(self, state: State | None = None, reason: str | None = None) -> AuditReport:
        """Returns what is noted of the audit; zeros before it.

        Args:
            state, reason: as people are told, where that is not what is noted.
        """
        return AuditReport(
            state=State(self.state) if state is None else state,
            read=self.read or 0,
            skipped=self.skipped or 0,
            results=self.results or 0,
            dead_letters=self.dead_letters or 0,
            duplicates=self.duplicates or 0,
            repeats_removed=self.repeats_removed,
            reason=self.reason if state is None else reason,
        )

    def listing(self, state: State, reason: str | None) -> RunListing:
        """Returns the run's line of a list; state and reason as people are told."""
        return RunListing(
            self.run_id,
            self.inventory,
            state,
            reason,
            self.read,
            self.results,
            self.dead_letters,
            self.duplicates,
            self.totals["total"]["kg_co2e"] if self.totals else None,
            self.created_at,
            self.published_at,
        )

    def summary(self, state: State, reason: str | None, by_code: tuple[tuple[str, int], ...]) -> Summary:
        """Returns what a person wants to know.

        Args:
            state, reason: as people are told.
            by_code: codes of dead letters and their numbers, most frequent first.
        """
        audited = self.state in (State.AUDITING, State.PUBLISHED, State.SUPERSEDED)
        totals = Totals.from_json(self.totals) if audited and self.totals is not None else None
        return Summary(self.run_id, self.inventory, self.report(state, reason), by_code, totals, self.created_at, self.published_at)
