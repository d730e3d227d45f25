"""Figures that no publisher gives and a calculation can't do without; none of them is verified.

    kg CO2e of a kg incinerated without energy recovery = dry matter * carbon * fossil carbon * 44 / 12 + collection

Defaults of IPCC 2006 Guidelines, volume 5, chapter 2, without CH4 and N2O; mixed waste is a middle of 0.34 to
0.44. Collection and transport are the 0.00468568 that DESNZ 2025 gives for other wastes; the waste cells that
are blank there are this figure too. Shares of treatments, lifetimes of products and the barge are placeholders
without a checked source: load national figures before these. `conventions.csv` beside this module holds them.
"""

from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers.published import Publication, factor_row, number, read_rows

FILE = Path(__file__).with_suffix(".csv")

_DATE = "2026-11-28"
_PROJECT, _CROWN = "Apache-2.0", "Open Government Licence v3.0"

CONVENTIONS = Publication(
    "conventions",
    "Conventions of this project and IPCC 2006 defaults, not verified",
    "conventions-1",
    f"{_PROJECT}; {_CROWN}",
    _DATE,
    "AR5",
)

_SOURCES = {
    "placeholder": Publication("conventions", "Convention of this project, without a checked source", "placeholder", _PROJECT, _DATE),
    "analogy": Publication(
        "conventions", "Collection and transport, by analogy with other wastes of DESNZ 2025", "analogy", _CROWN, _DATE, "AR5"
    ),
    "ipcc-2006": Publication(
        "conventions",
        "IPCC 2006 Guidelines, volume 5, chapter 2, defaults, and collection of DESNZ 2025",
        "ipcc-2006",
        _CROWN,
        _DATE,
        "AR5",
    ),
}

_KEYS = ("family", "key", "boundary", "region", "unit")
_OTHERS = ("source_version", "year", "value", "basis", "cv")


def rows_of(path: Path = FILE) -> list[dict[str, object]]:
    """Returns the rows of the table.

    Raises:
        UserFault: another layout, a source that is not named here, or a cell without a number.
    """
    rows = []
    for line, cells in read_rows(path, [*_KEYS, *_OTHERS]):
        source = _SOURCES.get(cells["source_version"])
        if source is None:
            raise UserFault(f"{path.name}, line {line}: source_version {cells['source_version']!r} is none of {', '.join(_SOURCES)}")
        rows.append(
            factor_row(
                path,
                source,
                **{name: cells[name] for name in _KEYS},
                year=int(cells["year"]),
                value=number(path, line, "value", cells["value"]),
                basis=cells["basis"] or None,
                cv=number(path, line, "cv", cells["cv"]) if cells["cv"] else None,
                verified=False,
            )
        )
    return rows
