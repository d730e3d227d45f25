"""What is asked of a factor table, and what comes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from schemas.codes import Code
from transforms.factors.row import FactorRow

_NAICS_SCORE = {6: 1, 5: 2, 4: 3, 3: 4, 2: 5}


class Resolved(NamedTuple):
    """A factor that was found.

    Attributes:
        lead: the row of the boundary asked for; of an alias its first target by id.
        rows: all rows used.
        value: in kg CO2e per unit of the record.
        also: values of the further boundaries, in the same unit; 0 where `missing` names it.
        missing: further boundaries without a row.
        price_year: of the dollars it counts in, None for other families.
        geographic, temporal, technological: scores, 1 best to 5.
        warnings: full texts.
    """

    lead: FactorRow
    rows: tuple[FactorRow, ...]
    value: float
    also: dict[str, float]
    missing: tuple[str, ...]
    price_year: int | None
    geographic: int
    temporal: int
    technological: int
    warnings: tuple[str, ...]

    def with_parameter(self, other: "Resolved") -> "Resolved":
        """Returns the same with the rows, warnings and worse scores of a factor that it is multiplied with."""
        return self._replace(
            rows=(*self.rows, *other.rows),
            geographic=max(self.geographic, other.geographic),
            temporal=max(self.temporal, other.temporal),
            technological=max(self.technological, other.technological),
            warnings=tuple(dict.fromkeys([*self.warnings, *other.warnings])),
        )


@dataclass(frozen=True)
class Unresolved:
    """No factor: E_UNIT if only the unit was in the way, else E_NO_FACTOR.

    Attributes:
        detail: a sentence for the supplier.
    """

    code: Code
    detail: str


class Question(NamedTuple):
    """What is asked for, apart from the key; of several boundaries the first that has a row in the nearest region."""

    family: str
    boundaries: tuple[str, ...]
    region: str
    year: int
    unit: str | None
    basis: str | None
    also: tuple[str, ...]
    grid_region: str | None
    parents: tuple[str, ...]


class Conversion(NamedTuple):
    """Multiplier from the record's unit to the row's; rank 0 equal, 1 same dimension, 2 through a property of the fuel."""

    multiplier: float
    rank: int
    found: tuple[Resolved, ...] = ()


SAME_UNIT = Conversion(1.0, 0)


def nearest_year(years: set[int], wanted: int) -> int:
    """Returns the latest year up to the one wanted; where there is none, the earliest after it."""
    earlier = [year for year in years if year <= wanted]
    return max(earlier) if earlier else min(years)


# Boundaries that are no amounts: their unit is their own, whatever the quantity's.
PARAMETERS = ("loss_share",)


def technological_score(family: str, key: str) -> int:
    """Returns the score of a key that was met exactly: of NAICS codes it follows the digits, and a range of sectors is the coarsest."""
    return (_NAICS_SCORE.get(len(key), 5) if key.isdigit() else 5) if family == "eeio" else 1


def parents_of(family: str, key: str) -> Iterator[str]:
    """Gives coarser keys, the nearest first."""
    if family == "eeio" and key.isdigit():
        for digits in range(len(key) - 1, 1, -1):
            yield key[:digits]
