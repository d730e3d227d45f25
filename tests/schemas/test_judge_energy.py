"""The two judges on records of energy: types read from texts, activities, and maps of gases."""

import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.records import RECORDS
from schemas.records.fields import arrow_value, fields_of
from schemas.records.judge import Normalised, judge_record
from tests.records import make_record
from tests.schemas.test_judge import _verdicts

_CONFIGS = [Config(), Config(classify_free_text=False)]
_TEXTS = (
    None,
    "electricity",
    "Power",
    "district heating",
    "Diesel",
    "gas oil",
    "red diesel",
    "natural gas and coal",
    "boiler",
    "KWH",
    " ",
    "12",
)
_numbers = st.sampled_from([None, 0, 1, 2.5, "3", "1e3", -1, 0.06, 0.999, 6, 100, "much", True])

_energy = st.fixed_dictionaries(
    {
        "fuel_or_energy_type": st.sampled_from(_TEXTS),
        "energy_description": st.sampled_from(_TEXTS),
        "activity": st.sampled_from([None, "A", "b", "D", "BC"]),
        "loss_basis": st.sampled_from([None, "of_generation", "of delivery", "loss"]),
        "calorific_basis": st.sampled_from([None, "Gross", "net", "lower"]),
        **dict.fromkeys(("quantity", "td_loss_share", "supplier_upstream_ef", "well_to_tank_ef"), _numbers),
    }
).map(lambda changes: make_record(3, **{**changes, "quantity": changes["quantity"] or 1}))

_gases = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["hfc_32", "HFC 32", "r_410a", "sf6", "steam"]), _numbers, max_size=3),
    st.sampled_from([3, "sf6", '{"sf6": 1}', '{"sf6": 1, "sf6": 2}', []]),
)
_processing = st.fixed_dictionaries(
    {
        "quantity": st.sampled_from([None, None, 1000, 5]),
        "waste_type": st.sampled_from([None, "plastic", "Organic waste", "ash"]),
        "disposal_method": st.sampled_from([None, "landfill", "buried"]),
        "processing_type": st.sampled_from([None, "extrusion", 334111, "12.0"]),
        "refrigerant_leak_kg_per_unit": _gases,
        **dict.fromkeys(("waste_kg_per_unit", "allocation_share", "electricity_kwh_per_unit", "process_kg_co2e_per_unit"), _numbers),
    }
).map(lambda changes: make_record(10, **changes))


def _alone(records, config):
    """Returns what the scalar judge says; maps as Arrow holds them."""
    verdicts = [judge_record(record, config, row) for row, record in enumerate(records)]
    return [replace(said, values=_held(said)) if isinstance(said, Normalised) else said for said in verdicts]


def _held(said):
    fields = {field.name: field for field in fields_of(RECORDS[said.category])}
    return {name: arrow_value(fields[name], value) for name, value in said.values.items()}


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(st.one_of(_energy, _processing), min_size=1, max_size=8), st.sampled_from(_CONFIGS))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records, config):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), config) == _alone(as_text, config)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.dictionaries(st.sampled_from(["hfc_32", "HFC-32", "sf6", "neon"]), st.floats(-1, 5) | st.none()), min_size=1, max_size=5)
)
def test_typed_maps_get_the_verdict_that_each_record_gets_alone(maps):
    records = [make_record(10, refrigerant_leak_kg_per_unit=list(entries.items())) for entries in maps]
    columns = {name: pa.array([record[name] for record in records]) for name in make_record(10)}
    columns["refrigerant_leak_kg_per_unit"] = pa.array([list(one.items()) for one in maps], pa.map_(pa.string(), pa.float64()))
    assert _verdicts(columns, len(records), _CONFIGS[0]) == _alone(records, _CONFIGS[0])


@pytest.mark.parametrize(
    ("category", "names"),
    [
        (
            3,
            "fuel_or_energy_type energy_description quantity quantity_unit activity supplier_upstream_ef supplier_td_losses_ef "
            "well_to_tank_ef td_loss_share loss_basis calorific_basis grid_region",
        ),
        (
            10,
            "product_name sold_quantity quantity_unit processing_kg_co2e_per_unit electricity_kwh_per_unit natural_gas_kwh_per_unit "
            "heating_kwh_per_unit cooling_kwh_per_unit fuel_oil_litres_per_unit gas_oil_litres_per_unit process_kg_co2e_per_unit "
            "refrigerant_leak_kg_per_unit waste_kg_per_unit waste_type disposal_method allocation_share processing_type customer_name "
            "industry_sector",
        ),
    ],
)
def test_fields_stand_in_the_order_of_the_specification(category, names):
    assert [field.name for field in fields_of(RECORDS[category])][6:] == names.split()


def test_only_a_record_without_a_type_is_looked_at_alone(monkeypatch):
    seen = []
    monkeypatch.setattr("schemas.columnar.judge_record", lambda record, config, row: seen.append(row) or judge_record(record, config, row))
    records = [
        make_record(3),
        make_record(3, fuel_or_energy_type=None, energy_description="petrol"),
        make_record(3, fuel_or_energy_type=None),
    ]
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    assert len(_verdicts(columns, 3, _CONFIGS[0])) == 3
    assert seen == [2]
