"""The flex template of Dataflow: its parameters, derived from the options of `scope3 run`, and what its launcher runs.

The launcher gives each parameter as --name=value, so an option that takes a list gets all of it in one value: blanks
separate its members, and a member with blanks stands in quotes, as in a shell.

Layout of the metadata: google.dataflow.v1beta3.TemplateMetadata, and Google's guide "Configure Flex Templates".
"""

import argparse
import json
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.arguments import Parser
from pipelines.cli import WRONG_USE, main
from pipelines.options import add_beam_options, run_parser
from schemas.faults import UsageFault
from transforms.sinks.password_secret import PATTERN as SECRET

# Nobody looks on while a template is launched.
_LEFT_OUT = ("help", "quiet")

# Of Beam's options those that the environment of a launch (workers, machine type, network, account, FlexRS) does not cover.
_OF_BEAM = ("sdk_container_image", "number_of_worker_harness_threads", "default_sdk_harness_log_level", "dataflow_service_option")

# Of the output the default is a store of the machine that runs the command.
_NEEDED = ("input", "output", "sdk_container_image")

# What may follow the database in the URL of a server; never a password.
_URL_WORDS = "host|hostaddr|port|dbname|user|service|options|connect_timeout|target_session_attrs|(?:ssl|keepalives|tcp_)[a-z_]*|gssencmode"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_REMOTE = r"[a-z0-9+]+://\S.*"

# Whose files Beam reads, and tables of BigQuery; each a word of its own, as a password may stand in the address of a server.
_STORED = "(?:gs|s3|hdfs|azfs|bigquery)://"
_TABLE = f"(?:table|query|key|password_secret|{_URL_WORDS})"


def _inputs() -> str:
    """Returns the pattern of one or several inputs, each as it is or in quotes; a server's holds no password."""

    def one(not_in: str) -> str:
        user_and_place = r"postgres(?:ql)?://(?:[^:@/?\s\"']+@)?[^@?\s\"']*"
        return rf"(?:{_STORED}[^{not_in}]+|{user_and_place}\?(?:{_TABLE}=[^&{not_in}]*&?)+)"

    member = "(?:" + "|".join([one(r"\s\"'"), f'"{one(chr(34))}"', f"'{one(chr(39))}'"]) + ")"
    return rf"{member}(?:\s+{member})*"


_PATTERNS = {
    "input": _inputs(),
    "mapping": _REMOTE,
    "output": rf"postgres(?:ql)?://(?:[^:@/?\s]+@)?[^@?\s]*(?:\?(?:(?:{_URL_WORDS})=[^&@\s]*&?)+)?|(?:bigquery|gs|s3)://\S+",
    "schema": ".{1,63}",
    "password_secret": SECRET,
    "default_sdk_harness_log_level": "NOTSET|DEBUG|INFO|WARNING|ERROR|CRITICAL|[0-9]{1,2}",
    "sdk_container_image": r"[\w.:-]+(?:/[\w.-]+)+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?",
}
_BY_METAVAR = {
    "N": "[0-9]{1,7}",
    "NUMBER": _NUMBER,
    "CV": rf"{_NUMBER}(?:\s+{_NUMBER})*",
    "FAMILY=VALUE": r"[^=\s]+=\S+(?:\s+[^=\s]+=\S+)*",
}
_TEXT = r".*\S.*"

_DESCRIPTION = (
    "Reads files of supplier records, calculates their Scope 3 emissions in batches, writes results and dead letters to a store, "
    "counts there that nothing was lost, and publishes the run. Workers, machine type, network, service account and FlexRS are given "
    "in the environment of the launch."
)


def metadata() -> str:
    """Returns the metadata of the template as JSON text."""
    parameters = [_parameter(group, action) for group, action in _actions()]
    return json.dumps({"name": "Scope 3 calculator", "description": _DESCRIPTION, "parameters": parameters}, indent=2)


def _actions() -> Iterator[tuple[str, argparse.Action]]:
    """Yields the options that become parameters, each with the heading that it stands under."""
    for group in run_parser()._action_groups:
        for action in group._group_actions:
            if _name(action) not in _LEFT_OUT:
                yield (group.title or "") if group.title != "options" else "calculation", action
    beam = Parser(add_help=False)
    add_beam_options(beam)
    yield from (("workers", action) for action in beam._actions if _name(action) in _OF_BEAM)


def _name(action: argparse.Action) -> str:
    return next((text.removeprefix("--") for text in action.option_strings if text.startswith("--")), "")


def _parameter(group: str, action: argparse.Action) -> dict[str, Any]:
    name = _name(action)
    several = action.nargs == "+"
    told = " ".join((action.help or "").replace("%%", "%").split())
    found: dict[str, Any] = {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "helpText": told[:1].upper()
        + told[1:]
        + ("; several are separated by blanks, one with blanks stands in quotes" if several else ""),
        "isOptional": name not in _NEEDED,
        "groupName": group,
    }
    if action.choices is not None:
        choices = [str(one) for one in action.choices]
        boolean = set(choices) == {"true", "false"}
        found["paramType"] = "BOOLEAN" if boolean else "ENUM"
        if not boolean:
            found["enumOptions"] = [{"value": one, "label": one} for one in choices]
        pattern = "|".join(map(re.escape, choices))
    else:
        numeric = action.metavar in ("N", "NUMBER") or action.type is int
        pattern = _PATTERNS.get(name) or _BY_METAVAR.get(str(action.metavar)) or (_BY_METAVAR["N"] if numeric else _TEXT)
        found["paramType"] = "NUMBER" if numeric else "GCS_READ_FILE" if name == "mapping" else "TEXT"
    return {**found, "regexes": [f"^(?:{pattern})$"]}


def launch(arguments: Sequence[str]) -> int:
    """Runs `scope3 run` with what the launcher of the template gives; returns the exit status."""
    try:
        given = list(run_arguments(arguments))
    except UsageFault as fault:
        print(f"scope3: {fault}", file=sys.stderr)
        return WRONG_USE
    return main(["run", *given])


def run_arguments(arguments: Sequence[str]) -> Iterator[str]:
    """Yields the arguments of `scope3 run` for those of a launcher: --name=value, some of them the launcher's own.

    A parameter without a value is a field that was left empty. An option that neither we nor Beam know is the launcher's:
    a parameter of that name would have been refused before.

    Raises:
        UsageFault: a list with a quote that does not end.
    """
    parser = run_parser()
    add_beam_options(parser)
    known = {text: action for action in parser._actions for text in action.option_strings}
    for argument in arguments:
        option, separator, value = argument.partition("=")
        action = known.get(option)
        if action is None:
            print(f"scope3: {option} of the launcher means nothing here and is left out", file=sys.stderr)
        elif action.nargs == 0:
            yield from _flag(option, value)
        elif action.nargs == "+" and separator:
            yield from [option, *_members(option, value)] if value.strip() else []
        elif value.strip() or not separator:
            yield argument


def _flag(option: str, value: str) -> list[str]:
    """Returns the flag for a value of true or none, and what means the contrary for false."""
    if value.lower() != "false":
        return [option]
    return ["--no_use_public_ips"] if option == "--use_public_ips" else []


def _members(option: str, value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        pass
    raise UsageFault(f"{option} holds a quote that does not end; blanks separate its members, and one with blanks stands in quotes")
