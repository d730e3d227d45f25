"""UK Government GHG Conversion Factors for Company Reporting, published by DESNZ (until 2022 by BEIS).

The file is the publisher's workbook "flat file", or its sheet "Factors by Category", every row and value, saved
as CSV. Source: gov.uk, "Greenhouse gas reporting: conversion factors 2025" (workbook of 10 June 2025, SHA-256
8bfdb45b81ec4a88e3bdf4584637330f62e6bd09ce1940e654c5d7b7f736de94) and 2024, version 1.1. Some figures are added
up from two of the file's; each module says which.
"""

import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers.desnz_energy import energy
from transforms.factors.importers.desnz_file import Figure, FlatFile
from transforms.factors.importers.desnz_freight import freight
from transforms.factors.importers.desnz_travel import travel
from transforms.factors.importers.desnz_waste import waste
from transforms.factors.importers.published import Imported, Publication, Wanted, factor_row, sha256_of, tell_units_apart

_SOURCE = "UK Government GHG Conversion Factors for Company Reporting"
_BASIS = "emissions where and when they arise, and separately well-to-tank, United Kingdom (hotels by country)"

# Files that do not say their year, by SHA-256.
_CSV_YEARS = {
    "2e31517bfdaeef0b719f73f889afde979faead9b89e2fdf72c55f1b6db9e1e0e": 2025,
    "76ce2c8a45f77d5f5a5bb788f6e60fafa56bfb03b01531e988904f96980b3dd1": 2024,
}
# Editions before rest on other potentials and have other headings.
_FIRST_AR5 = 2023


def publication_of(year: int, wanted: Wanted) -> Publication:
    """Returns the edition of a year."""
    name = wanted.edition or f"desnz-{year}"
    return Publication(
        name,
        f"{_SOURCE} (DESNZ, {year})",
        name,
        "Open Government Licence v3.0",
        "2026-11-28",
        "AR5",
        attribution=f"Contains public sector information licensed under the Open Government Licence v3.0: {_SOURCE}, DESNZ, {year}",
        basis=_BASIS,
    )


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns the rows of a flat file; a blank cell gives none.

    Raises:
        UserFault: another layout or edition, a figure that is no number, or a file that does not say its year.
    """
    file = FlatFile(path)
    year = file.year or _CSV_YEARS.get(sha256_of(path)) or _said(path, wanted)
    if year < _FIRST_AR5:
        raise UserFault(f"{path.name} is the edition of {year}; editions before {_FIRST_AR5} rest on other potentials and are not read")
    publication = publication_of(year, wanted)
    every = list(chain(energy(file), freight(file), travel(file), waste(file, year)))
    figures = [figure for figure in every if figure.value is not None]
    rows = [factor_row(publication, year=year, **figure._asdict()) for figure in figures]
    return Imported(publication, tell_units_apart(rows), _notes(every))


def _notes(every: Sequence[Figure]) -> tuple[str, ...]:
    blank = sum(figure.value is None for figure in every)
    return (f"{blank} of the figures looked for are blank in the file (not available) and make no row.",) if blank else ()


def _said(path: Path, wanted: Wanted) -> int:
    found = re.search(r"(?:^|-)(20\d\d)(?:-|$)", wanted.edition or "")
    if found is None:
        raise UserFault(
            f"{path.name} does not say its year, which stands in the header of the workbook; say it: --edition desnz-2026 for example"
        )
    return int(found[1])
