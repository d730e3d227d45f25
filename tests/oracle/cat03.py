"""Category 3, fuel- and energy-related activities [14.3]."""

from typing import TYPE_CHECKING

from tests.oracle.factors import Found
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.values import UNITS, Cannot, Row, known_unit

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

_FAMILIES = {"electricity": "grid", "heat_steam": "heat", "cooling": "heat"}
_CVS = {
    **dict.fromkeys(("electricity", "heat_steam", "cooling", "coal"), 0.15),
    **dict.fromkeys(("natural_gas", "burning_oil", "fuel_oil", "lpg"), 0.12),
    **dict.fromkeys(("diesel", "diesel_mineral", "gasoline", "gas_oil"), 0.10),
}

# Found factor, direct and upstream per unit.
_Parts = tuple[Found | None, float, float]


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    supplier = bool({"supplier_upstream_ef", "supplier_td_losses_ef"} & record.keys())
    kind, _ = oracle.enum(record, "fuel_or_energy_type")
    return [
        ("tier_1_supplier_upstream", supplier, lambda: _supplier(record)),
        ("tier_2_wtt_factors", kind is not None, lambda: _activities(oracle, record)),
    ]


def _supplier(record: Row) -> Outcome:
    unit = known_unit(record["quantity_unit"], "quantity_unit")
    # In the order A, B, C, D the upstream figure comes first.
    names = [name for name in ("supplier_upstream_ef", "supplier_td_losses_ef") if name in record]
    upstream, direct = (record["quantity"] * record.get(name, 0.0) for name in ("supplier_upstream_ef", "supplier_td_losses_ef"))
    term = given_term("tier_1_supplier_upstream", names[0], record[names[0]], unit, direct, upstream)
    term.entries |= {(f"record:{name}", unit): record[name] for name in names}
    return Outcome([term], (0.05,), upstream_counts=True)


def _activities(oracle: "Oracle", record: Row) -> Outcome:
    kind, told = oracle.enum(record, "fuel_or_energy_type")
    assert kind is not None
    unit = known_unit(record["quantity_unit"], "quantity_unit")
    default = ("B", "C") if kind in _FAMILIES else ("A",)
    activities = (record["activity"],) if "activity" in record else default
    cv = _CVS.get(kind, 0.25)
    if activities == ("A",):
        term = _fuel(oracle, record, kind, unit, cv)
    else:
        found, direct, upstream = _energy(oracle, record, kind, unit, activities)
        quantity = record["quantity"]
        if found is None:
            # No losses: nothing to look up.
            term = Term(0.0, 0.0, 0.0, "", "", 70, {})
        else:
            term = row_term("tier_2_wtt_factors", found, quantity * direct, quantity * upstream, default_cv=cv)
    return Outcome([term], (0.10,), told, upstream_counts=True)


def _fuel(oracle: "Oracle", record: Row, kind: str, unit: str, cv: float) -> Term:
    method, own, quantity = "tier_2_wtt_factors", "well_to_tank_ef", record["quantity"]
    if own in record:
        return given_term(method, own, record[own], unit, 0.0, quantity * record[own], cv=cv)
    found = _find(oracle, record, "fuel", kind, unit, ("wtt",), ("biogenic",))
    memo = {"biogenic_kg_co2": quantity * found.use("biogenic")} if "biogenic" in found.also else {}
    return row_term(method, found, 0.0, quantity * found.value, default_cv=cv, memo=memo)


def _find(
    oracle: "Oracle", record: Row, family: str, kind: str, unit: str, boundaries: tuple[str, ...], also: tuple[str, ...] = ()
) -> Found:
    basis = record.get("calorific_basis", "gross") if UNITS[unit][0] == "energy" and family == "fuel" else None
    return oracle.find(family, boundaries, kind, record, unit, "fuel_or_energy_type", "quantity_unit", also=also, basis=basis)


def _needed(found: Found, boundary: str) -> float:
    """Returns a further boundary that this category can't do without [12.3]."""
    part = found.also.get(boundary)
    if part is None or not part.whole:
        raise Cannot("E_NO_FACTOR", "fuel_or_energy_type")
    return found.use(boundary)


def _energy(oracle: "Oracle", record: Row, kind: str, unit: str, activities: tuple[str, ...]) -> _Parts:
    family = _FAMILIES.get(kind, "fuel")
    if activities == ("D",):
        return _generation(oracle, record, family, kind, unit, 1.0)
    losses: _Parts = (None, 0.0, 0.0)
    lost: float = record.get("td_loss_share", -1.0)
    if "C" in activities and lost < 0:
        losses = _published(oracle, record, family, kind, unit)
    elif "C" in activities and lost > 0:
        losses = _generation(oracle, record, family, kind, unit, _lambda(record, lost))
    if "B" not in activities:
        return losses
    found, direct, upstream = losses
    if found is None or "W_LIFECYCLE_GRID" in found.warnings:
        # A life-cycle figure has nothing upstream: the row for B stands apart [12.5].
        own = _find(oracle, record, family, kind, unit, ("wtt_generation",))
        if found is not None:
            own.join(found)
        return own, direct, upstream + own.value
    value = _needed(found, "wtt_generation")
    found.lead = _first(found, "wtt_generation")
    return found, direct, upstream + value


def _first(found: Found, boundary: str) -> Row:
    return min(found.also[boundary].rows, key=lambda row: str(row["factor_id"]))


def _lambda(record: Row, lost: float) -> float:
    return lost if record.get("loss_basis") == "of_delivery" else lost / (1 - lost)


def _generation(oracle: "Oracle", record: Row, family: str, kind: str, unit: str, scale: float) -> _Parts:
    """Returns generation and its well-to-tank part, both times a share."""
    found = _find(oracle, record, family, kind, unit, ("generation", "life_cycle"), ("wtt_generation",))
    if found.boundary == "life_cycle":
        found.warnings.add("W_LIFECYCLE_GRID")
        return found, scale * found.value, 0.0
    return found, scale * found.value, scale * _needed(found, "wtt_generation")


def _published(oracle: "Oracle", record: Row, family: str, kind: str, unit: str) -> _Parts:
    """Returns the losses as published per kWh, else by the loss share of the grid."""
    also = ("wtt_td", "generation", "life_cycle", "wtt_generation")
    found = _find(oracle, record, family, kind, unit, ("td_generation", "loss_share"), also)
    if found.boundary == "loss_share" and not {"generation", "life_cycle"} & found.also.keys():
        raise Cannot("E_NO_FACTOR", "fuel_or_energy_type")
    if found.boundary == "td_generation":
        return found, found.value, _needed(found, "wtt_td")
    scale = _lambda(record, found.value)
    # The share only says how much of the generation counts.
    found.lead = _first(found, "generation" if "generation" in found.also else "life_cycle")
    if "generation" in found.also:
        return found, scale * _needed(found, "generation"), scale * _needed(found, "wtt_generation")
    found.warnings.add("W_LIFECYCLE_GRID")
    return found, scale * _needed(found, "life_cycle"), 0.0
