"""Puts a user's columns under our names, whole columns at a time."""

from datetime import datetime
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.records import RECORDS
from schemas.records.fields import fields_of
from transforms.reading.mapping import NO_MAPPING, POSITION, Format, Mapping
from transforms.reading.parsed import Positions

Mask = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]

# Makes a number that is written in another way than [format] says no number at all: 1.5 must not become 15.
_MISWRITTEN = " (is not in the number format of the mapping)"


def map_columns(columns: Columns, positions: Positions, file_name: str, mapping: Mapping) -> tuple[Columns, Mask]:
    """Returns columns by our field names, and which rows are records.

    Args:
        columns: arrays of n values by normalised name.
        positions: int64[n], for "@position".
        file_name: for "@position".
        mapping: a field takes its value from [columns], then [lookup], then [constants]. A column that the mapping does not
            name keeps its name, unless a section gives the field of that name another value.

    Returns:
        The columns, still of n values, and bool[n], false for rows that [skip] takes out.
    """
    kept = np.ones(len(positions), bool)
    if mapping is NO_MAPPING:
        return columns, kept
    for column, values in mapping.skip.items():
        texts = _trimmed(columns.get(column, pa.nulls(len(positions))))
        kept &= ~_mask(pc.is_in(pc.fill_null(texts, ""), value_set=pa.array([value.strip() for value in values])))
    return _mapped(columns, positions, file_name, mapping), kept


def map_record(values: dict[str, object], position: int, file_name: str, mapping: Mapping) -> dict[str, object] | None:
    """Returns one record by our field names, None if [skip] takes it out. Some of its values have no Arrow type."""
    columns: Columns = {}
    aside: dict[str, object] = {}
    for name, value in values.items():
        try:
            columns[name] = pa.array([value])
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
            aside[name] = value
    found, kept = map_columns(columns, np.array([position]), file_name, mapping)
    if not kept[0]:
        return None
    record = {name: column[0].as_py() for name, column in found.items()}
    moved = set(mapping.columns.values())
    record |= {name: value for name, value in aside.items() if name not in moved and name not in record}
    return record | {field: aside[column] for field, column in mapping.columns.items() if column in aside}


def _mapped(columns: Columns, positions: Positions, file_name: str, mapping: Mapping) -> Columns:
    moved = set(mapping.columns.values())
    looked_up = mapping.lookup.fields if mapping.lookup else ()
    named = {*mapping.columns, *looked_up, *mapping.constants}
    found = {name: column for name, column in columns.items() if name not in moved and name not in named}
    for field, column in mapping.columns.items():
        if column == POSITION:
            texts = pa.array(positions).cast(pa.string())
            found[field] = pc.binary_join_element_wise(file_name, texts, ":")
        elif column in columns:
            found[field] = columns[column]
    for field, values in _looked_up(columns, len(positions), mapping).items():
        found[field] = _first_value(found.get(field), values)
    for field in found.keys() & (mapping.values.keys() | _written_fields(mapping.format)):
        found[field] = _translated(field, found[field], mapping)
    for field, constant in mapping.constants.items():
        found[field] = _first_value(found.get(field), pa.repeat(pa.scalar(constant), len(positions)))
    return found


def _looked_up(columns: Columns, rows: int, mapping: Mapping) -> Columns:
    lookup = mapping.lookup
    if lookup is None:
        return {}
    places = pc.index_in(_trimmed(columns.get(lookup.on, pa.nulls(rows))), value_set=pa.array(list(lookup.rows), pa.string()))
    table = zip(*lookup.rows.values(), strict=True) if lookup.rows else [[] for _ in lookup.fields]
    return {field: pa.array(values, pa.string()).take(places) for field, values in zip(lookup.fields, table, strict=True)}


def _first_value(column: pa.Array | None, other: pa.Array) -> pa.Array:
    """Returns the column's values, and the other's where it has none."""
    if column is None:
        return other
    if pa.types.is_nested(column.type):
        return column
    texts = _trimmed(column)
    return pc.coalesce(pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts), other)


def _translated(field: str, column: pa.Array, mapping: Mapping) -> pa.Array:
    """Returns the column with our values in place of theirs, and numbers and dates as we write them."""
    if pa.types.is_nested(column.type):
        return column
    written = _written(field, column, mapping.format) if pa.types.is_string(column.type) else column
    theirs = mapping.values.get(field)
    if not theirs:
        return written
    places = pc.index_in(_trimmed(column), value_set=pa.array([value.strip() for value in theirs]))
    return pc.coalesce(pa.array(list(theirs.values()), pa.string()).take(places), _trimmed(written))


def _written(field: str, column: pa.Array, text_format: Format) -> pa.Array:
    if text_format.date and _is_dated(field):
        encoded = column.dictionary_encode()
        dates = [_dated(field, value, text_format.date) for value in encoded.dictionary.to_pylist()]
        column = pa.array(dates, pa.string()).take(encoded.indices)
    if field in _number_fields() and (text_format.decimal, text_format.thousands) != (".", None):
        column = _numbers(pc.utf8_trim_whitespace(column), text_format)
    return column


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


def _dated(field: str, value: str | None, pattern: str) -> str | None:
    """Returns a date as we write it, or its year where the field is one; what is no date stays as it is."""
    try:
        day = datetime.strptime((value or "").strip(), pattern).date()
    except ValueError:
        return value
    return str(day.year) if field.endswith("_year") else day.isoformat()


def _is_dated(field: str) -> bool:
    return field.endswith(("_year", "_date"))


@cache
def _number_fields() -> frozenset[str]:
    """Returns the names of fields that hold a number, aliases included."""
    fields = [field for model in RECORDS.values() for field in fields_of(model) if field.type in (pa.float64(), pa.int64())]
    return frozenset(name for field in fields for name in (field.name, *field.aliases, field.usd_alias) if name)


def _written_fields(text_format: Format) -> frozenset[str]:
    return _number_fields() if text_format != NO_MAPPING.format else frozenset()


def _trimmed(column: pa.Array) -> pa.Array:
    """Returns the column as trimmed text; values that are no scalars are null."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    return pc.utf8_trim_whitespace(column if pa.types.is_string(column.type) else column.cast(pa.string()))


def _mask(condition: pa.Array) -> Mask:
    return np.asarray(condition.to_numpy(zero_copy_only=False), bool)
