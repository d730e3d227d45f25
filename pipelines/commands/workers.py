"""scope3 workers: workers for the TaskManager of a cluster beside it."""

import signal
import threading
from collections.abc import Sequence

from pipelines.arguments import Parser
from pipelines.quiet import silence_libraries

_DESCRIPTION = (
    "Serves workers to the TaskManagers of a Flink cluster until it is stopped; runs beside each of them, with the "
    "environment that a worker needs (PGPASSWORD or PGPASSFILE, credentials of a cloud). A job names it with "
    "--environment_type=EXTERNAL --environment_config=HOST:PORT."
)


def run(arguments: Sequence[str]) -> int:
    """Serves workers until SIGTERM or Ctrl-C.

    Raises:
        UserFault: the address can't be had.
    """
    parser = Parser(prog="scope3 workers", description=_DESCRIPTION)
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", metavar="N", type=int, default=50_000, help="port to listen on, 0 for a free one (default: 50000)")
    options = parser.parse_strictly(arguments)
    silence_libraries()
    # Imported here: Beam takes a second.
    from pipelines.workers import served_workers

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with served_workers(options.host, options.port) as address:
        print(f"Workers are served at {address}", flush=True)
        stopped.wait()
    return 0
