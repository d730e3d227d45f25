"""How a run in a store of Parquet files ends otherwise than by its publication, and what goes when a run is over."""

from dataclasses import replace

from transforms.sinks.contract import RunKey, State
from transforms.sinks.parquet_locks import readers, writers
from transforms.sinks.parquet_registry import FileRun, every_run, find, note
from transforms.sinks.parquet_settle import once, opened
from transforms.sinks.parquet_tables import files_of, write_query
from transforms.sinks.parquet_tree import Tree

_LEFT_BEHIND = ("_staging-", "_audit-")
_OF_A_FAILED_RUN = ("_alive-", "dead_letters", "sources")


def fail(tree: Tree, key: RunKey, reason: str) -> None:
    """Marks a run that goes on as failed and shows its dead letters; any other stays as it is."""
    if find(tree, key.run_id) is None:
        return
    with writers(tree, key.run_id):
        found = find(tree, key.run_id)
        if found is not None and found.launch == key.launch and found.goes_on:
            _show_dead_letters(tree, found)
            failed = replace(found, state=State.FAILED, reason=reason)
            note(tree, failed)
            clear(tree, failed)


def _show_dead_letters(tree: Tree, found: FileRun) -> None:
    shown = f"{found.folder}/dead_letters"
    if found.audit is not None:
        tree.move_below(f"{found.folder}/{found.audit}/dead_letters", shown)
        return
    with opened(tree, found.staging, files_of(tree, found.folder, "sources")) as connection:
        write_query(tree, shown, "dead_letters", connection, once("dead_letters"), found.run_id)


def clear(tree: Tree, found: FileRun) -> None:
    """Removes what a run that is over has no use for: what writers and audits left behind, and the tables of one that failed."""
    cut = len(found.folder) + 1
    # Folders of files, and of a file system also empty ones.
    below = {name[cut:].partition("/")[0] for name in tree.names(found.folder)} | set(tree.members(found.folder))
    # What was left behind goes last: by it a run is known whose clearing was cut off.
    for folder in sorted(below, key=lambda one: one.startswith(_LEFT_BEHIND)):
        is_shown = found.state in (State.PUBLISHED, State.SUPERSEDED) or folder.startswith(_OF_A_FAILED_RUN)
        if folder.startswith(_LEFT_BEHIND) or not is_shown:
            tree.remove(f"{found.folder}/{folder}")


def forget(tree: Tree, folder: str) -> None:
    """Removes a run with all that it wrote."""
    tree.remove(f"{folder}.json")
    tree.remove(folder)


def drop_former(tree: Tree, inventory: str, keep_runs: int) -> None:
    """Removes all but the newest superseded runs of an inventory, each by itself."""
    former = [run for run in every_run(tree) if run.inventory == inventory and run.state == State.SUPERSEDED]
    for run in former[keep_runs:]:
        with readers(tree, inventory), writers(tree, run.run_id):
            found = find(tree, run.run_id)
            # It may have been published again since.
            if found is not None and found.launch == run.launch and found.state == State.SUPERSEDED:
                forget(tree, run.folder)


def tidy(tree: Tree) -> None:
    """Clears runs that are over and whose clearing was cut off."""
    places = [name.split("/") for name in tree.names("runs")]
    for folder in sorted({place[1] for place in places if len(place) > 2 and place[2].startswith(_LEFT_BEHIND)}):
        noted = tree.read_json(f"runs/{folder}.json")
        if noted is not None:
            with writers(tree, noted["run_id"]):
                found = find(tree, noted["run_id"])
                if found is not None and not found.goes_on:
                    clear(tree, found)
