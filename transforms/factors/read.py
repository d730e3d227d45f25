"""Factor sets: what one is, and the shipped ones."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.factor import FACTOR_SCHEMA
from transforms.factors.importers.published import set_digest

_SETS = Path(__file__).parent / "sets"
TITLES = "naics-titles.json"

# Not the editions before (epa-1.2, desnz-2024, egrid-2022), and not epa-hub: it has no well-to-tank rows, so US freight and fuels
# would lose the upstream that they have from the foreign proxy. National figures go before Ember's life-cycle ones, and the
# conventions come last, after all that is published.
DEFAULT_SETS = ("epa-1.3", "us-cpi", "ecb-fx", "naics-editions", "desnz-2025", "egrid-2023", "ember-2026", "conventions")


@dataclass(frozen=True)
class FactorSet:
    """One set.

    Attributes:
        name: of a shipped set, or of a file.
        rows: in FACTOR_SCHEMA.
        sha256: digest of the rows, hexadecimal: the id of the set.
        notes: what the user is to be told of the file.
    """

    name: str
    rows: pa.Table
    sha256: str
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, rows: pa.Table, notes: Sequence[str] = ()) -> "FactorSet":
        """Returns a set with the digest of its rows."""
        return cls(name, rows, set_digest(rows), tuple(notes))


@cache
def shipped_sets() -> tuple[str, ...]:
    """Returns the names of the shipped sets."""
    return tuple(sorted(path.stem for path in _SETS.glob("*.parquet")))


def manifest_of(name: str) -> dict[str, Any]:
    """Returns what a shipped set says of itself: source, edition, licence, attribution, digests."""
    manifest: dict[str, Any] = json.loads((_SETS / f"{name}.json").read_text(encoding="utf-8"))
    return manifest


@cache
def naics_titles() -> dict[str, str]:
    """Returns the titles of the six-digit codes that the factors of EPA list."""
    titles: dict[str, str] = json.loads((_SETS / TITLES).read_text(encoding="utf-8"))
    return titles


def shipped_set(name: str) -> FactorSet:
    """Returns a shipped set; its digest stands in its manifest."""
    rows = pq.read_table(_SETS / f"{name}.parquet", use_threads=False).cast(FACTOR_SCHEMA)
    return FactorSet(name, rows, manifest_of(name)["sha256"])
