"""What the README says of runs on Flink."""

import re
import shlex

from tests.readme_tables import README

# What differs from cluster to cluster, and from test to test.
_PLACES = ("input", "output", "password_secret", "flink_master", "environment_config")


def options_of(environment: str) -> dict[str, str]:
    """Returns the options of the README's command for a kind of workers, without those that name a place."""
    section = README.read_text(encoding="utf-8").partition("\n## On Flink\n")[2].partition("\n## ")[0]
    commands = re.findall(r"^ {4}(\./run_local\.sh run (?:.*\\\n)*.*)$", section, re.MULTILINE)
    (command,) = (one for one in commands if f"--environment_type={environment}" in one)
    words = [word.removeprefix("--").split("=", 1) for word in shlex.split(command) if word.startswith("--") and "=" in word]
    return {name: value for name, value in words if name not in _PLACES}
