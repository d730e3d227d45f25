"""The folder or bucket of a store of Parquet files: names of its parts, and writes that are there as a whole or not at all.

    scope3.json                          what this folder is
    inventories/<inventory>.json         the run that readers see
    runs/<run>.json                      what is noted about a run
    runs/<run>/_alive-<id>.json          signs of life
    runs/<run>/_staging-<launch>/<table> files of the writers
    runs/<run>/_audit-<id>/<table>       files of an audit, before they are shown
    runs/<run>/<table>                   files of a run that is or was published; of results by category=N
    runs/<run>/_manifest.json            their list, written when all of them are there

Names that begin with an underscore are passed over by readers of Parquet folders. Buckets have no folders, only names
with slashes: nothing here looks for a folder.
"""

import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pyarrow import fs

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
AT_ONCE = 16


def folder_name(name: str) -> str:
    """Returns the name of a folder for any name of a run or inventory: itself where that works on every file system."""
    # What is noted stands beside the folder, in a file of its name.
    if _PLAIN.fullmatch(name) and not name.endswith(".json"):
        return name
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:60].strip("-._")
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:16]}".lstrip("-")


class Tree:
    """Files below one folder, named relative to it with slashes.

    Args:
        files: the file system.
        root: the folder there.
    """

    def __init__(self, files: fs.FileSystem, root: str) -> None:
        self.files, self.root = files, root.rstrip("/")
        self.is_local = isinstance(files, fs.LocalFileSystem)

    def path(self, name: str) -> str:
        """Returns the path of a file or folder in the file system."""
        return f"{self.root}/{name}" if name else self.root

    def read_json(self, name: str) -> dict[str, Any] | None:
        """Returns what a JSON file holds, None where there is none."""
        try:
            with self.files.open_input_stream(self.path(name)) as stream:
                found: dict[str, Any] = json.loads(stream.read())
                return found
        except FileNotFoundError:
            return None

    def write_json(self, name: str, values: Mapping[str, Any]) -> None:
        """Writes a JSON file, in place of a former one: readers find the one or the other."""
        self.write(name, json.dumps(values, ensure_ascii=False, indent=1).encode())

    def write(self, name: str, data: "bytes | memoryview") -> None:
        """Writes a file that is there as a whole or not at all."""
        path = self.path(name)
        if not self.is_local:
            # An object is there once it is whole.
            with self.files.open_output_stream(path) as stream:
                stream.write(data)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f"_{uuid.uuid4().hex}.part")
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def names(self, folder: str, *, deep: bool = True) -> list[str]:
        """Returns the files of a folder, sorted, and of those in it where it is deep; none where there is no folder."""
        selector = fs.FileSelector(self.path(folder), allow_not_found=True, recursive=deep)
        cut = len(self.root) + 1
        found = self.files.get_file_info(selector)
        return sorted(one.path[cut:] for one in found if one.type == fs.FileType.File and not one.path.endswith(".part"))

    def members(self, folder: str) -> list[str]:
        """Returns the names of what is in a folder, sorted; of a bucket those of files."""
        found = self.files.get_file_info(fs.FileSelector(self.path(folder), allow_not_found=True))
        return sorted(one.base_name for one in found)

    def changed_at(self, name: str) -> datetime | None:
        """Returns when a file was written last, None where it is gone."""
        found: datetime | None = self.files.get_file_info(self.path(name)).mtime
        return found

    def move_below(self, folder: str, to: str) -> None:
        """Moves all files of a folder, by their names in it; may be called again after it was cut off."""

        def move(name: str) -> None:
            target = self.path(f"{to}{name[len(folder) :]}")
            if self.is_local:
                Path(target).parent.mkdir(parents=True, exist_ok=True)
            # Another attempt may have moved it.
            with suppress(FileNotFoundError):
                self.files.move(self.path(name), target)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(move, self.names(folder)))

    def sync(self, names: Iterable[str]) -> None:
        """Waits until files of a folder, and their names in it, are on the disk; a bucket says so when it takes them."""
        if self.is_local:
            files = [Path(self.path(name)) for name in names]
            for path in (*files, *sorted({folder for file in files for folder in file.parents if folder.is_relative_to(self.root)})):
                descriptor = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)

    def remove(self, name: str) -> None:
        """Removes a file, or a folder with all that is in it, if it is there."""
        kind = self.files.get_file_info(self.path(name)).type
        if self.is_local and kind == fs.FileType.Directory:
            self.files.delete_dir(self.path(name))
            return

        def delete(one: str) -> None:
            # Another may be faster.
            with suppress(FileNotFoundError):
                self.files.delete_file(self.path(one))

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(delete, [name] if kind == fs.FileType.File else self.names(name)))
