"""scope3 factors: which factors there are, and which one a record would get."""

import argparse
import csv
import sys
from collections.abc import Sequence
from datetime import date

from pipelines import import_factors
from pipelines.arguments import Parser
from pipelines.config_options import add_config_options, add_factors_option, config_of, load_factors
from pipelines.find_factors import Asked, search, show
from schemas import parsing
from schemas.factor import FACTOR
from schemas.faults import UsageFault
from transforms.factors.read import DEFAULT_SETS, manifest_of, shipped_sets
from transforms.factors.resolve import Resolver

_DESCRIPTION = """list                 the shipped sets
show FAMILY [KEY]    the factors of a key, or the keys of a family; with --region, the one that a record there would get
search TEXT          factors whose family, key, title, source or common name has words that begin so; with --region, what a record there would get
template             an empty table for factors of your own, as CSV
import KIND FILE     a set from a publisher's own file; scope3 factors import --help tells the kinds
diff A B             what differs between two sets, and which records it moves; scope3 factors diff --help"""


def run(arguments: Sequence[str]) -> int:
    """Runs one of the sub-commands."""
    if arguments[:1] == ["import"]:
        return import_factors.run(arguments[1:])
    if arguments[:1] == ["diff"]:
        # Imported here: it reads and calculates records, which the others don't.
        from pipelines import diff_factors

        return diff_factors.run(arguments[1:])
    parser = Parser(
        prog="scope3 factors",
        description=_DESCRIPTION,
        usage="scope3 factors [list | show FAMILY [KEY] | search TEXT | template | import KIND FILE | diff A B] [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=["list", "show", "search", "template"], default="list", help=argparse.SUPPRESS)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--region", metavar="CODE", help="show, search: where the record's activity is, for example DE: what it would get")
    parser.add_argument("--grid_region", metavar="CODE", help="show, search: its part of the grid, for example CAMX")
    parser.add_argument(
        "--year", metavar="YEAR", type=int, default=date.today().year, help="show, search: of the record (default: this year)"
    )
    add_factors_option(parser, "default")
    add_config_options(parser)
    found = parser.parse_strictly(arguments)
    if found.what == "list":
        _list()
    elif found.what == "template":
        csv.writer(sys.stdout, lineterminator="\n").writerow([column.name for column in FACTOR])
    else:
        config = config_of(found)
        asked = Asked(_region(found.region), found.grid_region, found.year)
        table = load_factors(found.factors or ["default"], config)
        if found.what == "search":
            search(Resolver(table, config), found.words, asked)
        else:
            show(Resolver(table, config), found.words, asked)
    return 0


def _list() -> None:
    print(f"{'set':<16}{'rows':>7}  {'default':<9}{'GWP':<6}{'edition':<15}{'digest':<14}licence")
    for name in shipped_sets():
        told = manifest_of(name)
        default = "yes" if name in DEFAULT_SETS else "no"
        print(
            f"{name:<16}{told['rows']:>7,}  {default:<9}{told['gwp'] or '-':<6}{told['edition']:<15}{told['sha256'][:12]:<14}{told['licence']}"
        )
        print(f"{'':<16}{told['source']}")


def _region(code: str | None) -> str | None:
    try:
        return None if code is None else parsing.region(code)
    except parsing.Wrong as wrong:
        raise UsageFault(f"--region {wrong.complaint}") from None
