"""Reads a whole column of a record's field at once, with the answers that the scalar parsers give.

Arrow reads where its reading and ours agree; elsewhere the scalar parsers read each distinct value. What can't be read
here is marked, and judged once more alone.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas import kinds, parsing
from schemas.names import normalise_name
from schemas.records.fields import RecordField

Mask = npt.NDArray[np.bool_]

_PLAIN_NUMBER = "^" + parsing.NUMBER.replace("[+-]?", "-?", 1) + "$"
_KNOWN_VALUES = 100_000

# Texts that may change when they are trimmed or brought into form NFC: blanks of Unicode at an end, or any character
# outside of blocks of which all characters stay as they are (Latin, Cyrillic, kana, Han, Hangul, common signs).
_BLANK = r"[\x1c-\x1f\x{85}\x{a0}]"
_STEADY = (
    r"\x00-\x{2ff}\x{400}-\x{482}\x{48a}-\x{52f}\x{2010}-\x{2027}\x{20ac}\x{2122}"
    r"\x{3041}-\x{3096}\x{30a1}-\x{30fa}\x{4e00}-\x{9fff}\x{ac00}-\x{d7a3}"
)
_DOUBTFUL_TEXT = rf"^\s*{_BLANK}|{_BLANK}\s*$|[^{_STEADY}]"


def plain(column: pa.Array) -> pa.Array:
    """Returns a column without encodings: dictionaries decoded, texts as string, short floats as float64."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or column.type == pa.string_view():
        column = column.cast(pa.string())
    if pa.types.is_float16(column.type):
        # Arrow can't find the distinct values of these.
        column = column.cast(pa.float64())
    return column


def out_of_range(field: RecordField, column: pa.Array) -> Mask:
    """Returns bool[n], which typed values are outside of the field's range; null is not."""
    outside = np.zeros(len(column), bool)
    bounds = (
        (field.greater_than, pc.less_equal),
        (field.at_least, pc.less),
        (field.less_than, pc.greater_equal),
        (field.at_most, pc.greater),
    )
    for bound, breaks in bounds:
        if bound is not None:
            outside |= mask_of(breaks(column, bound))
    return outside


def mask_of(condition: pa.Array) -> Mask:
    """Returns bool[n] of a condition; null is false."""
    if condition.null_count:
        condition = pc.fill_null(condition, False)
    return np.asarray(condition.to_numpy(zero_copy_only=False), bool)


def read_column(field: RecordField, column: pa.Array) -> tuple[pa.Array, Mask]:
    """Returns the typed values of a column, null where there is none, and which rows can't be read here."""
    none_odd = np.zeros(len(column), bool)
    if column.null_count == len(column):
        return pa.nulls(len(column), field.type), none_odd
    kind = field.kind
    if field.is_map:
        return _typed_map(field, column)
    if field.element is not None:
        return _typed_values(field, field.element, column)
    if kind is None:
        return _typed_list(field, column)
    if pa.types.is_string(column.type):
        if kind is kinds.kind_of(kinds.Number):
            return _numbers(column)
        if kind in (kinds.kind_of(kinds.Text), kinds.kind_of(kinds.CodeText)):
            texts = _plain_texts(column)
            if kind is kinds.kind_of(kinds.Text) or not pc.any(pc.ends_with(texts, ".0")).as_py():
                return texts, none_odd
        return distinct(column, kind)
    if kind is kinds.kind_of(kinds.Number) and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        numbers = column.cast(pa.float64(), safe=False)
        return numbers, ~mask_of(pc.is_finite(numbers)) & mask_of(column.is_valid())
    if kind is kinds.kind_of(kinds.Text) and pa.types.is_integer(column.type):
        return column.cast(pa.string()), none_odd
    if any(test(column.type) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)):
        return distinct(column, kind)
    # Another type: each value goes to the scalar judge.
    return pa.nulls(len(column), field.type), mask_of(column.is_valid())


def _plain_texts(column: pa.Array) -> pa.Array:
    """Returns texts trimmed and in form NFC, blank ones null."""
    data = column.buffers()[2]
    # All of the buffer, though the column may be a slice of it: then this is only too careful.
    octets = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    if len(octets) and (octets.max() >= 0x7F or ((octets >= 0x1C) & (octets <= 0x1F)).any()):
        doubtful = pc.fill_null(pc.match_substring_regex(column, _DOUBTFUL_TEXT), False)
        if pc.any(doubtful).as_py():
            texts = [parsing.text(text) for text in column.filter(doubtful).to_pylist()]
            column = pc.replace_with_mask(column, doubtful, pa.array(texts, pa.string()))
    if (octets <= 0x20).any():
        column = pc.ascii_trim_whitespace(column)
    return _blank_to_null(column)


def _blank_to_null(column: pa.Array) -> pa.Array:
    blank = pc.equal(pc.binary_length(column), 0)
    if pc.any(blank).as_py():
        return pc.if_else(blank, pa.scalar(None, pa.string()), column)
    return column


