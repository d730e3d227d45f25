"""Category 7, employee commuting: examples by hand, each method and warning, and what is refused."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.records import make_factor, make_record


def _factors(key, unit, **values):
    return [make_factor("travel_land", key, boundary, value, unit) for boundary, value in values.items()]


# Published figures of the United Kingdom for 2025.
_LAND = [
    *_factors("car_petrol", "vehicle_km", ttw=0.16272, wtt=0.04599),
    *_factors("car_unknown", "vehicle_km", ttw=0.16725, wtt=0.04399),
    *_factors("bus", "passenger_km", ttw=0.10385, wtt=0.02649),
    *_factors("train", "passenger_km", ttw=0.03546, wtt=0.00897),
    *_factors("subway", "passenger_km", ttw=0.0278, wtt=0.00728),
    *_factors("light_rail", "passenger_km", ttw=0.0286, wtt=0.00749),
    *_factors("bicycle", "passenger_km", ttw=0, wtt=0),
]
_HOME = make_factor("telework", "homeworking", "direct", 0.33378, "fte_hour")
_ALL = [*_LAND, _HOME]
# The illustrative factors of the examples in the Technical Guidance.
_PRINTED = [*_factors("train", "passenger_km", ttw=0.1), *_factors("car_unknown", "vehicle_km", ttw=0.2)]
_PRINTED += [*_factors("walk", "passenger_km", ttw=0), *_factors("bus", "passenger_km", ttw=0.1)]

_OWN = "emission_factor_kg_co2e_per_km"
# Distance .10 and frequency .05.
_ACTIVITY = 1.01 * 1.0025


def _without_commute(**fields):
    return make_record(7, **{"commute_mode": None, "distance_km": None, "days_per_week": None, **fields})


def _average(**fields):
    """Returns a workforce of 100 with a commute of 10 km by bus, on 200 days."""
    mean = {"total_employees": 100, "average_commute_km": 10, "working_days_per_year": 200, "mode_shares": {"bus": 1}}
    return _without_commute(**{**mean, **fields})


def test_three_employees_and_their_profiles():
    # Example [7.1] of the GHG Protocol's Technical Guidance (2013), category 7, distance-based method: by rail
    # (10 * 2 * 5 + 10 * 2 * 4) * 48 = 8,640 km * 0.1, by car (15 * 2 * 1 + 20 * 2 * 5) * 48 = 11,040 km * 0.2; 3,072 kg.
    profiles = [("train", 10, 5), ("train", 10, 4), ("car_unknown", 15, 1), ("car_unknown", 20, 5)]
    records = [make_record(7, commute_mode=mode, distance_km=km, days_per_week=days) for mode, km, days in profiles]
    assert math.fsum(result_of(record, _PRINTED)["kg_co2e"] for record in records) == pytest.approx(3_072)


def test_a_workforce_by_statistics():
    # Example [7.2] of the same, average-data method: 10,000 employees on 235 days, 50 % by rail 10 km at 0.1, 30 % by car 15 km
    # at 0.2, 15 % on foot, 5 % by bus 5 km at 0.1: 2,350,000 + 4,230,000 + 0 + 117,500 = 6,697,500 kg.
    groups = [(5000, "train", 10), (3000, "car_unknown", 15), (1500, "walk", 1), (500, "bus", 5)]
    each = [
        _average(total_employees=people, average_commute_km=km, working_days_per_year=235, mode_shares={mode: 1})
        for people, mode, km in groups
    ]
    assert math.fsum(result_of(record, _PRINTED)["kg_co2e"] for record in each) == pytest.approx(6_697_500)


def test_a_commute_is_both_ways_on_each_day_of_each_week():
    # 2 * 15 km * 5 days * 48 weeks = 7,200 km * (0.16272 + 0.04599).
    result = result_of(make_record(7), _ALL)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(1_171.584), pytest.approx(331.128))
    assert result["kg_co2e"] == pytest.approx(1_502.712)
    assert (result["method"], result["tier"], result["dqi_score"]) == ("detailed_commute_data", 2, 60.0)
    assert (result["warnings"], result["telework_kg_co2e"]) == ([], None)
    assert result["cv"] == pytest.approx(math.sqrt(_ACTIVITY * 1.0225 - 1))


def test_weeks_and_employees_multiply_it():
    # 2 * 15 km * 5 days * 40 weeks * 3 employees = 18,000 km.
    result = result_of(make_record(7, weeks_per_year=40, num_employees=3), _ALL)
    assert result["kg_co2e"] == pytest.approx(18_000 * 0.20871)


def test_people_in_a_car_share_it_and_those_in_a_bus_have_a_seat():
    assert result_of(make_record(7, car_occupancy=2), _ALL)["kg_co2e"] == pytest.approx(751.356)
    assert result_of(make_record(7, commute_mode="bus", car_occupancy=2), _ALL)["kg_co2e"] == pytest.approx(7200 * 0.13034)


def test_a_carpool_is_a_car_of_unknown_fuel():
    # 7,200 km / 2.5 * (0.16725 + 0.04399).
    result = result_of(make_record(7, commute_mode="Carpool", car_occupancy=2.5), _ALL)
    assert result["kg_co2e"] == pytest.approx(608.3712)


@pytest.mark.parametrize(
    ("given", "key"), [("Tram", "light_rail"), ("metro", "subway"), ("Underground", "subway"), ("rental car", "car_unknown")]
)
def test_older_names_of_modes_are_understood(given, key):
    assert result_of(make_record(7, commute_mode=given), _ALL)["factor_ids"][0].startswith(f"travel_land:{key}@")


def test_a_bicycle_emits_nothing():
    result = result_of(make_record(7, commute_mode="bike"), _ALL)
    assert (result["kg_co2e"], result["std_kg"], result["p95_kg"], result["cv"]) == (0.0, 0.0, 0.0, None)


def test_more_than_five_days_are_told():
    assert codes_of(result_of(make_record(7, days_per_week=5.5), _ALL)) == ["W_DAYS_GT_5"]


def test_a_factor_of_the_record_with_its_cv():
    # 7,200 km * 0.1 kg tank-to-wheel, and the rest from the loaded row; cv .20 as stated, .10 where it is not.
    result = result_of(make_record(7, **{_OWN: 0.1, "emission_factor_cv": 0.2}), _ALL)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(720), pytest.approx(331.128))
    assert (result["factor_ids"][0], result["factor_values"][0]) == (f"record:{_OWN}", 0.1)
    assert (result["dqi_score"], result["cv"]) == (76.0, pytest.approx(math.sqrt(_ACTIVITY * 1.04 - 1)))
    stated = result_of(make_record(7, **{_OWN: 0.1, "emission_factor_cv": 0.392}), _ALL, uncertainty_input="halfwidth95")
    assert stated["cv"] == pytest.approx(result["cv"])
    assert result_of(make_record(7, **{_OWN: 0.1}), _ALL)["cv"] == pytest.approx(math.sqrt(_ACTIVITY * 1.01 - 1))


def test_a_well_to_wheel_factor_of_the_record_is_all_there_is():
    result = result_of(make_record(7, commute_mode="carpool", car_occupancy=2, ef_boundary="wtw", **{_OWN: 0.2}))
    assert (result["kg_co2e"], result["kg_co2e_upstream"], result["warnings"]) == (pytest.approx(720), 0.0, [])
    assert result["factor_units"] == ["vehicle_km"]


def test_a_missing_upstream_row_is_told():
    assert result_of(make_record(7, **{_OWN: 0.1}))["warnings"] == ["W_NO_UPSTREAM key=car_petrol"]
    rows = [row for row in _LAND if row["boundary"] == "ttw"]
    assert result_of(make_record(7), rows)["warnings"] == ["W_NO_UPSTREAM key=car_petrol"]
    assert "W_NO_UPSTREAM key=bus" in result_of(_average(), rows)["warnings"]


def test_work_at_home_beside_a_commute():
    # 2 * 15 km * 3 days * 48 weeks = 4,320 km * 0.20871 = 901.6272 kg; 2 days * 48 weeks * 8 h = 768 h * 0.33378 = 256.34304 kg.
    result = result_of(make_record(7, days_per_week=3, telework_days_per_week=2), _ALL)
    assert result["kg_co2e"] == pytest.approx(901.6272 + 256.34304)
    assert result["telework_kg_co2e"] == pytest.approx(256.34304)
    # Each with its own activity: distance and frequency, .15; and .10, .30.
    variance = 901.6272**2 * (_ACTIVITY * 1.0225 - 1) + 256.34304**2 * (1.01 * 1.09 - 1)
    assert result["std_kg"] == pytest.approx(math.sqrt(variance))


def test_work_at_home_alone():
    # 10 employees * 2 days * 46 weeks * 7.5 h = 6,900 h * 0.33378.
    record = _without_commute(telework_days_per_week=2, num_employees=10, weeks_per_year=46, hours_per_day=7.5)
    result = result_of(record, _ALL)
    assert (result["method"], result["tier"]) == ("telework_energy", 2)
    assert result["kg_co2e"] == result["telework_kg_co2e"] == pytest.approx(2_303.082)
    assert result["cv"] == pytest.approx(math.sqrt(1.01 * 1.09 - 1))


def test_no_days_at_home_are_days_too():
    result = result_of(make_record(7, telework_days_per_week=0), _ALL)
    assert (result["kg_co2e"], result["telework_kg_co2e"]) == (pytest.approx(1_502.712), 0.0)
    assert result["cv"] == pytest.approx(math.sqrt(_ACTIVITY * 1.0225 - 1))


@pytest.mark.parametrize("left", ["average_commute_km", "mode_shares"])
def test_work_at_home_never_stands_for_a_commute(left):
    # 100 * 2 * 10 km * 200 days * 0.13034: the mean commute of a workforce counts, with its hours at home or without.
    result = result_of(_average(telework_days_per_week=2), _ALL)
    assert (result["method"], result["kg_co2e"]) == ("aggregate_average", pytest.approx(52_136))
    assert refusal_of(_average(telework_days_per_week=2, total_employees=None, **{left: None}), _ALL)["code"] == "E_NO_TIER"
    letter = refusal_of(_without_commute(telework_days_per_week=2, commute_mode="bus"), _ALL)
    assert (letter["code"], letter["attempted_methods"]) == ("E_NO_TIER", [])


def test_averages_of_a_workforce():
    # 100 * 2 * 12 km * 240 days * 80 % = 460,800 km * 0.20871.
    record = _average(average_commute_km=12, working_days_per_year=None, wfh_share=0.2, mode_shares={"car_petrol": 1})
    result = result_of(record, _ALL)
    assert (result["method"], result["tier"], result["dqi_score"]) == ("aggregate_average", 3, 40.0)
    assert result["kg_co2e"] == pytest.approx(96_173.568)
    assert codes_of(result) == ["W_AGGREGATE", "W_LOW_DQI"]
    assert result["cv"] == pytest.approx(math.sqrt(1.04 * 1.09 - 1))


def test_each_mode_is_a_term_of_its_own():
    # 400,000 km: half by bus, half by train.
    result = result_of(_average(mode_shares={"bus": 0.5, "train": 0.5}), _ALL)
    bus, train = 200_000 * 0.13034, 200_000 * 0.04443
    assert result["kg_co2e"] == pytest.approx(bus + train)
    shared = 0.09 * (bus**2 + train**2)
    assert result["std_kg"] == pytest.approx(math.sqrt(shared + 0.04 * ((bus + train) ** 2 + shared)))


def test_only_the_share_of_the_carpool_is_divided_by_its_people():
    # 400,000 km: a quarter in carpools of 2, 50,000 km of a car; three quarters by car alone, 300,000 km. Both on one factor.
    result = result_of(_average(mode_shares={"carpool": 0.25, "car_unknown": 0.75}, car_occupancy=2), _ALL)
    assert result["kg_co2e"] == pytest.approx(350_000 * 0.21124)
    assert result["factor_kg_co2e"] == [pytest.approx(350_000 * 0.21124), 0.0]
    assert result["cv"] == pytest.approx(math.sqrt(1.04 * 1.09 - 1))


def test_shares_that_are_nearly_whole_are_made_up_to_one():
    result = result_of(_average(mode_shares={"bus": 0.5, "train": 0.495}), _ALL)
    assert result["kg_co2e"] == pytest.approx(400_000 * (0.5 * 0.13034 + 0.495 * 0.04443) / 0.995)
    assert "W_SHARES_RENORMALISED sum=0.995" in result["warnings"]


def test_names_of_one_mode_are_added():
    result = result_of(_average(mode_shares={"metro": 0.3, "underground": 0.2, "bike": 0.5}), _ALL)
    assert result["kg_co2e"] == pytest.approx(200_000 * 0.03508)
    assert "W_SHARES_RENORMALISED" not in codes_of(result)


def test_a_mode_that_no_one_uses_needs_neither_factor_nor_people():
    result = result_of(_average(mode_shares={"bus": 1, "coach": 0, "carpool": 0}), _ALL)
    assert result["kg_co2e"] == pytest.approx(52_136)


def test_a_workforce_at_home_does_not_commute():
    assert result_of(_average(wfh_share=1), _ALL)["kg_co2e"] == 0.0


def test_a_commute_without_a_factor_falls_back_on_averages():
    result = result_of({**_average(), "commute_mode": "coach", "distance_km": 5, "days_per_week": 5}, _ALL)
    assert (result["method"], result["kg_co2e"]) == ("aggregate_average", pytest.approx(52_136))
    assert "W_TIER_FALLBACK from=detailed_commute_data reason=E_NO_FACTOR" in result["warnings"]


def test_factors_from_abroad_are_told():
    result = result_of(make_record(7, region="DE"), _ALL)
    assert result["warnings"] == ["W_FOREIGN_PROXY from=DE to=GB"]
    assert refusal_of(make_record(7, region="DE"), _ALL, foreign_proxy={})["field"] == "commute_mode"


@pytest.mark.parametrize(
    ("fields", "code", "field", "value", "words"),
    [
        ({"days_per_week": 8}, "E_RANGE", "days_per_week", "8", "<= 7"),
        ({"days_per_week": 0}, "E_RANGE", "days_per_week", "0", "> 0"),
        ({"distance_km": 0}, "E_RANGE", "distance_km", "0", "> 0"),
        ({"weeks_per_year": 54}, "E_RANGE", "weeks_per_year", "54", "<= 53"),
        ({"car_occupancy": 0.5}, "E_RANGE", "car_occupancy", "0.5", ">= 1"),
        ({"telework_days_per_week": -1}, "E_RANGE", "telework_days_per_week", "-1", ">= 0"),
        ({"hours_per_day": 25}, "E_RANGE", "hours_per_day", "25", "<= 24"),
        ({"emission_factor_cv": 20}, "E_RANGE", "emission_factor_cv", "20", "did you mean 0.2?"),
        ({"wfh_share": 30}, "E_RANGE", "wfh_share", "30", "did you mean 0.3?"),
        ({"working_days_per_year": 367}, "E_RANGE", "working_days_per_year", "367", "<= 366"),
        ({"num_employees": 2.5}, "E_TYPE", "num_employees", "2.5", "whole number"),
        ({"mode_shares": "bus"}, "E_TYPE", "mode_shares", "bus", "not values by key"),
        ({"mode_shares": {"bus": "half"}}, "E_TYPE", "mode_shares.bus", "half", "decimal point"),
        ({"mode_shares": {"bus": 60, "train": 40}}, "E_RANGE", "mode_shares.bus", "60", "did you mean 0.6?"),
        ({"mode_shares": {"bike": 0.6, "bicycle": 0.6}}, "E_RANGE", "mode_shares.bicycle", "1.2", "<= 1"),
        ({"mode_shares": {"bus": 1, "plane": 0}}, "E_ENUM", "mode_shares", None, "'plane'"),
        ({"mode_shares": {"bus": 0.5, "train": 0.3}}, "E_INCONSISTENT", "mode_shares", None, "adds up to 0.8"),
        ({"mode_shares": {"bus": 0}}, "E_INCONSISTENT", "mode_shares", None, "adds up to 0"),
        ({"commute_mode": "taxi"}, "E_ENUM", "commute_mode", "taxi", "not in its list"),
        ({"commute_mode": "carpool"}, "E_REQUIRED", "car_occupancy", None, "give the number of people in the car"),
        ({"mode_shares": {"carpool": 0.1, "bus": 0.9}}, "E_REQUIRED", "car_occupancy", None, "give the number of people in the car"),
        ({"telework_days_per_week": 3}, "E_INCONSISTENT", "days_per_week", "5.0", "add up to 8, and a week has 7 days; correct one"),
        ({"commute_mode": "coach"}, "E_NO_FACTOR", "commute_mode", "coach", "--factors"),
        ({"days_per_week": None}, "E_NO_TIER", None, None, "give commute_mode, distance_km and days_per_week; or telework"),
    ],
)
def test_refusals(fields, code, field, value, words):
    letter = refusal_of(make_record(7, **fields), _ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert value is None or letter["value"] == value
    assert words in letter["message"]


def test_what_has_no_factor_is_named_by_the_field_that_asks_for_it():
    letter = refusal_of(make_record(7, days_per_week=3, telework_days_per_week=2), _LAND)
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "telework_days_per_week")
    assert "--factors" in letter["message"]
    letter = refusal_of(_average(mode_shares={"bus": 0.5, "coach": 0.5}), _ALL)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_NO_FACTOR", "mode_shares", "coach")


def test_a_row_in_another_unit_than_its_vehicle_counts_in_is_told_as_such():
    letter = refusal_of(make_record(7), _factors("car_petrol", "passenger_km", ttw=0.1))
    assert (letter["code"], letter["field"]) == ("E_UNIT", "commute_mode")
    # Miles are another unit of the same.
    per_mile = _factors("car_petrol", "vehicle_mi", ttw=0.1609344, wtt=0)
    assert result_of(make_record(7), per_mile)["kg_co2e"] == pytest.approx(720)
