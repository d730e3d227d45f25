"""The command, as if a TaskManager had little memory: python -m tests.flink.small_bundles run ..."""

import sys

from pipelines import scope3
from pipelines.cli import main

if __name__ == "__main__":
    scope3.FLINK_BUNDLE_BYTES = 200_000
    sys.exit(main(sys.argv[1:]))
