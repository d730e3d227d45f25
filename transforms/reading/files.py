"""The files that `--input` names: which there are, of which format, and their bytes without compression."""

import gzip
import importlib
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import IO, Any, cast

from schemas.faults import UserFault, last_words
from transforms.counters import PROGRESS
from transforms.reading.parsed import was_changed
from transforms.reading.patterns import Found, is_hidden, local_files, once_each
from transforms.reading.recognise import BZIP2, GZIP, ZSTD, Peeked, is_known, packing_of
from transforms.reading.tables import is_table, parse_table
from transforms.reading.unpacking import unpacked
from transforms.reading.utf16 import as_utf8
from transforms.sinks.contract import Source

CSV, JSON_LINES, PARQUET, WORKBOOK = "csv", "json lines", "parquet", "workbook"
_FORMATS = {
    ".csv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".json": JSON_LINES,
    ".parquet": PARQUET,
    ".xlsx": WORKBOOK,
    ".xlsm": WORKBOOK,
}
_PACKINGS = {".gz": GZIP, ".bz2": BZIP2, ".zst": ZSTD}
_ARCHIVES = (".zip", ".tar", ".tgz", ".7z", ".rar")
_KNOWN = f"files end in {', '.join(_FORMATS)}, and text may end in {', '.join(_PACKINGS)} behind that"


def find_sources(patterns: Sequence[str]) -> tuple[Source, ...]:
    """Returns the files of some patterns, each once, numbered in the order of their names.

    Local files are named by their whole path, so that a worker finds them from anywhere; a file that is named in two ways,
    by a link too, is one. What other programs leave beside their files (`_SUCCESS`, names with a point in front) is none.

    Raises:
        UserFault: a pattern that matches nothing, can't be looked up, or a file of an unknown format.
    """
    found: dict[str, Found] = {}
    for pattern in patterns:
        found |= _matched(pattern)
    for uri in found:
        _check_name(uri)
        format_of(uri)
    return tuple(Source(place, uri, found[uri].size_bytes) for place, uri in enumerate(sorted(once_each(found))))


def _matched(pattern: str) -> dict[str, Found]:
    """Returns the files that one pattern matches, at least one."""
    found: dict[str, Found] = {}
    try:
        if is_local(pattern):
            found = local_files(pattern) if pattern.strip() else {}
        else:
            found = {uri: Found(size, uri) for uri, size in _remote().sizes_of(pattern).items() if not is_hidden(uri, pattern)}
    except OSError as error:
        raise UserFault(f"--input {pattern!r} can't be looked up: {last_words(error)}; check its name and your access to it") from None
    if not found:
        raise UserFault(f"--input {pattern!r} matches no file; {_what_to_check(pattern)}")
    return found


def _what_to_check(pattern: str) -> str:
    if "[" in pattern:
        return "a bracket in a pattern stands for one of the characters in it; write [[] for a bracket that is part of a name"
    return "check the path, and quote a pattern so that the shell leaves it alone; names that begin with _ or . must be named"


def _check_name(uri: str) -> None:
    try:
        uri.encode()
    except UnicodeEncodeError:
        raise UserFault(f"the name of the file {uri!a} is no UTF-8, and no store can keep it; rename the file") from None


def is_local(uri: str) -> bool:
    """Says whether a file or pattern is one of this machine."""
    return "://" not in uri


def _remote() -> ModuleType:
    # Beam takes a second to import, and a run on this machine may read in a process that needs none of it.
    return importlib.import_module("transforms.reading.remote")


def short_names(sources: Sequence[Source]) -> dict[int, str]:
    """Returns a short name for each file or table by source_id: its own, and as much of a file's folders as tells it from others."""
    uses = Counter(ending for source in sources for ending in _endings(source.source_uri))
    return {
        source.source_id: next((ending for ending in _endings(source.source_uri) if uses[ending] == 1), source.source_uri)
        for source in sources
    }


def _endings(uri: str) -> Iterator[str]:
    """Yields a file's name, then with one folder before it, with two, and so on; of a table its name and all of it."""
    if is_table(uri):
        return iter((parse_table(uri).name, uri))
    parts = uri.split("/")
    return ("/".join(parts[-count:]) for count in range(1, len(parts) + 1))


def format_of(uri: str) -> str:
    """Returns CSV, JSON_LINES, PARQUET or WORKBOOK, by the ending of a file's name.

    Raises:
        UserFault: another ending.
    """
    name, compression = _split(uri)
    found = next((kind for ending, kind in _FORMATS.items() if name.lower().endswith(ending)), None)
    if found is None and name.lower().endswith(_ARCHIVES):
        raise UserFault(f"{uri} is an archive; unpack it, and name the files in it")
    if found is None:
        raise UserFault(f"{uri} is of no known format: {_KNOWN}; name the files with a pattern, for example 'folder/*.csv'")
    if found in (PARQUET, WORKBOOK) and compression:
        raise UserFault(f"{uri} is compressed as a whole, which Parquet files and workbooks are not; unpack it")
    return found


def _split(uri: str) -> tuple[str, str]:
    ending = next((one for one in _PACKINGS if uri.lower().endswith(one)), "")
    return uri[: len(uri) - len(ending)], ending


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """Gives a file as it is stored; what is read of it counts as progress.

    Raises:
        UserFault: it can't be opened, was changed since it was cut, or can't be read to its end.
    """
    try:
        uri = source.source_uri
        handle = Path(uri).open("rb") if is_local(uri) else _remote().open_bytes(uri)  # noqa: SIM115
    except OSError as error:
        raise UserFault(f"{source.source_uri} can't be read: {last_words(error)}") from None
    counted = _Counted(handle)
    try:
        with handle:
            if source.part_of_bytes is not None:
                if handle.seek(0, os.SEEK_END) != source.part_of_bytes:
                    raise was_changed(uri)
                handle.seek(0)
            yield cast(IO[bytes], counted)
        # Of a Parquet file not all is read.
        PROGRESS.bytes_read += max(source.size_bytes - counted.read_bytes, 0)
    except (EOFError, OSError, zlib.error) as error:
        # An unpacker's fault has no number.
        if isinstance(error, OSError) and not isinstance(error, gzip.BadGzipFile) and (error.errno is not None or not is_local(uri)):
            raise UserFault(f"{uri} can't be read: {last_words(error)}") from None
        place = f"at byte {counted.read_bytes:,} of {source.size_bytes:,} or a little before"
        raise UserFault(f"{uri} is damaged or cut off {place}: {last_words(error)}; get it again") from None


def decompressed(source: Source, handle: IO[bytes]) -> Peeked:
    """Returns the bytes of an opened text file without compression, which its content tells, whatever its name says; UTF-16 as UTF-8."""
    packed = Peeked(handle, handle)
    _, ending = _split(source.source_uri)
    packing = packing_of(packed.head)
    if packing is None and not is_known(packed.head):
        # What is nothing else under such a name is damaged, and its unpacker says so.
        packing = _PACKINGS.get(ending.lower())
    return as_utf8(Peeked(unpacked(packed, packing)) if packing else packed)


class _Counted:
    """A file that counts the bytes read of it as progress."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle, self.read_bytes = handle, 0

    def read(self, size: int = -1) -> bytes:
        data = self._handle.read(size)
        self.read_bytes += len(data)
        PROGRESS.bytes_read += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handle, name)
