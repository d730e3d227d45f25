"""The columnar judge: many records at once, with the verdict that the scalar judge gives on each.

Whole columns are read by Arrow where its reading and ours agree, distinct values by the scalar
parsers elsewhere. A row in which anything looks odd goes through the scalar judge alone, which
has the last word on it; so a mask may be too suspicious, but never too lenient.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from schemas import kinds, parsing
from schemas.config import Config
from schemas.findings import Refusal
from schemas.names import normalise_name
from schemas.records import RECORDS
from schemas.records.fields import RecordField, fields_of
from schemas.records.judge import Normalised, judge_record
from schemas.records.spend import Spend

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


@dataclass(frozen=True)
class Accepted:
    """The good records of one category.

    Attributes:
        category: 1 to 15.
        rows: int64[k], their places in the input, rising.
        fields: k rows, typed and normalised, in declared order; columns without any value are left out.
    """

    category: int
    rows: npt.NDArray[np.int64]
    fields: pa.RecordBatch


@dataclass(frozen=True)
class Judged:
    """Every row of the input is in exactly one of `accepted` and `refused`."""

    accepted: list[Accepted]
    refused: list[Refusal]
    unknown_columns: list[str]


def judge(columns: Mapping[str, pa.Array], rows: int, config: Config) -> Judged:
    """Judges records given as columns.

    Args:
        columns: arrays of `rows` values by normalised name, as text or in any type that JSON or Parquet give.
        rows: number of records.
        config: options that decide what is valid.
    """
    unknown = [name for name in columns if name not in known_columns()]
    columns = {name: _plain(column) for name, column in columns.items() if name in known_columns()}
    refused: list[Refusal] = []
    accepted: list[Accepted] = []
    category_of = _categories(columns.get("category"), rows)
    strays = np.flatnonzero(category_of == 0)
    for row in strays.tolist():
        verdict = judge_record(_record(columns, row), config, row)
        if isinstance(verdict, Normalised):
            # A category in a form that only the scalar parser takes.
            category_of[row] = verdict.category
        else:
            refused.append(verdict)
    for category in np.unique(category_of[category_of > 0]).tolist():
        places = np.flatnonzero(category_of == category)
        own = columns if len(places) == rows else {name: column.take(pa.array(places)) for name, column in columns.items()}
        good, bad = _judge_category(category, own, places, config)
        refused += bad
        if len(good.rows):
            accepted.append(good)
    return Judged(accepted, sorted(refused, key=lambda refusal: refusal.row), unknown)


@lru_cache
def known_columns() -> frozenset[str]:
    """Returns the names that a field of any category claims, aliases included."""
    fields = [field for model in RECORDS.values() for field in fields_of(model)]
    return frozenset(name for field in fields for name in (field.name, *field.aliases, field.usd_alias) if name)


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or column.type == pa.string_view():
        column = column.cast(pa.string())
    if pa.types.is_float16(column.type):
        # Arrow can't find the distinct values of these.
        column = column.cast(pa.float64())
    return column


def _categories(column: pa.Array | None, rows: int) -> npt.NDArray[np.int64]:
    """Returns the category of each row, 0 where there is none that can be calculated."""
    if column is None or pa.types.is_nested(column.type):
        return np.zeros(rows, np.int64)
    typed, _ = _distinct(column, kinds.kind_of(kinds.Integer))
    found = np.asarray(typed.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    return np.where(np.isin(found, list(RECORDS)), found, 0)


def _judge_category(
    category: int, columns: Mapping[str, pa.Array], places: npt.NDArray[np.int64], config: Config
) -> tuple[Accepted, list[Refusal]]:
    """Judges rows of one category; `places` are their rows in the whole input."""
    model = RECORDS[category]
    fields = [field for field in fields_of(model) if field.name != "category"]
    odd = np.zeros(len(places), bool)
    typed: dict[str, pa.Array] = {}
    for field in fields:
        column = _one_column(field, columns, typed, odd)
        if column is None:
            if field.required:
                odd[:] = True
            continue
        if field.required and column.null_count:
            odd |= _mask(column.is_null())
        odd |= _out_of_range(field, column)
        if field.name == "spend_amount" and issubclass(model, Spend):
            odd |= _mask(pc.less(column, model.lowest_spend(config)))
            if not model.free_of_charge:
                odd |= _mask(pc.equal(column, 0.0))
        typed[field.name] = column
    names = [field.name for field in fields if field.name in typed]
    batch = pa.RecordBatch.from_arrays([typed[name] for name in names], names=names)
    rows = places
    refused: list[Refusal] = []
    if odd.any():
        kept: list[tuple[int, dict[str, Any]]] = []
        for place in np.flatnonzero(odd).tolist():
            verdict = judge_record(_record(columns, place), config, int(places[place]))
            if isinstance(verdict, Refusal):
                refused.append(verdict)
            else:
                kept.append((int(places[place]), verdict.values))
        good = np.flatnonzero(~odd)
        batch, rows = batch.take(pa.array(good)), places[good]
        if kept:
            batch, rows = _merge(batch, rows, kept, fields)
    given = [name for name, column in zip(batch.schema.names, batch.columns, strict=True) if column.null_count < len(rows)]
    return Accepted(category, rows, batch.select(given)), refused


def _merge(
    batch: pa.RecordBatch, rows: npt.NDArray[np.int64], kept: Sequence[tuple[int, dict[str, Any]]], fields: Sequence[RecordField]
) -> tuple[pa.RecordBatch, npt.NDArray[np.int64]]:
    """Puts records that the scalar judge accepted among the others, in the order of the input."""
    schema = pa.schema([pa.field(field.name, field.type) for field in fields])
    arrays = [pa.array([values.get(field.name) for _, values in kept], field.type) for field in fields]
    tables = [pa.Table.from_batches([batch]), pa.table(arrays, schema=schema)]
    both = pa.concat_tables(tables, promote_options="default").select([field.name for field in fields])
    all_rows = np.concatenate([rows, np.array([row for row, _ in kept], np.int64)])
    order = np.argsort(all_rows, kind="stable")
    return both.take(pa.array(order)).combine_chunks().to_batches()[0], all_rows[order]


def _one_column(field: RecordField, columns: Mapping[str, pa.Array], typed: dict[str, pa.Array], odd: Mask) -> pa.Array | None:
    """Returns a field's typed values from its column or an alias; marks rows that have both, or that can't be read."""
    found: pa.Array | None = None
    for name in (field.name, *field.aliases, *filter(None, [field.usd_alias])):
        if name not in columns:
            continue
        column, wrong = _typed(field, columns[name])
        odd |= wrong
        if name != field.name:
            # Aliases are the exception; the scalar judge settles what two columns of one field say.
            if found is not None:
                odd |= _mask(pc.and_(column.is_valid(), found.is_valid()))
            if name == field.usd_alias and column.null_count < len(column):
                odd |= _mask(column.is_valid()) & _has_value(columns.get(field.unit or ""), len(column))
                typed[f"{field.unit} from {name}"] = column.is_valid()
        found = column if found is None else pc.coalesce(found, column)
    dollars = [name for name in typed if name.startswith(f"{field.name} from ")]
    for name in dollars:
        assumed = pc.if_else(typed.pop(name), "USD", pa.scalar(None, pa.string()))
        found = assumed if found is None else pc.coalesce(found, assumed)
    return found


def _has_value(column: pa.Array | None, rows: int) -> Mask:
    return np.zeros(rows, bool) if column is None else _mask(column.is_valid())


def _out_of_range(field: RecordField, column: pa.Array) -> Mask:
    outside = np.zeros(len(column), bool)
    bounds = (
        (field.greater_than, pc.less_equal),
        (field.at_least, pc.less),
        (field.less_than, pc.greater_equal),
        (field.at_most, pc.greater),
    )
    for bound, breaks in bounds:
        if bound is not None:
            outside |= _mask(breaks(column, bound))
    return outside


def _mask(condition: pa.Array) -> Mask:
    if condition.null_count:
        condition = pc.fill_null(condition, False)
    return np.asarray(condition.to_numpy(zero_copy_only=False), bool)


def _typed(field: RecordField, column: pa.Array) -> tuple[pa.Array, Mask]:
    """Returns the typed values of a column, null where there is none, and which rows can't be read here."""
    none_odd = np.zeros(len(column), bool)
    if column.null_count == len(column):
        return pa.nulls(len(column), field.type), none_odd
    kind = field.kind
    if kind is None:
        return _typed_list(field, column)
    if pa.types.is_string(column.type):
        if kind is kinds.kind_of(kinds.Number):
            return _numbers(column)
        if kind in (kinds.kind_of(kinds.Text), kinds.kind_of(kinds.CodeText)):
            texts = _plain_texts(column)
            if kind is kinds.kind_of(kinds.Text) or not pc.any(pc.ends_with(texts, ".0")).as_py():
                return texts, none_odd
        return _distinct(column, kind)
    if kind is kinds.kind_of(kinds.Number) and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        numbers = column.cast(pa.float64(), safe=False)
        return numbers, ~_mask(pc.is_finite(numbers)) & _mask(column.is_valid())
    if kind is kinds.kind_of(kinds.Text) and pa.types.is_integer(column.type):
        return column.cast(pa.string()), none_odd
    if any(test(column.type) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)):
        return _distinct(column, kind)
    # Another type: each value goes to the scalar judge.
    return pa.nulls(len(column), field.type), _mask(column.is_valid())


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
    plain = texts
    try:
        numbers = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        plain = pc.if_else(pc.match_substring_regex(texts, _PLAIN_NUMBER), texts, pa.scalar(None, pa.string()))
        try:
            numbers = pc.cast(plain, pa.float64())
        except pa.ArrowInvalid:
            numbers = pa.nulls(len(texts), pa.float64())
    return numbers, _mask(texts.is_valid()) & ~_mask(pc.is_finite(numbers))


