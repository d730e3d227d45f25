"""What faults of a folder, a bucket and DuckDB mean: which pass by themselves, and a sentence with the remedy for the others."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from schemas.faults import UserFault

_FULL = (errno.ENOSPC, errno.EDQUOT)
_BARRED = re.compile(r"access.?denied|permission|forbidden|\b403\b|invalid.?access.?key|signature", re.IGNORECASE)
_NAMELESS = re.compile(r"no.?such.?bucket|bucket .*does not exist|\b404\b", re.IGNORECASE)
_OF_ARROW = re.compile(r"get_next failed\(\): (Invalid|IOError): (.*)")
_KEYLESS = re.compile(r"credential|unauthenticated|\b401\b", re.IGNORECASE)


def is_passing(error: BaseException) -> bool:
    """Says whether a fault of a bucket may heal by itself. Its client has tried a few times already."""
    return isinstance(error, OSError) and not isinstance(error, (FileNotFoundError, PermissionError)) and _remedy(str(error)) is None


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
    # Of a file that DuckDB reads through Arrow, Arrow's words are in it.
    of_arrow = _OF_ARROW.search(text)
    if isinstance(error, duckdb.Error) and of_arrow is not None:
        error, text = (pa.ArrowInvalid if of_arrow[1] == "Invalid" else OSError)(of_arrow[2]), of_arrow[2]
    if isinstance(error, duckdb.Error):
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
            return UserFault(
                f"counting what is in {place} needs more room than this machine has ({text}); free space in the folder that TMPDIR names, "
                "or name another there, and give the same command again"
            )
        return None
    if isinstance(error, pa.ArrowInvalid):
        return UserFault(f"a file in {place} is damaged ({text}); give the same command again, it is written anew")
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
