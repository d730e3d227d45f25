"""The console script `scope3`: finds the command, runs it, and turns faults into a sentence and an exit status.

0 done, 1 fault, 2 wrong use, 3 the run failed its audit, 130 interrupted
"""

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from pipelines.process_list import restart_without_passwords
from schemas.faults import UsageFault, UserFault
from schemas.version import ENGINE_VERSION

DONE, FAULT, WRONG_USE, AUDIT_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

# Name, module in pipelines.commands, what it does. Modules are imported when they are asked for: Beam takes seconds.
COMMANDS = {
    "run": "calculate files of records into a store, audit the result and publish it",
    "check": "look through files of records: what would be refused, and which factors would be found",
    "calculate": "calculate records from JSON lines, without a store",
    "runs": "list the runs in a store",
    "publish": "point an inventory at a former run",
    "workers": "serve workers to a Flink cluster",
    "psql": "open psql on a store",
    "factors": "look up factors: sets, keys, and what a record would get",
    "schema": "show what a record, a result, a dead letter or a factor looks like",
}

_HELP = f"""usage: scope3 COMMAND [options]

Scope 3 greenhouse-gas emissions of supplier records.

commands:
{chr(10).join(f"  {name:<10} {text}" for name, text in COMMANDS.items())}

scope3 COMMAND --help tells the options of a command; scope3 --version the version.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    try:
        if arguments is None:
            restart_without_passwords()
            arguments = sys.argv[1:]
        return _run(list(arguments))
    except UsageFault as fault:
        print(f"scope3: {fault}", file=sys.stderr)
        return WRONG_USE
    except UserFault as fault:
        print(f"scope3: {fault}", file=sys.stderr)
        return FAULT
    except KeyboardInterrupt as interrupt:
        print("; ".join(["scope3: interrupted", *map(str, interrupt.args)]), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has gone, as `head` does. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_HELP, end="")
        return DONE if arguments else WRONG_USE
    if arguments[0] == "--version":
        print(f"scope3 {ENGINE_VERSION}")
        return DONE
    name = arguments[0]
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        raise UsageFault(f"there is no command {name!r}; {f'did you mean {near[0]}?' if near else 'see scope3 --help'}")
    status: int = import_module(f"pipelines.commands.{name}").run(arguments[1:])
    return status


if __name__ == "__main__":
    sys.exit(main())
