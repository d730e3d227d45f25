"""Which factors there are for a word, and which one a record of a region and year would get."""

import difflib
import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from schemas.families import FAMILIES
from schemas.faults import UsageFault, UserFault
from schemas.parsing import FUEL_ALIASES
from schemas.records.transport import MODE_CLASSES
from transforms.factors.read import naics_titles
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved
from transforms.factors.row import FactorRow

_MOST_ROWS, _MOST_KEYS, _MOST_ANSWERS = 40, 400, 20

# Families whose rows are taken of exactly the year, or not at all.
_EXACT = ("fx", "price_index")

# A boundary, and the one that a record takes in its place where the nearest region has only that.
_INSTEAD = {"grid": {"generation": "life_cycle"}, "freight": {"ttw": "wtw"}}

# Boundaries whose unit is that of the value, not what it is counted per.
_PARAMETERS = ("parameter", "loss_share")


class Asked(NamedTuple):
    """For which record a factor is looked for; without a region all rows are shown.

    Attributes:
        region, grid_region, year: as in the record.
    """

    region: str | None
    grid_region: str | None
    year: int


def search(resolver: Resolver, words: Sequence[str], asked: Asked) -> None:
    """Prints the factors whose family, key, title, source or common name has words that begin so; with a region, what a record there gets.

    Raises:
        UsageFault: no word.
        UserFault: nothing is found.
    """
    wanted = [word.lower() for text in words for word in text.split()]
    if not wanted:
        raise UsageFault("scope3 factors search needs a text, for example: scope3 factors search diesel")
    # Where a word begins: cement is no placement, hgv stands in all_hgv.
    begins = [re.compile(f"(?<![a-z]){re.escape(word)}") for word in wanted]
    found = [row for row in _every_row(resolver) if all(begin.search(_words_of(row)) for begin in begins)]
    if not found:
        raise UserFault(
            f"no loaded factor matches {' '.join(wanted)!r}; try fewer words, see scope3 factors show FAMILY, and name a country with --region"
        )
    if asked.region is None:
        _print_rows(found)
        return
    pairs = list(dict.fromkeys((row.family, row.key) for row in found))
    for family, key in pairs[:_MOST_ANSWERS]:
        _print_answer(resolver, family, key, asked)
    _print_more(len(pairs) - _MOST_ANSWERS, "keys")


