"""The two judges: the scalar one against examples, the columnar one against the scalar one."""

import datetime
import decimal
import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import Code
from schemas.columnar import judge
from schemas.config import Config
from schemas.findings import Refusal
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from schemas.records.judge import Normalised, judge_record
from tests.records import make_record, make_spend

_DEFAULTS = Config()
_NET = Config(credit_notes="net")


def _codes(record, config=_DEFAULTS):
    verdict = judge_record(record, config)
    assert isinstance(verdict, Refusal)
    return [(finding.code, finding.field) for finding in verdict.findings]


@pytest.mark.parametrize(
    ("changes", "code", "field", "told"),
    [
        ({"region": None}, Code.E_REQUIRED, "region", "region is missing"),
        ({"product_name": "  "}, Code.E_REQUIRED, "product_name", "product_name is missing"),
        ({"quantity": "1,234.5"}, Code.E_TYPE, "quantity", "decimal point"),
        ({"quantity": True}, Code.E_TYPE, "quantity", "no number"),
        ({"activity_year": 2025.5}, Code.E_TYPE, "activity_year", "no whole number"),
        ({"naics_code": "33-44"}, Code.E_TYPE, "naics_code", "2 to 6 digits"),
        ({"product_name": 1.5}, Code.E_TYPE, "product_name", "no text"),
        ({"pcf_verified": "maybe"}, Code.E_TYPE, "pcf_verified", "true or false"),
        ({"hybrid_components": "steel"}, Code.E_TYPE, "hybrid_components", "not a list"),
        ({"region": "XX"}, Code.E_ENUM, "region", "ISO 3166"),
        ({"category": 16}, Code.E_ENUM, "category", "1 to 15"),
        ({"spend_currency": "EURO"}, Code.E_ENUM, "spend_currency", "ISO 4217"),
        ({"pcf_boundary": "cradle-to-gat"}, Code.E_ENUM, "pcf_boundary", "did you mean cradle_to_gate?"),
        ({"quantity": 0}, Code.E_RANGE, "quantity", "> 0"),
        ({"quantity": "NaN"}, Code.E_RANGE, "quantity", "no quantity"),
        ({"quantity": "1e999"}, Code.E_RANGE, "quantity", "no quantity"),
        ({"activity_year": 1989}, Code.E_RANGE, "activity_year", ">= 1990"),
        ({"supplier_pcf_cv": 60}, Code.E_RANGE, "supplier_pcf_cv", "did you mean 0.6?"),
        ({"spend_amount": -1}, Code.E_RANGE, "spend_amount", "--credit_notes=net"),
        ({"spend_amount": 5, "spend_usd": 6}, Code.E_INCONSISTENT, "spend_amount", "keep one of them"),
        ({"spend_usd": 6, "spend_currency": "EUR"}, Code.E_INCONSISTENT, "spend_amount", "US dollars"),
        (
            {"hybrid_components": [{"kind": "other", "amount": 1}, {"kind": "oil", "amount": 1}]},
            Code.E_ENUM,
            "hybrid_components[1].kind",
            "oil",
        ),
        ({"hybrid_components": [{"kind": "other"}]}, Code.E_REQUIRED, "hybrid_components[0].amount", "is missing"),
        ({"hybrid_components": [{"kind": "other", "amount": -2}]}, Code.E_RANGE, "hybrid_components[0].amount", ">= 0"),
    ],
)
def test_a_fault_is_told_with_field_and_remedy(changes, code, field, told):
    verdict = judge_record({**make_record(), **changes}, Config())
    assert isinstance(verdict, Refusal)
    assert (verdict.findings[0].code, verdict.findings[0].field) == (code, field)
    assert told in verdict.findings[0].message


def test_codes_come_in_the_order_of_the_list_and_fields_in_the_order_of_the_table():
    record = make_record(quantity=-1, region="XX", product_name=None, supplier_pcf="x", supplier_pcf_cv=2)
    assert _codes(record) == [
        (Code.E_REQUIRED, "product_name"),
        (Code.E_TYPE, "supplier_pcf"),
        (Code.E_ENUM, "region"),
        (Code.E_RANGE, "quantity"),
        (Code.E_RANGE, "supplier_pcf_cv"),
    ]


