"""What a unit of bought fuel or energy emits before it is used, and on its way: the activities of category 3.

    A  upstream of a fuel     wtt
    B  upstream of energy     wtt_generation
    C  losses                 td_generation + wtt_td as published, else losses * (generation + wtt_generation)
    D  energy that is resold  generation + wtt_generation

    losses = L / (1 - L) of generation, L of delivery

A grid with a life-cycle figure alone has no upstream part in C and D; B then needs a row of its own.
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 3; calculation
specification, 12.5 and 14.3.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from schemas.codes import Code
from transforms.factors.resolved import Resolved, Unresolved
from transforms.factors.row import FactorRow

# Boundaries and further boundaries of one kind of energy, in one place and year.
Find = Callable[[tuple[str, ...], tuple[str, ...]], Resolved | Unresolved]

_GENERATION = ("generation", "life_cycle")
_UPSTREAM = "wtt_generation"
_BOUNDARIES = ("wtt", "biogenic", *_GENERATION, _UPSTREAM, "td_generation", "wtt_td", "loss_share")


@dataclass(frozen=True)
class BoughtEnergy:
    """What a unit of energy emits by activity, kg CO2e.

    Attributes:
        found: the rows, all of those that were asked for.
        used: boundaries of the rows that count, in the order of the activities.
        upstream: of what is used, activities A and B; 0 where they are not asked for.
        direct, further: generation and its upstream, of a unit that is lost or resold; activities C and D.
        warnings: on top of the resolver's.
    """

    found: Resolved
    used: tuple[str, ...]
    upstream: float = 0.0
    direct: float = 0.0
    further: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def resolved(self) -> Resolved:
        """Returns the rows that count; the first of them leads."""
        rows = tuple(row for row in self.found.rows if row.boundary in self.used or row.boundary not in _BOUNDARIES)
        return self.found._replace(lead=_first(rows, self.used[0]), rows=rows)

    @property
    def biogenic(self) -> float | None:
        """Returns kg biogenic CO2 per unit, None where it is not known."""
        return self.found.also["biogenic"] if "biogenic" in self.used else None


def bought_energy(find: Find, activities: str, by_own_share: bool, of_delivery: bool) -> BoughtEnergy | Unresolved:
    """Returns what a unit of energy emits.

    Args:
        find: finds the rows of the energy.
        activities: one or several letters of A to D.
        by_own_share: the record gives the share that is lost; `direct` and `further` are then of a unit lost, not bought.
        of_delivery: a share of losses is one of what is delivered, not of what is generated.
    """
    if "A" in activities:
        found = find(("wtt",), ("biogenic",))
        if isinstance(found, Unresolved):
            return found
        used = ("wtt",) if "biogenic" in found.missing else ("wtt", "biogenic")
        return BoughtEnergy(found, used, upstream=found.value)
    if activities == "B":
        found = find((_UPSTREAM,), ())
        return found if isinstance(found, Unresolved) else BoughtEnergy(found, (_UPSTREAM,), upstream=found.value)
    lost = _generation(find) if "D" in activities or by_own_share else _losses(find, of_delivery)
    return lost if isinstance(lost, Unresolved) or "B" not in activities else _with_upstream(find, lost)


def losses_of(share: float, of_delivery: bool) -> float:
    """Returns what is lost for each unit delivered.

    Args:
        share: below 1.
        of_delivery: it is a share of what is delivered, not of what is generated.
    """
    return share if of_delivery else share / (1 - share)


def _generation(find: Find) -> BoughtEnergy | Unresolved:
    found = find(_GENERATION, (_UPSTREAM,))
    if isinstance(found, Unresolved):
        return found
    return _generated(found, found.lead.boundary, found.value)


def _generated(found: Resolved, boundary: str, kg_per_unit: float) -> BoughtEnergy | Unresolved:
    """Returns a unit generated, by a row of this boundary."""
    if boundary == "life_cycle":
        return BoughtEnergy(found, (boundary,), direct=kg_per_unit, warnings=("W_LIFECYCLE_GRID",))
    if _UPSTREAM in found.missing:
        return _no_row(found, _UPSTREAM)
    return BoughtEnergy(found, (boundary, _UPSTREAM), direct=kg_per_unit, further=found.also[_UPSTREAM])


def _losses(find: Find, of_delivery: bool) -> BoughtEnergy | Unresolved:
    """Returns what is lost for each unit delivered: as published, else by the loss share of the grid."""
    found = find(("td_generation", "loss_share"), (*_GENERATION, _UPSTREAM, "wtt_td"))
    if isinstance(found, Unresolved):
        return found
    if found.lead.boundary == "td_generation":
        if "wtt_td" in found.missing:
            return _no_row(found, "wtt_td")
        return BoughtEnergy(found, ("td_generation", "wtt_td"), direct=found.value, further=found.also["wtt_td"])
    boundary = next((one for one in _GENERATION if one not in found.missing), None)
    if boundary is None:
        return _no_row(found, "generation")
    if found.value >= 1 and not of_delivery:
        return Unresolved(
            Code.E_NO_FACTOR, f"the loss_share {found.lead.factor_id} is {found.value:g}, and a share that is lost is below 1"
        )
    generated, losses = _generated(found, boundary, found.also[boundary]), losses_of(found.value, of_delivery)
    if isinstance(generated, Unresolved):
        return generated
    used = (*generated.used, "loss_share")
    return replace(generated, used=used, direct=losses * generated.direct, further=losses * generated.further)


def _with_upstream(find: Find, lost: BoughtEnergy) -> BoughtEnergy | Unresolved:
    """Returns losses together with the upstream part of what is delivered."""
    found = lost.found
    if "life_cycle" not in lost.used:
        if _UPSTREAM in found.missing:
            return _no_row(found, _UPSTREAM)
        return replace(lost, used=(_UPSTREAM, *lost.used), upstream=found.also[_UPSTREAM])
    apart = find((_UPSTREAM,), ())
    if isinstance(apart, Unresolved):
        return apart
    rows = (*apart.rows, *(row for row in found.rows if row.boundary != _UPSTREAM))
    joined = found._replace(
        rows=rows,
        geographic=max(found.geographic, apart.geographic),
        temporal=max(found.temporal, apart.temporal),
        technological=max(found.technological, apart.technological),
        warnings=tuple(dict.fromkeys([*apart.warnings, *found.warnings])),
    )
    return replace(lost, found=joined, used=(_UPSTREAM, *lost.used), upstream=apart.value)


def _no_row(found: Resolved, boundary: str) -> Unresolved:
    """Returns that a row which this category can't do without is missing beside another."""
    lead = found.lead
    where = f"{lead.region} {lead.year} ({lead.source_version})"
    return Unresolved(Code.E_NO_FACTOR, f"the factors for {lead.key!r} of {where} have no {boundary}, and without it they are incomplete")


def _first(rows: tuple[FactorRow, ...], boundary: str) -> FactorRow:
    return min((row for row in rows if row.boundary == boundary), key=lambda row: row.factor_id)
