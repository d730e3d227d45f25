"""Puts a user's columns under our names, whole columns at a time."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas.column_reader import plain
from transforms.reading.json_lines import EXACT_INTEGERS
from transforms.reading.mapping import NO_MAPPING, POSITION, Mapping
from transforms.reading.parsed import Positions
from transforms.reading.typed_columns import as_text
from transforms.reading.written import as_we_write, written_fields

Mask = npt.NDArray[np.bool_]
Columns = dict[str, pa.Array]


def map_columns(columns: Columns, positions: Positions, file_name: str | pa.Array, mapping: Mapping) -> tuple[Columns, Mask]:
    """Returns columns by our field names, and which rows are records.

    Args:
        columns: arrays of n values by normalised name.
        positions: int64[n], for "@position".
        file_name: for "@position"; string[n] where rows are of several files.
        mapping: a field takes its value from [columns], then [lookup], then [constants]. A column that the mapping does not
            name keeps its name, unless a section gives the field of that name another value.

    Returns:
        The columns, still of n values, and bool[n], false for rows that [skip] takes out.
    """
    kept = np.ones(len(positions), bool)
    # Not `is`: a mapping that has travelled to a worker is another object.
    if mapping == NO_MAPPING:
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


def _mapped(columns: Columns, positions: Positions, file_name: str | pa.Array, mapping: Mapping) -> Columns:
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
    # Before they meet: what is a number already is not written in any way.
    found = {field: _translated(field, column, mapping) for field, column in found.items()}
    for field, values in _looked_up(columns, len(positions), mapping).items():
        found[field] = _first_value(found.get(field), _translated(field, values, mapping))
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
    theirs = mapping.values.get(field)
    if pa.types.is_nested(column.type) or not (theirs or field in written_fields()):
        return column
    column = plain(column)
    written = as_we_write(field, column, mapping.format) if pa.types.is_string(column.type) else column
    if not theirs:
        return written
    places = pc.index_in(_trimmed(column), value_set=pa.array([value.strip() for value in theirs]))
    return pc.coalesce(pa.array(list(theirs.values()), pa.string()).take(places), _trimmed(written))


def _trimmed(column: pa.Array) -> pa.Array:
    """Returns the column as trimmed text; values that are no scalars are null."""
    if pa.types.is_nested(column.type):
        return pa.nulls(len(column), pa.string())
    column = plain(column)
    if pa.types.is_floating(column.type):
        return _digits(column)
    return pc.utf8_trim_whitespace(as_text(column).cast(pa.string()))


def _digits(column: pa.Array) -> pa.Array:
    """Returns floats as text, whole ones as their digits: Arrow writes 4.006381333931e+12 for a code of thirteen."""
    whole = pc.and_(pc.equal(column, pc.trunc(column)), pc.less(pc.abs(column), float(EXACT_INTEGERS)))
    integers = pc.if_else(whole, column, pa.scalar(None, column.type)).cast(pa.int64())
    return pc.coalesce(integers.cast(pa.string()), column.cast(pa.string()))


def _mask(condition: pa.Array) -> Mask:
    return np.asarray(condition.to_numpy(zero_copy_only=False), bool)
