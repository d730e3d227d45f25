"""The options of the calculation on the command line, under the names of the specification."""

import argparse
import sys
import typing
from collections.abc import Sequence
from enum import Enum
from typing import Any

from pydantic import ValidationError

from schemas.config import FOREIGN_PROXY, Config
from schemas.faults import UsageFault
from transforms.factors.read import shipped_sets
from transforms.factors.table import FactorTable


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Adds an option for each field of Config."""
    group = parser.add_argument_group("calculation")
    for name, field in Config.model_fields.items():
        default = field.get_default(call_default_factory=True)
        words: dict[str, Any] = {
            "dest": name,
            "default": None,
            "help": f"{field.description} (default: {_shown(default)})".replace("%", "%%"),
        }
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Enum):
            words["choices"] = [member.value for member in kind]
        elif kind is bool:
            words |= {"choices": ["true", "false"]}
        elif typing.get_origin(kind) in (dict, tuple):
            words |= {"nargs": "+", "metavar": "FAMILY=VALUE" if typing.get_origin(kind) is dict else "CV"}
        else:
            words["metavar"] = "NUMBER"
        group.add_argument(f"--{name}", **words)


def add_factors_option(parser: argparse.ArgumentParser, default: str) -> None:
    """Adds `--factors`."""
    parser.add_argument(
        "--factors",
        nargs="+",
        metavar="SET",
        help=f"factor sets in order of precedence: default, {', '.join(shipped_sets())}, or your own .csv, .xlsx, .parquet or .json (default: {default})",
    )


def load_factors(names: Sequence[str], config: Config) -> FactorTable:
    """Returns the factors of `--factors`; what is doubtful in the user's own goes to standard error.

    Raises:
        UserFault: factors that can't be used.
    """
    table = FactorTable.load(names, config)
    for doubt in table.doubts:
        print(f"scope3: {doubt}", file=sys.stderr)
    return table


def config_of(arguments: argparse.Namespace) -> Config:
    """Returns the options that were given, the others at their defaults.

    Raises:
        UsageFault: a value out of its range.
    """
    given: dict[str, Any] = {}
    for name in Config.model_fields:
        value = getattr(arguments, name)
        if value is None:
            continue
        if name == "foreign_proxy":
            value = FOREIGN_PROXY | _pairs(name, value)
        elif name == "source_priority":
            value = {family: sources.split(",") for family, sources in _pairs(name, value).items()}
        given[name] = value
    try:
        return Config(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        told = first["msg"].removeprefix("Value error, ")
        raise UsageFault(f"--{name}: {told[:1].lower()}{told[1:]}, not {first['input']}") from None


def _pairs(name: str, values: list[str]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    for family, sign, value in pairs:
        if not (family and sign and value):
            raise UsageFault(f"--{name} takes FAMILY=VALUE, not {family}{sign}{value}")
    return {family: value for family, _, value in pairs}


def _shown(default: object) -> str:
    if isinstance(default, dict):
        return " ".join(f"{family}={value}" for family, value in default.items()) or "none"
    if isinstance(default, Enum):
        return str(default.value)
    return (
        " ".join(map(str, default)) if isinstance(default, tuple) else str(default).lower() if isinstance(default, bool) else str(default)
    )
