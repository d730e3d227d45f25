"""How a user's tables are written: the section [format] of a mapping, checked."""

import codecs
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from transforms.reading.csv_chunk import CsvFormat

# The encoding must leave the signs that cut a file into records as they are.
_ASCII = "".join(map(chr, range(128)))


class Section(BaseModel):
    """A section of a mapping: what it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _encoding(name: str) -> str:
    try:
        known = codecs.lookup(name).name
        is_ascii = _ASCII.encode(known) == _ASCII.encode()
    except (LookupError, UnicodeEncodeError):
        raise ValueError(f"{name} is no encoding that is known here; write for example latin-1, cp1252 or utf-8") from None
    if not is_ascii:
        raise ValueError(f"{name} can't be read in pieces; save the file as UTF-8")
    return known


def _sign(sign: str) -> str:
    if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\r\n\0':
        raise ValueError(f"{sign!r} can't stand between columns; write one sign, for example ; or \\t")
    return sign


def _mark(sign: str) -> str:
    if len(sign) != 1 or sign.isalnum() or sign in "+-":
        raise ValueError(f"{sign!r} can't stand in a number; write one sign, for example a comma")
    return sign


def _date_format(pattern: str) -> str:
    day = datetime(2001, 2, 3)
    try:
        same = datetime.strptime(day.strftime(pattern), pattern) == day
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"{pattern!r} does not tell year, month and day; write for example %d/%m/%Y")
    return pattern


class Format(Section):
    """How tables are written.

    Attributes:
        encoding, delimiter: of a CSV file.
        sheet: name of the sheet of a workbook; the first one that is shown if None.
        lines_above_header: of a CSV file, or rows of a workbook; they are left out.
        decimal, thousands: signs in numbers.
        date: pattern of dates, as strptime takes it.
    """

    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, AfterValidator(_sign)] = ","
    sheet: str | None = None
    lines_above_header: Annotated[int, Field(ge=0)] = 0
    decimal: Annotated[str, AfterValidator(_mark)] = "."
    thousands: Annotated[str, AfterValidator(_mark)] | None = None
    date: Annotated[str, AfterValidator(_date_format)] | None = None

    @property
    def csv(self) -> CsvFormat:
        """Returns what the CSV reader needs to know."""
        return CsvFormat(self.encoding, self.delimiter, self.lines_above_header)
