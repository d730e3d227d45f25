"""The two judges on records of transport: legs and sites in one record, lists and maps of a site, and negative activities."""

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
from tests.categories.shipments import leg, no_leg
from tests.schemas.test_judge import _verdicts

_CONFIGS = [Config(), Config(credit_notes="net")]
_numbers = st.sampled_from([None, None, 0, 1, 2.5, "3", "1e3", -1, 85, "much", True])
_fuels = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "fuel_type": st.sampled_from(["diesel", "Gas oil", "petrol", " ", None]),
            "amount": _numbers,
            "Unit": st.sampled_from(["l", "ton", None, 3]),
            "Note": st.just("x"),
        },
    ),
    max_size=3,
)
_gases = st.dictionaries(st.sampled_from(["hfc_32", "HFC 32", "r_410a", "steam"]), _numbers, max_size=3)

_leg = {
    "transport_mode": st.sampled_from(["road_van", "Road van", "air-cargo", "lorry", None, " "]),
    "vehicle_class": st.sampled_from([None, None, "all_hgv", "Air long", "air", "truck"]),
    "distance_basis": st.sampled_from([None, "GCD", " sfd ", "road"]),
    "haul": st.sampled_from([None, None, "Short", "medium"]),
    "temperature": st.sampled_from([None, "Reefer", "cold"]),
    "ef_boundary": st.sampled_from([None, "WTW", "wtt"]),
    "fuel_type": st.sampled_from([None, None, "Petrol", "peat"]),
    **dict.fromkeys(("distance_km", "weight_tonnes", "load_factor", "allocation_share", "emission_factor_cv"), _numbers),
}
_site = {
    "hub_type": st.sampled_from([None, None, "dock", 12, "12.0", 1.5]),
    "electricity_kwh": _numbers,
    "site_allocation_share": _numbers,
    "other_fuels": st.one_of(st.none(), st.none(), _fuels, st.sampled_from([3, "diesel", '[{"amount": 1, "amount": 2}]', {}])),
    "refrigerant_leak_kg": st.one_of(st.none(), st.none(), _gases, st.sampled_from([3, '{"sf6": 1}', '{"sf6": 1, "sf6": 2}', []])),
    "spend_amount": st.sampled_from([None, 5, -5]),
}
_averages = {
    "is_last_mile": st.sampled_from([None, True, "false", "perhaps"]),
    "total_shipments": st.sampled_from([None, 1, "10", 10.0, 0, 2.5]),
    "average_distance_km": st.sampled_from([None, 0.7, 2, "3", 0]),
    "average_weight_tonnes": st.sampled_from([None, 0.1, 2, 1e308]),
    "distance_weight_covariance": st.sampled_from([None, 0, -0.07, -1, "-4", -4.1, "NaN"]),
}


def _some(fields):
    """Returns records that have some of the fields: whole legs and sites together would all be refused."""
    return st.sets(st.sampled_from([*fields]), max_size=5).flatmap(
        lambda names: st.fixed_dictionaries({name: fields[name] for name in names})
    )


_upstream = st.one_of(_some(_leg), _some(_site), _some({**_leg, **_site})).map(lambda changes: no_leg(4, **changes))
_downstream = st.one_of(_some(_averages), _some({**_averages, **_leg}), _some({**_site, **_averages})).map(
    lambda changes: no_leg(9, **changes)
)


def _alone(records, config):
    """Returns what the scalar judge says; lists and maps as Arrow holds them."""
    verdicts = [judge_record(record, config, row) for row, record in enumerate(records)]
    return [replace(said, values=_held(said)) if isinstance(said, Normalised) else said for said in verdicts]


def _held(said):
    fields = {field.name: field for field in fields_of(RECORDS[said.category])}
    return {name: arrow_value(fields[name], value) for name, value in said.values.items()}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.one_of(_upstream, _downstream), min_size=1, max_size=8), st.sampled_from(_CONFIGS))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records, config):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), config) == _alone(as_text, config)


