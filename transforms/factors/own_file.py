"""A user's own factors from a file: CSV, Excel, Parquet or JSON, in the layout of the specification."""

import codecs
import csv
import difflib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import parsing
from schemas.factor import FACTOR
from schemas.faults import UserFault
from schemas.json_line import Malformed, parse_json
from schemas.names import normalise_name
from transforms.factors.check import Faults, check_columns
from transforms.factors.read import FactorSet, shipped_sets
from transforms.factors.whole_files import read_whole_file
from transforms.factors.workbook import sheet_rows

_KNOWN = tuple(column.name for column in FACTOR)
# Without it a row is not verified, and every result that uses it says so.
_NEEDED = tuple(column.name for column in FACTOR if column.required and column.name != "verified")


@dataclass
class _Content:
    """What a file holds.

    Attributes:
        columns: values by the name that stands in the file, n each.
        numbers: n numbers of rows as the user sees them: 1 is the header of a sheet, and the first row where there is none.
        faults: what is wrong with the file already.
    """

    columns: dict[str, Sequence[object]]
    numbers: Sequence[int]
    faults: Faults = field(default_factory=Faults)


def read_factor_file(path: str) -> FactorSet:
    """Returns a user's own set; the file's ending says what it is.

    Raises:
        UserFault: no such file or set, another ending, or rows that can't be used.
    """
    if "://" not in path and not Path(path).exists():
        near = difflib.get_close_matches(path, [*shipped_sets(), "default"], 1)
        hint = f"did you mean {near[0]}?" if near else f"give a file, default, or one of {', '.join(shipped_sets())}"
        raise UserFault(f"{path} is neither a file nor a shipped set; {hint}")
    file = PurePosixPath(path)
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise UserFault(f"{path}: factor files end in {', '.join(_READERS)}; save it as one of these")
    try:
        content = reader(path, read_whole_file(path))
    except OSError as error:
        raise UserFault(f"{path} can't be read: {error.strerror}; check its name and your access to it") from None
    except UnicodeDecodeError as error:
        raise UserFault(f"{path} can't be read: {error}; save it as CSV UTF-8") from None
    except (csv.Error, pa.ArrowInvalid) as error:
        raise UserFault(f"{path} can't be read: {error}") from None
    columns, notes = _named(path, content)
    return FactorSet.of(file.name, check_columns(path, columns, content.numbers, content.faults), notes)


def _named(place: str, content: _Content) -> tuple[dict[str, Sequence[object]], list[str]]:
    """Returns the columns by the names of the layout, and what is to be told of others.

    Raises:
        UserFault: a column is missing, renamed, or there twice.
    """
    if not content.numbers and not content.columns:
        # An empty list, or an empty table.
        return {}, [f"{place} holds no rows"]
    columns: dict[str, Sequence[object]] = {}
    faults, unknown = [], []
    for given, values in content.columns.items():
        name = normalise_name(given)
        if name in columns:
            faults.append(f"there are two columns {name}; keep one")
        elif name in _KNOWN:
            columns[name] = values
        elif name or any(map(parsing.is_present, values)):
            unknown.append(name or "without a name")
    for name in _NEEDED:
        if name not in columns:
            near = difflib.get_close_matches(name, unknown, 1)
            meaning = next(column.description for column in FACTOR if column.name == name)
            faults.append(f"there is no column {name} ({meaning}){f'; is it {near[0]}?' if near else ''}")
    for name in unknown:
        # A column that may be missing is as easily lost by a slip of the pen.
        near = difflib.get_close_matches(name, [one for one in _KNOWN if one not in (*columns, *_NEEDED)], 1, 0.8)
        if near:
            faults.append(f"there is a column {name}, which is not known; did you mean {near[0]}?")
    if faults:
        hint = "; columns are separated by commas" if len(content.columns) == 1 and ";" in next(iter(content.columns)) else ""
        raise UserFault("\n  ".join([f"{place} is refused for its columns; scope3 factors template gives them{hint}:", *faults]))
    notes = [] if content.numbers else [f"{place} holds no rows"]
    notes += [f"{place}: nobody knows the columns {', '.join(unknown)}; they are left out"] if unknown else []
    return columns, notes


def _of_rows(header: Sequence[str | None], rows: Iterable[tuple[int, Sequence[str | None]]], faults: Faults) -> _Content:
    """Returns the columns of lines of cells; blank ones are no rows.

    Args:
        header: names.
        rows: numbers and cells.
        faults: takes what is wrong with rows.
    """
    numbers, taken = [], []
    for number, cells in rows:
        if not any(cell and cell.strip() for cell in cells):
            continue
        if any(cell and cell.strip() for cell in cells[len(header) :]):
            faults.add(number, f"has {len(cells)} cells, and the header {len(header)}; put a text with a comma in quotes")
        numbers.append(number)
        taken.append([*cells[: len(header)], *[None] * (len(header) - len(cells))])
    columns: dict[str, Sequence[object]] = {}
    for place, name in enumerate(header):
        # A second column of one name must not take the place of the first.
        columns[f"{name or ''}{' ' * (name in columns)}"] = [cells[place] for cells in taken]
    return _Content(columns, numbers, faults)


def _read_csv(place: str, content: bytes) -> _Content:
    lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    return _of_rows(next(lines, []), enumerate(lines, 2), Faults())


def _read_sheet(place: str, content: bytes) -> _Content:
    rows = list(sheet_rows(io.BytesIO(content), place))
    header = rows[0].cells if rows else []
    faults = Faults()
    for row in rows[1:]:
        for cell, complaint in row.faults.items():
            faults.add(row.number, f"{header[cell] if cell < len(header) else 'a cell'} {complaint}")
    return _of_rows(header, ((row.number, row.cells) for row in rows[1:]), faults)


def _read_parquet(place: str, content: bytes) -> _Content:
    table = pq.read_table(pa.BufferReader(content))
    return _Content(
        {name: column.to_pylist() for name, column in zip(table.column_names, table.columns, strict=True)}, range(1, len(table) + 1)
    )


def _read_json(place: str, content: bytes) -> _Content:
    rows = parse_json(content.removeprefix(codecs.BOM_UTF8))
    if isinstance(rows, Malformed):
        raise UserFault(f"{place} can't be read: {rows.detail}")
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise UserFault(f"{place} holds no list of objects; write [{{...}}, {{...}}]")
    names: dict[str, Any] = {name: None for row in rows for name in row}
    return _Content({name: [row.get(name) for row in rows] for name in names}, range(1, len(rows) + 1))


_READERS: dict[str, Callable[[str, bytes], _Content]] = {
    ".csv": _read_csv,
    ".xlsx": _read_sheet,
    ".parquet": _read_parquet,
    ".json": _read_json,
}
