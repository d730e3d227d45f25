"""Finds factors: key, then region, then year, then source [3, 12.3]."""

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.values import PARAMETERS, UNITS, Cannot, Row, fallback_warnings, multiplier, nearest, places, temporal

# An alias never serves these [12.3].
_NO_ALIAS = ("fx", "price_index", "product_life", "treatment_split", "fuel_property")

# Missing ones of these leave the upstream part incomplete [7].
_WELL_TO_TANK = ("wtt", "wtt_generation", "wtt_a", "wtt_b")


@dataclass
class Part:
    """A further boundary of an activity, from the source of its first row; not whole where a target of an alias lacks it."""

    value: float
    rows: list[Row]
    whole: bool = True


@dataclass
class Found:
    """A factor in kg per unit of the record, with its scores. `rows` are those in use; `also` waits until it is used."""

    lead: Row
    value: float
    rows: list[Row]
    geographic: int
    temporal: int
    technological: int = 1
    warnings: set[str] = field(default_factory=set)
    also: dict[str, Part] = field(default_factory=dict)

    @property
    def boundary(self) -> str:
        return str(self.lead["boundary"])

    def use(self, boundary: str) -> float:
        """Returns the value of a further boundary, and counts it among the rows in use; 0 where there is none."""
        part = self.also.get(boundary)
        if (part is None or not part.whole) and boundary in _WELL_TO_TANK:
            self.warnings.add("W_NO_UPSTREAM")
        if part is None:
            return 0.0
        self.rows += part.rows
        return part.value

    def join(self, other: "Found") -> None:
        """Takes in a factor of the same term: its rows, its warnings, and the worse of each score [9.4]."""
        self.rows += other.rows
        self.warnings |= other.warnings
        self.geographic, self.temporal = max(self.geographic, other.geographic), max(self.temporal, other.temporal)
        self.technological = max(self.technological, other.technological)


@dataclass(frozen=True)
class Asked:
    """What a factor has to be, apart from its key. Of several boundaries the first that a place has."""

    family: str
    boundaries: tuple[str, ...]
    region: str
    year: int
    unit: str
    also: tuple[str, ...] = ()
    basis: str | None = None
    grid_region: str | None = None


