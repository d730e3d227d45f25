"""Which files a pattern of `--input` means."""

import fnmatch
import glob
import os
from collections import deque
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault

_HIDDEN = ("_", ".")


class Found(NamedTuple):
    """A file that a pattern matches.

    Attributes:
        size_bytes: as stored.
        identity: the same for all names of one file.
    """

    size_bytes: int
    identity: Hashable


def local_files(pattern: str) -> dict[str, Found]:
    """Returns the files of this machine that a pattern matches by their whole paths, hidden ones left out.

    A name is taken as it stands where there is a file or folder of that name, and as a pattern elsewhere: brackets in
    the names of folders and of a single file need no quoting.

    Raises:
        UserFault: it names a folder, or a link that leads nowhere.
    """
    if os.path.isdir(pattern):
        raise UserFault(f"--input {pattern!r} is a folder; name the files in it, for example '{pattern.rstrip('/')}/*.csv'")
    if os.path.lexists(pattern):
        found = [pattern]
    else:
        parts = Path(pattern).parts
        folder = next(Path(*parts[:count]) for count in range(len(parts) - 1, -1, -1) if Path(*parts[:count]).is_dir())
        rest = Path(pattern).relative_to(folder).parts
        found = [str(path) for path in _matches(folder, rest) if not is_hidden(path.relative_to(folder).as_posix(), pattern)]
    files = {}
    for path in map(os.path.abspath, found):
        if not os.path.exists(path):
            raise UserFault(f"{path} is a link that leads nowhere; mend or remove it")
        if os.path.isfile(path):
            known = os.stat(path)
            files[path] = Found(known.st_size, (known.st_dev, known.st_ino))
    return files


def _matches(folder: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    """Yields what a pattern means below a folder; `**` is any number of folders."""
    if "**" not in parts:
        yield from (folder / name for name in glob.glob(str(Path(*parts)), root_dir=folder))
        return
    place = parts.index("**")
    for begun in _matches(folder, parts[:place]) if place else [folder]:
        for inner in _folders(begun):
            yield from _matches(inner, parts[place + 1 :] or ("*",))


def _folders(top: Path) -> Iterator[Path]:
    """Yields a folder and those below it, each once: those behind links last, though links may lead in circles."""
    seen: set[tuple[int, int]] = set()
    waiting = deque([top])
    while waiting:
        folder = waiting.popleft()
        if not folder.is_dir():
            continue
        known = folder.stat()
        if (known.st_dev, known.st_ino) in seen:
            continue
        seen.add((known.st_dev, known.st_ino))
        yield folder
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True):
            if entry.is_dir():
                (waiting.append if entry.is_symlink() else waiting.appendleft)(folder / entry.name)


def is_hidden(name: str, pattern: str) -> bool:
    """Says whether a file that a pattern matches is a mark or unfinished work of another program, as `_SUCCESS` is.

    Such a name, or that of a folder it is in, begins with `_` or `.`, and nothing in the pattern does so and matches it.
    """
    named = [part for part in pattern.split("/") if part.startswith(_HIDDEN)]
    return any(
        part.startswith(_HIDDEN) and not any(part == one or fnmatch.fnmatchcase(part, one) for one in named) for part in name.split("/")
    )


def once_each(found: dict[str, Found]) -> list[str]:
    """Returns one name of each file: of several that lead to it the one that is no link, or the first."""
    names: dict[Hashable, list[str]] = {}
    for name in sorted(found):
        names.setdefault(found[name].identity, []).append(name)
    return [min(same, key=lambda name: os.path.realpath(name) != name) if len(same) > 1 else same[0] for same in names.values()]
