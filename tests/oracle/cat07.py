"""Category 7, employee commuting [14.7]."""

import math
from typing import TYPE_CHECKING

from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.travel import on_land, unit_of, upstream_on_land
from tests.oracle.values import Row
from tests.oracle.waste import normalised

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

_COMMUTE = ("commute_mode", "distance_km", "days_per_week")
_CVS = (0.10, 0.05)


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    telework = "telework_days_per_week" in has and not {*_COMMUTE, "average_commute_km", "mode_shares"} & has
    return [
        ("detailed_commute_data", set(_COMMUTE) <= has, lambda: _detailed(oracle, record)),
        ("telework_energy", telework, lambda: _telework_only(oracle, record)),
        ("aggregate_average", {"total_employees", "average_commute_km", "mode_shares"} <= has, lambda: _aggregate(oracle, record)),
    ]


def _vehicle(mode: str) -> str:
    return "car_unknown" if mode == "carpool" else mode


def _detailed(oracle: "Oracle", record: Row) -> Outcome:
    method, own, mode = "detailed_commute_data", "emission_factor_kg_co2e_per_km", record["commute_mode"]
    vehicle, name = _vehicle(mode), "commute_mode"
    travelled = 2 * record["distance_km"] * record["days_per_week"] * record.get("weeks_per_year", 48) * record.get("num_employees", 1)
    if unit_of(vehicle) == "vehicle_km":
        travelled /= record.get("car_occupancy", 1)

    def commute() -> Term:
        if own not in record:
            found = on_land(oracle, record, vehicle, name)
            return row_term(method, found, travelled * found.value, travelled * found.use("wtt"))
        cv = oracle.given_cv(record, "emission_factor_cv", 0.10)
        whole = record.get("ef_boundary", "ttw") == "wtw"
        beside = None if whole else upstream_on_land(oracle, record, vehicle, name)
        upstream = 0.0 if beside is None else travelled * beside.value
        term = given_term(method, own, record[own], unit_of(vehicle), travelled * record[own], upstream, cv=cv, quality=76, beside=beside)
        term.warnings |= {"W_NO_UPSTREAM"} if beside is None and not whole else set()
        return term

    works = [commute]
    if "telework_days_per_week" in record:
        works.append(lambda: _telework(oracle, record, method))
    terms = oracle.all_of(record, works)
    warnings = {"W_DAYS_GT_5"} if record["days_per_week"] > 5 else set()
    if len(terms) == 1:
        return Outcome(terms, _CVS, warnings, upstream_counts=True)
    # Two activities: each of its own.
    terms[0].activity_cv = math.sqrt((1 + _CVS[0] ** 2) * (1 + _CVS[1] ** 2) - 1)
    return Outcome(terms, (), warnings, upstream_counts=True)


def _telework(oracle: "Oracle", record: Row, method: str) -> Term:
    name = "telework_days_per_week"
    found = oracle.find("telework", ("direct",), "homeworking", record, "fte_hour", name)
    hours = record.get("num_employees", 1) * record[name] * record.get("weeks_per_year", 48) * record.get("hours_per_day", 8)
    kg = hours * found.value
    return row_term(method, found, kg, default_cv=0.30, activity_cv=0.10, memo={"telework_kg_co2e": kg})


def _telework_only(oracle: "Oracle", record: Row) -> Outcome:
    return Outcome([_telework(oracle, record, "telework_energy")], upstream_counts=True)


def _aggregate(oracle: "Oracle", record: Row) -> Outcome:
    method = "aggregate_average"
    days = record.get("working_days_per_year", 240) * (1 - record.get("wfh_share", 0.0))
    travelled = record["total_employees"] * 2 * record["average_commute_km"] * days
    shares, told = normalised(record["mode_shares"])
    assert shares is not None

    def mode_term(mode: str, share: float) -> Term:
        found = on_land(oracle, record, _vehicle(mode), "mode_shares")
        km = travelled * share / (record["car_occupancy"] if mode == "carpool" else 1)
        return row_term(method, found, km * found.value, km * found.use("wtt"))

    works = [lambda mode=mode, share=share: mode_term(mode, share) for mode, share in shares.items() if share]
    return Outcome(oracle.all_of(record, works), (0.20,), told | {"W_AGGREGATE"}, upstream_counts=True)
