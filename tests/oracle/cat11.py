"""Category 11, use of sold products [14.11]: which components a record has, and what its method is called."""

from typing import TYPE_CHECKING

from tests.oracle.methods import METHODS
from tests.oracle.terms import Outcome
from tests.oracle.use_phase import DEFAULTS, GASES, MEASURED, SOLD, SPECS, Component, UsePhase
from tests.oracle.values import Cannot, Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has, use = record.keys(), UsePhase(oracle, record)
    electricity, others = _electricity(record, use), _others(record, use)
    given = electricity + others
    labels = {component.method for component in given}
    default = Component(DEFAULTS, use.default) if {"product_key", "units_sold"} <= has and not electricity else None
    loaded = default is not None and use.has_default
    whole = [*electricity, *([default] if default and loaded else []), *others]
    energy = bool({MEASURED, SPECS} & labels)
    # What uses energy has no total without it; gases alone, and fuels, have one.
    alone = not energy and not loaded
    return [
        (MEASURED, MEASURED in labels, lambda: _outcome(record, whole, oracle)),
        (SPECS, SPECS in labels, lambda: _outcome(record, whole, oracle)),
        (DEFAULTS, default is not None and not energy, lambda: _defaults(record, whole, oracle, loaded)),
        (SOLD, alone and SOLD in labels, lambda: _outcome(record, given, oracle)),
        (GASES, alone and GASES in labels, lambda: _outcome(record, given, oracle)),
    ]


def _electricity(record: Row, use: UsePhase) -> list[Component]:
    """Returns the first component of electricity that is complete."""
    has = record.keys()
    if "units_sold" not in has or not use.has_lifetime:
        return []
    if "measured_energy_kwh_per_year" in has:
        method = MEASURED if "measured_lifespan_years" in has else SPECS
        kwh = record["measured_energy_kwh_per_year"]
        return [Component(method, lambda: use.electricity(method, kwh, "measured_energy_kwh_per_year"))]
    if {"power_rating_watts", "usage_hours_per_day"} <= has:
        hours = record["usage_hours_per_day"]
        watt_hours = record["power_rating_watts"] * hours + record.get("standby_watts", 0.0) * (24 - hours)
        kwh = watt_hours * record.get("usage_days_per_year", 365) / 1000
        return [Component(SPECS, lambda: use.electricity(SPECS, kwh, "power_rating_watts"))]
    if {"annual_distance_km", "efficiency_kwh_per_km"} <= has:
        kwh = record["annual_distance_km"] * record["efficiency_kwh_per_km"]
        return [Component(SPECS, lambda: use.electricity(SPECS, kwh, "annual_distance_km"))]
    return []


def _others(record: Row, use: UsePhase) -> list[Component]:
    has = record.keys()
    sold, lasting = "units_sold" in has, "units_sold" in has and use.has_lifetime
    components = [
        (SPECS, use.fuel, lasting and {"fuel_type", "fuel_amount_per_year"} <= has),
        (SPECS, use.vehicle, lasting and {"annual_distance_km", "vehicle_type"} <= has),
        (SPECS, use.service, "server_kwh" in has),
        (SOLD, use.fuel_sold, {"fuel_type", "fuel_sold_amount"} <= has),
        (GASES, use.contained, sold and "ghg_content_kg" in has),
        (GASES, use.leakage, lasting and {"refrigerant_charge_kg", "leak_rate_per_year"} <= has),
    ]
    return [Component(method, work) for method, work, complete in components if complete]


def _defaults(record: Row, components: list[Component], oracle: "Oracle", loaded: bool) -> Outcome:
    if not loaded:
        raise Cannot("E_NO_FACTOR", "product_key")
    outcome = _outcome(record, components, oracle)
    outcome.warnings.add("W_ESTIMATED")
    return outcome


def _outcome(record: Row, components: list[Component], oracle: "Oracle") -> Outcome:
    parts = oracle.all_of(record, [component.terms for component in components])
    labels = {component.method for component in components}
    cvs: tuple[float, ...] = ()
    if len(labels) == 1:
        cvs = (METHODS[components[0].method].activity_cv,)
    for component, terms in zip(components, parts, strict=True):
        for term in terms:
            term.activity_cv = 0.0 if cvs else METHODS[component.method].activity_cv
    boundary = record.get("energy_boundary", oracle.options["energy_boundary"])
    return Outcome([term for terms in parts for term in terms], cvs, upstream_counts=boundary == "life_cycle")
