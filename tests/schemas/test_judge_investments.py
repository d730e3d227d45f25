"""The two judges on records of investments: classes, dates, lists of products, and capital of nothing."""

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
_numbers = st.sampled_from([None, None, 0, 0.0, "0", "-0.0", 1, 2.5, "1e3", -1, "much", True, 1e308])
_booleans = st.sampled_from([None, True, False, "TRUE", " false ", "yes", 1])
_products = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "key": st.sampled_from(["steel", 334111, "12.0", " ", None]),
            "amount": _numbers,
            "unit": st.sampled_from(["t", "ton", None, 3]),
            "Note": st.just("x"),
        },
    ),
    max_size=3,
)

_positions = st.fixed_dictionaries(
    {
        "portfolio_company": st.sampled_from(["Alder plc", "Alder plc", " ", None, 7]),
        "asset_class": st.sampled_from(["listed_equity", "Business loans", "project-finance", "sovereign_debt", "bonds", None]),
        "outstanding_amount": st.sampled_from([5, 5, "1e6", 0, -1, None]),
        "total_equity": _numbers,
        "total_debt": _numbers,
        "evic": _numbers,
        "issuer_listed": _booleans,
        "emissions_verified": _booleans,
        "currency": st.sampled_from([None, "GBP", " eur ", "pound", "US$"]),
        "value_date": st.sampled_from([None, "2024-12-31", " 2024-02-29 ", "2025-02-29", "31.12.2024", 20241231]),
        "production": st.one_of(st.none(), _products, st.sampled_from([3, "steel", '[{"key": "a", "key": "b", "amount": 1}]', {}])),
    },
    optional={
        "revenue_year": st.sampled_from([2024, "2024.0", 2024.5, 1989]),
        "sector": st.sampled_from(["cement", 2211, "2211.0"]),
        "epc_label": st.sampled_from(["b", "G", "A+"]),
        "portfolio_company_name": st.sampled_from(["Alder plc", "Other"]),
        "fuel_type": st.sampled_from(["Petrol", "peat", " "]),
        "project_life_years": _numbers,
    },
).map(lambda changes: make_record(15, **changes))


def _alone(records):
    """Returns what the scalar judge says; lists as Arrow holds them."""
    verdicts = [judge_record(record, _CONFIG, row) for row, record in enumerate(records)]
    return [replace(said, values=_held(said)) if isinstance(said, Normalised) else said for said in verdicts]


def _held(said):
    fields = {field.name: field for field in fields_of(RECORDS[said.category])}
    return {name: arrow_value(fields[name], value) for name, value in said.values.items()}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(_positions, min_size=1, max_size=8))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), _CONFIG) == _alone(as_text)


_typed = pa.list_(pa.struct([("key", pa.string()), ("amount", pa.float64()), ("unit", pa.string())]))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.lists(
            st.fixed_dictionaries(
                {
                    "key": st.sampled_from(["steel", " ", "12.0", None]),
                    "amount": st.sampled_from([0.0, 1.5, -1.0, float("nan"), float("inf"), None]),
                    "unit": st.sampled_from(["t", None]),
                }
            ),
            max_size=3,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_typed_lists_get_the_verdict_that_each_record_gets_alone(lists):
    records = [make_record(15, production=products) for products in lists]
    columns = {name: pa.array([record[name] for record in records]) for name in make_record(15)}
    columns["production"] = pa.array(lists, _typed)
    assert _verdicts(columns, len(records), _CONFIG) == _alone(records)


@pytest.mark.parametrize(
    ("equity", "debt", "refused"),
    [(0, 0, True), ("0", "-0.0", True), (0, 5, False), (5, 0, False), (0, None, False), (None, 0, False), (None, None, False)],
)
def test_capital_of_nothing_is_refused(equity, debt, refused):
    verdict = judge_record(make_record(15, total_equity=equity, total_debt=debt), _CONFIG)
    assert isinstance(verdict, Refusal) == refused
    if refused:
        (finding,) = verdict.findings
        assert (finding.code.value, finding.field, finding.value) == ("E_RANGE", "total_equity", "0")
        assert "one of them must be > 0: correct it, or leave both blank" in finding.message


def test_fields_stand_in_the_order_of_the_specification():
    names = (
        "investment_id portfolio_company portfolio_company_description asset_class issuer_listed outstanding_amount currency value_date "
        "evic total_equity total_debt property_value_at_origination vehicle_value_at_origination ppp_gdp company_scope1_t_co2e "
        "company_scope2_t_co2e company_scope3_t_co2e emissions_verified electricity_kwh natural_gas_kwh heating_kwh cooling_kwh "
        "fuel_oil_litres gas_oil_litres other_fuels refrigerant_leak_kg process_kg_co2e supplier_kg_co2e_per_kwh production "
        "company_revenue revenue_year sector building_type floor_area_m2 epc_label building_count vehicle_type vehicle_distance_km "
        "distance_is_actual vehicle_model vehicle_count fuel_type fuel_amount fuel_unit country_emissions_t_co2e "
        "country_emissions_with_lulucf_t_co2e initial_sponsor project_life_years"
    )
    assert [field.name for field in fields_of(RECORDS[15])][6:] == names.split()


def test_only_a_record_whose_capital_is_nothing_is_looked_at_alone(monkeypatch):
    seen = []
    monkeypatch.setattr("schemas.columnar.judge_record", lambda record, config, row: seen.append(row) or judge_record(record, config, row))
    capital = [(None, None), (0, 5), (0, None), (0, 0), (3, 4)]
    records = [make_record(15, total_equity=equity, total_debt=debt) for equity, debt in capital]
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    assert len(_verdicts(columns, len(records), _CONFIG)) == len(records)
    assert seen == [3]
