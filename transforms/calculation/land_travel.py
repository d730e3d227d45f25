"""Travel on land: factors of vehicles by their own km or by that of a passenger.

Source: calculation specification, 14.6 (categories 6, 7, 11 and 15); GHG Protocol, Technical Guidance for Calculating
Scope 3 Emissions (2013), category 6, distance-based method.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools
from schemas.methods import Method
from schemas.records.choices import VEHICLE_KM
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved
from transforms.factors.row import FactorRow

_FAMILY = "travel_land"


def unit_of(vehicle: str) -> str:
    """Returns what the factor of a vehicle counts in."""
    return "vehicle_km" if vehicle in VEHICLE_KM else "passenger_km"


def counts_vehicles(vehicles: pa.Array) -> Bools:
    """Says whose factor counts the km of the vehicle and not of a passenger, bool[n]."""
    return np.asarray(pc.is_in(vehicles, pa.array(VEHICLE_KM)).to_numpy(zero_copy_only=False), bool)


def land_term(
    resolver: Resolver, method: Method, vehicle: str, region: str, year: int, field: str, more_rows: tuple[FactorRow, ...] = ()
) -> Term:
    """Returns the term of a km of a vehicle, or of a passenger in one that is shared.

    Args:
        field: named where there is no factor.
        more_rows: parameters used on top.
    """
    found = resolver.resolve(_FAMILY, vehicle, "ttw", region, year, unit=unit_of(vehicle), also=("wtt",))
    if isinstance(found, Unresolved):
        return Term(failure=Failure(found.code, field, vehicle, f"{field}: {found.detail}; correct it, or load a factor with --factors"))
    told = [f"W_NO_UPSTREAM key={vehicle}"] if "wtt" in found.missing else []
    return factor_term(found._replace(rows=(*found.rows, *more_rows)), method, upstream_kg_per_unit=found.also["wtt"], warnings=told)


def own_land_term(
    resolver: Resolver, method: Method, name: str, vehicle: str, region: str, year: int, *, whole: bool = False, cv: float | None = None
) -> Term:
    """Returns the term of a km where the record gives the factor; a tank-to-wheel one takes its upstream part from the loaded row.

    Args:
        name: of the field that gives it.
        whole: it is well-to-wheel.
        cv: instead of the method's.
    """
    unit = unit_of(vehicle)
    beside = None if whole else resolver.resolve(_FAMILY, vehicle, "wtt", region, year, unit=unit)
    if whole or beside is None:
        return record_term(name, unit, method, cv=cv)
    if isinstance(beside, Unresolved):
        return record_term(name, unit, method, cv=cv, warnings=[f"W_NO_UPSTREAM key={vehicle}"])
    return record_term(name, unit, method, cv=cv, upstream_kg_per_unit=beside.value, more_rows=beside.rows, warnings=beside.warnings)
