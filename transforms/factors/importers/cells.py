"""The cells of a publisher's file, CSV or workbook, as text."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault
from transforms.factors.workbook import cell_name, sheet_rows

_WORKBOOK = ".xlsx"
_DELIMITED = {".csv": ",", ".txt": "\t", ".tsv": "\t"}


class Line(NamedTuple):
    """A line below the header: where it stands, for messages, and its cells by column name."""

    place: str
    cells: dict[str, str]


def read_lines(path: Path, columns: Sequence[str]) -> Iterator[Line]:
    """Gives the lines of a text file whose header holds these columns; above the header there may be other lines.

    Raises:
        UserFault: the file can't be read, or a column is missing or was renamed.
    """
    return lines_below(path, read_cells(path), columns)


def lines_below(path: Path, rows: Sequence[Sequence[str]], columns: Sequence[str]) -> Iterator[Line]:
    """Gives the lines below the header that holds these columns.

    Args:
        path: the file, for messages.
        rows: its cells, as `read_cells` returns them.
        columns: that the header must hold.

    Raises:
        UserFault: a column is missing, was renamed or stands twice.
    """
    header = next((place for place, row in enumerate(rows) if set(columns) <= set(row)), None)
    if header is None:
        # The line that holds most of them is the header; it tells what was renamed.
        best = max(rows, key=lambda row: len(set(columns) & set(row)), default=[])
        missing = next(column for column in columns if column not in best)
        found = ", ".join(repr(cell) for cell in best if cell and cell not in columns) or "no others"
        raise UserFault(f"{path.name} has no column {missing!r}; beside the columns that are known it has {found}. Its layout changed")
    doubled = [column for column in columns if rows[header].count(column) > 1]
    if doubled:
        raise UserFault(f"{path.name} has two columns {doubled[0]!r}; keep one")
    places = {name: rows[header].index(name) for name in rows[header] if name}
    for line, row in enumerate(rows[header + 1 :], header + 2):
        if any(row):
            yield Line(f"{path.name}, line {line}", {name: row[place] if place < len(row) else "" for name, place in places.items()})


def read_cells(path: Path, sheet: str | None = None) -> list[list[str]]:
    """Returns all cells, line by line, without blanks at their ends; a whole number of a workbook has no decimals.

    Args:
        path: CSV, tab-separated or a workbook.
        sheet: of a workbook.

    Raises:
        UserFault: no such file or sheet, another ending, bytes that are none of these, or a cell of a workbook without a value.
    """
    ending = path.suffix.lower()
    try:
        if ending == _WORKBOOK:
            return _read_sheet(path, sheet)
        if ending in _DELIMITED:
            text = path.read_text(encoding="utf-8-sig")
            return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=_DELIMITED[ending])]
    except OSError as error:
        raise UserFault(f"{path} can't be read: {error.strerror}; check its name and your access to it") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserFault(f"{path} can't be read: {error}") from None
    raise UserFault(f"{path.name} ends in {ending!r}; a publisher's file ends in {', '.join([*_DELIMITED, _WORKBOOK])}")


def _read_sheet(path: Path, sheet: str | None) -> list[list[str]]:
    cells: list[list[str]] = []
    with open(path, "rb") as file:
        for row in sheet_rows(file, path.name, sheet):
            for place, fault in row.faults.items():
                raise UserFault(f"{path.name}, cell {cell_name(place, row.number)} {fault}")
            # Rows without cells are left out by the reader, and lines are counted here.
            cells += [[] for _ in range(row.number - 1 - len(cells))]
            cells.append([(cell or "").strip() for cell in row.cells])
    width = max(map(len, cells), default=0)
    return [[*row, *[""] * (width - len(row))] for row in cells]
