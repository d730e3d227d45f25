"""Finds the factor of a key: which row, how far from what was asked for, and what that costs in certainty.

    key (exact, alias, parent) -> boundary and unit -> region -> year -> source

The key is fixed first, then the region, then the year. Called once for each distinct key.
Source: calculation specification, 3.2, 3.3 and 12.3.
"""

from collections.abc import Iterator, Sequence

from schemas.codes import Code
from schemas.config import NO_PROXY, Config
from schemas.families import NO_ALIAS, SUPPLIER_PCF
from schemas.regions import GLOBAL, blocs
from schemas.units import dimension, multiplier
from transforms.factors.resolved import (
    PARAMETERS,
    SAME_UNIT,
    Conversion,
    Question,
    Resolved,
    Unresolved,
    nearest_year,
    parents_of,
    technological_score,
)
from transforms.factors.row import FactorRow
from transforms.factors.table import FactorTable

# Answers kept, about 1 kB each; then they are found anew.
_MOST_KEPT = 20_000


class Resolver:
    """Finds factors in the table of a run.

    Attributes:
        table: as given.
    """

    def __init__(self, table: FactorTable, config: Config) -> None:
        self.table, self._config = table, config
        self._resolved: dict[tuple[str, Question], Resolved | Unresolved] = {}
        self._only_units: dict[tuple[str, str], str | None] = {}
        self._exact: dict[tuple[str, str, int], FactorRow | None] = {}

    def resolve(
        self,
        family: str,
        key: str,
        boundary: str | tuple[str, ...],
        region: str,
        year: int,
        *,
        unit: str | None = None,
        basis: str | None = None,
        also: tuple[str, ...] = (),
        grid_region: str | None = None,
        parents: tuple[str, ...] = (),
    ) -> Resolved | Unresolved:
        """Finds the factor of a key.

        Args:
            family, key: of the row.
            boundary: of the row; of several the first that has a row, region by region.
            region, year: of the record; year is its activity_year.
            unit: the quantity's; None where the row's own unit is used.
            basis: that a row must have, if it has one.
            also: further boundaries of the same activity, taken from the same source.
            grid_region: sub-national key, family grid only.
            parents: coarser keys, the nearest first, beside those that the family has.
        """
        scale = 1.0
        if unit is not None:
            # Where a key has rows of one unit only, all units of its dimension find the same row.
            only = self._only_unit(family, key)
            known = None if only is None else multiplier(unit, only)
            if known is not None:
                scale, unit = known, only
        boundaries = (boundary,) if isinstance(boundary, str) else boundary
        question = Question(family, boundaries, region, year, unit, basis, also, grid_region, parents)
        found = self._resolved.get((key, question))
        if found is None:
            if len(self._resolved) > _MOST_KEPT:
                self._resolved.clear()
            found = self._resolved[key, question] = self._resolve(key, question)
        if scale == 1.0 or isinstance(found, Unresolved):
            return found
        return found._replace(value=found.value * scale, also={name: value * scale for name, value in found.also.items()})

    def _only_unit(self, family: str, key: str) -> str | None:
        """Returns the unit of all rows of a key; None where they differ or there are none, or another key may serve it."""
        pair = (family, key)
        if pair not in self._only_units:
            units = {row.per for row in self.table.find(family, key)}
            self._only_units[pair] = units.pop() if len(units) == 1 and not self.table.has("key_alias", f"{family}:{key}") else None
        return self._only_units[pair]

    def _resolve(self, key: str, question: Question) -> Resolved | Unresolved:
        family, region, unit = question.family, question.region, question.unit
        exact, wrong_unit = self._at_key(key, question)
        if exact is not None:
            return exact._replace(technological=technological_score(family, key))
        if family not in NO_ALIAS:
            alias = self._at_alias(key, question)
            if alias is not None:
                return alias
        for steps, parent in enumerate((*question.parents, *parents_of(family, key)), 1):
            found, unit_fault = self._at_key(parent, question)
            wrong_unit = wrong_unit or unit_fault
            if found is not None:
                warning = f"W_KEY_FALLBACK from={key} to={parent}"
                score = technological_score(family, parent) if family == "eeio" else min(steps + 1, 5)
                return found._replace(technological=score, warnings=(*found.warnings, warning))
        if wrong_unit is not None:
            asked = unit if question.basis is None else f"{unit} ({question.basis})"
            return Unresolved(Code.E_UNIT, f"the factor for {key!r} is per {wrong_unit}, and {asked} does not convert into that")
        return Unresolved(Code.E_NO_FACTOR, f"no loaded factor of family {family} for {key!r} in {region} or what stands in for it")

    def has(self, family: str, key: str) -> bool:
        """Says whether any row of a family has exactly this key, or an alias of it, whatever its region, year or unit."""
        return self.table.has(family, key) or self.table.has("key_alias", f"{family}:{key}")

    def by_key(self, family: str, key: str) -> FactorRow | None:
        """Returns the latest row of a key, whatever its region: lifetimes of products."""
        rows = self.table.find(family, key)
        return min(rows, key=lambda row: (*self._source_rank(row), -row.year, row.factor_id), default=None)

    def together(self, family: str, keys: Sequence[str], region: str, year: int) -> tuple[dict[str, FactorRow], tuple[str, ...]]:
        """Returns the rows of several keys of a parameter family, all of one region, year and source, and what is to be told of these.

        Region and year are the nearest that any of the keys has; a key without a row there is left out.
        """
        asked = Question(family, ("parameter",), region, year, None, None, (), None, ())
        rows = [row for key in keys for row in self.table.find(family, key)]
        for place, geographic in self._regions(asked):
            here = [row for row in rows if row.region == place]
            if here:
                nearest = nearest_year({row.year for row in here}, year)
                here = [row for row in here if row.year == nearest]
                first = min(here, key=lambda row: (*self._source_rank(row), row.factor_id))
                same = [row for row in here if (row.source, row.source_version) == (first.source, first.source_version)]
                found = {row.key: row for row in sorted(same, key=lambda row: row.factor_id, reverse=True)}
                return found, tuple(_fallbacks(asked, first, geographic, _temporal_score(year, nearest)))
        return {}, ()

    def exact(self, family: str, key: str, year: int) -> FactorRow | None:
        """Returns the row of exactly this year: exchange rates, which have no fallback."""
        asked = (family, key, year)
        if asked not in self._exact:
            rows = [row for row in self.table.find(family, key) if row.year == year]
            self._exact[asked] = min(rows, key=lambda row: (*self._source_rank(row), row.factor_id), default=None)
        return self._exact[asked]

    def exact_pair(self, family: str, key: str, years: tuple[int, int]) -> tuple[FactorRow, FactorRow] | None:
        """Returns the rows of exactly these two years from one edition of one source: an index means nothing beside another's."""
        first, second = ([row for row in self.table.find(family, key) if row.year == year and row.region == "US"] for year in years)
        pairs = [
            (one, other) for one in first for other in second if (one.source, one.source_version) == (other.source, other.source_version)
        ]
        return min(pairs, key=lambda pair: (*self._source_rank(pair[0]), pair[0].factor_id, pair[1].factor_id), default=None)

    def _at_key(self, key: str, question: Question) -> tuple[Resolved | None, str | None]:
        """Returns the factor with exactly this key, or None and the unit that was in the way."""
        regions = self._regions(question)
        if question.family == SUPPLIER_PCF:
            # The product is the same one wherever it is made; where there are several figures, the nearest.
            made_in = sorted({row.region for row in self.table.find(question.family, key)})
            regions = ((region, 1) for region in dict.fromkeys([*(region for region, _ in regions), *made_in]))
        for region, score in regions:
            usable = [row for row in self.table.find_in(question.family, key, region) if row.may_be_used_in(question.year)]
            for boundary in question.boundaries:
                convertible = [(row, self._convert(question, row)) for row in usable if row.boundary == boundary]
                here = [(row, conversion) for row, conversion in convertible if conversion is not None]
                if here:
                    return self._choose(here, score, question), None
        return None, self._wrong_unit(key, question)

    def _wrong_unit(self, key: str, question: Question) -> str | None:
        """Returns the unit, and the basis if that is in the way, of the first row that does not convert, whatever its region."""
        for row in self.table.find(question.family, key):
            if row.boundary in question.boundaries and row.may_be_used_in(question.year) and self._convert(question, row) is None:
                return f"{row.per} ({row.basis})" if _other_basis(question, row) else row.per
        return None

    def _choose(self, rows: Sequence[tuple[FactorRow, Conversion]], geographic: int, question: Question) -> Resolved:
        year = nearest_year({row.year for row, _ in rows}, question.year)
        row, conversion = min(
            ((row, conversion) for row, conversion in rows if row.year == year),
            key=lambda pair: (*self._source_rank(pair[0]), pair[1].rank, pair[0].factor_id),
        )
        temporal = _temporal_score(question.year, year)
        warnings = _fallbacks(question, row, geographic, temporal)
        if conversion.rank == 2:
            warnings.append(f"W_UNIT_CONVERTED from={question.unit} to={row.unit}")
        used, also, missing = [row, *(one for found in conversion.found for one in found.rows)], {}, []
        for boundary in question.also:
            partner = self._partner(row, boundary, question)
            if partner is None:
                missing.append(boundary)
                also[boundary] = 0.0
            else:
                used.append(partner[0])
                also[boundary] = partner[0].value * partner[1].multiplier
        found = conversion.found
        return Resolved(
            lead=row,
            rows=tuple(used),
            value=row.value * conversion.multiplier,
            also=also,
            missing=tuple(missing),
            price_year=row.price_year,
            geographic=max([geographic, *(one.geographic for one in found)]),
            temporal=max([temporal, *(one.temporal for one in found)]),
            technological=1,
            warnings=tuple(dict.fromkeys([*warnings, *(text for one in found for text in one.warnings)])),
        )

    def _partner(self, lead: FactorRow, boundary: str, question: Question) -> tuple[FactorRow, Conversion] | None:
        """Returns the row of a further boundary from where the lead row came."""
        same = ("year", "source", "source_version", "basis")
        found = [
            (row, conversion)
            for row in self.table.find_in(lead.family, lead.key, lead.region)
            if row.boundary == boundary and all(getattr(row, name) == getattr(lead, name) for name in same)
            if (conversion := self._convert(question, row)) is not None
        ]
        return min(found, key=lambda pair: (pair[1].rank, pair[0].factor_id), default=None)

    def _at_alias(self, key: str, question: Question) -> Resolved | None:
        """Returns the weighted mean of the targets of a key_alias; None where there is none or one of them has no factor."""
        aliases = [row for row in self.table.find("key_alias", f"{question.family}:{key}") if row.basis]
        targets: list[tuple[FactorRow, Resolved]] = []
        for alias in sorted(aliases, key=lambda row: row.factor_id):
            found, _ = self._at_key(str(alias.basis), question)
            if found is None:
                return None
            targets.append((alias, found))
        kinds = {(found.lead.boundary, found.lead.basis, found.price_year) for _, found in targets}
        if len(kinds) != 1:
            return None
        lead = min((found.lead for _, found in targets), key=lambda row: row.factor_id)
        weight = sum(alias.value for alias, _ in targets)
        digits = max(technological_score(question.family, found.lead.key) for _, found in targets)
        names = ",".join(found.lead.key for _, found in targets)
        warnings = [text for _, found in targets for text in found.warnings]
        return Resolved(
            lead=lead,
            rows=tuple(row for alias, found in targets for row in (alias, *found.rows)),
            value=sum(alias.value * found.value for alias, found in targets) / weight,
            also={boundary: sum(alias.value * found.also[boundary] for alias, found in targets) / weight for boundary in question.also},
            missing=tuple(dict.fromkeys(boundary for _, found in targets for boundary in found.missing)),
            price_year=targets[0][1].price_year,
            geographic=max(found.geographic for _, found in targets),
            temporal=max(found.temporal for _, found in targets),
            technological=max(digits, 1 if len(targets) == 1 else 2),
            warnings=tuple(dict.fromkeys([*warnings, f"W_KEY_FALLBACK from={key} to={names}"])),
        )

    def _regions(self, question: Question) -> Iterator[tuple[str, int]]:
        """Gives the regions to try, each with its geographic score."""
        region = question.region
        if question.grid_region is not None and question.family == "grid":
            yield question.grid_region, 1
        yield region, 1
        if region != GLOBAL:
            for bloc in blocs(region, question.year):
                yield bloc, 2
            yield GLOBAL, 4
        proxy = self._config.foreign_proxy.get(question.family)
        if proxy is not None and proxy != region and question.family not in NO_PROXY:
            yield proxy, 5

    def _source_rank(self, row: FactorRow) -> tuple[int, int]:
        preferred = self._config.source_priority.get(row.family, [])
        return (preferred.index(row.source_version) if row.source_version in preferred else len(preferred)), row.precedence

    def _convert(self, question: Question, row: FactorRow) -> Conversion | None:
        """Returns how a quantity in the record's unit becomes one in the row's."""
        unit, counted = question.unit, row.per
        if _other_basis(question, row):
            return None
        if unit is None or unit == counted or row.boundary in PARAMETERS:
            return SAME_UNIT
        direct = multiplier(unit, counted)
        if direct is not None:
            return Conversion(direct, 1)
        return self._through_properties(question, unit, row)

    def _through_properties(self, question: Question, unit: str, row: FactorRow) -> Conversion | None:
        """Converts between volume, mass and energy by density and gross calorific value of the row's key."""
        steps = {"volume": 0, "mass": 1, "energy": 2}
        start, end = steps.get(dimension(unit) or ""), steps.get(dimension(row.per) or "")
        if start is None or end is None or ("net" in (row.basis, question.basis) and 2 in (start, end)):
            return None
        canonical = ("l", "kg", "kWh")
        product = multiplier(unit, canonical[start])
        found = []
        for step in range(min(start, end), max(start, end)):
            name = ("kg_per_l", "kwh_per_kg")[step]
            value = self._property(question, row.key, name)
            if value is None or product is None or value.value == 0:
                return None
            product = product * value.value if start < end else product / value.value
            found.append(value)
        last = multiplier(canonical[end], row.per)
        return None if product is None or last is None else Conversion(product * last, 2, tuple(found))

    def _property(self, question: Question, key: str, name: str) -> Resolved | None:
        asked = question._replace(family="fuel_property", boundaries=("parameter",), unit=None, basis=None, also=(), grid_region=None)
        rows = [(row, SAME_UNIT) for row in self.table.find("fuel_property", key) if row.unit == name]
        for region, score in self._regions(asked):
            here = [pair for pair in rows if pair[0].region == region]
            if here:
                return self._choose(here, score, asked)
        return None


def _temporal_score(wanted: int, year: int) -> int:
    delta = abs(wanted - year)
    return next((score for score, limit in enumerate((2, 5, 9, 14), 1) if delta <= limit), 5)


def _fallbacks(question: Question, row: FactorRow, geographic: int, temporal: int) -> list[str]:
    """Returns what is told of a row of another region or of another time."""
    warnings = []
    if geographic in (2, 4):
        warnings.append(f"W_REGION_FALLBACK from={question.region} to={row.region}")
    if geographic == 5:
        warnings.append(f"W_FOREIGN_PROXY from={question.region} to={row.region}")
    if temporal >= 2:
        warnings.append(f"W_YEAR_FALLBACK delta={abs(question.year - row.year)}")
    return warnings


def _other_basis(question: Question, row: FactorRow) -> bool:
    return question.basis is not None and row.basis is not None and row.basis != question.basis
