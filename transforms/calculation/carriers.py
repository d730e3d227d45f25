"""Carriers of energy: what a unit of electricity, heat, cooling or a fuel emits, directly and upstream.

A grid without published figures of losses has them by its loss share, one with a life-cycle figure alone has no upstream
part. Source: calculation specification, 12.5 (life-cycle grids), 13.1 and 14.3 (losses).
"""

from dataclasses import dataclass

from schemas.codes import Code
from schemas.methods import Method
from schemas.units import dimension
from transforms.calculation.footprint import unit_failure
from transforms.calculation.term import Failure, Term, factor_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

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
