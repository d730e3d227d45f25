"""The two judges on records of leased assets and franchises: the gate, dates and months of a lease, and outlets by region."""

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
# At the borders of a year and of the tolerance of .09 of a year, of both calendars, and no dates at all.
_dates = st.sampled_from(
    [None, None, "2025-01-01", "2025-04-01", "2025-12-31", "2024-02-29", "2026-01-01", " 2025-07-01 ", "2025-02-29", "1.7.2025", 20250701]
)
_months = st.sampled_from([None, None, 1, "3", 6, 7, 7.1, 9, 10.1, 12, 12.5, 0, "half"])
_shares = st.sampled_from([None, None, 0.3, 1, "0.5", 0, 30, "x"])

_lease = {
    "activity_year": st.sampled_from([2025, 2025, 2024, "2023"]),
    "consolidation_approach": st.sampled_from([None, "operational_control", "Financial Control", "equity-share", "control"]),
    "lease_kind": st.sampled_from([None, "operating", "Finance", "capital"]),
    "building_type": st.sampled_from([None, "office", "Office building", "castle"]),
    "energy_scope": st.sampled_from([None, "leased_space", "Whole building", "floor"]),
    "lease_start_date": _dates,
    "lease_end_date": _dates,
    "months_in_year": _months,
}
_upstream = st.fixed_dictionaries(
    {**_lease, "share_of_building": _shares}, optional={"lease_type": st.sampled_from(["office", "retail"])}
).map(lambda changes: make_record(8, **changes))
_downstream = st.fixed_dictionaries(
    {**_lease, "leased_share": _shares}, optional={"tenant_energy_kwh": st.sampled_from([1, 1000, "1e3", -1])}
).map(lambda changes: make_record(13, **changes))

_counts = st.sampled_from([0, 1, 3, 5, 10, "7", 7.0, 2.5, -1, None])
_places = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["GB", "uk", "FR", " fr ", "EL", "GLOBAL", "XX"]), _counts, max_size=3),
    st.sampled_from([{"GB": 7, "FR": 3}, {"GB": 5, "uk": 5}, {"GB": 10, "FR": 0}, 3, "GB", [], '{"GB": 10}', '{"GB": 1, "GB": 9}']),
)
_franchises = st.fixed_dictionaries(
    {
        "franchise_count": st.sampled_from([10, 10, "10", 10.0, 5, 0, 2.5, None]),
        "locations_by_region": _places,
        "operational_control": st.sampled_from([None, "franchisee", "Shared", "franchisor", "nobody"]),
        "franchise_type": st.sampled_from([None, "qsr", "Coffee shop", "bakery"]),
    },
    optional={
        "revenue_usd": st.sampled_from([5, 6]),
        "revenue_amount": st.just(5),
        "revenue_currency": st.sampled_from(["USD", "eur", "pound"]),
    },
).map(lambda changes: make_record(14, **changes))


def _alone(records):
    """Returns what the scalar judge says; maps as Arrow holds them."""
    verdicts = [judge_record(record, _CONFIG, row) for row, record in enumerate(records)]
    return [replace(said, values=_held(said)) if isinstance(said, Normalised) else said for said in verdicts]


def _held(said):
    fields = {field.name: field for field in fields_of(RECORDS[said.category])}
    return {name: arrow_value(fields[name], value) for name, value in said.values.items()}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(_upstream, _downstream, _franchises), min_size=1, max_size=8))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), _CONFIG) == _alone(as_text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["GB", "UK", "FR", "xx"]), st.integers(-1, 10) | st.none(), max_size=3), min_size=1, max_size=5
    )
)
def test_typed_maps_get_the_verdict_that_each_record_gets_alone(maps):
    records = [make_record(14, locations_by_region=list(entries.items())) for entries in maps]
    columns = {name: pa.array([record[name] for record in records]) for name in make_record(14)}
    columns["locations_by_region"] = pa.array([list(one.items()) for one in maps], pa.map_(pa.string(), pa.int64()))
    assert _verdicts(columns, len(records), _CONFIG) == _alone(records)


def _finding(record):
    """Returns the code of the first finding, None where there is none."""
    verdict = judge_record(record, _CONFIG)
    return verdict.findings[0].code.value if isinstance(verdict, Refusal) else None


