"""How a user's tables are written: the section [format] of a mapping, checked."""

import codecs
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.names import normalise_name
from transforms.reading.chunks import UTF8_MARK
from transforms.reading.csv_chunk import CsvFormat

POSITION = "@position"

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
    if known == "utf-8-sig":
        # The mark is no part of the text, wherever it stands in front.
        return "utf-8"
    if known.startswith("utf-16"):
        raise ValueError(f"{name} is told by the mark that a file begins with; leave encoding out")
    if not is_ascii:
        raise ValueError(f"{name} can't be read in pieces; save the file as UTF-8")
    return known


def _sign(sign: str) -> str:
    if len(sign) != 1 or not sign.isascii() or sign.isalnum() or sign in '"\r\n\0':
        raise ValueError(f'{sign!r} can\'t stand between columns; write one sign in double quotes, for example ";" or "\\t"')
    return sign


def _mark(sign: str) -> str:
    if len(sign) != 1 or sign.isalnum() or sign in "+-":
        raise ValueError(f"{sign!r} can't stand in a number; write one sign, for example a comma")
    return sign


def _column(name: str) -> str:
    if name.startswith("@") and name != POSITION:
        raise ValueError(f"{name!r} is no column; did you mean {POSITION!r}?")
    return name if name == POSITION else normalise_name(name)


# A column of theirs, normalised.
Column = Annotated[str, AfterValidator(_column)]


def _patterns(given: object) -> object:
    return tuple(given) if isinstance(given, list) else (given,)


def _date_patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    day = date(2001, 2, 3)
    for pattern in patterns:
        if _read(day.strftime(pattern), pattern) != day:
            raise ValueError(f"{pattern!r} does not tell year, month and day; write for example %d/%m/%Y")
    # What is not read by a pattern is tried as an ISO date.
    for place, pattern in enumerate((*patterns, "%Y-%m-%d")):
        text = day.strftime(pattern)
        other = next((one for one in patterns[:place] if _read(text, one) not in (None, day)), None)
        if other:
            raise ValueError(f"{other!r} and {pattern!r} read {text} as two dates; keep one of them")
    return patterns


def _read(text: str, pattern: str) -> date | None:
    try:
        return datetime.strptime(text, pattern).date()
    except ValueError:
        return None


class Format(Section):
    """How tables are written.

    Attributes:
        encoding, delimiter: of a CSV file.
        sheet: name of the sheet of a workbook; the first one that is shown if None.
        lines_above_header: of a CSV file, or rows of a workbook; they are left out.
        decimal, thousands: signs in numbers.
        date: patterns of dates as strptime takes them, tried in this order; ISO dates are read without one.
    """

    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, AfterValidator(_sign)] = ","
    sheet: str | None = None
    lines_above_header: Annotated[int, Field(ge=0)] = 0
    decimal: Annotated[str, AfterValidator(_mark)] = "."
    thousands: Annotated[str, AfterValidator(_mark)] | None = None
    date: Annotated[tuple[str, ...], BeforeValidator(_patterns), AfterValidator(_date_patterns)] = ()

    @model_validator(mode="after")
    def _signs_differ(self) -> "Format":
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}; leave one of them out")
        return self

    def csv_of(self, head: bytes) -> CsvFormat:
        """Returns what the CSV reader needs to know of a file that begins with these bytes: a mark of UTF-8 is the file's own word."""
        encoding = "utf-8" if head.startswith(UTF8_MARK) else self.encoding
        return CsvFormat(encoding, self.delimiter, self.lines_above_header)


PLAIN = Format()