class Resolver:
    """Finds factors among rows."""

    def __init__(self, rows: list[Row], options: Row, proxies: dict[str, str]) -> None:
        self._options, self._proxies = options, proxies
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            self._rows.setdefault((row["family"], row["key"]), []).append(row)

    def rows(self, family: str, key: str) -> list[Row]:
        return self._rows.get((family, key), [])

    def keys(self, family: str) -> list[str]:
        return [key for one, key in self._rows if one == family]

    def find(self, key: str, asked: Asked, parents: tuple[str, ...] = ()) -> Found:
        """Returns the factor of a key; raises Cannot, with a blank field, where there is none."""
        found, unit_fault = self._at_key(key, asked)
        if found is not None:
            found.technological = _digits_score(asked.family, key)
            return found
        found = None if asked.family in _NO_ALIAS else self._at_alias(key, asked)
        if found is not None:
            return found
        if asked.family == "eeio" and key.isdigit():
            parents = tuple(key[:digits] for digits in range(len(key) - 1, 1, -1))
        for steps, parent in enumerate(parents, 1):
            found, fault = self._at_key(parent, asked)
            unit_fault = unit_fault or fault
            if found is not None:
                found.technological = _digits_score(asked.family, parent) if asked.family == "eeio" else steps + 1
                found.warnings.add("W_KEY_FALLBACK")
                return found
        raise Cannot("E_UNIT" if unit_fault else "E_NO_FACTOR", "")

    def _at_key(self, key: str, asked: Asked) -> tuple[Found | None, bool]:
        rows = [row for row in self.rows(asked.family, key) if row["boundary"] in asked.boundaries and _stands_for(row, asked.year)]
        usable = [(row, conversion) for row in rows if (conversion := self._conversion(row, asked)) is not None]
        for place, score in self._places(asked, {row["region"] for row, _ in usable}):
            for boundary in asked.boundaries:
                here = [pair for pair in usable if (pair[0]["region"], pair[0]["boundary"]) == (place, boundary)]
                if here:
                    return self._found(here, score, asked), False
        return None, len(usable) < len(rows)

    def _places(self, asked: Asked, have: set[str]) -> list[tuple[str, int]]:
        """Returns places with their scores; a footprint is that of its product in any place."""
        found = list(places(asked.family, asked.region, asked.year, asked.grid_region, self._proxies))
        if asked.family == "supplier_pcf":
            found = [(place, 1) for place in [*(place for place, _ in found), *sorted(have)]]
        return found

    def _found(self, here: list[Any], geographic: int, asked: Asked) -> Found:
        best = nearest([row["year"] for row, _ in here], asked.year)
        same_year = [(row, conversion) for row, conversion in here if row["year"] == best]
        row, conversion = min(same_year, key=lambda pair: (self.source(pair[0]), pair[1][1], pair[0]["factor_id"]))
        found = Found(row, row["value"] * conversion[0], [row], geographic, temporal(asked.year - best))
        found.warnings |= fallback_warnings(found.geographic, found.temporal)
        self._through(found, conversion)
        same = ("family", "key", "region", "year", "source", "source_version")
        for boundary in asked.also:
            partners = [
                (other, how)
                for other in self.rows(row["family"], row["key"])
                if other["boundary"] == boundary and all(other[name] == row[name] for name in same)
                if (how := self._conversion(other, asked)) is not None
            ]
            if partners:
                other, how = min(partners, key=lambda pair: (pair[1][1], pair[0]["factor_id"]))
                found.also[boundary] = Part(other["value"] * how[0], [other, *(one for step in how[2] for one in step.rows)])
        return found

    def _through(self, found: Found, conversion: tuple[float, int, list[Found]]) -> None:
        if conversion[1] == 2:
            found.warnings.add("W_UNIT_CONVERTED")
        for one in conversion[2]:
            found.join(one)

    def _at_alias(self, key: str, asked: Asked) -> Found | None:
        aliases = self.rows("key_alias", f"{asked.family}:{key}")
        targets = [(row["value"], self._at_key(row["basis"], asked)[0]) for row in aliases]
        found = [(weight, target) for weight, target in targets if target is not None]
        kinds = {(one.boundary, one.lead["basis"], one.lead["price_year"]) for _, one in found}
        if not found or len(found) < len(targets) or len(kinds) > 1:
            return None
        total = sum(weight for weight, _ in found)
        also = {}
        for boundary in asked.also:
            parts = [(weight, one.also[boundary]) for weight, one in found if boundary in one.also]
            if parts:
                value = sum(weight * part.value for weight, part in parts) / total
                whole = len(parts) == len(found)
                also[boundary] = Part(value, [row for _, part in parts for row in part.rows], whole)
        return Found(
            lead=min((one.lead for _, one in found), key=lambda row: str(row["factor_id"])),
            value=sum(weight * one.value for weight, one in found) / total,
            rows=aliases + [row for _, one in found for row in one.rows],
            geographic=max(one.geographic for _, one in found),
            temporal=max(one.temporal for _, one in found),
            technological=max(*(_digits_score(asked.family, row["basis"]) for row in aliases), 1 if len(aliases) == 1 else 2),
            warnings=set().union(*(one.warnings for _, one in found), {"W_KEY_FALLBACK"}),
            also=also,
        )

    def source(self, row: Row) -> int:
        priority = self._options.get("source_priority", {}).get(row["family"], [])
        return priority.index(row["source_version"]) if row["source_version"] in priority else len(priority)

    def _conversion(self, row: Row, asked: Asked) -> tuple[float, int, list[Found]] | None:
        """Returns the multiplier from the record's unit to the row's; 0 equal, 1 same dimension, 2 through a property [2]."""
        if row["boundary"] == "loss_share":
            # A share of the generation, in whatever unit that is.
            return 1.0, 0, []
        unit, target = asked.unit, row["unit"]
        if row["family"] == "process_energy":
            # Such a row counts in the unit that is its basis [12.1].
            target = row["basis"]
        if unit in PARAMETERS or target in PARAMETERS:
            return (1.0, 0, []) if unit == target else None
        energy = "energy" in (UNITS[unit][0], UNITS[target][0])
        if asked.basis is not None and row["basis"] not in (None, asked.basis):
            return None
        if unit == target:
            return 1.0, 0, []
        scale = multiplier(unit, target)
        if scale is not None:
            return scale, 1, []
        chain = ("volume", "mass", "energy")
        start, end = UNITS[unit][0], UNITS[target][0]
        # A property of a fuel is gross.
        if start not in chain or end not in chain or (energy and "net" in (row["basis"], asked.basis)):
            return None
        amount, through = UNITS[unit][1], []
        low, high = sorted((chain.index(start), chain.index(end)))
        for name in ("kg_per_l", "kwh_per_kg")[low:high]:
            found = self._property(row["key"], name, asked)
            if found is None:
                return None
            through.append(found)
            amount = amount * found.value if chain.index(start) < chain.index(end) else amount / found.value
        return amount / UNITS[target][1], 2, through

    def _property(self, key: str, name: str, asked: Asked) -> Found | None:
        rows = [row for row in self.rows("fuel_property", key) if row["unit"] == name]
        for place, score in places("fuel_property", asked.region, asked.year, None, self._proxies):
            here: list[Any] = [(row, (1.0, 0, [])) for row in rows if row["region"] == place]
            if here:
                return self._found(here, score, Asked("fuel_property", ("parameter",), asked.region, asked.year, name))
        return None


def _stands_for(row: Row, year: int) -> bool:
    """Says whether a row may be used for a year: a footprint has a span of years in its basis."""
    if row["family"] != "supplier_pcf" or row["basis"] is None:
        return True
    first, last = map(int, row["basis"].split("/"))
    return first <= year <= last


def _digits_score(family: str, key: str) -> int:
    return 7 - len(key) if family == "eeio" else 1
