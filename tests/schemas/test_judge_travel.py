"""The two judges on records of travel: three lists of legs, a map of shares, and weeks that have seven days."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.findings import Refusal
from schemas.records import RECORDS
from schemas.records.fields import arrow_value, fields_of
from schemas.records.judge import Normalised, judge_record
from tests.records import make_record
from tests.schemas.test_judge import _verdicts

_CONFIG = Config()
_numbers = st.sampled_from([None, None, 1, 2.5, "3", "1e3", 0, -1, "far", True])
_counts = st.sampled_from([None, 1, 2, "2", 2.0, 2.5, 0, "two"])
_booleans = st.sampled_from([None, True, False, "TRUE", " false ", "perhaps", 1])
_regions = st.sampled_from([None, "GB", "uk", " de ", "XX", 7])


def _lists(required, **optional):
    element = st.fixed_dictionaries(required, optional={**optional, "Seat-No": st.just("4A")})
    return st.one_of(st.none(), st.lists(element, max_size=3), st.sampled_from([[], [{}], "LHR-JFK", [3], {"distance_km": 1}]))


_flights = _lists(
    {"distance_km": st.sampled_from([1000, 1000, "5e3", 0, None])},
    cabin_class=st.sampled_from([None, "economy", "Premium economy", "coach"]),
    haul=st.sampled_from([None, "long", " Short ", "medium"]),
    num_passengers=_counts,
    origin_country=_regions,
    destination_country=_regions,
    apply_radiative_forcing=_booleans,
    emission_factor_kg_co2e_per_passenger_km=_numbers,
    ef_includes_rf=_booleans,
    ef_boundary=st.sampled_from([None, "ttw", "WTW", "wtt"]),
)
_hotels = _lists({"nights": _counts, "region": _regions}, rooms=_counts, emission_factor_kg_co2e_per_room_night=_numbers)
_ground = _lists(
    {"vehicle_type": st.sampled_from(["train", "Rental car", "tram", "lorry", None])},
    distance_km=_numbers,
    num_passengers=_counts,
    occupants=_numbers,
    emission_factor_kg_co2e_per_km=_numbers,
    fuel_type=st.sampled_from([None, "Petrol", "gasoil", "peat"]),
    fuel_amount=_numbers,
    fuel_unit=st.sampled_from([None, "l", "barrel", 3]),
)
_trips = st.fixed_dictionaries(
    {"flights": _flights, "hotels": _hotels, "ground_transport": _ground}, optional={"trip_id": st.sampled_from(["T-1", 7, " "])}
).map(lambda changes: make_record(6, **changes))

# At the limit, on both sides of it, and far off.
_days = st.sampled_from([None, 3, 4, 4.5, "5", 7, 3.0000000001, 3.1, 8, 0, "all"])
_shares = st.one_of(
    st.none(),
    st.dictionaries(
        st.sampled_from(["bus", "Bus", "carpool", "Car-Pool", "metro", "underground", "bike", "plane"]),
        st.sampled_from([0.5, 0.5, 0.25, 1, "0.5", 0, 0.49, 0.489, 50, -0.1, "half", None]),
        max_size=3,
    ),
    st.sampled_from(
        [{"bus": 1}, {"carpool": 1.0}, {"bus": 0.51, "train": 0.5}, {"bus": 0.52, "train": 0.5}, {}, "bus", [], 3, '{"bus": 1, "bus": 0}']
    ),
)
_commutes = st.fixed_dictionaries(
    {
        "commute_mode": st.sampled_from([None, "bus", "Carpool", "Tram", "taxi"]),
        "days_per_week": _days,
        "telework_days_per_week": _days,
        "car_occupancy": st.sampled_from([None, None, 2, "2.5", 0.5]),
        "mode_shares": _shares,
    },
    optional={
        "num_employees": _counts,
        "emission_factor_cv": st.sampled_from([0.2, 20]),
        "ef_boundary": st.sampled_from(["ttw", "Wtw", "x"]),
        "total_employees": _counts,
        "wfh_share": st.sampled_from([0, 0.5, 1, 30]),
    },
).map(lambda changes: make_record(7, **changes))


def _alone(records):
    """Returns what the scalar judge says; lists and maps as Arrow holds them."""
    verdicts = [judge_record(record, _CONFIG, row) for row, record in enumerate(records)]
    return [replace(said, values=_held(said)) if isinstance(said, Normalised) else said for said in verdicts]


def _held(said):
    fields = {field.name: field for field in fields_of(RECORDS[said.category])}
    return {name: arrow_value(fields[name], value) for name, value in said.values.items()}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(_trips, _commutes), min_size=1, max_size=8))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), _CONFIG) == _alone(as_text)


_FLIGHT = pa.struct([("distance_km", pa.float64()), ("num_passengers", pa.int64()), ("cabin_class", pa.string()), ("rf", pa.bool_())])
_HOTEL = pa.struct([("nights", pa.int32()), ("region", pa.string())])
_typed_flights = st.fixed_dictionaries(
    {
        "distance_km": st.sampled_from([1000.0, 0.0, float("nan"), float("inf"), None]),
        "num_passengers": st.sampled_from([1, 0, None]),
        "cabin_class": st.sampled_from(["economy", " First", "coach", None]),
        "rf": st.just(True),
    }
)
_typed_hotels = st.fixed_dictionaries({"nights": st.sampled_from([1, 0, None]), "region": st.sampled_from(["GB", "uk", "", None])})


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.lists(_typed_flights, max_size=3), st.lists(_typed_hotels, max_size=2)), min_size=1, max_size=5))
def test_typed_lists_get_the_verdict_that_each_record_gets_alone(trips):
    records = [make_record(6, flights=flights, hotels=hotels) for flights, hotels in trips]
    columns = {name: pa.array([record[name] for record in records]) for name in make_record(6, flights=None)}
    columns["flights"] = pa.array([flights for flights, _ in trips], pa.list_(_FLIGHT))
    columns["hotels"] = pa.array([hotels for _, hotels in trips], pa.list_(_HOTEL))
    assert _verdicts(columns, len(records), _CONFIG) == _alone(records)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["bus", "Bus", "carpool", "train", "plane"]),
            st.sampled_from([0.5, 0.505, 1.0, 0.0, -0.5, float("nan"), None]),
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_typed_maps_get_the_verdict_that_each_record_gets_alone(maps):
    records = [make_record(7, mode_shares=list(entries.items())) for entries in maps]
    columns = {name: pa.array([record[name] for record in records]) for name in make_record(7)}
    columns["mode_shares"] = pa.array([list(one.items()) for one in maps], pa.map_(pa.string(), pa.float64()))
    assert _verdicts(columns, len(records), _CONFIG) == _alone(records)


@pytest.mark.parametrize(("home", "right"), [(2, True), (2 + 1e-10, True), (2.001, False), (7, False)])
def test_a_week_has_seven_days(home, right):
    assert isinstance(judge_record(make_record(7, telework_days_per_week=home), _CONFIG), Normalised) is right


@pytest.mark.parametrize(("total", "right"), [(0.99, True), (1.01, True), (0.9899, False), (1.0101, False)])
def test_shares_may_miss_the_whole_by_a_hundredth(total, right):
    verdict = judge_record(make_record(7, mode_shares={"bus": 0.5, "train": total - 0.5}), _CONFIG)
    assert isinstance(verdict, Normalised) is right


@pytest.mark.parametrize(
    ("category", "names"),
    [
        (
            6,
            "flights hotels ground_transport spend_amount spend_currency spend_year naics_code price_basis margins trip_id employee_id",
        ),
        (
            7,
            "commute_mode distance_km days_per_week num_employees weeks_per_year car_occupancy emission_factor_kg_co2e_per_km "
            "emission_factor_cv ef_boundary telework_days_per_week hours_per_day total_employees average_commute_km "
            "working_days_per_year wfh_share mode_shares",
        ),
    ],
)
def test_fields_stand_in_the_order_of_the_specification(category, names):
    assert [field.name for field in fields_of(RECORDS[category])][6:] == names.split()


def test_members_of_lists_stand_in_the_order_of_the_specification():
    members = {field.name: " ".join(member.name for member in field.members) for field in fields_of(RECORDS[6]) if field.members}
    assert members == {
        "flights": "distance_km cabin_class num_passengers haul origin_country destination_country apply_radiative_forcing "
        "emission_factor_kg_co2e_per_passenger_km ef_includes_rf ef_boundary",
        "hotels": "nights rooms region emission_factor_kg_co2e_per_room_night",
        "ground_transport": "vehicle_type distance_km num_passengers occupants emission_factor_kg_co2e_per_km fuel_type fuel_amount fuel_unit",
    }


@pytest.mark.parametrize(
    "record",
    [
        make_record(7, telework_days_per_week=3),
        make_record(7, commute_mode="carpool"),
        make_record(7, mode_shares={"carpool": 0.5, "bus": 0.5}),
        make_record(7, mode_shares={"bus": 0.5}),
    ],
)
def test_a_contradiction_is_found_in_columns_too(record):
    fine = make_record(7)
    columns = {name: pa.array([fine.get(name), value, fine.get(name)]) for name, value in record.items() if name != "mode_shares"}
    shares = json.dumps(record["mode_shares"]) if "mode_shares" in record else None
    columns["mode_shares"] = pa.array([None, shares, None], pa.string())
    before, found, after = _verdicts(columns, 3, _CONFIG)
    assert found == judge_record({name: column[1].as_py() for name, column in columns.items()}, _CONFIG, 1)
    assert isinstance(found, Refusal) and isinstance(before, Normalised) and isinstance(after, Normalised)


def test_only_a_record_that_may_contradict_itself_is_looked_at_alone(monkeypatch):
    seen = []
    monkeypatch.setattr("schemas.columnar.judge_record", lambda record, config, row: seen.append(row) or judge_record(record, config, row))
    records = [
        make_record(6),
        make_record(7),
        make_record(7, telework_days_per_week=2),
        make_record(7, telework_days_per_week=3),
        make_record(7, commute_mode="carpool", car_occupancy=2),
        make_record(7, commute_mode="carpool"),
    ]
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    assert len(_verdicts(columns, len(records), _CONFIG)) == len(records)
    assert sorted(seen) == [3, 5]
