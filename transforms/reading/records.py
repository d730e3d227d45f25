"""Judges a chunk of a file: good records by category, dead letters for the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
from transforms.reading.parsed import BadLine, OddRecord, ParsedChunk, Positions
from transforms.reading.places import Places
from transforms.reading.typed_columns import as_text

# Of a dead letter, without source_id; the position is that in the chunk.
_Row = tuple[Any, ...]
_PLACE = -2


@dataclass(frozen=True)
class Taken:
    """Good records of one category.

    Attributes:
        category: 1 to 15.
        positions: int64[k], in the chunk, rising.
        fields: k rows, typed and normalised; columns without any value are left out.
    """

    category: int
    positions: Positions
    fields: pa.RecordBatch


@dataclass(frozen=True)
class JudgedChunk:
    """A chunk of one file or of several small ones: each of its records is in `taken` or in `dead_letters`.

    Attributes:
        places: of which files.
        records_of: int64[k], number of records of each of these parts of files, without skipped ones.
        skipped_of: int64[k], rows of each that [skip] of the mapping took out.
        taken: good records.
        dead_letters: rows of the table of this name.
        unknown_columns: names that no field claims.
        given_columns: names of fields, aliases included, that the chunk has columns for.
    """

    places: Places
    records_of: Positions
    skipped_of: Positions
    taken: list[Taken]
    dead_letters: pa.RecordBatch
    unknown_columns: frozenset[str]
    given_columns: frozenset[str]

    @property
    def records(self) -> int:
        """Returns the number of all records."""
        return int(self.records_of.sum())

    @property
    def skipped(self) -> int:
        """Returns the number of all rows taken out."""
        return int(self.skipped_of.sum())


def judge_chunk(chunk: ParsedChunk, places: Places, mapping: Mapping, config: Config) -> JudgedChunk:
    """Judges the records of a chunk.

    Args:
        chunk: as a reader gave it.
        places: of which files it is.
        mapping: what the columns mean.
        config: options that decide what is valid.
    """
    taken: list[Taken] = []
    dead = [_malformed(line) for line in chunk.malformed]
    unknown = set(chunk.unread_columns) - known_columns()
    given: set[str] = set()
    left_out: list[Positions] = []
    # What a column of mixed values may have refused for its neighbours: of 5 beside 1.5 it makes 5.0.
    again: list[OddRecord] = []
    for part in chunk.parts:
        columns, kept = map_columns(part.columns, places.in_files(part.positions)[1], places.names(part.positions), mapping)
        rows = np.flatnonzero(kept)
        left_out.append(part.positions[~kept])
        if len(rows) < len(kept):
            columns = {name: column.take(pa.array(rows)) for name, column in columns.items()}
        columns = {name: as_text(column) if pa.types.is_decimal(column.type) else column for name, column in columns.items()}
        judged = judge(read_nested_cells(columns), len(rows), config)
        taken += [Taken(good.category, part.positions[rows[good.rows]], good.fields) for good in judged.accepted]
        for refusal in judged.refused:
            row = int(rows[refusal.row])
            position, raw = int(part.positions[row]), part.raw(row)
            if part.values is None:
                dead.append(_letter(refusal, position, raw))
            else:
                again.append(OddRecord(position, raw, part.values(row)))
        unknown.update(judged.unknown_columns)
        given.update(columns)
    good, refused, skipped = _judge_odd([*chunk.odd, *again], places, mapping, config)
    dead += [_letter(refusal, odd.position, odd.raw) for refusal, odd in refused]
    taken = _by_category([*taken, *good])
    unknown -= mapping.needed_columns.keys()
    ended = [*(one.positions for one in taken), np.array([letter[_PLACE] for letter in dead], np.int64)]
    return JudgedChunk(
        places,
        places.count(np.concatenate(ended)),
        places.count(np.concatenate([*left_out, np.array(skipped, np.int64)])),
        taken,
        _dead_letters(dead, places),
        frozenset(unknown),
        frozenset(given & known_columns()),
    )


def _by_category(taken: list[Taken]) -> list[Taken]:
    """Returns good records with all of a category together, in the order of their positions."""
    groups: dict[int, list[Taken]] = {}
    for one in taken:
        groups.setdefault(one.category, []).append(one)
    # Of several small files even the rows of one part need not be in order.
    return [same[0] if len(same) == 1 and _rise(same[0].positions) else _together(same) for same in groups.values()]


def _rise(positions: Positions) -> bool:
    return bool((positions[1:] > positions[:-1]).all())


def _together(taken: list[Taken]) -> Taken:
    positions = np.concatenate([one.positions for one in taken])
    fields = pa.concat_tables([pa.Table.from_batches([one.fields]) for one in taken], promote_options="default")
    order = np.argsort(positions)
    return Taken(taken[0].category, positions[order], fields.take(pa.array(order)).combine_chunks().to_batches()[0])


def _judge_odd(
    odd_records: Iterable[OddRecord], places: Places, mapping: Mapping, config: Config
) -> tuple[list[Taken], list[tuple[Refusal, OddRecord]], list[int]]:
    """Judges records one at a time; returns good ones, refused ones, and the positions of those that [skip] takes out."""
    good: dict[int, list[tuple[int, dict[str, object]]]] = {}
    refused: list[tuple[Refusal, OddRecord]] = []
    skipped: list[int] = []
    for odd in odd_records:
        piece, position = places.at(odd.position)
        record = map_record(odd.values, position, piece.name, mapping)
        if record is None:
            skipped.append(odd.position)
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


def _letter(refusal: Refusal, position: int, raw: str) -> _Row:
    first = refusal.findings[0]
    stage = Stage.PARSE if first.code is Code.E_MALFORMED else Stage.VALIDATE
    reason = (first.code.value, first.field, first.value, first.message, refusal.detail)
    return (stage.value, refusal.record_id, refusal.category, *reason, None, position, raw)


def _malformed(line: BadLine) -> _Row:
    message = f"the line is no record: {line.detail}; mend it and send it again"
    reason = (Code.E_MALFORMED.value, None, None, message, None)
    return (Stage.PARSE.value, None, None, *reason, None, line.position, line.raw)


def _dead_letters(rows: list[_Row], places: Places) -> pa.RecordBatch:
    """Returns rows of the table, with the files' own coordinates."""
    if not rows:
        return table_rows("dead_letters", [[] for _ in table_schema("dead_letters")])
    *reasons, positions, raws = zip(*rows, strict=True)
    return table_rows("dead_letters", [*reasons, *(column.tolist() for column in places.in_files(np.array(positions, np.int64))), raws])