@pytest.mark.parametrize(
    ("months", "found"),
    # 1 April to 31 December are 275 of 365 days, .7534: months of 7.961 to 10.121 are within .09.
    [(7.96, "E_INCONSISTENT"), (7.97, None), (9, None), (10.12, None), (10.13, "E_INCONSISTENT")],
)
def test_months_and_dates_agree_within_nine_hundredths_of_a_year(months, found):
    assert _finding(make_record(8, months_in_year=months, lease_start_date="2025-04-01")) == found
    assert _finding(make_record(13, months_in_year=months, lease_start_date="2025-04-01")) == found


def test_a_difference_of_exactly_the_tolerance_is_none():
    # 15 March to 31 December are 292 of 365 days, .8, and 8.52 / 12 is .71; as doubles they are .09000000000000008 apart.
    assert 0.8 - 8.52 / 12 > 0.09
    assert _finding(make_record(8, months_in_year=8.52, lease_start_date="2025-03-15")) is None


def test_a_lease_of_one_day_begins_before_it_ends():
    assert _finding(make_record(8, lease_start_date="2025-06-01", lease_end_date="2025-06-01")) is None


@pytest.mark.parametrize(
    ("category", "names"),
    [
        (
            8,
            "consolidation_approach lease_kind building_type asset_description asset_id ENERGY energy_scope share_of_building "
            "lessor_s12_kg_co2e floor_area_m2 lease_start_date lease_end_date months_in_year asset_key asset_count grid_region",
        ),
        (
            13,
            "consolidation_approach lease_kind asset_id asset_description building_type tenant_s12_kg_co2e ENERGY energy_scope "
            "leased_share floor_area_m2 lease_start_date lease_end_date months_in_year asset_key asset_count",
        ),
        (
            14,
            "franchise_id franchise_name franchise_description franchise_type franchise_count operational_control locations_by_region "
            "franchisee_s1_kg_co2e franchisee_s2_kg_co2e ENERGY avg_floor_area_m2 floor_area_m2 revenue_amount revenue_currency "
            "revenue_year sector",
        ),
    ],
)
def test_fields_stand_in_the_order_of_the_specification(category, names):
    block = (
        "electricity_kwh natural_gas_kwh heating_kwh cooling_kwh fuel_oil_litres gas_oil_litres other_fuels refrigerant_leak_kg "
        "process_kg_co2e"
    )
    assert [field.name for field in fields_of(RECORDS[category])][6:] == names.replace("ENERGY", block).split()


@pytest.mark.parametrize(
    "record",
    [
        make_record(8, lease_kind="finance"),
        make_record(13, consolidation_approach="equity_share"),
        make_record(8, lease_start_date="2025-06-02", lease_end_date="2025-06-01"),
        make_record(13, months_in_year=6, lease_start_date="2025-04-01"),
        make_record(13, months_in_year=6, lease_end_date="2025-04-01"),
        make_record(14, operational_control="franchisor"),
        make_record(14, operational_control="franchisor", locations_by_region={"GB": 7, "FR": 3}),
        make_record(14, locations_by_region={"GB": 7}),
        make_record(14, locations_by_region={"GB": 7, "FR": 4}),
    ],
)
def test_a_contradiction_is_found_in_columns_too(record):
    fine = make_record(record["category"])
    columns = {name: pa.array([fine.get(name), record[name], fine.get(name)]) for name in record}
    before, found, after = _verdicts(columns, 3, _CONFIG)
    assert found == judge_record(record, _CONFIG, 1)
    assert isinstance(found, Refusal) and isinstance(before, Normalised) and isinstance(after, Normalised)


def test_only_a_record_that_may_contradict_itself_is_looked_at_alone(monkeypatch):
    seen = []
    monkeypatch.setattr("schemas.columnar.judge_record", lambda record, config, row: seen.append(row) or judge_record(record, config, row))
    records = [
        make_record(8, lease_start_date="2025-04-01"),
        make_record(8, lease_kind=None),
        make_record(8, lease_kind="finance"),
        make_record(14, locations_by_region={"GB": 7, "FR": 3}),
        make_record(14, locations_by_region={"GB": 7}),
        make_record(13, months_in_year=9),
    ]
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    assert len(_verdicts(columns, len(records), _CONFIG)) == len(records)
    assert sorted(seen) == [2, 4]
