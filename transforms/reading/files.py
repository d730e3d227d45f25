"""The files that `--input` names: which there are, of which format, and their bytes without compression."""

import bz2
import glob
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

import zstandard

from schemas.faults import UserFault
from transforms.counters import PROGRESS
from transforms.reading.chunks import Stream
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
_COMPRESSIONS = (".gz", ".bz2", ".zst")
_KNOWN = f"files end in {', '.join(_FORMATS)}, and text may end in {', '.join(_COMPRESSIONS)} behind that"

_READ_BYTES = 1 << 18


def find_sources(patterns: Sequence[str]) -> tuple[Source, ...]:
    """Returns the files of some patterns, each once, numbered in the order of their names.

    Local files are named by their whole path, so that a file named in two ways is one, and a worker finds it from anywhere.

    Raises:
        UserFault: a pattern that matches nothing, can't be looked up, or a file of an unknown format.
    """
    sizes: dict[str, int] = {}
    for pattern in patterns:
        found = _find(pattern)
        if not found:
            raise UserFault(f"--input {pattern!r} matches no file; check the path, and quote a pattern so that the shell leaves it alone")
        sizes.update(found)
    for uri in sizes:
        format_of(uri)
    return tuple(Source(place, uri, sizes[uri]) for place, uri in enumerate(sorted(sizes)))


def _find(pattern: str) -> dict[str, int]:
    """Returns the sizes in bytes of the files that one pattern matches."""
    if not pattern.strip():
        return {}
    try:
        return _local_sizes(pattern) if is_local(pattern) else _remote().sizes_of(pattern)
    except OSError as error:
        raise UserFault(f"--input {pattern!r} can't be looked up: {_last_words(error)}; check its name and your access to it") from None


def is_local(uri: str) -> bool:
    """Says whether a file or pattern is one of this machine."""
    return "://" not in uri


def _local_sizes(pattern: str) -> dict[str, int]:
    path = os.path.abspath(pattern)
    if os.path.isdir(path):
        raise UserFault(f"--input {pattern!r} is a folder; name the files in it, for example '{pattern.rstrip('/')}/*.csv'")
    # A name with brackets may be a file and no pattern.
    found = [path] if os.path.isfile(path) else glob.glob(path, recursive=True)
    return {one: os.path.getsize(one) for one in found if os.path.isfile(one)}


def _remote() -> ModuleType:
    # Beam takes a second to import, and a run on this machine may read in a process that needs none of it.
    return importlib.import_module("transforms.reading.remote")


def short_names(sources: Sequence[Source]) -> dict[int, str]:
    """Returns a short name for each file by source_id: its own name, and as much of its folders as tells it from others of that name."""
    uses = Counter(ending for source in sources for ending in _endings(source.source_uri))
    return {
        source.source_id: next((ending for ending in _endings(source.source_uri) if uses[ending] == 1), source.source_uri)
        for source in sources
    }


def _endings(uri: str) -> Iterator[str]:
    """Yields a file's name, then with one folder before it, with two, and so on."""
    parts = uri.split("/")
    return ("/".join(parts[-count:]) for count in range(1, len(parts) + 1))


def format_of(uri: str) -> str:
    """Returns CSV, JSON_LINES, PARQUET or WORKBOOK, by the ending of a file's name.

    Raises:
        UserFault: another ending.
    """
    name, compression = _split(uri)
    found = next((kind for ending, kind in _FORMATS.items() if name.lower().endswith(ending)), None)
    if found is None:
        raise UserFault(f"{uri} is of no known format: {_KNOWN}; name the files with a pattern, for example 'folder/*.csv'")
    if found in (PARQUET, WORKBOOK) and compression:
        raise UserFault(f"{uri} is compressed as a whole, which Parquet files and workbooks are not; unpack it")
    return found


def _split(uri: str) -> tuple[str, str]:
    ending = next((one for one in _COMPRESSIONS if uri.lower().endswith(one)), "")
    return uri[: len(uri) - len(ending)], ending


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """Gives a file as it is stored; what is read of it counts as progress.

    Raises:
        UserFault: it can't be opened, or not be read to its end.
    """
    try:
        uri = source.source_uri
        handle = Path(uri).open("rb") if is_local(uri) else _remote().open_bytes(uri)  # noqa: SIM115
    except OSError as error:
        raise UserFault(f"{source.source_uri} can't be read: {_last_words(error)}") from None
    counted = _Counted(handle)
    try:
        with handle:
            yield cast(IO[bytes], counted)
        # Of a Parquet file not all is read.
        PROGRESS.bytes_read += max(source.size_bytes - counted.read_bytes, 0)
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
        raise UserFault(f"{source.source_uri} is damaged or cut off: {_last_words(error)}; get it again") from None
    except OSError as error:
        raise UserFault(f"{source.source_uri} can't be read: {_last_words(error)}") from None


def decompressed(source: Source, handle: IO[bytes]) -> Stream:
    """Returns the bytes of an opened text file without compression."""
    _, compression = _split(source.source_uri)
    if compression == ".gz":
        return gzip.GzipFile(fileobj=handle)
    if compression == ".bz2":
        return bz2.BZ2File(handle)
    return _Zstd(handle) if compression == ".zst" else handle


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


class _Zstd:
    """Bytes of zstd frames. The library's own reader takes a file that was cut off for one that has ended."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._handle = handle
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._waiting = b""
        self._begun = False

    def read(self, size: int, /) -> bytes:
        while not self._waiting:
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._begun = zstandard.ZstdDecompressor().decompressobj(), False
            packed = packed or self._handle.read(_READ_BYTES)
            if not packed:
                if self._begun:
                    raise EOFError("the last frame is not complete")
                return b""
            self._begun = True
            self._waiting = self._frame.decompress(packed)
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data


def _last_words(error: BaseException) -> str:
    """Returns what an error says, in a line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
