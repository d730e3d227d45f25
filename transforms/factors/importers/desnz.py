"""UK Government GHG Conversion Factors for Company Reporting, published by DESNZ (until 2022 by BEIS).

The file is the sheet "Factors by Category" of the publisher's workbook "flat file", every row and value, saved
as CSV. Source: gov.uk, "Greenhouse gas reporting: conversion factors 2025" (workbook of 10 June 2025, SHA-256
8bfdb45b81ec4a88e3bdf4584637330f62e6bd09ce1940e654c5d7b7f736de94) and 2024, version 1.1. Some figures are added
up from two of the file's; each module says which.
"""

from collections import defaultdict
from itertools import chain
from pathlib import Path

from transforms.factors.importers.desnz_energy import energy
from transforms.factors.importers.desnz_file import Figure, FlatFile
from transforms.factors.importers.desnz_freight import freight
from transforms.factors.importers.desnz_travel import travel
from transforms.factors.importers.desnz_waste import waste
from transforms.factors.importers.published import Publication, factor_row

_LICENCE = "Open Government Licence v3.0"
_SOURCE = "UK Government GHG Conversion Factors for Company Reporting"

V2025 = Publication("desnz-2025", f"{_SOURCE} (DESNZ, 2025)", "desnz-2025", _LICENCE, "2026-11-28", "AR5")
V2024 = Publication("desnz-2024", f"{_SOURCE} (DESNZ, 2024)", "desnz-2024", _LICENCE, "2026-11-28", "AR5")

_YEAR = {V2025: 2025, V2024: 2024}


def rows_of(path: Path, publication: Publication) -> list[dict[str, object]]:
    """Returns the rows of a flat file; a blank cell gives none.

    Raises:
        UserFault: another layout or edition, or a figure that is no number.
    """
    year = _YEAR[publication]
    file = FlatFile(path, year)
    figures = [figure for figure in chain(energy(file), freight(file), travel(file), waste(file)) if figure.value is not None]
    counted: dict[tuple[str, ...], set[tuple[str, str | None]]] = defaultdict(set)
    for figure in figures:
        counted[_activity(figure)].add((figure.unit, figure.basis))
    rows = []
    for figure in figures:
        row = factor_row(path, publication, year=year, **figure._asdict())
        if len(counted[_activity(figure)]) > 1:
            row["factor_id"] = ":".join(filter(None, (str(row["factor_id"]), figure.unit, figure.basis)))
        rows.append(row)
    return rows


def _activity(figure: Figure) -> tuple[str, ...]:
    return figure.family, figure.key, figure.boundary, figure.region
