"""Shows a run to readers: its files take their places, and then one small file points the inventory at it."""

from dataclasses import replace
from typing import Any

import pyarrow.parquet as pq

from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.launches import never_published, no_run, not_audited
from transforms.sinks.parquet_end import clear, drop_former, tidy
from transforms.sinks.parquet_locks import readers, writers
from transforms.sinks.parquet_registry import FileRun, current, find, find_launch, note, now, pointer_of
from transforms.sinks.parquet_tree import Tree

_MANIFEST = "_manifest.json"


def publish(tree: Tree, key: RunKey) -> AuditReport:
    """Publishes an audited run. See contract.Store.publish.

    Raises:
        UserFault: the run was not audited.
    """
    with readers(tree, find_launch(tree, key).inventory), writers(tree, key.run_id):
        found = find_launch(tree, key)
        if found.goes_on:
            if found.audit is None:
                raise not_audited(key.run_id)
            tree.move_below(f"{found.folder}/{found.audit}", found.folder)
            tree.write_json(f"{found.folder}/{_MANIFEST}", _manifest(tree, found))
            tree.sync(_final(tree, found))
            _point(tree, found)
    found = find_launch(tree, key)
    if found.state == State.PUBLISHED:
        clear(tree, found)
        tidy(tree)
        if found.keep_runs is not None:
            drop_former(tree, found.inventory, found.keep_runs)
    return found.report()


def publish_again(tree: Tree, run_id: str) -> None:
    """Points the inventory at a former run. See contract.Store.publish_again."""
    found = find(tree, run_id)
    if found is None:
        raise no_run(run_id, tree.root)
    with readers(tree, found.inventory):
        found = find(tree, run_id)
        if found is None or found.state not in (State.PUBLISHED, State.SUPERSEDED):
            raise never_published(run_id, None if found is None else found.state)
        if found.state == State.SUPERSEDED:
            _point(tree, found)


def _point(tree: Tree, found: FileRun) -> None:
    """Points the inventory at a run whose files are all there. What readers see is told by the pointer, and by the note later.

    So the note of the run that it named until now is written first: a crash may have come before it.
    """
    pointer = current(tree, found.inventory)
    former = None if pointer is None else find(tree, pointer["run_id"])
    if former is not None:
        note(tree, former)
    published = replace(found, state=State.PUBLISHED, published_at=now())
    pointer = {
        "inventory": found.inventory,
        "run_id": found.run_id,
        "published_at": published.to_json()["published_at"],
        "results": f"{found.folder}/results",
    }
    tree.write_json(pointer_of(found.inventory), pointer)
    note(tree, published)


def _final(tree: Tree, found: FileRun) -> list[str]:
    """Returns the names of the files that readers find."""
    return [name for name in tree.names(found.folder) if name.endswith(".parquet") and "/_" not in name[len(found.folder) :]]


def _manifest(tree: Tree, found: FileRun) -> dict[str, Any]:
    """Returns the list of a run's files, with their rows and bytes."""
    files = []
    for name in _final(tree, found):
        with tree.files.open_input_file(tree.path(name)) as file:
            files.append({"file": name[len(found.folder) + 1 :], "rows": pq.read_metadata(file).num_rows, "bytes": file.size()})
    return {"run_id": found.run_id, "inventory": found.inventory, "engine_version": found.engine_version, "files": files}
