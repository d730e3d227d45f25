"""The store of Parquet files: the verbs of contract.Store on a folder or bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from transforms.sinks import parquet_audit, parquet_end, parquet_prepare, parquet_publish, parquet_registry
from transforms.sinks.contract import AuditReport, Run, RunKey, RunListing, Summary
from transforms.sinks.parquet_faults import told
from transforms.sinks.parquet_life import LifeSign
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.parquet_tree import Tree
from transforms.sinks.parquet_write import ParquetWriter


class ParquetStore:
    """See contract.Store."""

    def __init__(self, target: ParquetTarget) -> None:
        self._target, self._place = target, target.place
        self._signs: list[LifeSign] = []

    @cached_property
    def _tree(self) -> Tree:
        return self._target.tree()

    @contextmanager
    def _alive(self, key: RunKey) -> Iterator[None]:
        """Shows a sign of life of a run: the process that began it may be gone."""
        sign = LifeSign(self._tree, parquet_registry.find_launch(self._tree, key).folder)
        try:
            yield
        finally:
            sign.close()

    def prepare(self, run: Run) -> bool:
        """See contract.Store."""
        with told(self._place):
            return parquet_prepare.prepare(self._tree, run, self._signs)

    def writer(self, key: RunKey) -> ParquetWriter:
        """See contract.Store."""
        return ParquetWriter(self._tree, key, self._place)

    def audit(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        with told(self._place), self._alive(key):
            return parquet_audit.audit(self._tree, key)

    def publish(self, key: RunKey) -> AuditReport:
        """See contract.Store."""
        with told(self._place), self._alive(key):
            return parquet_publish.publish(self._tree, key)

    def publish_again(self, run_id: str) -> None:
        """See contract.Store."""
        with told(self._place):
            parquet_publish.publish_again(self._tree, run_id)

    def fail(self, key: RunKey, reason: str) -> None:
        """See contract.Store."""
        with told(self._place):
            parquet_end.fail(self._tree, key, reason)

    def runs(self) -> list[RunListing]:
        """See contract.Store."""
        with told(self._place):
            return parquet_registry.runs(self._tree)

    def summary(self, run_id: str) -> Summary:
        """See contract.Store."""
        with told(self._place):
            return parquet_registry.summary(self._tree, run_id)

    def close(self) -> None:
        """See contract.Store."""
        signs, self._signs = self._signs, []
        for sign in signs:
            sign.close()