_typed = pa.list_(pa.struct([("fuel_type", pa.string()), ("amount", pa.float64()), ("unit", pa.string())]))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.lists(
            st.fixed_dictionaries(
                {
                    "fuel_type": st.sampled_from(["diesel", "Gas oil", None]),
                    "amount": st.floats(-1, 5) | st.none(),
                    "unit": st.sampled_from(["l", None]),
                }
            ),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_typed_lists_get_the_verdict_that_each_record_gets_alone(lists):
    records = [no_leg(4, other_fuels=fuels) for fuels in lists]
    columns = {name: pa.array([record[name] for record in records]) for name in no_leg(4)}
    columns["other_fuels"] = pa.array(lists, _typed)
    assert _verdicts(columns, len(records), _CONFIGS[0]) == _alone(records, _CONFIGS[0])


_FIELDS = (
    "transport_mode vehicle_class distance_km weight_tonnes load_factor distance_basis haul temperature "
    "emission_factor_kg_co2e_per_tonne_km emission_factor_cv ef_boundary ef_basis fuel_type fuel_amount fuel_unit allocation_share "
    "hub_type hub_quantity hub_unit electricity_kwh natural_gas_kwh heating_kwh cooling_kwh fuel_oil_litres gas_oil_litres other_fuels "
    "refrigerant_leak_kg process_kg_co2e site_allocation_share shipment_id origin destination spend_amount spend_currency spend_year "
    "naics_code price_basis margins "
)
_MORE = "is_last_mile total_shipments average_distance_km average_weight_tonnes distance_weight_covariance customer_id"


@pytest.mark.parametrize(("category", "names"), [(4, _FIELDS), (9, _FIELDS + _MORE)])
def test_fields_stand_in_the_order_of_the_specification(category, names):
    assert [field.name for field in fields_of(RECORDS[category])][6:] == names.split()


@pytest.mark.parametrize("category", [4, 9])
@pytest.mark.parametrize(
    "site",
    [
        {"hub_type": "dock"},
        {"hub_quantity": 0},
        {"process_kg_co2e": 0},
        {"other_fuels": [{"fuel_type": "diesel", "amount": 1, "unit": "l"}]},
        {"refrigerant_leak_kg": {"sf6": 1}},
    ],
)
@pytest.mark.parametrize("moved", [{"transport_mode": "road_van"}, {"fuel_unit": "l"}, {"temperature": "ambient"}, {"load_factor": 1}])
def test_a_leg_and_a_site_in_one_record_contradict_each_other(category, moved, site):
    [field] = moved
    verdict = judge_record(no_leg(category, **moved, **site), _CONFIGS[0])
    assert [(one.code.value, one.field) for one in verdict.findings] == [("E_INCONSISTENT", field)]
    assert f"{next(iter(site))} of a hub or warehouse" in verdict.findings[0].message


@pytest.mark.parametrize("more", [{"site_allocation_share": 0.5}, {"allocation_share": 0.5}, {"shipment_id": "S"}, {"spend_amount": 5}])
def test_shares_names_and_money_go_with_either(more):
    assert isinstance(judge_record(leg(**more), _CONFIGS[0]), Normalised)
    assert isinstance(judge_record(no_leg(hub_type="dock", **more), _CONFIGS[0]), Normalised)


def test_an_empty_list_of_fuels_is_no_site():
    assert isinstance(judge_record(leg(other_fuels=[], refrigerant_leak_kg={}), _CONFIGS[0]), Normalised)


def test_only_a_record_that_may_contradict_itself_is_looked_at_alone(monkeypatch):
    seen = []
    monkeypatch.setattr("schemas.columnar.judge_record", lambda record, config, row: seen.append(row) or judge_record(record, config, row))
    averages = {"average_distance_km": 2, "average_weight_tonnes": 2}
    records = [
        leg(),
        no_leg(electricity_kwh=1),
        leg(electricity_kwh=1),
        no_leg(9, **averages, distance_weight_covariance=-4),
        no_leg(9, **averages, distance_weight_covariance=-5),
        leg(category=9, site_allocation_share=0.5),
    ]
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    said = _verdicts(columns, len(records), _CONFIGS[0])
    assert [isinstance(one, Refusal) for one in said] == [False, False, True, False, True, False]
    assert sorted(seen) == [2, 4]
