"""Category 7, employee commuting, and work at home where its fields are given.

    1 detailed   direct = 2 * distance_km * days_per_week * weeks_per_year * num_employees * EF[travel_land, mode, ttw] / k
                          + telework
    2 telework   direct = num_employees * telework_days_per_week * weeks_per_year * hours_per_day * EF[telework, homeworking]
    3 averages   direct = total_employees * 2 * average_commute_km * working_days_per_year * (1 - wfh_share)
                          * sum(share * EF[travel_land, mode, ttw])

Method 2 is for records without any field of a commute, be it measured or a mean; method 3 has no telework in it. k is
car_occupancy of what counts vehicle_km, else 1; a carpool is a car_unknown, and its share is divided by car_occupancy.
The total is direct and upstream, the same with EF[.., wtt].
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 7, distance-based and
average-data methods; calculation specification, 14.7.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import METHODS, Method
from schemas.records.batch import Fields
from schemas.records.shares import EXACT, share_sums
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.footprint import given_cv
from transforms.calculation.land_travel import counts_vehicles, land_term, own_land_term
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Failure, Term, factor_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved

_DETAILED, _TELEWORK, _AVERAGE = METHODS[7]

# Fields of a commute.
_COMMUTE = ("commute_mode", "distance_km", "days_per_week")
_MEAN_COMMUTE = ("average_commute_km", "mode_shares")

_WEEKS, _HOURS, _WORKING_DAYS, _FULL_WEEK = 48.0, 8.0, 240.0, 5.0
_FREQUENCY_CV = 0.05

# An own factor of the commute.
_OWN = "emission_factor_kg_co2e_per_km"
_OWN_CV, _OWN_DQI = 0.10, 76.0


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    detailed = np.logical_and.reduce([fields.given(name) for name in _COMMUTE])
    # A commute goes before telework: it must never be left out for it, be it that of one or the mean of many.
    commuting = np.logical_or.reduce([fields.given(name) for name in (*_COMMUTE, *_MEAN_COMMUTE)])
    at_home = fields.given("telework_days_per_week")
    return [
        _detailed(resolver, terms, fields, detailed, at_home, config),
        _telework_only(resolver, terms, fields, at_home & ~commuting),
        _averages(resolver, terms, fields),
    ], np.zeros(fields.rows, bool)


def _or(values: Floats, default: float) -> Floats:
    return np.where(np.isnan(values), default, values)


def _vehicles(modes: pa.Array) -> pa.Array:
    """Returns what modes are as vehicles: a carpool is a car."""
    return pc.if_else(pc.equal(modes, "carpool"), "car_unknown", modes)


def _detailed(resolver: Resolver, terms: Terms, fields: Fields, complete: Bools, at_home: Bools, config: Config) -> Attempt:
    vehicle = _vehicles(fields.texts("commute_mode"))
    own = complete & fields.given(_OWN)
    region, year = fields.texts("region"), fields.integers("activity_year")
    whole = pc.fill_null(pc.equal(fields.texts("ef_boundary"), "wtw"), False)

    def loaded(vehicle: str, region: str, year: int) -> Term:
        return land_term(resolver, _DETAILED, vehicle, region, year, "commute_mode")

    def given(vehicle: str, region: str, year: int, whole: bool) -> Term:
        return own_land_term(resolver, _DETAILED, _OWN, vehicle, region, year, whole=whole, cv=_OWN_CV)._replace(dqi_score=_OWN_DQI)

    term = terms.find("commute", [vehicle, region, year], complete & ~own, loaded)
    term_own = terms.find("commute by own factor", [vehicle, region, year, whole], own, given)
    occupancy = np.where(counts_vehicles(vehicle), _or(fields.numbers("car_occupancy"), 1.0), 1.0)
    weeks, employees = _or(fields.numbers("weeks_per_year"), _WEEKS), _or(fields.numbers("num_employees"), 1.0)
    travelled = 2.0 * fields.numbers("distance_km") * fields.numbers("days_per_week") * weeks * employees / occupancy
    # Distance and frequency multiply all there is; beside telework they are those of the commute alone.
    activity_cv = np.sqrt((1 + _DETAILED.activity_cv**2) * (1 + _FREQUENCY_CV**2) - 1)
    rows = np.flatnonzero(complete)
    both = at_home[rows]
    commute = Parts(
        rows,
        np.where(own, term_own, term)[rows],
        travelled[rows],
        np.where(both, activity_cv, 0.0),
        np.full(len(rows), -1),
        np.where(own, fields.numbers(_OWN), np.nan)[rows],
        np.where(own, given_cv(fields, "emission_factor_cv", config), np.nan)[rows],
    )
    parts = Parts.join([commute, _at_home(resolver, terms, fields, _DETAILED, complete & at_home)])
    many = said("W_DAYS_GT_5", fields.numbers("days_per_week") > _FULL_WEEK)
    return Attempt(_DETAILED, complete, np.where(at_home, 0.0, activity_cv), parts=parts, said=[many])


def _homeworking(resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools) -> tuple[np.ndarray, Floats]:
    """Returns the terms of an hour of work at home, int64[n], and the hours, float64[n]."""

    def make(region: str, year: int) -> Term:
        found = resolver.resolve("telework", "homeworking", "direct", region, year, unit="fte_hour")
        if isinstance(found, Unresolved):
            field = "telework_days_per_week"
            return Term(failure=Failure(found.code, field, None, f"{field}: {found.detail}; load a factor with --factors"))
        return factor_term(found, method, memo={"telework_kg_co2e": found.value}, default_cv=_TELEWORK.factor_cv)

    term = terms.find(f"telework in {method.label}", [fields.texts("region"), fields.integers("activity_year")], complete, make)
    weeks, employees = _or(fields.numbers("weeks_per_year"), _WEEKS), _or(fields.numbers("num_employees"), 1.0)
    hours = employees * fields.numbers("telework_days_per_week") * weeks * _or(fields.numbers("hours_per_day"), _HOURS)
    return term, hours


def _at_home(resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools) -> Parts:
    term, hours = _homeworking(resolver, terms, fields, method, complete)
    rows = np.flatnonzero(complete)
    return Parts(rows, term[rows], hours[rows], np.full(len(rows), _TELEWORK.activity_cv), np.full(len(rows), -1))


def _telework_only(resolver: Resolver, terms: Terms, fields: Fields, complete: Bools) -> Attempt:
    term, hours = _homeworking(resolver, terms, fields, _TELEWORK, complete)
    return Attempt(_TELEWORK, complete, np.full(fields.rows, _TELEWORK.activity_cv), term, hours)


def _averages(resolver: Resolver, terms: Terms, fields: Fields) -> Attempt:
    complete = fields.given("total_employees") & fields.given("average_commute_km") & fields.given("mode_shares")
    days = _or(fields.numbers("working_days_per_year"), _WORKING_DAYS) * (1 - np.nan_to_num(fields.numbers("wfh_share")))
    travelled = fields.numbers("total_employees") * 2.0 * fields.numbers("average_commute_km") * days
    shares = fields.elements("mode_shares", np.flatnonzero(complete))
    mode, share, sums = shares.fields.texts("key"), shares.fields.numbers("value"), share_sums(fields, "mode_shares")
    used = share > 0
    pooled = pc.equal(mode, "carpool").to_numpy(zero_copy_only=False)
    km = travelled[shares.row] * share / sums[shares.row] / np.where(pooled, fields.numbers("car_occupancy")[shares.row], 1.0)
    at = pa.array(shares.row)

    def make(vehicle: str, region: str, year: int) -> Term:
        return land_term(resolver, _AVERAGE, vehicle, region, year, "mode_shares")

    columns = [_vehicles(mode), fields.texts("region").take(at), fields.integers("activity_year").take(at)]
    term = terms.find("mode of commuting", columns, used, make)
    row = shares.row[used]
    parts = Parts(row, term[used], km[used], np.zeros(len(row)), np.full(len(row), -1))
    told = [
        said("W_AGGREGATE", complete),
        said_value("W_SHARES_RENORMALISED sum=", sums, np.abs(np.nan_to_num(sums, nan=1.0) - 1) > EXACT),
    ]
    return Attempt(_AVERAGE, complete, np.full(fields.rows, _AVERAGE.activity_cv), parts=parts, said=told)
