"""The cells of a publisher's file, CSV or workbook, as text."""

import csv
import datetime
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import python_calamine

from schemas.faults import UserFault

_WORKBOOKS = (".xlsx", ".xls", ".ods")
_DELIMITED = {".csv": ",", ".txt": "\t", ".tsv": "\t"}


class Line(NamedTuple):
    """A line below the header: where it stands, for messages, and its cells by column name."""

    place: str
    cells: dict[str, str]


def read_lines(path: Path, columns: Sequence[str], sheet: str | None = None) -> Iterator[Line]:
    """Gives the lines of a table whose header holds these columns; above the header there may be other lines.

    Raises:
        UserFault: the file can't be read, or a column is missing or was renamed.
    """
    rows = read_cells(path, sheet)
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
        UserFault: no such file or sheet, another ending, or bytes that are none of these.
    """
    ending = path.suffix.lower()
    try:
        if ending in _WORKBOOKS:
            return _read_sheet(path, sheet)
        if ending in _DELIMITED:
            text = path.read_text(encoding="utf-8-sig")
            return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=_DELIMITED[ending])]
    except (OSError, UnicodeDecodeError, csv.Error, python_calamine.CalamineError) as error:
        raise UserFault(f"{path} can't be read: {error}") from None
    raise UserFault(f"{path.name} ends in {ending!r}; a publisher's file ends in {', '.join([*_DELIMITED, *_WORKBOOKS])}")


def _read_sheet(path: Path, sheet: str | None) -> list[list[str]]:
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    names = workbook.sheet_names
    if sheet is None or sheet not in names:
        raise UserFault(f"{path.name} has no sheet {sheet!r}, its sheets are {', '.join(names)}; it is another file, or its layout changed")
    return [[_text(cell) for cell in row] for row in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)]


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return str(cell).strip()
