"""argparse, strict: no abbreviations, and an option that nobody knows is refused with the nearest name."""

import argparse
import difflib
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from schemas.faults import UsageFault


class Parser(argparse.ArgumentParser):
    """A parser whose faults are raised as UsageFault."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        keywords.setdefault("allow_abbrev", False)
        keywords.setdefault("formatter_class", _Help)
        super().__init__(*args, **keywords)

    def error(self, message: str) -> NoReturn:
        """Raises the fault instead of ending the process."""
        raise UsageFault(f"{message}; see {self.prog} --help")

    def parse_strictly(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parses arguments.

        Raises:
            UsageFault: an option that is not known, a missing or a wrong value.
        """
        found, unknown = self.parse_known_args(arguments)
        refuse_unknown(unknown, self.option_names(), self.prog)
        return found

    def option_names(self) -> list[str]:
        """Returns the names of all options."""
        return [name for action in self._actions for name in action.option_strings]


class _Help(argparse.HelpFormatter):
    """Shows defaults, and keeps to a line length that people can read."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32, width=110)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return [line for part in text.splitlines() for line in textwrap.wrap(part, width)]


def refuse_unknown(unknown: Iterable[str], known: Sequence[str], prog: str) -> None:
    """Refuses what no parser took.

    Raises:
        UsageFault: naming the nearest option.
    """
    for argument in unknown:
        name, _, _ = argument.partition("=")
        if not name.startswith("-"):
            raise UsageFault(f"{prog} does not take {argument!r}; see {prog} --help")
        near = difflib.get_close_matches(name.replace("-", "_"), [one.replace("-", "_") for one in known], 1)
        by_form = {one.replace("-", "_"): one for one in known}
        hint = f"did you mean {by_form[near[0]]}?" if near else f"see {prog} --help"
        raise UsageFault(f"{prog} has no option {name}; {hint}")
