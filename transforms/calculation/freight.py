"""Legs of freight: which factor a leg has, and its distance on the basis of that factor.

    transport activity = weight_tonnes * d',  d' = distance_km on the basis of the factor
    sfd -> actual: road * 1.05, sea * 1.15, rail * 1.00;  air gcd -> actual: + 95 km; the reverse divides or subtracts

Source: ISO 14083:2023 (transport activity, distance basis, no division by load of average factors); calculation
specification, 14.4 and 3.2 (nearest row, well-to-wheel alone).
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.records.transport import MODE_CLASSES
from transforms.calculation.term import Failure, Term, factor_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

UNIT = "tonne_km"

# Flights up to this distance are short where the record does not say.
_SHORT_HAUL_KM = 3700.0

# Actual by shortest feasible distance, by the first word of the mode.
_DETOUR = {"road": 1.05, "sea": 1.15, "rail": 1.0}
_AIR_DETOUR_KM = 95.0


@dataclass(frozen=True)
class Vehicles:
    """What goods of n records travel by: columns of the keys of their terms.

    Attributes:
        mode, vehicle_class, temperature: string[n], as the record says.
        haul: string[n], as it says or by distance.
        assumed: bool[n], the haul was derived.
        region: string[n].
        year: int64[n].
    """

    mode: pa.Array
    vehicle_class: pa.Array
    temperature: pa.Array
    haul: pa.Array
    assumed: pa.Array
    region: pa.Array
    year: pa.Array

    @classmethod
    def of(cls, fields: Fields, distance_field: str) -> "Vehicles":
        """Returns those of records; the haul of air freight follows from the distance where it is missing."""
        mode, haul = fields.texts("transport_mode"), fields.texts("haul")
        in_air = pc.fill_null(pc.equal(mode, "air_freight"), False)
        derived = pc.if_else(pa.array(fields.numbers(distance_field) <= _SHORT_HAUL_KM), "short", "long")
        haul = pc.if_else(in_air, pc.coalesce(haul, derived), pa.scalar(None, pa.string()))
        assumed = pc.and_(in_air, fields.texts("haul").is_null())
        where = (fields.texts("region"), fields.integers("activity_year"))
        return cls(mode, fields.texts("vehicle_class"), fields.texts("temperature"), haul, assumed, *where)

    @property
    def columns(self) -> list[pa.Array]:
        """Returns the key of a term, in the order in which `Question` takes it."""
        return [self.mode, self.vehicle_class, self.temperature, self.haul, self.assumed, self.region, self.year]


@dataclass(frozen=True)
class Question:
    """One distinct vehicle, region and year."""

    mode: str
    vehicle_class: str | None
    temperature: str | None
    haul: str | None
    assumed: bool
    region: str
    year: int

    @property
    def field(self) -> str:
        """Returns the field that gives the key."""
        return "transport_mode" if self.vehicle_class is None else "vehicle_class"

    def find(self, resolver: Resolver, boundaries: tuple[str, ...], also: tuple[str, ...] = ()) -> Resolved | Unresolved:
        """Finds the factor of the vehicle, else of the class that its mode stands for."""
        cooled = "_reefer" if self.temperature == "reefer" else ""
        general = (MODE_CLASSES[self.mode] if self.haul is None else f"air_{self.haul}") + cooled
        key = general if self.vehicle_class is None else self.vehicle_class + cooled
        parents = () if key == general else (general,)
        found = resolver.resolve("freight", key, boundaries, self.region, self.year, unit=UNIT, also=also, parents=parents)
        if isinstance(found, Resolved) and self.assumed and (key == general or found.technological > 1):
            return found._replace(warnings=(*found.warnings, f"W_HAUL_ASSUMED haul={self.haul}"))
        return found

    def find_load(self, resolver: Resolver) -> Resolved | None:
        """Finds the coefficients of the vehicle at a known load, None where there are none."""
        key = MODE_CLASSES[self.mode] if self.vehicle_class is None else self.vehicle_class
        if self.temperature == "reefer":
            key += "_reefer"
        found = resolver.resolve("freight_load", key, "ttw_a", self.region, self.year, unit=UNIT, also=("ttw_b", "wtt_a", "wtt_b"))
        return None if isinstance(found, Unresolved) or "ttw_b" in found.missing else found

    def no_factor(self, found: Unresolved) -> Failure:
        """Returns the failure of a vehicle without a factor."""
        value = self.vehicle_class or self.mode
        return Failure(found.code, self.field, value, f"{self.field}: {found.detail}; correct it, or load a factor with --factors")


def average_term(resolver: Resolver, method: Method, question: Question) -> Term:
    """Returns the term of a tonne_km at average load: well-to-wheel in two parts, or in one where the nearest row has no more."""
    found = average(resolver, question)
    if isinstance(found, Unresolved):
        return Term(failure=question.no_factor(found))
    if found.lead.boundary == "wtw":
        # What belongs to tank-to-wheel does not count beside it.
        alone = found._replace(rows=tuple(row for row in found.rows if row.boundary not in ("wtt", "ttw_rf")))
        return factor_term(alone, method)
    told = [f"W_NO_UPSTREAM key={found.lead.key}"] if "wtt" in found.missing else []
    memo = {"rf_uplift_kg_co2e": found.also["ttw_rf"] - found.value} if "ttw_rf" in found.also and "ttw_rf" not in found.missing else {}
    return factor_term(found, method, upstream_kg_per_unit=found.also["wtt"], memo=memo, warnings=told)


def average(resolver: Resolver, question: Question) -> Resolved | Unresolved:
    """Finds the factor at average load."""
    also = ("wtt", "ttw_rf") if question.mode == "air_freight" else ("wtt",)
    return question.find(resolver, ("ttw", "wtw"), also)


@dataclass(frozen=True)
class Distances:
    """Distances of n legs on the basis of a factor.

    Attributes:
        km: float64[n].
        wrong: int64[n], the term that says why a distance does not convert, -1 where it does.
    """

    km: Floats
    wrong: Ints


def converted(terms: Terms, fields: Fields, mode: pa.Array, given: pa.Array, wanted: pa.Array, complete: Bools) -> Distances:
    """Returns the distances of legs on another basis.

    Args:
        mode: string[n].
        given, wanted: string[n], basis; of null nothing is known, and nothing is converted.
        complete: bool[n].
    """

    def make(mode: str, given: str | None, wanted: str | None) -> Term:
        step = _step(mode, given, wanted)
        if step is None:
            message = f"distance_basis is {given}, and the factor of {mode} counts by {wanted}; give the distance on that basis"
            return Term(failure=Failure(Code.E_UNIT, "distance_basis", given, message))
        return Term(step[0], upstream_kg_per_unit=step[1], part=True)

    term = terms.find("distance", [mode, given, wanted], complete, make)
    terms.grow()
    if not complete.any():
        return Distances(np.full(fields.rows, np.nan), term)
    km = fields.numbers("distance_km") * terms.kg_per_unit[term] + terms.upstream_kg_per_unit[term]
    wrong = np.where(complete & terms.failed[term], term, -1)
    short = complete & (km <= 0)
    if short.any():
        wrong[short] = terms.place("distance shorter than its detour", _too_short)
    return Distances(km, wrong)


def _too_short() -> Term:
    message = f"distance_basis is actual, and distance_km is not longer than the {_AIR_DETOUR_KM:g} km by which flights differ; correct it"
    return Term(failure=Failure(Code.E_UNIT, "distance_basis", "actual", message))


def _step(mode: str, given: str | None, wanted: str | None) -> tuple[float, float] | None:
    """Returns what a distance is multiplied with, and what is added; None where it does not convert."""
    if given is None or wanted is None or given == wanted:
        return 1.0, 0.0
    kind = mode.partition("_")[0]
    if kind in _DETOUR and {given, wanted} == {"sfd", "actual"}:
        return (_DETOUR[kind] if given == "sfd" else 1 / _DETOUR[kind]), 0.0
    if kind == "air" and {given, wanted} == {"gcd", "actual"}:
        return 1.0, _AIR_DETOUR_KM if given == "gcd" else -_AIR_DETOUR_KM
    return None
