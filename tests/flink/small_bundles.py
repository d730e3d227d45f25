"""The command, as if a TaskManager had little memory, and files were large: python -m tests.flink.small_bundles run ..."""

import sys

from pipelines import scope3
from pipelines.cli import main
from transforms.reading import ranges

if __name__ == "__main__":
    scope3.FLINK_BUNDLE_BYTES = 200_000
    ranges._PART_BYTES = 300_000
    sys.exit(main(sys.argv[1:]))
