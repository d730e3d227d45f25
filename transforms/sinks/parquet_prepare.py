"""Begins a run in a store of Parquet files, and takes the place of a former one. See launches.decide."""

import time
from collections.abc import Collection

import pyarrow as pa

from schemas.faults import UserFault
from transforms.sinks import launches
from transforms.sinks.contract import Run
from transforms.sinks.launches import Launch
from transforms.sinks.parquet_end import forget
from transforms.sinks.parquet_life import LifeSign, is_alive
from transforms.sinks.parquet_locks import whole, writers
from transforms.sinks.parquet_registry import find, folder_of, new_run, note
from transforms.sinks.parquet_tables import FILE_TABLES, write_files
from transforms.sinks.parquet_tree import Tree

_MARKER = "scope3.json"
_LAYOUT = {"store": "Scope 3 results", "layout": 1}
_POLL_SECONDS = 0.1


def prepare(tree: Tree, run: Run, signs: list[LifeSign]) -> bool:
    """Registers a run. See contract.Store.prepare.

    Args:
        signs: our own signs of life; one is added.
    """
    _mark(tree)
    deadline = time.monotonic() + launches.FADE_SECONDS
    folder = folder_of(run.run_id)
    while True:
        # Also against writers of a former launch that pass the fence in this moment.
        with writers(tree, run.run_id):
            found = find(tree, run.run_id)
            step = launches.decide(found, run, found is not None and is_alive(tree, folder, _names(signs)))
            if step is Launch.BEGIN:
                forget(tree, folder)
                # Before anybody can see the run: nobody finds it without a sign of life.
                signs.append(LifeSign(tree, folder))
                sources = [vars(source) | {"run_id": run.run_id} for source in run.sources]
                write_files(tree, f"{folder}/sources", "sources", pa.Table.from_pylist(sources, FILE_TABLES["sources"]).to_batches())
                note(tree, new_run(run))
                return True
            if step is not Launch.WAIT:
                signs.append(LifeSign(tree, folder))
                return step is Launch.WRITE
        if found is not None and time.monotonic() > deadline:
            raise launches.goes_on(run.run_id, found.created_at)
        time.sleep(_POLL_SECONDS)


def _names(signs: Collection[LifeSign]) -> set[str]:
    return {sign.name for sign in signs}


def _mark(tree: Tree) -> None:
    """Makes the folder a store.

    Raises:
        UserFault: it is one of another version, or holds other things.
    """
    # Looked at before the lock, which makes a folder: one that is refused stays as it was.
    if not _is_marked(tree):
        with whole(tree):
            if not _is_marked(tree):
                tree.write_json(_MARKER, _LAYOUT)


def _is_marked(tree: Tree) -> bool:
    found = tree.read_json(_MARKER)
    if found is None:
        others = [name for name in tree.members("") if not name.startswith("_")]
        if others:
            raise UserFault(f"{tree.root} holds other files ({others[0]}); name an empty or a new folder for the results with --output")
        return False
    if found.get("layout") != _LAYOUT["layout"]:
        raise UserFault(
            f"{tree.root} was written by another version of this program (layout {found.get('layout')}); name another folder with --output"
        )
    return True
