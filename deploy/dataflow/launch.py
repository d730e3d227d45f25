"""What the launcher of the flex template starts: `scope3 run` with the template's parameters and Dataflow's own options."""

import sys

from pipelines.cli import main

if __name__ == "__main__":
    sys.exit(main(["run", *sys.argv[1:]]))