def _numbers(column: pa.Array) -> tuple[pa.Array, Mask]:
    texts = _blank_to_null(pc.ascii_trim_whitespace(column))
    try:
        numbers = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        readable = pc.if_else(pc.match_substring_regex(texts, _PLAIN_NUMBER), texts, pa.scalar(None, pa.string()))
        try:
            numbers = pc.cast(readable, pa.float64())
        except pa.ArrowInvalid:
            numbers = pa.nulls(len(texts), pa.float64())
    return numbers, mask_of(texts.is_valid()) & ~mask_of(pc.is_finite(numbers))


def distinct(column: pa.Array, kind: kinds.Kind) -> tuple[pa.Array, Mask]:
    """Reads each distinct value with the scalar parser."""
    encoded = column.dictionary_encode()
    parsed = [_parsed(kind, value) for value in encoded.dictionary.to_pylist()]
    values = pa.array([None if wrong else value for value, wrong in parsed], kind.type)
    wrong = pa.array([wrong for _, wrong in parsed], pa.bool_())
    return values.take(encoded.indices), mask_of(wrong.take(encoded.indices))


@lru_cache(_KNOWN_VALUES, typed=True)
def _parsed(kind: kinds.Kind, value: object) -> tuple[object, bool]:
    """Returns the parsed value, and whether there is none because it is wrong."""
    if not parsing.is_present(value):
        return None, False
    try:
        return kind.parse(value), False
    except parsing.Wrong:
        return None, True


def _typed_list(field: RecordField, column: pa.Array) -> tuple[pa.Array, Mask]:
    """Reads lists of structs member by member, over the elements of all rows at once."""
    if not (pa.types.is_list(column.type) and pa.types.is_struct(column.type.value_type)):
        return pa.nulls(len(column), field.type), mask_of(column.is_valid())
    elements = column.flatten()
    names = [normalise_name(elements.type.field(place).name) for place in range(elements.type.num_fields)]
    if len(set(names)) != len(names):
        return pa.nulls(len(column), field.type), mask_of(column.is_valid())
    parts = dict(zip(names, elements.flatten(), strict=True))
    odd = mask_of(elements.is_null())
    members = []
    for member in field.members:
        part, wrong = (
            read_column(member, plain(parts[member.name])) if member.name in parts else (pa.nulls(len(elements), member.type), odd)
        )
        odd = odd | wrong | out_of_range(member, part)
        if member.required:
            odd = odd | mask_of(part.is_null())
        members.append(part)
    lengths = np.asarray(pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    structs = pa.StructArray.from_arrays(members, names=[member.name for member in field.members])
    lists = pa.ListArray.from_arrays(pa.array(offsets), structs, mask=pa.array(lengths == 0))
    odd_rows = np.zeros(len(column), bool)
    odd_rows[np.repeat(np.arange(len(column)), lengths)[odd]] = True
    return lists.cast(field.type), odd_rows


def _typed_values(field: RecordField, element: RecordField, column: pa.Array) -> tuple[pa.Array, Mask]:
    """Reads lists of plain values over the elements of all rows at once."""
    if not pa.types.is_list(column.type):
        return pa.nulls(len(column), field.type), mask_of(column.is_valid())
    values, odd = read_column(element, plain(column.flatten()))
    odd = odd | out_of_range(element, values) | mask_of(values.is_null())
    lengths = np.asarray(pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    odd_rows = np.zeros(len(column), bool)
    odd_rows[np.repeat(np.arange(len(column)), lengths)[odd]] = True
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(lengths == 0)).cast(field.type), odd_rows


def _typed_map(field: RecordField, column: pa.Array) -> tuple[pa.Array, Mask]:
    """Reads maps that came as structs, key by key over all rows."""
    rows = len(column)
    if not pa.types.is_struct(column.type):
        return pa.nulls(rows, field.type), mask_of(column.is_valid())
    keys, number = field.members
    assert keys.kind is not None
    odd = np.zeros(rows, bool)
    by_key: dict[str, pa.Array] = {}
    for place, part in enumerate(column.flatten()):
        key, wrong = _parsed(keys.kind, column.type.field(place).name)
        values, unread = read_column(number, plain(part))
        given = mask_of(part.is_valid())
        # Two keys that mean the same are added by the scalar judge, who also tells what is wrong with one.
        odd |= given if wrong or key in by_key else unread | out_of_range(number, values)
        if not wrong:
            by_key.setdefault(str(key), values)
    names = sorted(by_key)
    present = np.stack([mask_of(by_key[name].is_valid()) for name in names], axis=1) if names else np.zeros((rows, 0), bool)
    row, column_of = np.nonzero(present)
    # Element of the columns put one after the other.
    flat = pa.concat_arrays([by_key[name] for name in names]).take(pa.array(column_of * rows + row)) if names else pa.nulls(0, number.type)
    entries = pa.StructArray.from_arrays([pa.array(names, pa.string()).take(pa.array(column_of)), flat], names=["key", "value"])
    lengths = present.sum(axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), entries, mask=pa.array(lengths == 0)).cast(field.type), odd
