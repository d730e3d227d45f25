"""Category 3, fuel- and energy-related activities: what bought fuel and energy emits before it is used, and on its way.

    1 supplier  direct = quantity * supplier_td_losses_ef                upstream = quantity * supplier_upstream_ef
    2 factors   A of fuels             direct = 0                        upstream = quantity * (well_to_tank_ef, else EF[wtt])
                B of energy            direct = 0                        upstream = quantity * EF[wtt_generation]
                C losses, published    direct = quantity * EF[td_generation]   upstream = quantity * EF[wtt_td]
                C losses by share      direct = quantity * losses * EF[generation]
                                       upstream = quantity * losses * EF[wtt_generation]
                D resold               direct = quantity * EF[generation]      upstream = quantity * EF[wtt_generation]

    kg_co2e = direct + upstream

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 3, supplier-specific and
average-data methods; calculation specification, 14.3.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from schemas.records.cat03_fuel_and_energy import ENERGIES, FUELS
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.bought_energy import BoughtEnergy, bought_energy
from transforms.calculation.carriers import calorific_basis, no_fuel
from transforms.calculation.classes import Classes
from transforms.calculation.footprint import unit_failure, unit_failures
from transforms.calculation.term import Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

_SUPPLIER, _FACTORS = METHODS[3]

# Coefficients of variation of the factors of each energy: conventions of this project.
_CVS = {
    **dict.fromkeys(ENERGIES, 0.15),
    **dict.fromkeys(FUELS, 0.25),
    "natural_gas": 0.12,
    "diesel": 0.10,
    "diesel_mineral": 0.10,
    "gasoline": 0.10,
    "gas_oil": 0.10,
    "burning_oil": 0.12,
    "fuel_oil": 0.12,
    "coal": 0.15,
    "lpg": 0.12,
}

_FAMILIES = {"electricity": "grid", "heat_steam": "heat", "cooling": "heat"}


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    bought = _Bought(fields, resolver, terms, config)
    return [_supplier(terms, fields), bought.whole(), bought.in_parts()], np.zeros(fields.rows, bool)


def _supplier(terms: Terms, fields: Fields) -> Attempt:
    """Returns the attempt by the supplier's factors; of one that is missing the supplier says nothing, and it counts 0."""
    quantity, unit = fields.numbers("quantity"), fields.texts("quantity_unit")
    complete, found = np.zeros(fields.rows, bool), []
    # Upstream of what is used goes before losses: it leads the term where both are given.
    for name in ("supplier_upstream_ef", "supplier_td_losses_ef"):
        given, lost = fields.given(name), name == "supplier_td_losses_ef"
        factor = fields.numbers(name)[given]

        def make(unit: str, name: str = name, lost: bool = lost) -> Term:
            kg, upstream_kg = (1.0, 0.0) if lost else (0.0, 1.0)
            failure = unit_failure("quantity_unit", unit)
            own = record_term(name, unit, _SUPPLIER, kg_per_unit=kg, upstream_kg_per_unit=upstream_kg)
            return own if failure is None else Term(failure=failure)

        term = terms.find(name, [unit], given, make)[given]
        # A factor of the record multiplies the direct part alone, so that of the upstream part goes with the quantity.
        amount = quantity[given] * (1.0 if lost else factor)
        rows = np.flatnonzero(given)
        found.append(Parts(rows, term, amount, np.zeros(len(rows)), np.full(len(rows), -1), own_value=factor))
        complete |= given
    return Attempt(_SUPPLIER, complete, np.full(fields.rows, _SUPPLIER.activity_cv), parts=Parts.join(found), joint=True)


