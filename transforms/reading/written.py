"""Numbers and dates as we write them, from columns that are written in the way that [format] of a mapping says."""

import re
from datetime import date, datetime
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from schemas.kinds import Date, Integer, Number, kind_of
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.reading.text_format import Format

# Makes a number that is written in another way than [format] says no number at all: 1.5 must not become 15.
_MISWRITTEN = " (is not in the number format of the mapping)"

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)


def as_we_write(field: str, column: pa.Array, text_format: Format) -> pa.Array:
    """Returns a column of text with numbers and dates as we write them; what is neither stays as it is.

    Args:
        field: whose values they are; texts and codes are returned as they are.
        column: string[n].
        text_format: how they are written.
    """
    if field in _dated_fields():
        encoded = column.dictionary_encode()
        dates = [_dated(field, value, text_format) for value in encoded.dictionary.to_pylist()]
        column = pa.array(dates, pa.string()).take(encoded.indices)
    if field in _number_fields() and (text_format.decimal, text_format.thousands) != (".", None):
        column = _numbers(pc.utf8_trim_whitespace(column), text_format)
    return column


@cache
def written_fields() -> frozenset[str]:
    """Returns the names of fields that hold a number or a date, aliases included."""
    return _number_fields() | _dated_fields()


def _numbers(texts: pa.Array, text_format: Format) -> pa.Array:
    decimal = _escaped(text_format.decimal)
    whole = "[0-9]*"
    if text_format.thousands:
        whole = f"(?:[0-9]{{1,3}}(?:{_escaped(text_format.thousands)}[0-9]{{3}})+|[0-9]*)"
    fits = pc.match_substring_regex(texts, f"^(?:[+-]?{whole}(?:{decimal}[0-9]*)?(?:[eE][+-]?[0-9]+)?|[^0-9]*)$")
    plain = pc.replace_substring(texts, text_format.thousands, "") if text_format.thousands else texts
    plain = pc.replace_substring(plain, text_format.decimal, ".")
    return pc.if_else(fits, plain, pc.binary_join_element_wise(texts, _MISWRITTEN, ""))


def _escaped(sign: str) -> str:
    return "[" + ("\\" if sign in "\\^]" else "") + sign + "]"


def _dated(field: str, value: str | None, text_format: Format) -> str | None:
    """Returns a date as we write it, or its year where the field is one."""
    day = _day((value or "").strip(), text_format)
    if day is None:
        return value
    return str(day.year) if field.endswith("_year") else day.isoformat()


def _day(text: str, text_format: Format) -> date | None:
    for pattern in text_format.date:
        try:
            return datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    # Workbooks and Parquet files hold dates that nobody wrote in a pattern.
    iso = _ISO.fullmatch(text)
    try:
        return date.fromisoformat(iso[1]) if iso else None
    except ValueError:
        return None


@cache
def _number_fields() -> frozenset[str]:
    return _names(kind_of(Number), kind_of(Integer))


@cache
def _dated_fields() -> frozenset[str]:
    return _names(kind_of(Date)) | {name for name in _names(kind_of(Integer)) if name.endswith("_year")}


def _names(*kinds: object) -> frozenset[str]:
    """Returns the names of the fields of some kinds, aliases included."""
    fields = [field for model in RECORDS.values() for field in fields_of(model) if field.kind in kinds]
    return frozenset(name for field in fields for name in (field.name, *field.aliases, field.usd_alias) if name)
