"""Rules between the fields of a record: what is missing, contradictory or of another scope [6, 13.3, 14]."""

from typing import TYPE_CHECKING, Any

from tests.oracle.energy import BLOCK
from tests.oracle.leases import belongs_elsewhere, dates_in_order, months_of_dates
from tests.oracle.methods import order_of
from tests.oracle.values import Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

Finding = tuple[str, str]

_CODES = ("E_REQUIRED", "E_RANGE", "E_INCONSISTENT", "E_BOUNDARY")

_TRANSPORT = (
    *("transport_mode", "vehicle_class", "distance_km", "weight_tonnes", "load_factor", "distance_basis", "haul", "temperature"),
    *("emission_factor_kg_co2e_per_tonne_km", "emission_factor_cv", "ef_boundary", "ef_basis", "fuel_type", "fuel_amount", "fuel_unit"),
)
_SITE = ("hub_type", "hub_quantity", "hub_unit", *BLOCK)


def contradictions_of(oracle: "Oracle", record: Row) -> list[Finding]:
    """Returns codes and fields, the one of the record first."""
    found = _RULES.get(record["category"], lambda oracle, record: [])(oracle, record)
    return sorted(found, key=lambda one: (_CODES.index(one[0]), order_of(record["category"], one[1])))


def _first(record: Row, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in record), None)


def _off(shares: dict[str, float], total: float = 1.0, by: float = 0.01) -> bool:
    return abs(sum(shares.values()) - total) > by + 1e-9


def _energy_type(oracle: "Oracle", record: Row) -> list[Finding]:
    name = "fuel_or_energy_type"
    return [("E_REQUIRED", name)] if oracle.enum(record, name)[0] is None else []


def _transport(oracle: "Oracle", record: Row) -> list[Finding]:
    moved = _first(record, _TRANSPORT)
    found = [("E_INCONSISTENT", moved)] if moved is not None and _first(record, _SITE) is not None else []
    averages = ("average_distance_km", "average_weight_tonnes", "distance_weight_covariance")
    if record["category"] == 9 and all(name in record for name in averages):
        distance, weight, covariance = (record[name] for name in averages)
        if distance * weight + covariance < 0:
            found.append(("E_INCONSISTENT", averages[0]))
    return found


def _waste(oracle: "Oracle", record: Row) -> list[Finding]:
    if "wastewater_m3" not in record:
        return []
    if "waste_mass_kg" in record:
        return [("E_INCONSISTENT", "waste_mass_kg")]
    implied = {"waste_type": "wastewater", "disposal_method": "wastewater_treatment"}
    other = any(record.get(name, value) != value for name, value in implied.items())
    return [("E_INCONSISTENT", "wastewater_m3")] if other else []


def _commute(oracle: "Oracle", record: Row) -> list[Finding]:
    found = []
    shares = record.get("mode_shares", {})
    carpool = record.get("commute_mode") == "carpool" or shares.get("carpool", 0) > 0
    if carpool and "car_occupancy" not in record:
        found.append(("E_REQUIRED", "car_occupancy"))
    names = ("days_per_week", "telework_days_per_week")
    if all(name in record for name in names) and sum(record[name] for name in names) > 7 + 1e-9:
        found.append(("E_INCONSISTENT", names[0]))
    if shares and _off(shares):
        found.append(("E_INCONSISTENT", "mode_shares"))
    return found


def _lease(oracle: "Oracle", record: Row) -> list[Finding]:
    found = [("E_BOUNDARY", "consolidation_approach")] if belongs_elsewhere(record) else []
    dates = _first(record, ("lease_start_date", "lease_end_date"))
    if dates is None:
        return found
    months = record.get("months_in_year")
    if not dates_in_order(record) or (months is not None and abs(months - months_of_dates(record)) > 0.09 + 1e-9):
        found.append(("E_INCONSISTENT", dates))
    return found


def _processing(oracle: "Oracle", record: Row) -> list[Finding]:
    if not record.get("waste_kg_per_unit", 0) > 0:
        return []
    return [("E_REQUIRED", name) for name in ("waste_type", "disposal_method") if name not in record]


def _use(oracle: "Oracle", record: Row) -> list[Finding]:
    has = record.keys()
    found = []
    if {"vehicle_type", "efficiency_kwh_per_km"} <= has:
        found.append(("E_INCONSISTENT", "efficiency_kwh_per_km"))
    if {"vehicle_type", "fuel_amount_per_year"} <= has:
        found.append(("E_INCONSISTENT", "vehicle_type"))
    if "use_region_mix" in has and _off(record["use_region_mix"]):
        found.append(("E_INCONSISTENT", "use_region_mix"))
    return found


def _end_of_life(oracle: "Oracle", record: Row) -> list[Finding]:
    names = ("landfill_share", "recycling_share", "incineration_share", "composting_share")
    first = _first(record, names)
    return [("E_INCONSISTENT", first)] if first is not None and _off({name: record.get(name, 0.0) for name in names}) else []


def _franchise(oracle: "Oracle", record: Row) -> list[Finding]:
    found = [("E_BOUNDARY", "operational_control")] if record.get("operational_control") == "franchisor" else []
    if "locations_by_region" in record and sum(record["locations_by_region"].values()) != record["franchise_count"]:
        found.append(("E_INCONSISTENT", "locations_by_region"))
    return found


def _investment(oracle: "Oracle", record: Row) -> list[Finding]:
    names = ("total_equity", "total_debt")
    nothing = all(name in record for name in names) and record[names[0]] + record[names[1]] == 0
    return [("E_RANGE", names[0])] if nothing else []


_RULES: dict[int, Any] = {
    3: _energy_type,
    4: _transport,
    5: _waste,
    7: _commute,
    8: _lease,
    9: _transport,
    10: _processing,
    11: _use,
    12: _end_of_life,
    13: _lease,
    14: _franchise,
    15: _investment,
}
