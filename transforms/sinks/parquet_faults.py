"""What faults of a folder, a bucket and DuckDB mean: which pass by themselves, and a sentence with the remedy for the others."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from schemas.faults import UserFault

# What DuckDB says where the disk is full, and where it has taken all that was free on it.
_SPACE = ("No space left", "max_temp_directory_size")
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BARRED = re.compile(r"access.?denied|permission|forbidden|\b403\b|invalid.?access.?key|signature", re.IGNORECASE)
_NAMELESS = re.compile(r"no.?such.?bucket|bucket .*does not exist|\b404\b", re.IGNORECASE)
_WORDS = re.compile(r"get_next failed\(\): IOError: (.*)")
_KEYLESS = re.compile(r"credential|unauthenticated|\b401\b", re.IGNORECASE)


def is_passing(error: BaseException) -> bool:
    """Says whether a fault of a bucket may heal by itself. Its client has tried a few times already."""
    of_bucket = _of_bucket(error)
    lasting = (FileNotFoundError, PermissionError)
    return of_bucket is not None and not isinstance(of_bucket, lasting) and _remedy(str(of_bucket)) is None


def _of_bucket(error: BaseException) -> OSError | None:
    """Returns a fault of files, also where DuckDB met it: of what it reads through Arrow, Arrow's words are in its own."""
    words = _WORDS.search(str(error)) if isinstance(error, duckdb.Error) else None
    return OSError(words[1]) if words is not None else error if isinstance(error, OSError) else None


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turns faults that somebody can mend into sentences.

    Args:
        place: the store in words.

    Raises:
        UserFault: a full disk, no right, no such bucket, a damaged file.
    """
    try:
        yield
    except (OSError, pa.ArrowInvalid, duckdb.Error) as error:
        fault = _explain(error, place)
        if fault is None:
            raise
    else:
        return
    # Raised outside the handler: a sentence needs no history.
    raise fault


def _explain(error: Exception, place: str) -> UserFault | None:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if isinstance(error, duckdb.Error):
        if any(words in str(error) for words in _SPACE):
            return UserFault(
                f"counting what is in {place} needs more room than this machine has ({text}); free space in the folder that TMPDIR names, "
                "or name another there, and give the same command again"
            )
        if isinstance(error, duckdb.OutOfMemoryException):
            return UserFault(
                f"counting what is in {place} takes more memory than a run may use for it ({text}); give the inputs in several runs, "
                "each with an --inventory of its own, and see that what does not fit into memory has room where temporary files are"
            )
        of_bucket = _of_bucket(error)
        if of_bucket is not None:
            error, text = of_bucket, str(of_bucket)
    if isinstance(error, pa.ArrowInvalid) or (isinstance(error, duckdb.Error) and ".parquet" in text):
        return UserFault(f"a file in {place} is damaged ({text}); give the same command again, it is written anew")
    if isinstance(error, duckdb.Error):
        return None
    if isinstance(error, OSError) and error.errno in _FULL:
        return UserFault(f"the disk of {place} is full; free space and give the same command again")
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return UserFault(f"{place} may not be written to ({text}); give this user the right, or name another folder with --output")
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return UserFault(f"{place} is a file or lies below one ({text}); name a folder with --output")
    remedy = _remedy(text) or "check its name and the network, and give the same command again"
    return UserFault(f"{place} can't be reached or used ({text}); {remedy}")


def _remedy(text: str) -> str | None:
    if _KEYLESS.search(text):
        return "log in (gcloud auth application-default login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY), and give the same command again"
    if _NAMELESS.search(text):
        return "create the bucket, or correct its name in --output"
    if _BARRED.search(text):
        return "ask for the right to read, write, list and delete objects there"
    return None
