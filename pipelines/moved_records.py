"""Which records another set of factors moves, and by how much."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.settled_rows import SettledRows
from schemas.config import Config
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable
from transforms.reading.blocks import BlockMaker, join_blocks
from transforms.reading.files import short_names
from transforms.reading.mapping import Mapping
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_BATCH_RECORDS = 1_000

_COLUMNS = {"category": pa.int16(), "before_kg": pa.float64(), "after_kg": pa.float64()}
_HAS_RESULT = "(before_kg IS NOT NULL OR after_kg IS NOT NULL)"

# Sums in another order differ in the last bits.
_MOVED = "before_kg IS NOT NULL AND after_kg IS NOT NULL AND abs(before_kg - after_kg) > 1e-12 * abs(after_kg)"
_GAINED, _LOST = "before_kg IS NULL AND after_kg IS NOT NULL", "before_kg IS NOT NULL AND after_kg IS NULL"
_BY_CATEGORY = f"""
SELECT category, count(*), count(*) FILTER ({_MOVED}), count(*) FILTER ({_GAINED}), count(*) FILTER ({_LOST}),
    coalesce(fsum(before_kg), 0.0), coalesce(fsum(after_kg), 0.0)
FROM records GROUP BY category ORDER BY category"""
_LARGEST = f"""
SELECT record_id, category, before_kg, after_kg FROM records WHERE ({_MOVED}) OR ({_GAINED}) OR ({_LOST})
ORDER BY abs(coalesce(after_kg, 0.0) - coalesce(before_kg, 0.0)) DESC, record_id LIMIT """


class Move(NamedTuple):
    """A record and its kg CO2e with the one factors and the other; None where it is a dead letter."""

    record_id: str
    category: int
    before_kg: float | None
    after_kg: float | None


@dataclass(frozen=True)
class Moves:
    """Records of one category.

    Attributes:
        records: read and valid.
        moved: have a result with both, and another one.
        gained, lost: have a result with the second factors only, and with the first only.
        before_kg, after_kg: sums of the results.
    """

    records: int
    moved: int
    gained: int
    lost: int
    before_kg: float
    after_kg: float


@dataclass
class MovedRecords:
    """What other factors do to some files.

    Attributes:
        refused: records that no factors could help, also those that claim the id of another.
        twice: lines that came twice.
        by_category: counts and sums.
        largest: the largest moves, the largest first; one into or out of the dead letters counts as its whole amount.
    """

    refused: int = 0
    twice: int = 0
    by_category: dict[int, Moves] = field(default_factory=dict)
    largest: list[Move] = field(default_factory=list)


def moved_records(
    sources: Sequence[Source], mapping: Mapping, config: Config, before: FactorTable, after: FactorTable, limit: int
) -> MovedRecords:
    """Calculates all records of some files with two tables of factors, batch by batch.

    Args:
        sources, mapping, config: as of a run.
        before, after: the factors.
        limit: how many of the largest moves are kept.

    Raises:
        UserFault: a file that can't be read.
    """
    found, maker = MovedRecords(), BlockMaker(_BATCH_RECORDS, 1)
    calculators = {"before_kg": Calculator(before, config), "after_kg": Calculator(after, config)}
    names = short_names(sources)
    with tempfile.TemporaryDirectory(prefix="scope3-") as folder, SettledRows(folder, _COLUMNS, _HAS_RESULT) as rows:
        for source in sources:
            for chunk in judged_chunks(source, mapping, config, names[source.source_id]):
                found.refused += chunk.dead_letters.num_rows
                for block in maker.make(chunk)[0]:
                    batch = join_blocks([block.stream])
                    kg = {name: _kg(batch, one.calculate(block.category, batch).results) for name, one in calculators.items()}
                    rows.keep(batch, kg | {"category": pa.array([block.category] * batch.num_rows)})
        found.twice, claimed = rows.settle()
        found.refused += claimed
        found.by_category = {category: Moves(*sums) for category, *sums in rows.rows(_BY_CATEGORY)}
        found.largest = [Move(*row) for row in rows.rows(f"{_LARGEST}{limit}")]
    return found


def _kg(batch: pa.RecordBatch, results: pa.RecordBatch) -> pa.Array:
    """Returns the kg CO2e of each record of a batch, float64[n], null where it has no result."""
    places = pc.index_in(batch.column("source_position"), value_set=results.column("source_position"))
    return results.column("kg_co2e").take(places)
