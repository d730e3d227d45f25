"""Runs the console script as a user does."""

import os
import subprocess
import sys
from pathlib import Path

SCOPE3 = Path(sys.executable).parent / "scope3"


def scope3(*arguments, cwd, stdin="", environment=None, timeout=120):
    """Returns the finished process of `scope3 ...` in a folder."""
    return subprocess.run(
        [str(SCOPE3), *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(environment or {})},
        check=False,
    )