def show(resolver: Resolver, words: Sequence[str], asked: Asked) -> None:
    """Prints the keys of a family, or the rows of a key and what a record of a region gets.

    Raises:
        UsageFault: no such family.
        UserFault: no such key.
    """
    if not 1 <= len(words) <= 2:
        raise UsageFault("scope3 factors show needs a family and a key, for example: scope3 factors show freight all_hgv")
    family = words[0]
    if family not in FAMILIES:
        near = difflib.get_close_matches(family, FAMILIES, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FAMILIES)}"
        raise UsageFault(f"there is no family {family!r}; {hint}")
    keys = resolver.table.keys_of(family)
    if len(words) == 1:
        print(f"{family}: by {FAMILIES[family].key}; boundaries {', '.join(FAMILIES[family].boundaries)}")
        print("\n".join(keys[:_MOST_KEYS]) or "no factor of this family is loaded; give your own with --factors")
        _print_more(len(keys) - _MOST_KEYS, "keys; see scope3 factors search TEXT")
        return
    key = _key_of(family, words[1])
    rows = resolver.table.find(family, key)
    if asked.region is not None:
        _print_answer(resolver, family, key, asked)
        _print_loaded(row for row in rows if row.region in (asked.region, asked.grid_region))
    elif rows:
        _print_rows(sorted(rows, key=_order))
    else:
        near = difflib.get_close_matches(key, keys, 3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"see scope3 factors show {family}"
        raise UserFault(f"no loaded factor of family {family} has the key {key!r}; {hint}")


def _every_row(resolver: Resolver) -> Iterable[FactorRow]:
    table = resolver.table
    for family in table.families():
        for key in table.keys_of(family):
            yield from sorted(table.find(family, key), key=_order)


def _order(row: FactorRow) -> tuple[object, ...]:
    return row.boundary, row.region, -row.year, row.precedence


def _key_of(family: str, word: str) -> str:
    """Returns the key that a word of a record stands for."""
    if family in ("freight", "freight_load"):
        return MODE_CLASSES.get(word, word)
    return FUEL_ALIASES.get(word, word) if family in ("fuel", "heat", "grid") else word


def _common_names() -> dict[str, str]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, key in (*MODE_CLASSES.items(), *FUEL_ALIASES.items()):
        names[key].append(name)
    return {key: " ".join(found) for key, found in names.items()}


_COMMON_NAMES = _common_names()


def _words_of(row: FactorRow) -> str:
    named = _COMMON_NAMES.get(row.key.removesuffix("_reefer"), "")
    return f"{row.family} {row.key} {named} {_title(row)} {row.region} {row.source} {row.source_version}".lower()


def _title(row: FactorRow) -> str:
    return naics_titles().get(row.key, "") if row.family == "eeio" else ""


def _print_answer(resolver: Resolver, family: str, key: str, asked: Asked) -> None:
    """Prints what a record gets, boundary by boundary, with every step that the factor is away from what it asked for."""
    print(f"{family}:{key}, a record in {asked.grid_region or asked.region}, {asked.year}, gets")
    if family in _EXACT:
        row = resolver.exact(family, key, asked.year)
        if row is None:
            print(f"  nothing: no row of {asked.year} is loaded, and no other year stands in; it becomes a dead letter E_NO_FACTOR")
        else:
            print(_line(row, row.value))
        return
    answers = {(found.lead.factor_id, found.value): found for found in _answers(resolver, family, key, asked)}
    for found in answers.values():
        print("; ".join([_line(found.lead, found.value), *found.warnings]))
    if not answers:
        print("  nothing: its next method is tried, and without one it becomes a dead letter E_NO_FACTOR")


def _answers(resolver: Resolver, family: str, key: str, asked: Asked) -> Iterator[Resolved]:
    instead = _INSTEAD.get(family, {})
    units: list[str | None] = [*sorted({row.unit for row in resolver.table.find(family, key)})] or [None]
    for boundary, unit in itertools.product(FAMILIES[family].boundaries, units):
        if boundary in instead.values():
            continue
        boundaries = (boundary, instead[boundary]) if boundary in instead else boundary
        found = resolver.resolve(family, key, boundaries, str(asked.region), asked.year, unit=unit, grid_region=asked.grid_region)
        if isinstance(found, Resolved):
            yield found


def _print_loaded(rows: Iterable[FactorRow]) -> None:
    """Prints of which years there are rows."""
    years: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in rows:
        years[row.region, row.boundary, row.source_version].append(row.year)
    for (region, boundary, source), found in sorted(years.items()):
        span = str(min(found)) if min(found) == max(found) else f"{min(found)} to {max(found)}"
        print(f"  loaded for {region}: {boundary} of {span}, {source}")


def _print_rows(rows: Sequence[FactorRow]) -> None:
    """Prints rows; of many only the latest of each key, boundary and region."""
    shown = rows
    if len(rows) > _MOST_ROWS:
        latest: dict[tuple[str, ...], FactorRow] = {}
        for row in rows:
            latest.setdefault((row.family, row.key, row.boundary, row.region, row.unit, row.basis or ""), row)
        shown = list(latest.values())
    print(f"  {'family:key':<42}{'boundary':<16}{'region':<8}{'year':<6}{'value':>12} {'unit':<23}source (licence)")
    for row in shown[:_MOST_ROWS]:
        print(_line(row, row.value))
    _print_more(len(rows) - min(len(shown), _MOST_ROWS), "rows; add a word, or a country with --region")


def _line(row: FactorRow, value: float) -> str:
    unit = row.unit if row.boundary in _PARAMETERS else f"per {row.unit}"
    if row.price_year is not None:
        unit += f" of {row.price_year}"
    if row.basis:
        unit += f" -> {row.basis}" if row.family == "key_alias" else f" {row.basis}"
    unverified = "" if row.verified else ", not verified"
    name = f"{row.family}:{row.key}"
    title = f", {_title(row)}" if _title(row) else ""
    return (
        f"  {name:<42}{row.boundary:<16}{row.region:<8}{row.year:<6}{value:>12.6g} {unit:<23}"
        f"{row.source_version} ({row.licence}{unverified}){title}"
    )


def _print_more(count: int, what: str) -> None:
    if count > 0:
        print(f"and {count:,} more {what}")
