"""Category 6, business travel [14.6]."""

from functools import partial
from typing import TYPE_CHECKING

from tests.oracle.energy import fuel
from tests.oracle.factors import Found
from tests.oracle.money import spend_method
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.travel import on_land, unit_of, upstream_on_land
from tests.oracle.values import Cannot, Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

_METHOD = "business_travel_combined"
_LISTS = ("flights", "hotels", "ground_transport")

# Cabins in the order in which they stand in for the first.
_CABINS = {
    "first": ("first", "business", "average"),
    "premium_economy": ("premium_economy", "business", "average"),
    "business": ("business", "average"),
    "economy": ("economy", "average"),
    "average": ("average",),
}


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    ground = all(_is_driven(leg) or _is_fuelled(leg) for leg in record.get("ground_transport", []))
    spend = {"spend_amount", "naics_code"} <= has
    return [
        (_METHOD, bool(set(_LISTS) & has) and ground, lambda: _legs(oracle, record)),
        ("tier_3_spend_based", spend, lambda: spend_method(oracle, record)),
    ]


def _is_driven(leg: Row) -> bool:
    return {"vehicle_type", "distance_km"} <= leg.keys()


def _is_fuelled(leg: Row) -> bool:
    return {"fuel_type", "fuel_amount"} <= leg.keys()


def _legs(oracle: "Oracle", record: Row) -> Outcome:
    kinds = zip(_LISTS, (_flight, _hotel, _ground), strict=True)
    works = [
        partial(work, oracle, record, leg, f"{name}[{place}]") for name, work in kinds for place, leg in enumerate(record.get(name, []))
    ]
    return Outcome(oracle.all_of(record, works), upstream_counts=True)


# --- flights


def _flight(oracle: "Oracle", record: Row, leg: Row, name: str) -> Term:
    travelled, own = leg["distance_km"] * leg.get("num_passengers", 1), "emission_factor_kg_co2e_per_passenger_km"
    if own in leg:
        return _own_flight(oracle, record, leg, name, travelled)
    forced = leg.get("apply_radiative_forcing", oracle.options["rf"] == "with_rf")
    boundary, other = ("ttw_rf", "ttw") if forced else ("ttw", "ttw_rf")
    found = _in_the_air(oracle, record, leg, name, boundary, ("wtt", other))
    found.warnings.add("W_RF_INCLUDED" if forced else "W_RF_EXCLUDED")
    memo = {}
    if other in found.also:
        difference = found.value - found.use(other)
        memo["rf_uplift_kg_co2e"] = travelled * (difference if forced else -difference)
    return row_term(_METHOD, found, travelled * found.value, travelled * found.use("wtt"), activity_cv=0.12, memo=memo)


def _own_flight(oracle: "Oracle", record: Row, leg: Row, name: str, travelled: float) -> Term:
    own = "emission_factor_kg_co2e_per_passenger_km"
    upstream, beside, told = 0.0, None, {"W_RF_INCLUDED" if leg.get("ef_includes_rf") else "W_RF_EXCLUDED"}
    if leg.get("ef_boundary", "ttw") == "ttw":
        try:
            beside = _in_the_air(oracle, record, leg, name, "wtt", ())
            upstream = travelled * beside.value
        except Cannot:
            told |= {"W_NO_UPSTREAM"}
    term = given_term(_METHOD, f"{name}.{own}", leg[own], "passenger_km", travelled * leg[own], upstream, activity_cv=0.12, beside=beside)
    term.warnings |= told
    return term


def _in_the_air(oracle: "Oracle", record: Row, leg: Row, name: str, boundary: str, also: tuple[str, ...]) -> Found:
    haul, derived = leg.get("haul"), "haul" not in leg
    if haul is None:
        home = "origin_country" in leg and leg["origin_country"] == leg.get("destination_country")
        haul = "domestic" if home else "short" if leg["distance_km"] <= 3700 else "long"
    asked = leg.get("cabin_class", "economy")
    failures = []
    for cabin in _CABINS[asked]:
        try:
            found = oracle.find("travel_air", (boundary,), f"{haul}:{cabin}", record, "passenger_km", f"{name}.cabin_class", also=also)
        except Cannot as failure:
            failures.append(failure)
            continue
        found.warnings |= {"W_HAUL_ASSUMED"} if derived else set()
        found.warnings |= {"W_CABIN_FALLBACK"} if cabin != asked and haul != "domestic" else set()
        return found
    raise min(failures, key=lambda failure: failure.code != "E_UNIT")


# --- nights and roads


def _hotel(oracle: "Oracle", record: Row, leg: Row, name: str) -> Term:
    nights, own = leg.get("rooms", 1) * leg["nights"], "emission_factor_kg_co2e_per_room_night"
    if own in leg:
        return given_term(_METHOD, f"{name}.{own}", leg[own], "room_night", nights * leg[own], activity_cv=0.12)
    found = oracle.find("hotel", ("direct",), "stay", record, "room_night", f"{name}.region", region=leg["region"])
    return row_term(_METHOD, found, nights * found.value, activity_cv=0.12)


def _ground(oracle: "Oracle", record: Row, leg: Row, name: str) -> Term:
    if _is_fuelled(leg):
        amount, names = leg["fuel_amount"], (f"{name}.fuel_type", f"{name}.fuel_unit")
        found, direct, upstream, _ = fuel(oracle, record, leg["fuel_type"], leg.get("fuel_unit"), *names)
        return row_term(_METHOD, found, amount * direct, amount * upstream, activity_cv=0.12)
    vehicle, people, own = leg["vehicle_type"], leg.get("num_passengers", 1), "emission_factor_kg_co2e_per_km"
    unit, field = unit_of(vehicle), f"{name}.vehicle_type"
    travelled = leg["distance_km"] * people
    if unit == "vehicle_km":
        travelled /= leg.get("occupants", people)
    if own in leg:
        beside = upstream_on_land(oracle, record, vehicle, field)
        upstream = 0.0 if beside is None else travelled * beside.value
        term = given_term(_METHOD, f"{name}.{own}", leg[own], unit, travelled * leg[own], upstream, activity_cv=0.12, beside=beside)
        term.warnings |= {"W_NO_UPSTREAM"} if beside is None else set()
        return term
    found = on_land(oracle, record, vehicle, field)
    return row_term(_METHOD, found, travelled * found.value, travelled * found.use("wtt"), activity_cv=0.12)
