"""`scope3` with its time after start-up: imports everything first, then runs the command that the arguments say.

    .venv/bin/python benchmarks/ours.py run --input purchases.jsonl ...

The last line is the JSON {"inside_seconds": ...}, as the rivals print it.
"""

import json
import sys
import time

import apache_beam.runners.portability.fn_api_runner  # noqa: F401

import pipelines.scope3  # noqa: F401
from pipelines.cli import main


def timed() -> int:
    """Runs the command and prints its seconds."""
    began = time.perf_counter()
    try:
        status = main()
    except SystemExit as end:
        status = int(end.code or 0)
    print(json.dumps({"inside_seconds": time.perf_counter() - began}))
    return status or 0


if __name__ == "__main__":
    sys.exit(timed())
