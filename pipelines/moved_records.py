"""Which records another set of factors moves, and by how much."""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Floats
from schemas.config import Config
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable
from transforms.reading.blocks import BlockMaker, join_blocks
from transforms.reading.files import short_names
from transforms.reading.mapping import Mapping
from transforms.reading.sources import judged_chunks
from transforms.sinks.contract import Source

_BATCH_RECORDS = 1_000
# Sums in another order differ in the last bits.
_SAME = 1e-12


class Move(NamedTuple):
    """A record and its kg CO2e with the one factors and the other; NaN where it is a dead letter."""

    distance: float
    record_id: str
    category: int
    before_kg: float
    after_kg: float


@dataclass
class Moves:
    """Records of one category, or of all.

    Attributes:
        records: read and valid.
        moved: have a result with both, and another one.
        gained, lost: have a result with the second factors only, and with the first only.
        before_kg, after_kg: sums of the results.
    """

    records: int = 0
    moved: int = 0
    gained: int = 0
    lost: int = 0
    before_kg: float = 0.0
    after_kg: float = 0.0


@dataclass
class MovedRecords:
    """What other factors do to some files.

    Attributes:
        refused: records that no factors could help.
        by_category: counts and sums.
        largest: the largest moves, the largest first; one into or out of the dead letters counts as its whole amount.
    """

    refused: int = 0
    by_category: dict[int, Moves] = field(default_factory=lambda: defaultdict(Moves))
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
    calculators = Calculator(before, config), Calculator(after, config)
    names = short_names(sources)
    for source in sources:
        for chunk in judged_chunks(source, mapping, config, names[source.source_id]):
            found.refused += chunk.dead_letters.num_rows
            for block in maker.make(chunk)[0]:
                batch = join_blocks([block.stream])
                one, other = (_kg(batch, calculator.calculate(block.category, batch).results) for calculator in calculators)
                _note(found, block.category, batch, one, other, limit)
    found.largest.sort(reverse=True)
    return found


def _kg(batch: pa.RecordBatch, results: pa.RecordBatch) -> Floats:
    """Returns the kg CO2e of each record of a batch, float64[n], NaN where it has no result."""
    places = pc.index_in(batch.column("source_position"), value_set=results.column("source_position"))
    kg: Floats = results.column("kg_co2e").take(places).to_numpy(zero_copy_only=False)
    return kg


def _note(found: MovedRecords, category: int, batch: pa.RecordBatch, before: Floats, after: Floats, limit: int) -> None:
    had, has = ~np.isnan(before), ~np.isnan(after)
    moved = had & has & ~np.isclose(before, after, rtol=_SAME, atol=0.0)
    moves = found.by_category[category]
    moves.records += batch.num_rows
    moves.moved += int(moved.sum())
    moves.gained += int((has & ~had).sum())
    moves.lost += int((had & ~has).sum())
    moves.before_kg += float(np.nansum(before))
    moves.after_kg += float(np.nansum(after))
    distance = np.where(moved | (had != has), np.abs(np.nan_to_num(after) - np.nan_to_num(before)), -1.0)
    for row in np.argsort(-distance, kind="stable")[:limit].tolist():
        if distance[row] < 0:
            break
        move = Move(float(distance[row]), batch.column("record_id")[row].as_py(), category, float(before[row]), float(after[row]))
        keep = heapq.heappush if len(found.largest) < limit else heapq.heappushpop
        keep(found.largest, move)
