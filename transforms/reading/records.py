"""Judges a chunk of a file: good records by category, dead letters for the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrow import table_rows, table_schema
from schemas.codes import Code, Stage
from schemas.columnar import judge, known_columns
from schemas.config import Config
from schemas.findings import Refusal
from schemas.records import RECORDS
from schemas.records.fields import typed_batch
from schemas.records.judge import Normalised, judge_record
from transforms.reading.cells import read_nested_cells
from transforms.reading.mapped import map_columns, map_record
from transforms.reading.mapping import Mapping
from transforms.reading.parsed import BadLine, OddRecord, Parsed, ParsedChunk, Positions

_Row = tuple[object, ...]


@dataclass(frozen=True)
class Taken:
    """Good records of one category.

    Attributes:
        category: 1 to 15.
        positions: int64[k], rising.
        fields: k rows, typed and normalised; columns without any value are left out.
    """

    category: int
    positions: Positions
    fields: pa.RecordBatch


@dataclass(frozen=True)
class JudgedChunk:
    """A chunk of a file: each of its records is in `taken` or in `dead_letters`.

    Attributes:
        source_id: number of the file.
        position, length: coordinates of the chunk.
        records: number of records, without skipped ones.
        skipped: rows that [skip] of the mapping took out.
        taken: good records.
        dead_letters: rows of the table of this name.
        unknown_columns: names that no field claims.
    """

    source_id: int
    position: int
    length: int
    records: int
    skipped: int
    taken: list[Taken]
    dead_letters: pa.RecordBatch
    unknown_columns: frozenset[str]


def judge_chunk(chunk: ParsedChunk, source_id: int, file_name: str, mapping: Mapping, config: Config) -> JudgedChunk:
    """Judges the records of a chunk.

    Args:
        chunk: as a reader gave it.
        source_id: number of the file.
        file_name: for ids that are made of file name and position.
        mapping: what the columns mean.
        config: options that decide what is valid.
    """
    taken: list[Taken] = []
    dead: list[_Row] = [_malformed(line, source_id) for line in chunk.malformed]
    unknown = set(chunk.unread_columns) - known_columns()
    records, skipped = len(chunk.malformed), 0
    for part in chunk.parts:
        columns, kept = map_columns(part.columns, part.positions, file_name, mapping)
        rows = np.flatnonzero(kept)
        skipped += len(kept) - len(rows)
        records += len(rows)
        if len(rows) < len(kept):
            columns = {name: column.take(pa.array(rows)) for name, column in columns.items()}
        judged = judge(read_nested_cells(columns), len(rows), config)
        taken += [Taken(good.category, part.positions[rows[good.rows]], good.fields) for good in judged.accepted]
        dead += [_refused(refusal, part, int(rows[refusal.row]), source_id) for refusal in judged.refused]
        unknown.update(judged.unknown_columns)
    good, refused, left_out = _judge_odd(chunk.odd, file_name, mapping, config)
    taken += good
    dead += [_letter(refusal, odd.position, odd.raw, source_id) for refusal, odd in refused]
    records += len(chunk.odd) - left_out
    unknown -= mapping.needed_columns.keys()
    return JudgedChunk(source_id, chunk.position, chunk.length, records, skipped + left_out, taken, _dead_letters(dead), frozenset(unknown))


def _judge_odd(
    odd_records: Iterable[OddRecord], file_name: str, mapping: Mapping, config: Config
) -> tuple[list[Taken], list[tuple[Refusal, OddRecord]], int]:
    """Judges records one at a time; returns good ones, refused ones, and how many [skip] takes out."""
    good: dict[int, list[tuple[int, dict[str, object]]]] = {}
    refused: list[tuple[Refusal, OddRecord]] = []
    skipped = 0
    for odd in odd_records:
        record = map_record(odd.values, odd.position, file_name, mapping)
        if record is None:
            skipped += 1
            continue
        verdict = judge_record(record, config)
        if isinstance(verdict, Normalised):
            good.setdefault(verdict.category, []).append((odd.position, verdict.values))
        else:
            refused.append((verdict, odd))
    return [_taken(category, sorted(rows, key=lambda row: row[0])) for category, rows in good.items()], refused, skipped


def _taken(category: int, rows: list[tuple[int, dict[str, object]]]) -> Taken:
    positions = np.array([position for position, _ in rows], np.int64)
    return Taken(category, positions, typed_batch(RECORDS[category], [values for _, values in rows]))


def _refused(refusal: Refusal, part: Parsed, row: int, source_id: int) -> _Row:
    return _letter(refusal, int(part.positions[row]), part.raw(row), source_id)


def _letter(refusal: Refusal, position: int, raw: str, source_id: int) -> _Row:
    first = refusal.findings[0]
    stage = Stage.PARSE if first.code is Code.E_MALFORMED else Stage.VALIDATE
    reason = (first.code.value, first.field, first.value, first.message, refusal.detail)
    return (stage.value, refusal.record_id, refusal.category, *reason, None, source_id, position, raw)


def _malformed(line: BadLine, source_id: int) -> _Row:
    message = f"the line is no record: {line.detail}; mend it and send it again"
    reason = (Code.E_MALFORMED.value, None, None, message, None)
    return (Stage.PARSE.value, None, None, *reason, None, source_id, line.position, line.raw)


def _dead_letters(rows: list[_Row]) -> pa.RecordBatch:
    return table_rows("dead_letters", zip(*rows, strict=True) if rows else [[] for _ in table_schema("dead_letters")])
