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
from schemas.config import Config
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.records.energy import Energy
from transforms.calculation.attempts import Parts
from transforms.calculation.carriers import CARRIERS, Carrier, carrier_factor, carrier_term, fuel_term, no_carrier
from transforms.calculation.term import Term, gas_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

# Losses of refrigerants and of processes: own activity, and factors that are exact.
_OWN_ACTIVITY_CV = 0.10


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
