"""The energy block: what a site or an asset used, carrier by carrier, each a term of its own.

    energy_direct   = sum(carrier * EF_direct) + sum(refrigerant kg * GWP) + process_kg_co2e
    energy_upstream = sum(carrier * EF_upstream)

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 8, asset-specific method;
calculation specification, 13.1, 12.5 (life-cycle grids) and 14.3 (grid losses).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.config import Config
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.records.energy import Energy
from schemas.units import dimension
from transforms.calculation.attempts import Parts
from transforms.calculation.footprint import unit_failure
from transforms.calculation.term import Failure, Term, factor_term, gas_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

# Losses of refrigerants and of processes: own activity, and factors that are exact.
_OWN_ACTIVITY_CV = 0.10

_DELIVERED = ("td_generation", "wtt_generation", "wtt_td")


@dataclass(frozen=True)
class Carrier:
    """A form of energy that the block has a field for.

    Attributes:
        name: as in keys of intensities.
        field: of the block.
        unit: of the field.
        family, key: of its factor.
    """

    name: str
    field: str
    unit: str
    family: str
    key: str


CARRIERS = (
    Carrier("electricity", "electricity_kwh", "kWh", "grid", "electricity"),
    Carrier("natural_gas", "natural_gas_kwh", "kWh", "fuel", "natural_gas"),
    Carrier("heating", "heating_kwh", "kWh", "heat", "heat_steam"),
    Carrier("cooling", "cooling_kwh", "kWh", "heat", "cooling"),
    Carrier("fuel_oil", "fuel_oil_litres", "l", "fuel", "fuel_oil"),
    Carrier("gas_oil", "gas_oil_litres", "l", "fuel", "gas_oil"),
)


@dataclass(frozen=True)
class Sites:
    """Where the energy of records is used, k rows: a record once, or once a region.

    Attributes:
        row: int64[k], the record, rising.
        region: string[k].
        share: float64[k], multiplies every amount of the record.
    """

    row: Ints
    region: pa.Array
    share: Floats

    @classmethod
    def of_records(cls, fields: Fields, complete: Bools, share: Floats) -> "Sites":
        """Returns one site for each complete record, in the record's region.

        Args:
            complete: bool[n].
            share: float64[n].
        """
        rows = np.flatnonzero(complete)
        return cls(rows, fields.texts("region").take(pa.array(rows)), share[rows])

    def of_whole_records(self) -> "Sites":
        """Returns one site for each record with all its shares: for what does not depend on where it happens."""
        if len(self.row) < 2 or (np.diff(self.row) > 0).all():
            return self
        first = np.flatnonzero(np.diff(self.row, prepend=-1))
        return Sites(self.row[first], self.region.take(pa.array(first)), np.add.reduceat(self.share, first))


def has_energy(fields: Fields, suffix: str = "") -> Bools:
    """Returns which records have an energy block: at least one of its fields."""
    found = np.zeros(fields.rows, bool)
    for name in Energy.model_fields:
        found |= fields.given(name + suffix)
    return found


def energy_parts(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    sites: Sites,
    config: Config,
    *,
    suffix: str = "",
    biogenic: bool = False,
    carriers: Sequence[Carrier] = CARRIERS,
) -> Parts:
    """Returns the parts of the energy blocks of some records.

    Args:
        fields: of n records, with the block's.
        method: gives activity and factor cv of each carrier.
        sites: which of them, where, and how much of it counts.
        suffix: at the end of the names of the block's fields, `_per_unit` where they are per unit.
        biogenic: tell biogenic CO2 as a memo.
        carriers: those that count.
    """
    at = pa.array(sites.row)
    year, grid_region = fields.integers("activity_year").take(at), fields.texts("grid_region").take(at)
    found = []
    for carrier in carriers:
        name = carrier.field + suffix
        if not fields.given(name).any():
            continue
        amount = fields.numbers(name)[sites.row] * sites.share
        used = amount > 0
        columns = [sites.region, year, grid_region] if carrier.family == "grid" else [sites.region, year]
        term = terms.find(f"{method.label} {name} {biogenic}", columns, used, _maker(resolver, carrier, method, name, biogenic))
        found.append(_parts(sites.row[used], term[used], amount[used], method.activity_cv))
    found.append(_other_fuels(resolver, terms, fields, method, sites, year, "other_fuels" + suffix, biogenic))
    whole = sites.of_whole_records()
    found.append(_refrigerants(terms, fields, method, whole, config, "refrigerant_leak_kg" + suffix))
    name = "process_kg_co2e" + suffix
    amount = fields.numbers(name)[whole.row] * whole.share
    used = amount > 0
    if used.any():
        process = terms.place(("process", method.label, name), lambda: record_term(name, "kg_co2e", method, cv=0.0))
        found.append(_parts(whole.row[used], np.full(int(used.sum()), process), amount[used], _OWN_ACTIVITY_CV))
    return Parts.join(found)


def _parts(row: Ints, term: Ints, quantity: Floats, activity_cv: float, place: Ints | None = None) -> Parts:
    return Parts(row, term, quantity, np.full(len(row), activity_cv), np.full(len(row), -1) if place is None else place)


def _maker(resolver: Resolver, carrier: Carrier, method: Method, field: str, biogenic: bool) -> Callable[..., Term]:
    def make(region: str, year: int, grid_region: str | None = None) -> Term:
        found = carrier_factor(resolver, carrier.family, carrier.key, carrier.unit, region, year, grid_region, biogenic)
        if isinstance(found, Unresolved):
            return Term(failure=no_carrier(field, carrier.key, found))
        return carrier_term(found, method)

    return make


def no_carrier(field: str, key: str, found: Unresolved) -> Failure:
    """Returns the failure of an amount of energy without a factor."""
    return Failure(found.code, field, key, f"{field}: {found.detail}; load a factor with --factors")


@dataclass(frozen=True)
class CarrierFactor:
    """What a unit of a carrier emits.

    Attributes:
        resolved: the rows, of which the first is the direct part.
        direct, upstream: kg CO2e per unit of the record.
        biogenic: kg CO2 per unit of the record, None where it is not asked for or not known.
        warnings: on top of the resolver's.
    """

    resolved: Resolved
    direct: float
    upstream: float
    biogenic: float | None
    warnings: tuple[str, ...]


def carrier_factor(
    resolver: Resolver, family: str, key: str, unit: str, region: str, year: int, grid_region: str | None = None, biogenic: bool = False
) -> CarrierFactor | Unresolved:
    """Returns what a unit of electricity, heat, cooling or a fuel emits; kWh without a stated basis are gross."""
    if family == "grid":
        return _grid_factor(resolver, key, unit, region, year, grid_region)
    if family == "heat":
        found = resolver.resolve(family, key, "generation", region, year, unit=unit, also=_DELIVERED)
        missing = "wtt_generation"
    else:
        also = ("wtt", "biogenic") if biogenic else ("wtt",)
        found = resolver.resolve(family, key, "ttw", region, year, unit=unit, basis=calorific_basis(unit), also=also)
        missing = "wtt"
    if isinstance(found, Unresolved):
        return found
    told = (f"W_NO_UPSTREAM key={key}",) if missing in found.missing else ()
    # Of an alias some targets may have it and others not.
    known = biogenic and family == "fuel" and ("biogenic" not in found.missing or found.also["biogenic"] > 0)
    memo = found.also["biogenic"] if known else None
    return CarrierFactor(found, found.value, sum(value for name, value in found.also.items() if name != "biogenic"), memo, told)


def calorific_basis(unit: str, given: str | None = None) -> str | None:
    """Returns the calorific value that a factor per unit of a fuel must rest on: what is given, else gross; None where it has no part.

    Args:
        unit: of the fuel.
        given: gross or net.
    """
    return given or "gross" if dimension(unit) == "energy" else None


def _grid_factor(resolver: Resolver, key: str, unit: str, region: str, year: int, grid_region: str | None) -> CarrierFactor | Unresolved:
    boundaries = ("generation", "life_cycle")
    found = resolver.resolve("grid", key, boundaries, region, year, unit=unit, grid_region=grid_region, also=_DELIVERED)
    if isinstance(found, Unresolved):
        return found
    if found.lead.boundary == "life_cycle":
        alone = resolver.resolve("grid", key, boundaries, region, year, unit=unit, grid_region=grid_region)
        return CarrierFactor(found if isinstance(alone, Unresolved) else alone, found.value, 0.0, None, ("W_LIFECYCLE_GRID",))
    told = (f"W_NO_UPSTREAM key={key}",) if "wtt_generation" in found.missing else ()
    if "td_generation" in found.missing:
        also = ("wtt_generation", "loss_share")
        by_share = resolver.resolve("grid", key, boundaries, region, year, unit=unit, grid_region=grid_region, also=also)
        if isinstance(by_share, Resolved) and "loss_share" not in by_share.missing and by_share.also["loss_share"] < 1:
            losses = by_share.also["loss_share"] / (1 - by_share.also["loss_share"])
            wtt = by_share.also["wtt_generation"]
            return CarrierFactor(by_share, found.value, losses * found.value + wtt + losses * wtt, None, told)
    return CarrierFactor(found, found.value, sum(found.also.values()), None, told)


def carrier_term(factor: CarrierFactor, method: Method, warnings: tuple[str, ...] = ()) -> Term:
    """Returns the term of a unit of a carrier: the lead is the row of its direct part."""
    return factor_term(
        factor.resolved,
        method,
        kg_per_unit=factor.direct,
        upstream_kg_per_unit=factor.upstream,
        memo=None if factor.biogenic is None else {"biogenic_kg_co2": factor.biogenic},
        warnings=(*factor.warnings, *warnings),
    )


def fuel_term(
    resolver: Resolver,
    method: Method,
    fuel: str,
    unit: str | None,
    region: str,
    year: int,
    *,
    fuel_field: str,
    unit_field: str,
    biogenic: bool = False,
) -> Term:
    """Returns the term of a fuel that a record names, per unit of the record.

    Args:
        fuel_field, unit_field: named where there is no factor, or the unit does not fit.
    """
    failure = unit_failure(unit_field, unit)
    if failure is not None or unit is None:
        return Term(failure=failure)
    found = carrier_factor(resolver, "fuel", fuel, unit, region, year, biogenic=biogenic)
    if isinstance(found, Unresolved):
        return Term(failure=no_fuel(found, fuel_field, fuel, unit_field, unit))
    return carrier_term(found, method)


def no_fuel(found: Unresolved, fuel_field: str, fuel: str, unit_field: str, unit: str) -> Failure:
    """Returns the failure of a fuel without a factor, or of a unit that does not fit it."""
    field, value = (unit_field, unit) if found.code is Code.E_UNIT else (fuel_field, fuel)
    return Failure(found.code, field, value, f"{field}: {found.detail}; correct it, or load a factor with --factors")


def _other_fuels(
    resolver: Resolver, terms: Terms, fields: Fields, method: Method, sites: Sites, year: pa.Array, name: str, biogenic: bool
) -> Parts:
    elements, site = _elements(fields, sites, name)
    amount = elements.numbers("amount") * sites.share[site.site]

    def make(fuel: str, unit: str | None, region: str, year: int) -> Term:
        fuel_field, unit_field = f"{name}[].fuel_type", f"{name}[].unit"
        return fuel_term(resolver, method, fuel, unit, region, year, fuel_field=fuel_field, unit_field=unit_field, biogenic=biogenic)

    used = amount > 0
    at = pa.array(site.site)
    columns = [elements.texts("fuel_type"), elements.texts("unit"), sites.region.take(at), year.take(at)]
    term = terms.find(f"{method.label} {name} {biogenic}", columns, used, make)
    return _parts(sites.row[site.site][used], term[used], amount[used], method.activity_cv, site.place[used])


def _refrigerants(terms: Terms, fields: Fields, method: Method, sites: Sites, config: Config, name: str) -> Parts:
    elements, site = _elements(fields, sites, name)
    amount = elements.numbers("value") * sites.share[site.site]
    used = amount > 0
    term = terms.find(f"{method.label} gas", [elements.texts("key")], used, lambda gas: gas_term(gas, config.gwp_set, method))
    return _parts(sites.row[site.site][used], term[used], amount[used], _OWN_ACTIVITY_CV)


@dataclass(frozen=True)
class _OfSite:
    """Elements of lists by site: `site` and the place in the list, int64[p] each."""

    site: Ints
    place: Ints


def _elements(fields: Fields, sites: Sites, name: str) -> tuple[Fields, _OfSite]:
    """Returns the elements of a list of each site's record, one site after the other."""
    records = np.unique(sites.row)
    found = fields.elements(name, records)
    if len(records) == len(sites.row):
        return found.fields, _OfSite(np.searchsorted(records, found.row), found.place)
    # A record with several regions: its elements once for each.
    count = np.bincount(np.searchsorted(records, found.row), minlength=len(records))
    start = np.cumsum(count) - count
    of_site = np.searchsorted(records, sites.row)
    lengths = count[of_site]
    site = np.repeat(np.arange(len(sites.row)), lengths)
    element = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(start[of_site], lengths)
    return found.fields.take(element), _OfSite(site, found.place[element])