def test_members_of_a_list_are_told_by_member_then_by_index():
    components = [{"kind": "x", "amount": "?"}, {"kind": "other", "amount": "?"}]
    assert _codes(make_record(hybrid_components=components))[:2] == [
        (Code.E_TYPE, "hybrid_components[0].amount"),
        (Code.E_TYPE, "hybrid_components[1].amount"),
    ]


def test_values_are_normalised_as_the_specification_says():
    record = {
        "Record-ID": " R-1 ",
        "CATEGORY": "1.0",
        "region": "uk",
        "activity year": "2025",
        "product_name": "Cafe\u0301",
        "naics_code": "561612.0",
        "product_code": 334111,
        "supplier_id": "77.0",
        "pcf_verified": "TRUE",
        "spend usd": "1e3",
        "hybrid_components": [{"Kind": "Other", "amount": "2", "unit": " "}],
        "colour": "blue",
    }
    verdict = judge_record(record, Config())
    assert verdict == Normalised(
        1,
        {
            "record_id": "R-1",
            "supplier_id": "77.0",
            "region": "GB",
            "activity_year": 2025,
            "product_name": "Caf\u00e9",
            "pcf_verified": True,
            "hybrid_components": [{"kind": "other", "amount": 2.0}],
            "product_code": "334111",
            "spend_amount": 1000.0,
            "spend_currency": "USD",
            "naics_code": "561612",
        },
    )


def test_zero_is_a_price_of_a_purchase_but_not_of_an_asset():
    assert isinstance(judge_record(make_spend(spend_amount=0), Config()), Normalised)
    assert _codes(make_spend(2, asset_description="press", spend_amount=0)) == [(Code.E_RANGE, "spend_amount")]
    assert isinstance(judge_record(make_spend(2, asset_description="press", spend_amount=-5), _NET), Normalised)
    assert _codes(make_spend(2, asset_description="press", spend_amount=0), _NET) == [(Code.E_RANGE, "spend_amount")]


_texts = st.one_of(
    st.sampled_from(["", " ", "kg", "t", "steel", "cradle_to_gate", "Gate-to Gate", "uk", "DE", "xx", "EUR", "usd", "true", "No", "31-33"]),
    st.sampled_from(
        ["561612.0", "331110", "007", "1.5", "-3", "+4", " 7 ", "1e3", "1_000", "\u0661", "nan", "-inf", "1e999", "0x10", "1.", ".5", "-0"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)
_anything = st.one_of(_texts, st.none(), st.integers(-3000, 3000), st.floats(allow_nan=False, width=32), st.booleans())
_components = st.lists(
    st.dictionaries(st.sampled_from(["kind", "amount", "unit", "factor_key"]), st.one_of(_texts, st.none(), st.floats(0, 9)), max_size=4),
    max_size=3,
)
_names = sorted({name for model in RECORDS.values() for field in fields_of(model) for name in (field.name, *field.aliases)} | {"spend_usd"})


@st.composite
def _records(draw, values=_anything):
    base = draw(st.sampled_from([make_record(1), make_record(2), make_spend(1), make_spend(2)]))
    return {**base, **draw(st.dictionaries(st.sampled_from([name for name in _names if name != "hybrid_components"]), values, max_size=5))}


def _verdicts(columns, rows, config):
    """Returns what the columnar judge says of each row: its category and values, or its findings."""
    judged = judge(columns, rows, config)
    said = {refusal.row: refusal for refusal in judged.refused}
    for good in judged.accepted:
        for row, values in zip(good.rows.tolist(), good.fields.to_pylist(), strict=True):
            assert row not in said
            said[row] = Normalised(good.category, {name: _bare(value) for name, value in values.items() if value is not None})
    assert sorted(said) == list(range(rows))
    return [said[row] for row in range(rows)]


def _bare(value):
    """Returns a list of structs without the members that are null."""
    if isinstance(value, list):
        return [{name: member for name, member in element.items() if member is not None} for element in value]
    return value


def _alone(records, config):
    return [judge_record(record, config, row) for row, record in enumerate(records)]


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(_records(), min_size=1, max_size=6), st.sampled_from([Config(), _NET]))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records, config):
    as_text = [{name: _as_cell(value) for name, value in record.items() if value is not None} for record in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), config) == _alone(as_text, config)


