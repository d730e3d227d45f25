"""A sheet of an Excel workbook, row by row, each cell as the text that a CSV file would hold.

openpyxl reads a sheet in pieces, tells an error from a blank cell and a formula from its value. python-calamine is six times as
fast, but gives a blank for an error and for a formula that was never worked out, and holds the whole sheet.
"""

import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any, NamedTuple
from xml.etree.ElementTree import ParseError

from schemas.faults import UserFault, last_words
from schemas.names import UNSTORABLE

# What is lost on saving is no part of the data.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")

# What openpyxl raises on a workbook that is damaged.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ParseError,
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    TypeError,
    ValueError,
)

# The first bytes of .xls, and of a workbook with a password.
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_WORKED_OUT = "holds a formula that was never worked out; open the workbook in a spreadsheet and save it"
_EXACT = 10**15
_MOST_ROWS = 1_048_576


class SheetRow(NamedTuple):
    """A row that is not blank.

    Attributes:
        number: as the sheet shows it, 1 first.
        cells: texts, None where a cell is blank. Numbers have no needless decimals, dates are ISO, truths `true` and `false`.
        faults: place of a cell that has no value, 0 first, to what is wrong with it.
    """

    number: int
    cells: list[str | None]
    faults: dict[int, str]


def sheet_rows(handle: IO[bytes], file_uri: str, sheet: str | None = None, decimal: str = ".") -> Iterator[SheetRow]:
    """Yields the rows of a sheet that are not blank, from top to bottom; hidden ones too.

    Args:
        handle: the file, seekable.
        file_uri: for messages.
        sheet: name of the sheet; the first one that is shown if None.
        decimal: sign in the text of a number.

    Raises:
        UserFault: the file is no workbook of this kind, is damaged, or has no such sheet.
    """
    beginning = handle.read(len(_COMPOUND_FILE))
    if beginning == _COMPOUND_FILE:
        raise UserFault(f"{file_uri} is a workbook of the old kind (.xls), or has a password; save it as .xlsx without one")
    book = _opened(handle, file_uri)
    # A formula and its value are told only in two readings; the second begins at the first formula.
    values: Iterator[tuple[Any, ...]] | None = None
    # So say programs that write formulas, and some of them write 0 for each value.
    not_worked_out = book.calculation is not None and book.calculation.fullCalcOnLoad
    found = _sheet(book, file_uri, sheet)
    passed = 0
    for number, cells in enumerate(_rows(found, file_uri), 1):
        texts: list[str | None] = []
        faults: dict[int, str] = {}
        for place, cell in enumerate(cells):
            if cell.data_type == "f":
                if values is None:
                    values = _rows(_sheet(_opened(handle, file_uri, data_only=True), file_uri, sheet), file_uri)
                while passed < number:
                    worked_out, passed = next(values), passed + 1
                cell = worked_out[place]
                # A text of no characters is a value.
                if not_worked_out or (cell.value is None and cell.data_type != "str"):
                    faults[place] = _NOT_WORKED_OUT
            value = cell.value
            text = value if type(value) is str else _text(value, decimal)
            if cell.data_type == "e":
                faults[place] = f"holds the error {text}"
            elif text and "_x" in text:
                text = _unescaped(text)
                if UNSTORABLE.search(text):
                    text, faults[place] = ascii(text), "holds a character that can't be stored"
            texts.append(text or None)
        if faults or any(texts):
            yield SheetRow(number, texts, faults)


def column_letters(place: int) -> str:
    """Returns how a sheet calls a column by its place, 0 first, for example B."""
    # Imported where it is needed: it takes as long and as much memory as all of ours, and most runs read no workbook.
    from openpyxl.utils import get_column_letter

    letters: str = get_column_letter(place + 1)
    return letters


def cell_name(place: int, number: int) -> str:
    """Returns the name of a cell by its place in the row, 0 first, and the number of the row, for example B7."""
    return f"{column_letters(place)}{number}"


def _opened(handle: IO[bytes], file_uri: str, data_only: bool = False) -> Any:
    import openpyxl

    try:
        handle.seek(0)
        return openpyxl.load_workbook(handle, read_only=True, data_only=data_only, keep_links=False)
    except (*_DAMAGED, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise UserFault(f"{file_uri} is no Excel workbook, or it is damaged: {last_words(error)}; save it again as .xlsx") from None


def _sheet(book: Any, file_uri: str, name: str | None) -> Any:
    sheets = book.worksheets
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
    if not sheets:
        raise UserFault(
            f"{file_uri} has no sheet that can be read; it is damaged or of the kind Strict Open XML: save it as Excel workbook (.xlsx)"
        )
    found = shown[0] if name is None else next((sheet for sheet in sheets if sheet.title.strip() == name.strip()), None)
    if found is None:
        titles = ", ".join(repr(sheet.title) for sheet in sheets)
        raise UserFault(f"{file_uri} has no sheet {name!r}; there are {titles}; mend sheet in [format] of the mapping")
    # Many programs write a wrong size, and what lies outside it would be lost.
    found.reset_dimensions()
    return found


def _rows(sheet: Any, file_uri: str) -> Iterator[tuple[Any, ...]]:
    rows = sheet.iter_rows()
    for number in itertools.count(1):
        try:
            row = next(rows)
        except StopIteration:
            return
        except _DAMAGED as error:
            raise UserFault(f"the sheet {sheet.title!r} of {file_uri} is damaged: {last_words(error)}; save the workbook again") from None
        if number > _MOST_ROWS:
            raise UserFault(
                f"the sheet {sheet.title!r} of {file_uri} is damaged: it has a row beyond {_MOST_ROWS:,}; save the workbook again"
            )
        yield row


def _text(value: object, decimal: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if not value.is_integer():
            return repr(value).replace(".", decimal)
        return str(int(value)) if abs(value) < _EXACT else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _unescaped(text: str) -> str:
    """Returns a text with the characters that XML can't hold in place of their codes."""
    plain = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    try:
        # Two codes may stand for the halves of one character.
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return plain