def _distinct(column: pa.Array, kind: kinds.Kind) -> tuple[pa.Array, Mask]:
    """Reads each distinct value with the scalar parser."""
    encoded = column.dictionary_encode()
    parsed = [_parsed(kind, value) for value in encoded.dictionary.to_pylist()]
    values = pa.array([None if wrong else value for value, wrong in parsed], kind.type)
    wrong = pa.array([wrong for _, wrong in parsed], pa.bool_())
    return values.take(encoded.indices), _mask(wrong.take(encoded.indices))


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
        return pa.nulls(len(column), field.type), _mask(column.is_valid())
    elements = column.flatten()
    names = [normalise_name(elements.type.field(place).name) for place in range(elements.type.num_fields)]
    if len(set(names)) != len(names):
        return pa.nulls(len(column), field.type), _mask(column.is_valid())
    parts = dict(zip(names, elements.flatten(), strict=True))
    odd = _mask(elements.is_null())
    members = []
    for member in field.members:
        part, wrong = _typed(member, _plain(parts[member.name])) if member.name in parts else (pa.nulls(len(elements), member.type), odd)
        odd = odd | wrong | _out_of_range(member, part)
        if member.required:
            odd = odd | _mask(part.is_null())
        members.append(part)
    lengths = np.asarray(pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    structs = pa.StructArray.from_arrays(members, names=[member.name for member in field.members])
    lists = pa.ListArray.from_arrays(pa.array(offsets), structs, mask=pa.array(lengths == 0))
    odd_rows = np.zeros(len(column), bool)
    odd_rows[np.repeat(np.arange(len(column)), lengths)[odd]] = True
    return lists.cast(field.type), odd_rows


def _record(columns: Mapping[str, pa.Array], row: int) -> dict[str, object]:
    """Returns one row as the scalar judge takes it."""
    return {name: column[row].as_py() for name, column in columns.items() if column[row].is_valid}
