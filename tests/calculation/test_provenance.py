"""Canonical JSON and the ids that follow from it, against an independent implementation of RFC 8785."""

import hashlib
import json
import math
import struct
import uuid

import pyarrow as pa
import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.canonical import canonical_text, ecmascript_number
from schemas.config import Config
from schemas.records.derived import arrow_schema
from schemas.version import ENGINE_VERSION
from tests.categories.answers import result_of
from tests.records import make_factor, make_record, make_spend
from transforms.calculation.provenance import calculation_id, canonical_json, config_sha256, input_sha256
from transforms.factors.row import FactorRow

# The record and the hash that the specification prints.
_EXAMPLE = (
    '{"activity_year":2025,"category":1,"pcf_boundary":"cradle_to_gate","product_name":"steel","quantity":1000,'
    '"quantity_unit":"kg","record_id":"R-1","region":"GB","supplier_pcf":1.85}'
)
_EXAMPLE_SHA256 = "a076296fda8fa40d36177a11fe0f92ca418f9777130eb2e0c3fbd11c0d5cf12e"

# Borders of ECMAScript's two notations, of float64, and of the shortest digits.
_BORDERS = [
    *(
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.1,
        1.85,
        1e-6,
        9.999999999999999e-7,
        1e-7,
        1.5e-7,
        1e21,
        9.999999999999999e20,
        1.2e21,
        123456789012345680000.0,
    ),
    *(5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 1e10, 9999999999.5, 1e15, 1e16, 1e17, 4.35, 1 / 3),
]


def _float_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


# Any magnitude alike, not only those that hypothesis likes.
_numbers = st.one_of(
    st.sampled_from(_BORDERS),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 2**64 - 1).map(_float_of).filter(math.isfinite),
)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ['a"b\\c', "\b\f\n\r\t\x01\x1f\x7f", "é\u2028\U0001f600", "</"]
)
_integers = st.integers(-(2**53) + 1, 2**53 - 1)
# Every component that passed the judge has a kind and an amount.
_component = st.fixed_dictionaries({"kind": _texts, "amount": _numbers}, optional={"unit": _texts, "factor_key": _texts})
_components = st.lists(_component, min_size=1, max_size=3)


def _values_of(kind):
    if pa.types.is_list(kind):
        return _components
    return {pa.string(): _texts, pa.float64(): _numbers, pa.int64(): _integers, pa.bool_(): st.booleans()}[kind]


def _records(category):
    fields = {field.name: _values_of(field.type) for field in arrow_schema(category) if field.name != "category"}
    return st.lists(st.fixed_dictionaries({}, optional=fields), min_size=1, max_size=5)


def _batch(category, records):
    fields = [field for field in arrow_schema(category) if field.name != "category"]
    arrays = [pa.array([record.get(field.name) for record in records], field.type) for field in fields]
    return pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])


@pytest.mark.parametrize("category", [1, 2])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_any_record_is_written_as_the_standard_writes_it(category, data):
    records = data.draw(_records(category))
    written = canonical_json(category, _batch(category, records))
    # RFC 8785 writes -0 as 0, so does rfc8785.
    expected = [rfc8785.dumps({"category": category, **record}) for record in records]
    assert [text.encode() for text in written.to_pylist()] == expected
    assert [digest.hex() for digest in input_sha256(written).to_pylist()] == [hashlib.sha256(text).hexdigest() for text in expected]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(_records(1), st.integers(0, 4), st.integers(1, 5))
def test_a_slice_of_a_batch_is_written_as_its_records_are(records, start, length):
    part = _batch(1, records).slice(start, length)
    alone = [canonical_json(1, _batch(1, [record]))[0].as_py() for record in records[start : start + length]]
    written = canonical_json(1, part)
    assert written.to_pylist() == alone
    assert input_sha256(canonical_json(1, _batch(1, records)).slice(start, length)).equals(input_sha256(written))


@settings(max_examples=500, deadline=None, derandomize=True)
@given(_numbers)
def test_a_single_number_is_written_as_the_standard_writes_it(value):
    assert ecmascript_number(value).encode() == rfc8785.dumps(value)
    assert float(ecmascript_number(value)) == value


def test_the_borders_of_the_two_notations():
    # 1e21 is the first number with an exponent, 1e-6 the last small one without.
    assert [ecmascript_number(value) for value in (1e20, 1e21, 1e-6, 1e-7, 1000.0, -0.0)] == [
        "100000000000000000000",
        "1e+21",
        "0.000001",
        "1e-7",
        "1000",
        "0",
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_of_json_is_refused(value):
    with pytest.raises(ValueError, match="no JSON number"):
        ecmascript_number(value)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.dictionaries(
        st.text("abcz_09", min_size=1, max_size=5),
        st.one_of(_numbers, _texts, st.none(), st.booleans(), st.lists(_integers, max_size=3)),
        max_size=5,
    )
)
@example({"b": 1, "a": None, "a_": [1, 2]})
def test_a_single_value_is_written_as_the_standard_writes_it(value):
    assert canonical_text(value).encode() == rfc8785.dumps(value)


def test_the_example_of_the_specification_has_the_printed_hash():
    assert hashlib.sha256(_EXAMPLE.encode()).hexdigest() == _EXAMPLE_SHA256
    assert result_of(json.loads(_EXAMPLE))["input_sha256"] == _EXAMPLE_SHA256