class _Bought:
    """The attempts of a batch by factors: most records are one term by themselves, those with an own share of losses two parts of one.

    Args:
        fields: of n records.
        resolver, terms, config: as for all attempts.
    """

    def __init__(self, fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> None:
        self._fields, self._resolver, self._terms = fields, resolver, terms
        self._kinds = Classes(fields, "fuel_or_energy_type", "energy_description", config)
        self._quantity = fields.numbers("quantity")
        default = pc.if_else(pc.is_in(self._kinds.any, pa.array(ENERGIES)), "BC", "A")
        activities = pc.coalesce(fields.texts("activity"), default)
        share = fields.numbers("td_loss_share")
        of_delivery = _is(fields.texts("loss_basis"), "of_delivery")
        both, lost = _is(activities, "BC"), _is(activities, "BC") | _is(activities, "C")
        shared = lost & (share > 0)
        # Nothing is lost: then there is nothing to look up for C, and B is left.
        none = lost & (share == 0)
        self._activities = pc.if_else(pa.array(both & none), "B", activities)
        self._nothing = none & ~both & self._kinds.known
        self._two_parts = both & shared & self._kinds.known
        self._shared, self._of_delivery = shared, of_delivery & lost & np.isnan(share)
        self._own = _is(activities, "A") & fields.given("well_to_tank_ef")
        self._losses = np.where(of_delivery, share, share / (1 - share))

    def whole(self) -> Attempt:
        """Returns the attempt of the records whose activities are one term."""
        complete = self._kinds.known & ~self._two_parts & ~self._nothing
        own = np.where(self._own, self._fields.numbers("well_to_tank_ef"), np.nan)
        # A factor of the record multiplies the direct part alone, and a well-to-tank factor has none.
        multiplier = np.where(self._own, own, np.where(self._shared, self._losses, 1.0))
        amount = self._quantity * multiplier
        return Attempt(_FACTORS, complete, np.full(self._fields.rows, _FACTORS.activity_cv), self._find("whole", complete), amount, own)

    def in_parts(self) -> Attempt:
        """Returns the attempt of those that take B and C together, C by a share of their own, and of those that lose nothing."""
        rows = np.flatnonzero(self._two_parts)
        bought, lost = (self._find(part, self._two_parts)[rows] for part in ("bought", "lost"))
        no_cv, no_place = np.zeros(len(rows)), np.full(len(rows), -1)
        parts = [
            Parts(rows, bought, self._quantity[rows], no_cv, no_place),
            Parts(rows, lost, self._quantity[rows] * self._losses[rows], no_cv, no_place),
            unit_failures(self._terms, self._fields, "quantity_unit", self._nothing),
        ]
        activity_cv = np.full(self._fields.rows, _FACTORS.activity_cv)
        complete = self._two_parts | self._nothing
        # Said here for those that have no term to say it.
        return Attempt(_FACTORS, complete, activity_cv, parts=Parts.join(parts), joint=True, said=[self._kinds.warning])

    def _find(self, part: str, wanted: Bools) -> np.ndarray:
        """Returns the terms of records, int64[n].

        Args:
            part: whole, or what is `bought` (A, B) or `lost` (C) of it.
        """
        fields = self._fields
        columns = [
            self._kinds.any,
            self._kinds.warning,
            self._activities,
            pa.array(self._shared),
            pa.array(self._of_delivery),
            pa.array(self._own),
            *(fields.texts(name) for name in ("quantity_unit", "calorific_basis", "region", "grid_region")),
            fields.integers("activity_year"),
        ]
        return self._terms.find(f"{_FACTORS.label} {part}", columns, wanted, lambda *key: _term(self._resolver, part, *key))


def _is(column: pa.Array, value: str) -> Bools:
    return pc.fill_null(pc.equal(column, value), False).to_numpy(zero_copy_only=False)


def _term(
    resolver: Resolver,
    part: str,
    kind: str,
    warning: str | None,
    activities: str,
    shared: bool,
    of_delivery: bool,
    own: bool,
    unit: str,
    basis: str | None,
    region: str,
    grid_region: str | None,
    year: int,
) -> Term:
    """Returns the term of a unit of energy, or of a part of it."""
    failure = unit_failure("quantity_unit", unit)
    if failure is not None:
        return Term(failure=failure)
    told, cv = [] if warning is None else [warning], _CVS[kind]
    if own:
        return record_term("well_to_tank_ef", unit, _FACTORS, kg_per_unit=0.0, upstream_kg_per_unit=1.0, cv=cv, warnings=told)
    family = _FAMILIES.get(kind, "fuel")
    gross = calorific_basis(unit, basis) if family == "fuel" else None

    def find(boundaries: tuple[str, ...], also: tuple[str, ...]) -> Resolved | Unresolved:
        return resolver.resolve(family, kind, boundaries, region, year, unit=unit, basis=gross, also=also, grid_region=grid_region)

    found = bought_energy(find, activities, shared, of_delivery)
    if isinstance(found, Unresolved):
        return Term(failure=no_fuel(found, "fuel_or_energy_type", kind, "quantity_unit", unit))
    direct, upstream = _amounts(found, part)
    return factor_term(
        found.resolved,
        _FACTORS,
        kg_per_unit=direct,
        upstream_kg_per_unit=upstream,
        memo=None if found.biogenic is None else {"biogenic_kg_co2": found.biogenic},
        warnings=[*found.warnings, *told],
        default_cv=cv,
    )


def _amounts(found: BoughtEnergy, part: str) -> tuple[float, float]:
    """Returns direct and upstream kg CO2e per unit, of all activities or of a part of them."""
    if part == "bought":
        return 0.0, found.upstream
    if part == "lost":
        return found.direct, found.further
    return found.direct, found.upstream + found.further
