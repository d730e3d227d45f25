"""Buildings without metered energy: floor area times the intensity of their type, and averages of whole assets.

    kg_co2e = area * sum over carriers of I[building_energy, type:carrier] * EF(carrier)

A carrier without an intensity counts 0; a type without any can't be used. Source: GHG Protocol, Technical Guidance for
Calculating Scope 3 Emissions (2013), categories 8, 13 and 14, average-data methods; calculation specification, 14.8.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.codes import Code
from schemas.methods import Method
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.carriers import CARRIERS, Carrier, carrier_factor
from transforms.calculation.energy import Sites
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Failure, Term, factor_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

_FAMILY = "building_energy"

# Those that an intensity may be of.
_OF_BUILDINGS = tuple(carrier for carrier in CARRIERS if carrier.name in ("electricity", "natural_gas", "heating", "cooling"))


@dataclass(frozen=True)
class Areas:
    """The parts of records by floor area.

    Attributes:
        parts: one for each site and carrier with an intensity; where a type has none at all, one that failed.
        defaulted: bool[n], a key behind the first one was used.
        kwh_per_m2_year: float64[n], of all carriers, NaN where there is none.
    """

    parts: Parts
    defaulted: Bools
    kwh_per_m2_year: Floats

    @property
    def said(self) -> list[pa.Array]:
        """Returns the warnings of the method: string[n] arrays."""
        known = ~np.isnan(self.kwh_per_m2_year)
        return [said_value("W_AREA_INTENSITY kwh_per_m2_year=", self.kwh_per_m2_year, known)]


def floor_area_parts(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    sites: Sites,
    keys: Sequence[pa.Array],
    key_field: str,
    default_cv: float | None = None,
) -> Areas:
    """Returns the parts of records by floor area.

    Args:
        fields: of n records; intensities are those of a record's region, carriers those of each site's.
        sites: of the records; `share` is the area that counts, m2.
        keys: string[n] each, keys of an intensity before the colon, the first with any intensity is taken; null is none.
        key_field: named where no intensity is loaded.
        default_cv: instead of the method's.
    """
    home, year = fields.texts("region"), fields.integers("activity_year")
    key = keys[0]
    defaulted = np.zeros(fields.rows, bool)
    wanted = np.zeros(fields.rows, bool)
    wanted[sites.row] = True
    intensity = {carrier.name: np.full(fields.rows, np.nan) for carrier in _OF_BUILDINGS}
    found = np.zeros(fields.rows, bool)
    for place, one in enumerate(keys):
        left = wanted & ~found & one.is_valid().to_numpy(zero_copy_only=False)
        for carrier in _OF_BUILDINGS:
            values = _intensities(resolver, terms, carrier, one, home, year, left)
            intensity[carrier.name] = np.where(left, values, intensity[carrier.name])
        has = left & np.any([~np.isnan(values) for values in intensity.values()], axis=0)
        if place:
            key = pc.if_else(pa.array(has), one, key)
            defaulted |= has
        found |= has
    parts = [
        _carrier_parts(resolver, terms, fields, method, carrier, sites, key, intensity[carrier.name], key_field, default_cv)
        for carrier in _OF_BUILDINGS
    ]
    parts.append(_missing(terms, method, sites, keys[0], key_field, home, ~found))
    total = np.nansum(list(intensity.values()), axis=0)
    return Areas(Parts.join(parts), defaulted, np.where(found, total, np.nan))


def _intensities(
    resolver: Resolver, terms: Terms, carrier: Carrier, key: pa.Array, region: pa.Array, year: pa.Array, wanted: Bools
) -> Floats:
    """Returns the intensity of a carrier, float64[n], kWh per m2 and year; NaN where none is loaded."""

    def make(key: str, region: str, year: int) -> Term:
        found = _intensity(resolver, carrier, key, region, year)
        if isinstance(found, Unresolved):
            return Term(failure=Failure(found.code, None, key, found.detail))
        return Term(found.value, part=True)

    term = terms.find(f"intensity of {carrier.name}", [key, region, year], wanted, make)
    terms.grow()
    return np.where(wanted & ~terms.failed[term], terms.kg_per_unit[term], np.nan) if wanted.any() else np.full(len(wanted), np.nan)


def _intensity(resolver: Resolver, carrier: Carrier, key: str, region: str, year: int) -> Resolved | Unresolved:
    return resolver.resolve(_FAMILY, f"{key}:{carrier.name}", "parameter", region, year)


def _carrier_parts(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    carrier: Carrier,
    sites: Sites,
    key: pa.Array,
    intensity: Floats,
    key_field: str,
    default_cv: float | None,
) -> Parts:
    """Returns the parts of one carrier, those with an intensity above 0."""

    def make(key: str, home: str, region: str, year: int, grid_region: str | None) -> Term:
        energy = _intensity(resolver, carrier, key, home, year)
        found = carrier_factor(resolver, carrier.family, carrier.key, carrier.unit, region, year, grid_region)
        if isinstance(found, Unresolved):
            message = f"{key_field}: energy of {key!r}: {found.detail}; load a factor with --factors"
            return Term(failure=Failure(found.code, key_field, key, message))
        assert isinstance(energy, Resolved)
        return factor_term(
            energy.with_parameter(found.resolved),
            method,
            kg_per_unit=energy.value * found.direct,
            upstream_kg_per_unit=energy.value * found.upstream,
            warnings=found.warnings,
            default_cv=default_cv,
        )

    at = pa.array(sites.row)
    columns = [key.take(at), fields.texts("region").take(at), sites.region, fields.integers("activity_year").take(at)]
    columns.append(fields.texts("grid_region").take(at))
    used = intensity[sites.row] > 0
    term = terms.find(f"{method.label} {default_cv} {carrier.name} by area of {key_field}", columns, used, make)
    row = sites.row[used]
    return Parts(row, term[used], sites.share[used], np.full(len(row), 0.0), np.full(len(row), -1))


def _missing(terms: Terms, method: Method, sites: Sites, key: pa.Array, key_field: str, region: pa.Array, missing: Bools) -> Parts:
    """Returns a part that failed for each record whose type has no intensity."""

    def make(key: str | None, region: str) -> Term:
        message = (
            f"{key_field} is {key!r}, for which no energy intensity is loaded in {region}; load rows of family {_FAMILY} with --factors"
        )
        return Term(failure=Failure(Code.E_NO_FACTOR, key_field, key, message))

    rows = np.unique(sites.row[missing[sites.row]])
    at = pa.array(rows)
    term = terms.find(f"no intensity {key_field}", [key.take(at), region.take(at)], np.ones(len(rows), bool), make)
    return Parts(rows, term, np.zeros(len(rows)), np.zeros(len(rows)), np.full(len(rows), -1))


def asset_average(
    resolver: Resolver,
    terms: Terms,
    fields: Fields,
    method: Method,
    complete: Bools,
    quantity: Floats,
    key: pa.Array,
    key_field: str,
    cv: float | None = None,
) -> Attempt:
    """Returns the attempt by an average of whole assets: a number of them times EF[asset_average, key] a year.

    Args:
        complete: bool[n].
        quantity: float64[n], assets.
        key: string[n].
        key_field: named where there is no factor.
        cv: of the factor, whatever its row and the way to it say.
    """

    def make(key: str, region: str, year: int) -> Term:
        found = resolver.resolve("asset_average", key, "scope12", region, year, unit="unit")
        if isinstance(found, Unresolved):
            return Term(
                failure=Failure(found.code, key_field, key, f"{key_field}: {found.detail}; correct it, or load a factor with --factors")
            )
        made = factor_term(found, method)
        return made if cv is None else made._replace(cv=cv)

    term = terms.find(f"{method.label} {key_field}", [key, fields.texts("region"), fields.integers("activity_year")], complete, make)
    estimated = [said("W_ESTIMATED", complete)]
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, quantity, said=estimated)