def test_the_hash_is_of_the_meaning_and_not_of_the_spelling():
    spelled = {
        "Record ID": " R-1 ",
        "Activity-Year": "2025",
        "category": "1",
        "region": "uk",
        "product_name": "steel ",
        "QUANTITY": "1e3",
        "quantity_unit": "kg",
        "supplier_pcf": "1.850",
        "pcf_boundary": "Cradle to-gate",
        "supplier_id": "",
        "spend_amount": None,
        "colour": "red",
    }
    assert result_of(spelled)["input_sha256"] == _EXAMPLE_SHA256


def test_the_hash_keeps_units_and_signs_and_adds_no_default():
    record = make_spend(spend_amount=-5, spend_currency=None)
    eeio = make_factor("eeio", "331110", "with_margins", 0.8, "USD", region="US", year=2022, price_year=2022)
    expected = {**record, "spend_amount": -5.0}
    assert result_of(record, [eeio], credit_notes="net")["input_sha256"] == hashlib.sha256(rfc8785.dumps(expected)).hexdigest()
    tonnes = make_record(quantity=1, quantity_unit="t")
    assert result_of(tonnes)["input_sha256"] == hashlib.sha256(rfc8785.dumps(tonnes)).hexdigest()


def test_an_alias_stands_under_the_name_of_its_field():
    eeio = make_factor("eeio", "331110", "with_margins", 0.8, "USD", region="US", year=2022, price_year=2022)
    by_alias = make_spend(spend_amount=None, spend_currency=None, spend_usd=1000)
    assert result_of(by_alias, [eeio])["input_sha256"] == result_of(make_spend(), [eeio])["input_sha256"]


def test_the_hash_of_the_options_is_of_all_but_the_share_of_dead_letters():
    options = Config().model_dump(mode="json")
    del options["max_dead_letter_share"]
    assert config_sha256(Config()) == hashlib.sha256(rfc8785.dumps(options)).hexdigest()
    assert config_sha256(Config(max_dead_letter_share=0.1)) == config_sha256(Config())
    changes = [
        {"rf": "without_rf"},
        {"gwp_set": "AR6"},
        {"credit_notes": "net"},
        {"low_dqi_threshold": 59.0},
        {"classify_free_text": False},
    ]
    changes += [
        {"foreign_proxy": {}},
        {"source_priority": {"eeio": ["epa-1.2"]}},
        {"allow_unverified": False},
        {"uncertainty_input": "halfwidth95"},
    ]
    hashes = {config_sha256(Config(**change)) for change in changes} | {config_sha256(Config())}
    assert len(hashes) == len(changes) + 1


def test_the_hash_of_a_factor_is_of_what_the_calculation_takes_from_it():
    row = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg", cv=0.25, pedigree=[1, 2, 3, 4, 5])
    names = ("factor_id", "value", "unit", "boundary", "region", "year", "gwp", "cv", "pedigree", "source", "source_version")
    particulars = {"licence": "any", "retrieved_on": "2025-01-01", "source_sha256": "0", "precedence": 3}
    found = FactorRow.from_mapping({**row, **particulars})
    assert found.sha256 == hashlib.sha256(rfc8785.dumps({name: row[name] for name in names})).hexdigest()
    assert FactorRow.from_mapping({**row, **particulars, "licence": "other", "precedence": 0}).sha256 == found.sha256
    assert FactorRow.from_mapping({**row, **particulars, "value": 2.5}).sha256 != found.sha256


def test_the_id_is_the_one_that_the_specification_describes():
    space = uuid.uuid5(uuid.NAMESPACE_URL, "urn:scope3:calculation:1")
    assert str(space) == "4691ad23-828e-5ae4-beb6-fb8432bf31d1"
    steel = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg")
    record = make_record(supplier_pcf=None, pcf_boundary=None, product_category="steel")
    result = result_of(record, [steel])
    row = FactorRow.from_mapping({**steel, "licence": "", "retrieved_on": "", "source_sha256": "", "precedence": 0})
    parts = [ENGINE_VERSION, config_sha256(Config()), result["input_sha256"], row.sha256, "tier_2_average_data"]
    assert result["calculation_id"] == str(uuid.uuid5(space, "|".join(parts)))


def test_the_id_does_not_depend_on_the_order_of_the_factors():
    assert calculation_id("c", "i", ["b", "a"], "m") == calculation_id("c", "i", ["a", "b"], "m")


def test_the_id_changes_with_the_record_the_factor_and_the_options_and_with_nothing_else():
    steel = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg")
    record = make_record(supplier_pcf=None, pcf_boundary=None, product_category="steel")
    first = result_of(record, [steel])["calculation_id"]
    unused = make_factor("product", "gold", "cradle_to_gate", 9.0, "kg")
    assert result_of({**record, "colour": "red"}, [unused, steel])["calculation_id"] == first
    assert result_of({**record, "quantity": 1001}, [steel])["calculation_id"] != first
    assert result_of(record, [{**steel, "value": 2.1}])["calculation_id"] != first
    assert result_of(record, [steel], rf="without_rf")["calculation_id"] != first
