"""The runs in a store of Parquet files: which there are, who may write, and which of them still go on.

What is noted about a run is one JSON file, replaced as a whole. The inventory's file says which run is published, so
that it can't be two.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import Any

from transforms.sinks.contract import ABANDONED_REASON, Run, RunKey, RunListing, State, Summary
from transforms.sinks.launches import no_run, replaced
from transforms.sinks.noted import Noted
from transforms.sinks.parquet_life import is_alive
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_tree import AT_ONCE, Tree, folder_name

# Other programs leave files of other names, some of them beginning with a dot.
_NOTE = re.compile(r"runs/[^./][^/]*\.json")
_TIMES = ("created_at", "audited_at", "published_at")

# What the file of an inventory holds.
Pointer = Mapping[str, Any]


@dataclass(frozen=True)
class FileRun(Noted):
    """What is noted in `runs/<run>.json`.

    Attributes:
        config, config_sha256, factors_sha256, engine_version: as in contract.Run.
        audit: name of the folder of its audit, None before it.
    """

    config: Mapping[str, Any]
    config_sha256: str
    factors_sha256: str
    engine_version: str
    audit: str | None

    @property
    def folder(self) -> str:
        """Returns the folder of the run."""
        return folder_of(self.run_id)

    @property
    def staging(self) -> str:
        """Returns the folder that its writers write to."""
        return f"{self.folder}/_staging-{self.launch}"

    def to_json(self) -> dict[str, Any]:
        """Returns the same as JSON values."""
        values = asdict(self) | {"state": State(self.state).value}
        for name in _TIMES:
            values[name] = None if values[name] is None else values[name].isoformat()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "FileRun":
        """Returns what `to_json` gave."""
        times = {name: None if values[name] is None else datetime.fromisoformat(values[name]) for name in _TIMES}
        return cls(**{**values, **times, "state": State(values["state"])})


def new_run(run: Run) -> FileRun:
    """Returns what is noted of a run that begins."""
    nothing = dict.fromkeys(
        ("reason", "audited_at", "published_at", "read", "skipped", "results", "dead_letters", "duplicates", "totals", "audit")
    )
    return FileRun(
        run_id=run.run_id,
        inventory=run.inventory,
        launch=run.launch,
        state=State.RUNNING,
        fingerprint=dict(run.fingerprint),
        max_dead_letter_share=run.max_dead_letter_share,
        keep_runs=run.keep_runs,
        created_at=now(),
        repeats_removed=0,
        config=dict(run.config),
        config_sha256=run.config_sha256,
        factors_sha256=run.factors_sha256,
        engine_version=run.engine_version,
        **nothing,  # type: ignore[arg-type]
    )


def now() -> datetime:
    """Returns the time, UTC."""
    return datetime.now(timezone.utc)


def folder_of(run_id: str) -> str:
    """Returns the folder of a run."""
    return f"runs/{folder_name(run_id)}"


def find(tree: Tree, run_id: str) -> FileRun | None:
    """Returns a run by its id, with the state that follows from its inventory."""
    values = tree.read_json(f"{folder_of(run_id)}.json")
    return None if values is None else _stated(FileRun.from_json(values), current(tree, values["inventory"]))


def find_launch(tree: Tree, key: RunKey) -> FileRun:
    """Returns the run of a launch.

    Raises:
        UserFault: there is none, or another launch has replaced it.
    """
    found = find(tree, key.run_id)
    if found is None:
        raise no_run(key.run_id, tree.root)
    if found.launch != key.launch:
        raise replaced(key.run_id)
    return found


def note(tree: Tree, found: FileRun) -> None:
    """Writes what is known of a run."""
    tree.write_json(f"{found.folder}.json", found.to_json())


def current(tree: Tree, inventory: str) -> Pointer | None:
    """Returns `run_id` and `published_at` of the run that readers of an inventory see."""
    return tree.read_json(pointer_of(inventory))


def pointer_of(inventory: str) -> str:
    """Returns the name of the file that says which run of an inventory readers see."""
    return f"inventories/{folder_name(inventory)}.json"


def every_run(tree: Tree, names: Iterable[str] | None = None) -> list[FileRun]:
    """Returns all runs, newest first.

    Args:
        names: of all files of the runs, where they are known.
    """
    notes = [name for name in (tree.names("runs", deep=False) if names is None else names) if _NOTE.fullmatch(name)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        noted = list(pool.map(tree.read_json, notes))
    found = [FileRun.from_json(values) for values in noted if values is not None]
    pointers = {inventory: current(tree, inventory) for inventory in {run.inventory for run in found}}
    return sorted((_stated(run, pointers[run.inventory]) for run in found), key=lambda run: run.created_at, reverse=True)


def runs(tree: Tree) -> list[RunListing]:
    """Returns all runs as people are told, newest first."""
    return [run.listing(*state_of(tree, run)) for run in every_run(tree)]


def summary(tree: Tree, run_id: str) -> Summary:
    """Returns what is known of a run. See contract.Store.summary.

    Raises:
        UserFault: there is no such run.
    """
    found = find(tree, run_id)
    if found is None:
        raise no_run(run_id, tree.root)
    codes: Counter[str] = Counter()
    for batch in dataset_of(tree, _dead_letters(tree, found), "dead_letters").to_batches(columns=["code"]):
        counts = batch.column("code").value_counts()
        codes.update(dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)))
    by_code = sorted(codes.items(), key=lambda one: (-one[1], one[0]))
    return found.summary(*state_of(tree, found), tuple(by_code))


def _dead_letters(tree: Tree, found: FileRun) -> list[str]:
    """Returns the files that hold the dead letters: where they are depends on how far the run is."""
    if not found.goes_on:
        return tree.names(f"{found.folder}/dead_letters")
    if found.audit is None:
        return tree.names(f"{found.staging}/dead_letters")
    # A publication moves them from the one to the other, and in a bucket a file is in both for a moment.
    folders = [f"{found.folder}/dead_letters", f"{found.folder}/{found.audit}/dead_letters"]
    return list({name[len(folder) :]: name for folder in folders for name in tree.names(folder)}.values())


def state_of(tree: Tree, found: FileRun) -> tuple[State, str | None]:
    """Returns state and reason of a run as people are told: one that goes on without a sign of life is abandoned."""
    if found.goes_on and not is_alive(tree, found.folder):
        return State.ABANDONED, ABANDONED_REASON
    return found.state, found.reason


def _stated(found: FileRun, pointer: Pointer | None) -> FileRun:
    """The inventory's file has the last word on what is published: it is written first, and a crash may come before the note."""
    if pointer is not None and pointer["run_id"] == found.run_id:
        return replace(found, state=State.PUBLISHED, published_at=datetime.fromisoformat(pointer["published_at"]))
    return replace(found, state=State.SUPERSEDED) if found.state == State.PUBLISHED else found
