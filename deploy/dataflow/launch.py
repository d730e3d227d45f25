"""What the launcher of the flex template runs: scope3 run, with the parameters of the template."""

import sys

from pipelines.flex_template import launch

if __name__ == "__main__":
    sys.exit(launch(sys.argv[1:]))
