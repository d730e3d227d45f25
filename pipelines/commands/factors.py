"""scope3 factors: which factors there are, and which one a record would get."""

import argparse
import csv
import difflib
import itertools
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import transforms.factors.sets
from pipelines import diff_factors
from pipelines.arguments import Parser
from pipelines.config_options import add_config_options, add_factors_option, config_of, load_factors
from schemas import parsing
from schemas.factor import FACTOR
from schemas.families import FAMILIES
from schemas.faults import UsageFault, UserFault
from transforms.factors.read import DEFAULT_SETS, shipped_sets
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved
from transforms.factors.row import FactorRow
from transforms.factors.table import FactorTable

_DESCRIPTION = """list                 the shipped sets
show FAMILY [KEY]    the factors of a key, or the keys of a family; with --region, the one that a record there would get
search TEXT          factors whose family, key or source holds all words of the text
template             an empty table for factors of your own, as CSV
diff A B             what differs between two sets, and which records it moves; scope3 factors diff --help"""

_MOST_FOUND, _MOST_KEYS = 40, 400


def run(arguments: Sequence[str]) -> int:
    """Runs one of the sub-commands."""
    if arguments[:1] == ["diff"]:
        return diff_factors.run(arguments[1:])
    parser = Parser(
        prog="scope3 factors",
        description=_DESCRIPTION,
        usage="scope3 factors [list | show FAMILY [KEY] | search TEXT | template | diff A B] [options]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=["list", "show", "search", "template"], default="list", help=argparse.SUPPRESS)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--region", metavar="CODE", help="show: where the record's activity is, for example DE")
    parser.add_argument("--year", metavar="YEAR", type=int, default=date.today().year, help="show: of the record (default: this year)")
    add_factors_option(parser, "default")
    add_config_options(parser)
    found = parser.parse_strictly(arguments)
    if found.what == "list":
        _list()
    elif found.what == "template":
        csv.writer(sys.stdout, lineterminator="\n").writerow([column.name for column in FACTOR])
    else:
        config = config_of(found)
        table = load_factors(found.factors or ["default"], config)
        if found.what == "search":
            _search(table, found.words)
        else:
            _show(table, Resolver(table, config), found.words, _region(found.region), found.year)
    return 0


def _list() -> None:
    folder = Path(transforms.factors.sets.__path__[0])
    print(f"{'set':<16}{'rows':>7}  {'default':<9}{'edition':<14}{'digest':<14}licence")
    for name in shipped_sets():
        manifest = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        default = "yes" if name in DEFAULT_SETS else "no"
        print(f"{name:<16}{manifest['rows']:>7,}  {default:<9}{manifest['edition']:<14}{manifest['sha256'][:12]:<14}{manifest['licence']}")
        print(f"{'':<16}{manifest['source']}")


def _region(code: str | None) -> str | None:
    try:
        return None if code is None else parsing.region(code)
    except parsing.Wrong as wrong:
        raise UsageFault(f"--region {wrong.complaint}") from None


def _search(table: FactorTable, words: Sequence[str]) -> None:
    wanted = [word.lower() for text in words for word in text.split()]
    if not wanted:
        raise UsageFault("scope3 factors search needs a text, for example: scope3 factors search diesel")
    found = [row for row in _every_row(table) if all(word in f"{row.family} {row.key} {row.source}".lower() for word in wanted)]
    if not found:
        raise UserFault(f"no loaded factor matches {' '.join(wanted)!r}; try fewer words, or see scope3 factors show FAMILY")
    _print_rows(found[:_MOST_FOUND])
    if len(found) > _MOST_FOUND:
        print(f"and {len(found) - _MOST_FOUND:,} more; add a word to see fewer")


def _show(table: FactorTable, resolver: Resolver, words: Sequence[str], region: str | None, year: int) -> None:
    if not 1 <= len(words) <= 2:
        raise UsageFault("scope3 factors show needs a family and a key, for example: scope3 factors show freight all_hgv")
    family = words[0]
    if family not in FAMILIES:
        near = difflib.get_close_matches(family, FAMILIES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FAMILIES)}"
        raise UsageFault(f"there is no family {family!r}; {hint}")
    keys = table.keys_of(family)
    if len(words) == 1:
        print(f"{family}: by {FAMILIES[family].key}; boundaries {', '.join(FAMILIES[family].boundaries)}")
        print("\n".join(keys[:_MOST_KEYS]) or "no factor of this family is loaded; give your own with --factors")
        if len(keys) > _MOST_KEYS:
            print(f"and {len(keys) - _MOST_KEYS:,} more; see scope3 factors search TEXT")
        return
    key = words[1]
    rows = sorted(table.find(family, key), key=lambda row: (row.boundary, row.region, -row.year, row.precedence))
    if rows:
        _print_rows(rows)
    elif region is None:
        near = difflib.get_close_matches(key, keys, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"see scope3 factors show {family}"
        raise UserFault(f"no loaded factor of family {family} has the key {key!r}; {hint}")
    if region is not None:
        _print_answer(resolver, family, key, region, year)


def _print_answer(resolver: Resolver, family: str, key: str, region: str, year: int) -> None:
    """Prints what a record of a region and year gets, boundary by boundary."""
    print(f"\na record in {region}, {year}, gets")
    units: list[str | None] = [*sorted({row.unit for row in resolver.table.find(family, key)})] or [None]
    for boundary, unit in itertools.product(FAMILIES[family].boundaries, units):
        found = resolver.resolve(family, key, boundary, region, year, unit=unit)
        if not isinstance(found, Unresolved):
            told = "".join(f"; {text}" for text in found.warnings)
            print(f"  {boundary:<15}{found.value:>12.6g} per {unit or found.lead.unit:<13}{found.lead.factor_id}{told}")
        elif len(units) == 1:
            print(f"  {boundary:<15}{'none':>12}")


def _every_row(table: FactorTable) -> Iterable[FactorRow]:
    for family in table.families():
        for key in table.keys_of(family):
            yield from table.find(family, key)


def _print_rows(rows: Sequence[FactorRow]) -> None:
    print(f"{'family:key':<44}{'boundary':<15}{'region':<8}{'year':<6}{'value':>12} per {'unit':<19}source")
    for row in rows:
        basis = f" {row.basis}" if row.basis and row.family != "key_alias" else f" -> {row.basis}" if row.basis else ""
        unverified = "" if row.verified else ", not verified"
        name = f"{row.family}:{row.key}"
        print(
            f"{name:<44}{row.boundary:<15}{row.region:<8}{row.year:<6}{row.value:>12.6g} per {row.unit + basis:<18} "
            f"{row.source_version} ({row.licence}{unverified})"
        )
