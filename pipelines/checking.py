"""Looks through inputs as a run would, without a store: reads, judges, calculates, and keeps what a person wants to know."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow as pa

from pipelines.checked_rows import CheckedRows
from pipelines.settled_rows import NoRoom
from schemas.codes import Code
from schemas.columnar import columns_of, known_columns
from schemas.config import Config
from schemas.faults import UserFault
from transforms.categories.registry import Calculator
from transforms.counters import PROGRESS
from transforms.factors.table import FactorTable
from transforms.reading.blocks import BlockMaker, join_blocks
from transforms.reading.files import short_names
from transforms.reading.mapping import Mapping
from transforms.reading.sources import column_names, judged_chunks
from transforms.sinks.contract import Source
from transforms.sinks.verdict import DUPLICATE_MESSAGE

EXAMPLES = 3
_BATCH_RECORDS = 1_000
_ELEMENT = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True)
class Example:
    """A dead letter.

    Attributes:
        source: where it is.
        position: as its `source_position`.
        text: record_id, if known, and message.
    """

    source: Source
    position: int
    text: str


@dataclass
class Found:
    """What was found.

    Attributes:
        records, skipped, duplicates, results: how many.
        dead: dead letters by code and field.
        examples: the first of each kind.
        unreadable: files that can't be read, and why.
        categories: of records that are valid.
        unknown: names of columns that no field claims.
        given: names of columns that a field claims.
        unused: those of them whose fields only other categories than those of the records have.
    """

    records: int = 0
    skipped: int = 0
    duplicates: int = 0
    results: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    unreadable: list[UserFault] = field(default_factory=list)
    categories: set[int] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    given: set[str] = field(default_factory=set)
    unused: set[str] = field(default_factory=set)

    @property
    def fields(self) -> frozenset[str]:
        """Returns the names of the fields of these categories, of all where no record is valid."""
        return frozenset(name for category in self.categories for name in columns_of(category)) or known_columns()

    @property
    def dead_letters(self) -> int:
        """Returns the number of dead letters."""
        return sum(self.dead.values())


def look_through(sources: Sequence[Source], mapping: Mapping, config: Config, factors: FactorTable, rows: CheckedRows) -> Found:
    """Looks through all records; a file that can't be read does not keep the others from it.

    Args:
        sources: the inputs.
        mapping: what their columns mean.
        config: options of the calculation.
        factors: of the run.
        rows: filled with a row a record; ids are settled.

    Raises:
        NoRoom: there is none for the rows.
    """
    found, calculator, maker = Found(), Calculator(factors, config), BlockMaker(_BATCH_RECORDS, 1)
    names = short_names(sources)
    for source in sources:
        try:
            for chunk in judged_chunks(source, mapping, config, names[source.source_id]):
                found.records += chunk.records
                found.skipped += chunk.skipped
                found.unknown |= chunk.unknown_columns
                found.given |= chunk.given_columns
                _note_dead(found, chunk.dead_letters, source)
                for block in maker.make(chunk)[0]:
                    batch = join_blocks([block.stream])
                    done = calculator.calculate(block.category, batch)
                    found.categories.add(block.category)
                    found.results += done.results.num_rows
                    _note_dead(found, done.dead_letters, source)
                    rows.add(block.category, batch, done.results)
                PROGRESS.records_read, PROGRESS.phase = found.records, "checking"
        except NoRoom:
            raise
        except UserFault as fault:
            found.unreadable.append(fault)
            _note_columns(found, source, mapping)
    _settle(found, rows, sources)
    if found.categories:
        found.unused = found.given - found.fields
    return found


def _note_columns(found: Found, source: Source, mapping: Mapping) -> None:
    """Notes the columns of a file that was refused: they may be what is wrong with it."""
    with suppress(UserFault):
        names = set(column_names(source, mapping))
        found.given |= names & known_columns()
        found.unknown |= names - known_columns() - mapping.needed_columns.keys()


def _settle(found: Found, rows: CheckedRows, sources: Sequence[Source]) -> None:
    found.duplicates, claimed = rows.settle()
    found.results -= found.duplicates + claimed
    if not claimed:
        return
    by_id = {source.source_id: source for source in sources}
    kind = _kind(Code.E_DUPLICATE.value, "record_id")
    found.dead[kind], found.examples[kind] = claimed, []
    for one in rows.claims(EXAMPLES):
        message = DUPLICATE_MESSAGE.format(one.record_id, one.kept_position, by_id[one.kept_source_id].source_uri)
        found.examples[kind].append(Example(by_id[one.source_id], one.source_position, f"{one.record_id}: {message}"))


def _note_dead(found: Found, letters: pa.RecordBatch, source: Source) -> None:
    kinds = [_kind(code, name) for code, name in zip(*(letters.column(name).to_pylist() for name in ("code", "field")), strict=True)]
    for row, kind in enumerate(kinds):
        example = None
        if len(found.examples.get(kind, ())) < EXAMPLES:
            letter = letters.slice(row, 1).to_pylist()[0]
            who = f"{letter['record_id']}: " if letter["record_id"] else ""
            example = Example(source, letter["source_position"], f"{who}{letter['message']}")
        _note(found, kind, example)


def _kind(code: str, name: str | None) -> str:
    """Returns what dead letters are counted by: code and field, whichever element of a list it is."""
    return f"{code} {_ELEMENT.sub('[]', name)}" if name else code


def _note(found: Found, kind: str, example: Example | None) -> None:
    found.dead[kind] += 1
    examples = found.examples.setdefault(kind, [])
    if example is not None and len(examples) < EXAMPLES:
        examples.append(example)
