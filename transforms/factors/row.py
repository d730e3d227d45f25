"""One factor as the calculation sees it."""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.canonical import canonical_text
from schemas.families import SUPPLIER_PCF

_HASHED = ("factor_id", "value", "unit", "boundary", "region", "year", "gwp", "cv", "pedigree", "source", "source_version")


# Compared by identity: a table holds each row once, and rows are keys of caches.
@dataclass(frozen=True, slots=True, eq=False)
class FactorRow:
    """A row of a factor set; columns as in schemas.factor, plus the rank of its set in the run's list, 0 first."""

    factor_id: str
    family: str
    key: str
    boundary: str
    region: str
    year: int
    value: float
    unit: str
    basis: str | None
    price_year: int | None
    gwp: str | None
    cv: float | None
    cv_class: str | None
    pedigree: tuple[int, ...] | None
    source_class: str | None
    correlation_group: str | None
    verified: bool
    source: str
    source_version: str
    licence: str
    retrieved_on: str
    source_sha256: str
    precedence: int

    @classmethod
    def from_mapping(cls, row: Mapping[str, Any]) -> "FactorRow":
        """Returns the row with these columns."""
        # The same few texts stand in thousands of rows.
        values: dict[str, Any] = {name: sys.intern(value) if type(value) is str else value for name, value in row.items()}
        return cls(**{**values, "pedigree": None if row["pedigree"] is None else tuple(row["pedigree"])})

    @property
    def per(self) -> str:
        """Returns the unit that a quantity is converted to: of process_energy it stands in the basis."""
        return self.basis if self.family == "process_energy" and self.basis else self.unit

    def may_be_used_in(self, year: int) -> bool:
        """Says whether the row stands for a year: a supplier's footprint is valid for a span of years, which is its basis."""
        if self.family != SUPPLIER_PCF or self.basis is None:
            return True
        first, _, last = self.basis.partition("/")
        return int(first) <= year <= int(last)

    @property
    def group(self) -> str:
        """Returns the correlation group: rows of one group err together."""
        return self.correlation_group or self.factor_id.partition("#")[0]

    @property
    def sha256(self) -> str:
        """Returns the hash of what the calculation takes from the row, hexadecimal."""
        values: dict[str, Any] = {name: getattr(self, name) for name in _HASHED}
        return hashlib.sha256(canonical_text(values).encode()).hexdigest()
