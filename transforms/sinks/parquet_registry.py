"""The runs in a store of Parquet files: which there are, who may write, and which of them still go on.

What is noted about a run is one JSON file, replaced as a whole. The inventory's file says which run is published, so
that it can't be two.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from typing import Any

from transforms.sinks.contract import ABANDONED_REASON, Run, RunKey, RunListing, State, Summary
from transforms.sinks.launches import no_run, replaced
from transforms.sinks.noted import Noted
from transforms.sinks.parquet_life import is_alive
from transforms.sinks.parquet_tables import dataset_of
from transforms.sinks.parquet_tree import Tree, folder_name

_TIMES = ("created_at", "audited_at", "published_at")
_SHOWN = (State.PUBLISHED, State.SUPERSEDED)


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


def current(tree: Tree, inventory: str) -> str | None:
    """Returns the run that readers of an inventory see."""
    pointer = tree.read_json(pointer_of(inventory))
    return None if pointer is None else pointer["run_id"]


def pointer_of(inventory: str) -> str:
    """Returns the name of the file that says which run of an inventory readers see."""
    return f"inventories/{folder_name(inventory)}.json"


def fail(tree: Tree, key: RunKey, reason: str) -> None:
    """Marks a run that goes on as failed and shows its dead letters; any other stays as it is."""
    found = find(tree, key.run_id)
    if found is None:
        return
    with tree.locked(found.folder):
        found = find(tree, key.run_id)
        if found is not None and found.launch == key.launch and found.goes_on:
            written = found.staging if found.audit is None else f"{found.folder}/{found.audit}"
            tree.move_below(f"{written}/dead_letters", f"{found.folder}/dead_letters")
            note(tree, replace(found, state=State.FAILED, reason=reason))
            clear(tree, found)


def clear(tree: Tree, found: FileRun) -> None:
    """Removes what writers and audits of a run left behind."""
    cut = len(found.folder) + 1
    below = {name[cut:].partition("/")[0] for name in tree.names(found.folder)}
    for folder in below:
        if folder.startswith(("_staging-", "_audit-")):
            tree.remove(f"{found.folder}/{folder}")


def forget(tree: Tree, folder: str) -> None:
    """Removes a run with all that it wrote."""
    tree.remove(f"{folder}.json")
    tree.remove(folder)


def every_run(tree: Tree) -> list[FileRun]:
    """Returns all runs, newest first."""
    noted = [tree.read_json(name) for name in tree.names("runs", deep=False)]
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
    # Where they are depends on how far the run is.
    folders = [found.staging, *([] if found.audit is None else [f"{found.folder}/{found.audit}"]), found.folder]
    names = [name for folder in folders for name in tree.names(f"{folder}/dead_letters")]
    codes: Counter[str] = Counter()
    for batch in dataset_of(tree, names, "dead_letters").to_batches(columns=["code"]):
        counts = batch.column("code").value_counts()
        codes.update(dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True)))
    by_code = sorted(codes.items(), key=lambda one: (-one[1], one[0]))
    return found.summary(*state_of(tree, found), tuple(by_code))


def state_of(tree: Tree, found: FileRun) -> tuple[State, str | None]:
    """Returns state and reason of a run as people are told: one that goes on without a sign of life is abandoned."""
    if found.goes_on and not is_alive(tree, found.folder):
        return State.ABANDONED, ABANDONED_REASON
    return found.state, found.reason


def _stated(found: FileRun, shown_run: str | None) -> FileRun:
    """The inventory's file has the last word on what is published."""
    if found.state not in _SHOWN:
        return found
    return replace(found, state=State.PUBLISHED if shown_run == found.run_id else State.SUPERSEDED)
