"""Keeps passwords out of the process list, where every user of a machine can read a command line."""

import os
import re
import sys
from collections.abc import Sequence

from schemas.faults import UsageFault

_URL = re.compile(r"(?P<option>(?:--?[\w-]+=)?)(?P<url>postgres(?:ql)?://.*)", re.DOTALL | re.IGNORECASE)


def restart_without_passwords() -> None:
    """Starts this process anew, same pid, if its command line holds a password; returns if it holds none.

    The new command line has none anywhere, so neither has a child, a log or an option that Beam sends to a worker.
    To be called first of all, before anything is read, printed or imported.

    Raises:
        UsageFault: as take_passwords.
    """
    clean = take_passwords(sys.orig_argv)
    if clean != sys.orig_argv:
        os.execv(sys.executable, [sys.executable, *clean[1:]])


def take_passwords(arguments: Sequence[str]) -> list[str]:
    """Returns arguments without the passwords of PostgreSQL URLs; the password becomes PGPASSWORD of this process.

    Raises:
        UsageFault: a URL that can't be read, or two passwords; no message repeats them.
    """
    clean, passwords = [], set()
    for argument in arguments:
        found = _URL.fullmatch(argument)
        if found and ("@" in argument or "?" in argument):
            # Imported here: psycopg takes a quarter of a second, and most commands need none.
            from transforms.reading.tables import join_address, split_address
            from transforms.sinks.connection import url_without_password

            address, of_table = split_address(found["url"])
            url, password = url_without_password(address, "--input" if of_table else "--output")
            clean.append(argument if password is None else found["option"] + join_address(url, of_table))
            passwords.update([] if password is None else [password])
        else:
            clean.append(argument)
    if len(passwords) > 1:
        raise UsageFault("the command line holds two passwords; give them in a password file (~/.pgpass)")
    for password in passwords:
        from transforms.sinks.connection import keep_password

        keep_password(password)
    return clean
