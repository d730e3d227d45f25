"""The flat file of the UK Government conversion factors: its figures, found by their labels.

The publisher's workbook "flat file", its sheet "Factors by Category"; or that sheet as CSV, whose columns are named
in lower case and whose header does not say the year. One line a figure; the labels are five headings, a unit and a
gas. Traps of the file: a blank cell is "not available" and no 0; each CO2e figure is followed by lines of its gases,
which are parts of it; the same vehicle stands under several headings with different boundaries.
"""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault
from transforms.factors.importers.cells import lines_below, read_cells

CO2E = "kg CO2e"
CO2_OUTSIDE_SCOPES = "kg CO2e of CO2 per unit"

_HEADINGS = ("level_1", "level_2", "level_3", "level_4", "column_text")
_LABELS = (*_HEADINGS, "uom", "ghg_unit")
_SHEET = "Factors by Category"
_SHEET_LABELS = ("Level 1", "Level 2", "Level 3", "Level 4", "Column Text", "UOM", "GHG/Unit")
_VALUE = "factor"
_SHEET_VALUE = re.compile(r"GHG Conversion Factor (\d{4})")

# CO2e is published with five decimals; what follows them is float noise (0.11367000000000001).
_DECIMALS = Decimal("0.00001")
# Power of ten from a figure per tonne to one per kg.
_PER_KG = -3


class Figure(NamedTuple):
    """What a factor row is made from; a value of None makes none."""

    family: str
    key: str
    boundary: str
    unit: str
    value: float | None
    basis: str | None = None
    region: str = "GB"


class FlatFile:
    """The figures of one edition.

    Attributes:
        year: of the edition, as the header of the workbook says; None where the file does not say it.
    """

    def __init__(self, path: Path) -> None:
        """Reads a file.

        Raises:
            UserFault: another layout, a figure that is no number, or two lines with the same labels.
        """
        self._name = path.name
        self._figures: dict[tuple[str, ...], Decimal | None] = {}
        rows = read_cells(path, _SHEET)
        labels, value, self.year = _columns(path, rows)
        for line in lines_below(path, rows, [*labels, value]):
            found = _plain(*(line.cells[name] for name in labels))
            if found in self._figures:
                raise UserFault(f"{line.place}: {' | '.join(found)} stands twice")
            self._figures[found] = _number(line.place, line.cells[value])

    def figure(self, *headings: str, unit: str, gas: str = CO2E) -> float | None:
        """Returns a figure, None where its cell is blank; that of a tonne is given per kg.

        Args:
            headings: level 1 to 4 and the column text, as far as they go.
            unit, gas: as the file writes them.

        Raises:
            UserFault: the file has no such line.
        """
        labels = _plain(*headings, *[""] * (len(_HEADINGS) - len(headings)), unit, gas)
        if labels not in self._figures:
            raise UserFault(f"{self._name} has no line {' | '.join(filter(None, labels))}; it is another edition, or its layout changed")
        value = self._figures[labels]
        if value is None:
            return None
        # Shifted as a decimal: a division would end in 0.0046856800000000005.
        return float(value.scaleb(_PER_KG) if unit == "tonnes" else value)


def _plain(*labels: str) -> tuple[str, ...]:
    # The file writes "Products tanker " and "LPG Tanker" where it also writes "LPG tanker".
    return tuple(label.strip().casefold() for label in labels)


def _number(place: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        found = Decimal(text).quantize(_DECIMALS)
    except InvalidOperation:
        found = Decimal("nan")
    if found.is_nan():
        raise UserFault(f"{place}: factor is {text!r}, no number")
    return found


def _columns(path: Path, rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], str, int | None]:
    """Returns the names of the columns of labels, that of the figures, and the year that it says."""
    if path.suffix.lower() == ".csv":
        return _LABELS, _VALUE, None
    for row in rows:
        for cell in row:
            found = _SHEET_VALUE.fullmatch(cell)
            if found is not None:
                return _SHEET_LABELS, cell, int(found[1])
    return _SHEET_LABELS, "GHG Conversion Factor YEAR", None


def added(*figures: float | None) -> float | None:
    """Returns the sum of published figures, None where one is not available."""
    known = [figure for figure in figures if figure is not None]
    return round(sum(known), 5) if len(known) == len(figures) else None
