"""Factors of flights by haul and cabin, with and without the effects of aviation beyond CO2.

Source: calculation specification, 14.6; UK Government GHG Conversion Factors, methodology paper (radiative forcing).
"""

from schemas.codes import Code
from schemas.methods import Method
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

_FAMILY, _UNIT = "travel_air", "passenger_km"

# Cabins that stand in for one that is not published, the nearest first.
_STAND_INS = {
    "first": ("business", "average"),
    "premium_economy": ("business", "average"),
    "business": ("average",),
    "economy": ("average",),
    "average": (),
}


def flight_term(resolver: Resolver, method: Method, haul: str, assumed: bool, cabin: str, region: str, year: int, forced: bool) -> Term:
    """Returns the term of a passenger_km in the air.

    Args:
        assumed: the haul was derived.
        forced: effects beyond CO2 count.
    """
    boundary, other = ("ttw_rf", "ttw") if forced else ("ttw", "ttw_rf")
    found, told = _resolve(resolver, haul, assumed, cabin, boundary, region, year, also=("wtt", other))
    if isinstance(found, Unresolved):
        return Term(failure=_no_flight(found, cabin))
    uplift = found.value - found.also[other] if forced else found.also[other] - found.value
    return factor_term(
        found,
        method,
        upstream_kg_per_unit=found.also["wtt"],
        memo={} if other in found.missing else {"rf_uplift_kg_co2e": uplift},
        warnings=[
            *told,
            "W_RF_INCLUDED" if forced else "W_RF_EXCLUDED",
            *([f"W_NO_UPSTREAM key={haul}:{cabin}"] if "wtt" in found.missing else []),
        ],
    )


def own_flight_term(
    resolver: Resolver,
    method: Method,
    name: str,
    haul: str,
    assumed: bool,
    cabin: str,
    region: str,
    year: int,
    *,
    with_rf: bool,
    whole: bool,
) -> Term:
    """Returns the term of a passenger_km where the record gives the factor.

    Args:
        name: of the field that gives it.
        with_rf: it holds effects beyond CO2.
        whole: it is well-to-wheel; else the upstream part is that of the loaded row.
    """
    warning = "W_RF_INCLUDED" if with_rf else "W_RF_EXCLUDED"
    if whole:
        return record_term(name, _UNIT, method, warnings=[warning])
    beside, told = _resolve(resolver, haul, assumed, cabin, "wtt", region, year)
    if isinstance(beside, Unresolved):
        return record_term(name, _UNIT, method, warnings=[warning, f"W_NO_UPSTREAM key={haul}:{cabin}"])
    warnings = [*beside.warnings, *told, warning]
    return record_term(name, _UNIT, method, upstream_kg_per_unit=beside.value, more_rows=beside.rows, warnings=warnings)


def _resolve(
    resolver: Resolver, haul: str, assumed: bool, cabin: str, boundary: str, region: str, year: int, also: tuple[str, ...] = ()
) -> tuple[Resolved | Unresolved, list[str]]:
    """Returns the factor of a cabin or of the nearest that is published, and what is to be told of it."""
    failures = []
    for one in (cabin, *_STAND_INS[cabin]):
        found = resolver.resolve(_FAMILY, f"{haul}:{one}", boundary, region, year, unit=_UNIT, also=also)
        if isinstance(found, Unresolved):
            failures.append(found)
            continue
        told = [f"W_HAUL_ASSUMED haul={haul}"] if assumed else []
        # Domestic flights have one figure for all cabins.
        if one != cabin and haul != "domestic":
            told.append(f"W_CABIN_FALLBACK from={cabin} to={one}")
        return found, told
    return min(failures, key=lambda failure: failure.code is not Code.E_UNIT), []


def _no_flight(found: Unresolved, cabin: str) -> Failure:
    field = "flights[].cabin_class"
    return Failure(found.code, field, cabin, f"{field}: {found.detail}; correct it, or load a factor with --factors")
