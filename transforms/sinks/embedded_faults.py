"""Why the embedded PostgreSQL can't be used: a sentence with the remedy for each."""

import errno
import os
import pwd
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.faults import UserFault

_ELSEWHERE = "name another folder with --output embedded:DIR"

_FULL = "the disk of {folder} is full; free space and give the same command again, or " + _ELSEWHERE
_NO_ACCOUNT = (
    "PostgreSQL does not run as root, and this process may not start it as another user; "
    "run the command as an ordinary user, or give a server with --output postgresql://..."
)

_BY_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: "{folder} is on a read-only file system; " + _ELSEWHERE,
    errno.ENAMETOOLONG: "the path {folder} is too long for this file system; " + _ELSEWHERE,
    errno.EEXIST: "{place} is a file, and the embedded PostgreSQL needs a folder there; " + _ELSEWHERE,
    errno.ENOTDIR: "a part of {folder} is a file, not a folder; " + _ELSEWHERE,
    errno.ENOLCK: "the file system of {folder} has no file locks; name a folder on a local disk with --output embedded:DIR",
    errno.EOPNOTSUPP: "the file system of {folder} has no file locks; name a folder on a local disk with --output embedded:DIR",
}

# What initdb and postgres write where they give up, the first that matches.
_BY_LOG = (
    (
        r"shared memory",
        "the shared memory of this machine is too small for PostgreSQL ({text}); enlarge /dev/shm (docker run --shm-size=256m)",
    ),
    (r"No space left|Disk quota", _FULL),
    (
        r"could not look up effective user ID",
        "PostgreSQL needs a user with a name ({text}); add the user to /etc/passwd, or give a server with --output postgresql://...",
    ),
    (r"setpriv: ", _NO_ACCOUNT),
    (
        r"Permission denied|wrong ownership|invalid permissions",
        "PostgreSQL may not use {folder} ({text}); give the folder to the user who runs it, or " + _ELSEWHERE,
    ),
    (
        r"checkpoint record|invalid (data|primary)|control file|incorrect checksum|could not open (file|directory)|could not read|PANIC",
        "the data in {folder} are damaged ({text}); restore a copy, or " + _ELSEWHERE + " and run the inputs again",
    ),
)


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _forbidden(place: Path, folder: Path) -> str:
    """Says whose the nearest folder is that we can see."""
    seen = next(path for path in (place, *place.parents) if os.access(path, os.F_OK))
    return f"{folder} can't be used: {seen} belongs to user {_owner(seen)}; run as that user, or {_ELSEWHERE}"


@contextmanager
def at_the_folder(folder: Path) -> Iterator[None]:
    """Turns what the operating system says about `folder` into a UserFault."""
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        if error.errno == errno.EPERM and os.geteuid() == 0:
            sentence = _NO_ACCOUNT
        elif error.errno in (errno.EACCES, errno.EPERM):
            sentence = _forbidden(Path(place), folder)
        else:
            template = _BY_ERRNO.get(error.errno or 0, "the embedded PostgreSQL can't use {place}: {text}; " + _ELSEWHERE)
            sentence = template.format(folder=folder, place=place, text=error.strerror)
        raise UserFault(sentence) from error


def at_start(said: str, folder: Path) -> UserFault:
    """Returns the fault for a server or an initdb that ended; `said` is what it wrote."""
    lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error|setpriv: ", line)] or said.splitlines() or ["no message"]
    text = re.sub(r"^.*?(FATAL|PANIC|error):\s*", "", lines[0]).strip()
    template = next((told for pattern, told in _BY_LOG if re.search(pattern, said)), None)
    if template is None:
        return UserFault(f"the embedded PostgreSQL in {folder} did not start: {text}; see {folder / 'server.log'}, or {_ELSEWHERE}")
    return UserFault(template.format(folder=folder, text=text))
