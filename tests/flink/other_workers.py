"""Beam's own pool of workers, in one process, as if this package were of another version or not installed there.

python -m tests.flink.other_workers VERSION|none
"""

import signal
import sys

from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer

PACKAGES = ("pipelines", "schemas", "transforms")


class _NotInstalled:
    """Finds nothing of this package."""

    def find_spec(self, name, path=None, target=None):
        """Raises as Python does where a package is not installed."""
        if name.split(".")[0] in PACKAGES:
            raise ModuleNotFoundError(f"No module named {name.split('.')[0]!r}", name=name)


def main() -> None:
    """Serves workers until SIGTERM."""
    if sys.argv[1] == "none":
        sys.meta_path.insert(0, _NotInstalled())
    else:
        from schemas import version

        version.ENGINE_VERSION = sys.argv[1]
    address, _ = BeamFnExternalWorkerPoolServicer.start()
    print(f"Workers are served at {address}", flush=True)
    signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    main()