def _as_cell(value):
    return value if isinstance(value, str) else json.dumps(value)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.data(), st.integers(1, 6), st.sampled_from([Config(), _NET]))
def test_typed_columns_get_the_verdict_that_each_record_gets_alone(data, rows, config):
    kinds = {
        "text": (_texts, pa.string()),
        "large": (_texts, pa.large_string()),
        "dictionary": (_texts, pa.dictionary(pa.int32(), pa.string())),
        "integer": (st.integers(-3000, 3000), pa.int64()),
        "double": (st.floats(width=64), pa.float64()),
        "boolean": (st.booleans(), pa.bool_()),
        "null": (st.none(), pa.null()),
    }
    columns = {}
    for name, value in data.draw(st.sampled_from([make_record(1), make_record(2), make_spend(1)])).items():
        columns[name] = pa.array([value] * rows)
    for name in data.draw(st.lists(st.sampled_from([name for name in _names if name != "hybrid_components"]), max_size=4, unique=True)):
        values, kind = data.draw(st.sampled_from(sorted(kinds.items())))[1]
        columns[name] = pa.array(data.draw(st.lists(st.one_of(values, st.none()), min_size=rows, max_size=rows)), kind)
    records = [{name: column[row].as_py() for name, column in columns.items()} for row in range(rows)]
    assert _verdicts(columns, rows, config) == _alone(records, config)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.one_of(st.none(), _components), min_size=1, max_size=5))
def test_lists_of_structs_get_the_verdict_that_each_record_gets_alone(lists):
    members = {name for elements in lists for element in elements or () for name in element}
    kind = pa.list_(pa.struct([pa.field(name, pa.string()) for name in sorted(members)]))
    cells = [
        None
        if elements is None
        else [{name: None if value is None else _as_cell(value) for name, value in element.items()} for element in elements]
        for elements in lists
    ]
    columns = {name: pa.array([value] * len(lists)) for name, value in make_record().items()}
    columns["hybrid_components"] = pa.array(cells, kind)
    records = [{**make_record(), "hybrid_components": columns["hybrid_components"][row].as_py()} for row in range(len(lists))]
    assert _verdicts(columns, len(lists), Config()) == _alone(records, Config())


# One value of every type that Arrow JSON, Parquet or a caller may bring, sensible for the field or not.
_OF_ANY_TYPE = {
    "list": pa.array([[1], None]),
    "large_list": pa.array([[1], []], pa.large_list(pa.int64())),
    "fixed_list": pa.array([[1], None], pa.list_(pa.int64(), 1)),
    "struct": pa.array([{"a": 1}, None]),
    "map": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int64())),
    "half": pa.array([np.float16(1), None]),
    "single": pa.array([1.5, 1], pa.float32()),
    "byte": pa.array([1, None], pa.int8()),
    "unsigned": pa.array([2**63, 1], pa.uint64()),
    "huge": pa.array([2**53 + 1, -(2**63)], pa.int64()),
    "decimal": pa.array([decimal.Decimal("1.0"), decimal.Decimal("2.5")]),
    "date": pa.array([datetime.date(2025, 1, 1), None]),
    "time": pa.array([datetime.datetime(2025, 1, 1), None]),
    "binary": pa.array([b"1", b"x"]),
    "view": pa.array(["1", " "], pa.string_view()),
    "numbers by dictionary": pa.array([1, 2025]).dictionary_encode(),
    "booleans": pa.array([True, False]),
    "signed zeros": pa.array([0.0, -0.0]),
    "nothing": pa.nulls(2),
}


