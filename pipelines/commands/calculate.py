"""scope3 calculate: JSON lines in, JSON lines out, in order; no store, no Beam."""

import codecs
import itertools
import json
import sys
from collections.abc import Iterator, Sequence
from typing import IO

from pipelines.arguments import Parser
from pipelines.config_options import add_config_options, add_factors_option, config_of, load_factors
from schemas.faults import UserFault
from schemas.json_line import parse_line
from transforms.calculate_records import RecordCalculator

_RECORDS_AT_ONCE = 1_000
# As in the reader of a run.
_BLANKS = b" \t\r\n"


def run(arguments: Sequence[str]) -> int:
    """Calculates the records of a file, or of standard input.

    Raises:
        UserFault: a file that can't be read, or factors that can't be used.
    """
    parser = Parser(
        prog="scope3 calculate",
        description='Reads records as JSON lines and answers each with a line, {"result": {...}} or {"dead_letter": {...}}, in order.',
    )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="JSON lines, one record a line (default: standard input)")
    add_factors_option(parser, "default; given, these and nothing else")
    add_config_options(parser)
    options = parser.parse_strictly(arguments)
    config = config_of(options)
    calculator = RecordCalculator(load_factors(options.factors or ["default"], config), config)
    with _opened(options.file) as file:
        lines = _lines(file)
        # From a terminal or a pipe each line is answered as it comes.
        at_once = _RECORDS_AT_ONCE if file.seekable() else 1
        for some in _groups(lines, at_once):
            for answer in calculator.calculate([parse_line(line) for line in some]):
                sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    return 0


def _opened(name: str) -> IO[bytes]:
    if name == "-":
        return sys.stdin.buffer
    try:
        return open(name, "rb")
    except OSError as error:
        raise UserFault(f"{name} can't be read: {error.strerror}") from None


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yields lines that are not blank; a byte order mark in front of the first is no part of it."""
    for number, line in enumerate(file):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 0 else line
        if text.strip(_BLANKS):
            yield text


def _groups(lines: Iterator[bytes], size: int) -> Iterator[list[bytes]]:
    while some := list(itertools.islice(lines, size)):
        yield some
