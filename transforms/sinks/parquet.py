"""The store of Parquet files: the verbs of contract.Store on a folder or bucket."""

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from transforms.sinks import parquet_audit, parquet_end, parquet_prepare, parquet_publish, parquet_registry
from transforms.sinks.contract import AuditReport, Run, RunKey, RunListing, Summary
from transforms.sinks.parquet_life import LifeSign
from transforms.sinks.parquet_patience import LAST_PATIENCE_SECONDS, PATIENCE_SECONDS, patiently
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.parquet_tree import Tree
from transforms.sinks.parquet_write import ParquetWriter

_Answer = TypeVar("_Answer")


class ParquetStore:
    """See contract.Store."""

    def __init__(self, target: ParquetTarget) -> None:
        self._target, self._place = target, target.place
        self._signs: list[LifeSign] = []

    @cached_property
    def _tree(self) -> Tree:
        return self._target.tree()

    def prepare(self, run: Run) -> bool:
        """See contract.Store."""
        return self._do(lambda: parquet_prepare.prepare(self._tree, run, self._signs))

    def writer(self, key: RunKey) -> ParquetWriter:
        """See contract.Store."""
        return ParquetWriter(self._tree, key, self._place)

    def audit(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        return self._do(lambda: self._alive(key, parquet_audit.audit))

    def publish(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        return self._do(lambda: self._alive(key, parquet_publish.publish))

    def publish_again(self, run_id: str) -> None:
        """See contract.Store."""
        self._do(lambda: parquet_publish.publish_again(self._tree, run_id))

    def fail(self, key: RunKey, reason: str) -> None:
        """See contract.Store. Said on the way out, so little is waited."""
        self._do(lambda: parquet_end.fail(self._tree, key, reason), LAST_PATIENCE_SECONDS)

    def runs(self) -> list[RunListing]:
        """See contract.Store."""
        return self._do(lambda: parquet_registry.runs(self._tree))

    def summary(self, run_id: str) -> Summary:
        """See contract.Store."""
        return self._do(lambda: parquet_registry.summary(self._tree, run_id))

    def _do(self, verb: Callable[[], _Answer], patience_seconds: float = PATIENCE_SECONDS) -> _Answer:
        """Returns what a verb returns. All may be said again, after a fault that passes."""
        return patiently(verb, self._place, self._target.is_local, patience_seconds)

    def _alive(self, key: RunKey, verb: Callable[[Tree, RunKey], AuditReport]) -> AuditReport:
        """Does what a verb does under a sign of life: the process that began the run may be gone."""
        sign = LifeSign(self._tree, parquet_registry.find_launch(self._tree, key).folder)
        try:
            return verb(self._tree, key)
        finally:
            sign.close()

    def close(self) -> None:
        """See contract.Store."""
        signs, self._signs = self._signs, []
        for sign in signs:
            sign.close()
