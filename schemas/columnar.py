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

from schemas import kinds
from schemas.column_reader import Mask, distinct, mask_of, out_of_range, plain, read_column
from schemas.config import Config
from schemas.findings import Refusal
from schemas.records import RECORDS
from schemas.records.batch import Fields
from schemas.records.fields import RecordField, arrow_value, fields_of
from schemas.records.judge import Normalised, judge_record
from schemas.records.spend import Spend
from schemas.scalars import python_value


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
    columns = {name: plain(column) for name, column in columns.items() if name in known_columns()}
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
        own = columns if len(places) == rows else _of_category(category, columns, pa.array(places))
        good, bad = _judge_category(category, own, places, config)
        refused += bad
        if len(good.rows):
            accepted.append(good)
    return Judged(accepted, sorted(refused, key=lambda refusal: refusal.row), unknown)


def _of_category(category: int, columns: Mapping[str, pa.Array], places: pa.Array) -> dict[str, pa.Array]:
    """Returns some rows of the columns that a field of the category claims, those in which any of them has a value."""
    own = {name: columns[name].take(places) for name in columns_of(category) if name in columns}
    return {name: column for name, column in own.items() if column.null_count < len(column)}


@lru_cache
def columns_of(category: int) -> tuple[str, ...]:
    """Returns the names that a field of a category claims, aliases included."""
    fields = fields_of(RECORDS[category])
    return tuple(dict.fromkeys(name for field in fields for name in (field.name, *field.aliases, field.usd_alias) if name))


@lru_cache
def known_columns() -> frozenset[str]:
    """Returns the names that a field of any category claims, aliases included."""
    return frozenset(name for category in RECORDS for name in columns_of(category))


def _categories(column: pa.Array | None, rows: int) -> npt.NDArray[np.int64]:
    """Returns the category of each row, 0 where there is none that can be calculated."""
    if column is None or pa.types.is_nested(column.type):
        return np.zeros(rows, np.int64)
    typed, _ = distinct(column, kinds.kind_of(kinds.Integer))
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
            odd |= mask_of(column.is_null())
        odd |= out_of_range(field, column)
        if field.name == "spend_amount" and issubclass(model, Spend):
            odd |= mask_of(pc.less(column, model.lowest_spend(config)))
            if not model.free_of_charge:
                odd |= mask_of(pc.equal(column, 0.0))
        typed[field.name] = column
    names = [field.name for field in fields if field.name in typed]
    batch = pa.RecordBatch.from_arrays([typed[name] for name in names], names=names)
    if not odd.all():
        odd |= model.suspects(Fields(batch), config)
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
    arrays = [pa.array([arrow_value(field, values.get(field.name)) for _, values in kept], field.type) for field in fields]
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
        column, wrong = read_column(field, columns[name])
        odd |= wrong
        if name != field.name:
            # Aliases are the exception; the scalar judge settles what two columns of one field say.
            if found is not None:
                odd |= mask_of(pc.and_(column.is_valid(), found.is_valid()))
            if name == field.usd_alias and column.null_count < len(column):
                odd |= mask_of(column.is_valid()) & _has_value(columns.get(field.unit or ""), len(column))
                typed[f"{field.unit} from {name}"] = column.is_valid()
        found = column if found is None else pc.coalesce(found, column)
    dollars = [name for name in typed if name.startswith(f"{field.name} from ")]
    for name in dollars:
        assumed = pc.if_else(typed.pop(name), "USD", pa.scalar(None, pa.string()))
        found = assumed if found is None else pc.coalesce(found, assumed)
    return found


def _has_value(column: pa.Array | None, rows: int) -> Mask:
    return np.zeros(rows, bool) if column is None else mask_of(column.is_valid())


def _record(columns: Mapping[str, pa.Array], row: int) -> dict[str, object]:
    """Returns one row as the scalar judge takes it."""
    return {name: python_value(column[row]) for name, column in columns.items() if column[row].is_valid}