@pytest.mark.parametrize("kind", _OF_ANY_TYPE)
def test_no_type_of_a_column_stops_a_batch(kind):
    for name in _names:
        for record in (make_record(1), make_record(2), make_spend(1)):
            columns = {field: pa.array([value] * 2) for field, value in record.items()} | {name: _OF_ANY_TYPE[kind]}
            records = [{field: column[row].as_py() for field, column in columns.items()} for row in range(2)]
            assert _verdicts(columns, 2, _DEFAULTS) == _alone(records, _DEFAULTS), name


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.data(), st.integers(1, 4))
def test_typed_members_of_lists_get_the_verdict_that_each_record_gets_alone(data, rows):
    kinds = {
        "text": (_texts, pa.string()),
        "large": (_texts, pa.large_string()),
        "dictionary": (_texts, pa.dictionary(pa.int32(), pa.string())),
        "integer": (st.integers(-3, 3000), pa.int64()),
        "double": (st.floats(width=64), pa.float64()),
        "boolean": (st.booleans(), pa.bool_()),
        "nested": (st.just([1]), pa.list_(pa.int64())),
    }
    good = {"kind": ("other", pa.string()), "amount": (1.5, pa.float64()), "unit": ("kg_co2e", pa.string())}
    changed = data.draw(
        st.dictionaries(st.sampled_from(["kind", "amount", "unit", "factor_key", "Note"]), st.sampled_from(sorted(kinds)), max_size=2)
    )
    lengths = data.draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
    total = sum(lengths)
    members = {name: pa.array([value] * total, kind) for name, (value, kind) in good.items()}
    for name, drawn in changed.items():
        values, kind = kinds[drawn]
        members[name] = pa.array(data.draw(st.lists(values | st.none(), min_size=total, max_size=total)), kind)
    structs = pa.StructArray.from_arrays(list(members.values()), names=list(members))
    offsets = pa.array([sum(lengths[:row]) for row in range(rows + 1)], pa.int32())
    columns = {name: pa.array([value] * rows) for name, value in make_record().items()}
    columns["hybrid_components"] = pa.ListArray.from_arrays(offsets, structs)
    records = [{name: column[row].as_py() for name, column in columns.items()} for row in range(rows)]
    assert _verdicts(columns, rows, _DEFAULTS) == _alone(records, _DEFAULTS)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_records(), min_size=2, max_size=8), st.data())
def test_the_verdict_on_a_row_does_not_depend_on_its_neighbours(records, data):
    as_text = [{name: _as_cell(value) for name, value in record.items() if value is not None} for record in records]
    names = {name for record in as_text for name in record}

    def verdicts(some):
        columns = {name: pa.array([record.get(name) for record in some], pa.string()) for name in names}
        return _verdicts(columns, len(some), _DEFAULTS)

    together = [_without_row(verdict) for verdict in verdicts(as_text)]
    order = data.draw(st.permutations(range(len(records))))
    assert [_without_row(verdict) for verdict in verdicts([as_text[place] for place in order])] == [together[place] for place in order]


def _without_row(verdict):
    return (verdict.record_id, verdict.category, verdict.findings) if isinstance(verdict, Refusal) else verdict


def test_a_category_that_is_none_is_refused():
    said = judge_record(make_record() | {"category": "0"}, _DEFAULTS)
    assert (said.findings[0].code, said.findings[0].message) == (Code.E_ENUM, "category is 0; write the Scope 3 category, 1 to 15")


def test_two_columns_that_become_one_name_are_no_record():
    said = judge_record({**make_record(), "Product Name": "other"}, _DEFAULTS)
    assert [(finding.code, finding.field) for finding in said.findings] == [(Code.E_MALFORMED, None)]
    assert "'product_name'" in said.findings[0].message


def test_all_that_is_wrong_stands_in_the_detail():
    said = judge_record(make_record(quantity=-1, region="XX"), _DEFAULTS)
    assert said.findings[0].message.startswith("region is 'XX', no region")
    assert said.detail == "E_RANGE: quantity is -1, and must be > 0; correct it, or leave it blank"


def test_an_amount_in_dollars_brings_its_currency():
    values = judge_record(make_spend(spend_amount=None, spend_currency=None, spend_usd="12.5"), _DEFAULTS).values
    assert (values["spend_amount"], values["spend_currency"]) == (12.5, "USD")
    both = judge_record(make_spend(spend_amount=12.5, spend_usd="12.50"), _DEFAULTS)
    assert isinstance(both, Normalised)
