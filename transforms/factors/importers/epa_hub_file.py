"""The workbook of EPA's Emission Factors Hub: one sheet, on which numbered tables stand below each other."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault
from transforms.factors.importers.cells import read_cells

_SHEET = "Emission Factors Hub"
_TABLE = re.compile(r"Table (\d+)")
_MODIFIED = re.compile(r"Last Modified: \w+ \d+, (\d{4})")

# A letter behind the name refers to a footnote: "Passenger Car A", "Medium- and Heavy-Duty TruckC".
_FOOTNOTE = re.compile(r"(?<=[a-z)])\s?[A-E]$")


class TableRow(NamedTuple):
    """A row of a table: where it stands, its name without footnote, and its other cells by column."""

    place: str
    name: str
    cells: tuple[str, ...]


class Hub:
    """The tables of one edition.

    Attributes:
        year: of the edition, that of its last change.
    """

    def __init__(self, path: Path) -> None:
        """Reads a workbook.

        Raises:
            UserFault: another workbook or layout, or other potentials of methane and nitrous oxide than those of AR5.
        """
        self._name = path.name
        self._rows = read_cells(path, _SHEET)
        every = [cell for row in self._rows for cell in row]
        years = [int(found[1]) for cell in every if (found := _MODIFIED.fullmatch(cell))]
        if len(years) != 1:
            raise UserFault(f"{path.name} does not say when it was last modified; it is no edition of EPA's Emission Factors Hub")
        self.year = years[0]
        self._starts = {int(found[1]): place for place, row in enumerate(self._rows) for cell in row if (found := _TABLE.fullmatch(cell))}
        printed = {row[2]: row[3] for row in self._rows[:12] if len(row) > 3}
        if (printed.get("CH4"), printed.get("N2O")) != ("28", "265"):
            raise UserFault(
                f"{path.name} counts CH4 as {printed.get('CH4')} and N2O as {printed.get('N2O')}; this importer knows the editions on AR5 (28, 265)"
            )

    def rows(self, table: int, *headers: Sequence[str]) -> Iterator[TableRow]:
        """Gives the rows of a table below its header, to its source; a row of other headers inside it comes too.

        Args:
            table: its number.
            headers: what the cells of the header say, row by row, from the column of names on.

        Raises:
            UserFault: no such table, or other columns.
        """
        if table not in self._starts:
            raise UserFault(f"{self._name} has no Table {table}; its layout changed")
        start = self._starts[table]
        end = min((place for place in self._starts.values() if place > start), default=len(self._rows))
        for place in range(start, end):
            if all(_like(self._rows[place + step], header) for step, header in enumerate(headers)):
                break
        else:
            wanted = "; ".join(" | ".join(header) for header in headers)
            raise UserFault(f"{self._name}, Table {table} has no header {wanted}; its columns or units changed")
        for line in range(place + len(headers), end):
            name, *cells = self._rows[line][2:]
            if name.startswith(("Source", "Note")):
                return
            if name or any(cells):
                yield TableRow(f"{self._name}, line {line + 1}", _FOOTNOTE.sub("", name), tuple(cells))


def _like(row: Sequence[str], header: Sequence[str]) -> bool:
    return [_plain(cell) for cell in row[2 : 2 + len(header)]] == [_plain(cell) for cell in header]


def _plain(text: str) -> str:
    # The editions differ in line breaks and doubled blanks.
    return " ".join(text.split())
