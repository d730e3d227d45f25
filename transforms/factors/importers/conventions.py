"""Figures that no publisher gives and a calculation can't do without; none of them is verified.

    kg CO2e of a kg incinerated without energy recovery = dry matter * carbon * fossil carbon * 44 / 12 + collection

Defaults of IPCC 2006 Guidelines, volume 5, chapter 2, without CH4 and N2O; mixed waste is a middle of 0.34 to
0.44. Collection and transport are the 0.00468568 that DESNZ 2025 gives for other wastes; the waste cells that
are blank there are this figure too. Shares of treatments, lifetimes of products and the barge are placeholders
without a checked source: load national figures before these. `conventions.csv` beside this module holds them.
"""

from dataclasses import replace
from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers.cells import read_lines
from transforms.factors.importers.published import Imported, Publication, factor_row, number, year_of

FILE = Path(__file__).with_suffix(".csv")

_DATE = "2026-11-28"
_PROJECT, _CROWN = "Apache-2.0", "Open Government Licence v3.0"
_CROWN_SAYS = (
    "Contains public sector information licensed under the Open Government Licence v3.0:"
    " UK Government GHG Conversion Factors for Company Reporting, DESNZ, 2025"
)

CONVENTIONS = Publication(
    "conventions",
    "Conventions of this project and IPCC 2006 defaults, not verified",
    "conventions-1",
    f"{_PROJECT}; {_CROWN}",
    _DATE,
    "AR5",
    attribution=_CROWN_SAYS,
    basis="what no publisher gives; replace it by national figures",
)

_SOURCES = {
    name: replace(CONVENTIONS, source=source, source_version=name, licence=licence, gwp=gwp)
    for name, source, licence, gwp in (
        ("placeholder", "Convention of this project, without a checked source", _PROJECT, None),
        ("analogy", "Collection and transport, by analogy with other wastes of DESNZ 2025", _CROWN, "AR5"),
        ("ipcc-2006", "IPCC 2006 Guidelines, volume 5, chapter 2, defaults, and collection of DESNZ 2025", _CROWN, "AR5"),
    )
}

_KEYS = ("family", "key", "boundary", "region", "unit")
_OTHERS = ("source_version", "year", "value", "basis", "cv")


def read() -> Imported:
    """Returns the rows of the table beside this module.

    Raises:
        UserFault: another layout, a source that is not named here, or a cell without a number.
    """
    rows = []
    for place, cells in read_lines(FILE, [*_KEYS, *_OTHERS]):
        source = _SOURCES.get(cells["source_version"])
        if source is None:
            raise UserFault(f"{place}: source_version {cells['source_version']!r} is none of {', '.join(_SOURCES)}")
        rows.append(
            factor_row(
                source,
                **{name: cells[name] for name in _KEYS},
                year=year_of(place, "year", cells["year"]),
                value=number(place, "value", cells["value"]),
                basis=cells["basis"] or None,
                cv=number(place, "cv", cells["cv"]) if cells["cv"] else None,
                verified=False,
            )
        )
    return Imported(CONVENTIONS, rows, ("No figure of this set is verified; a result that uses one carries W_FACTOR_UNSOURCED.",))
