"""Codes of other NAICS editions, and sector ranges, as aliases of codes that the EPA factors list.

A code that NAICS 2017 has is always taken as 2017, so it gets no alias. Weights are equal,
because none are known. Source: US Census Bureau concordances 2002 to 2022, as collected by
flowsa (MIT, US EPA).
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from transforms.factors.importers.cells import read_lines
from transforms.factors.importers.published import Imported, Publication, Wanted, factor_row

EDITIONS = Publication(
    "naics-editions",
    "NAICS concordance 2002 to 2022 (US Census Bureau, flowsa)",
    "editions",
    "US Government facts; MIT, (c) US EPA",
    "2026-11-25",
    attribution="US Census Bureau, NAICS concordances, as collected by flowsa, MIT License, Copyright (c) US EPA",
)

_TARGET = "NAICS_2017_Code"
_OTHERS = ("NAICS_2002_Code", "NAICS_2007_Code", "NAICS_2012_Code", "NAICS_2022_Code")
_RANGES = {"31-33": ("31", "32", "33"), "44-45": ("44", "45"), "48-49": ("48", "49")}


def read(path: Path, wanted: Wanted, listed: Collection[str]) -> Imported:
    """Returns a row a target: other edition's code to the codes of 2017 it became.

    Args:
        path: the concordance.
        wanted: edition, if it has a name of its own.
        listed: six-digit codes that the factors list; only these are targets.

    Raises:
        UserFault: another layout.
    """
    publication = EDITIONS
    if wanted.edition is not None and wanted.edition != EDITIONS.name:
        publication = replace(EDITIONS, name=wanted.edition, source_version=wanted.edition)
    targets: dict[str, set[str]] = defaultdict(set)
    valid = set()
    for _, cells in read_lines(path, [_TARGET, *_OTHERS]):
        code_2017 = _code(cells[_TARGET])
        valid.add(code_2017)
        if code_2017 in listed:
            for edition in _OTHERS:
                targets[_code(cells[edition])].add(code_2017)
    pairs = [(code, target) for code, found in targets.items() if code and code not in valid for target in found]
    pairs += [(sectors, target) for sectors, found in _RANGES.items() for target in found]
    common = {"family": "key_alias", "boundary": "parameter", "region": "GLOBAL", "year": 2022, "unit": "share", "value": 1.0}
    rows = [factor_row(publication, **common, key=f"eeio:{code}", basis=target) for code, target in pairs]
    return Imported(publication, rows)


def _code(text: str) -> str:
    code = text.removesuffix(".0")
    return code if len(code) == 6 and code.isdigit() else ""
