"""A result depends on its record alone: not on its neighbours, their order, or where a batch ends."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.columnar import judge
from schemas.config import Config
from tests.records import make_factor, make_record, make_spend
from transforms.calculation.provenance import canonical_json, input_sha256
from transforms.categories.registry import Calculator
from transforms.factors.table import FactorTable

_CONFIG = Config(credit_notes="net")
_US = {"region": "US", "year": 2022, "price_year": 2022}
_FACTORS = FactorTable.from_rows(
    [
        make_factor("product", "steel", "cradle_to_gate", 2.0, "kg", pedigree=[2, 3, 1, 1, 3], source_class="national_inventory"),
        make_factor("product", "steel", "cradle_to_gate", 3.0, "kg", region="EU"),
        make_factor("freight", "truck", "wtw", 0.12, "tonne_km", gwp="AR4"),
        make_factor("eeio", "331110", "with_margins", 0.8, "USD", **_US, correlation_group="eeio/33"),
        make_factor("eeio", "33", "with_margins", 0.5, "USD", **_US, correlation_group="eeio/33"),
        make_factor("fx", "EUR", "parameter", 1.1, "usd_per_unit", region="GLOBAL", year=2022, gwp=None),
    ],
    _CONFIG,
)

_STEEL = {"kind": "material", "amount": 3, "unit": "kg", "factor_key": "steel"}
_TRUCK = {"kind": "transport", "amount": 7, "unit": "tonne_km", "factor_key": "truck"}
_OTHER = {"kind": "other", "amount": 2, "unit": "kg_co2e"}
_NO_PCF = {"supplier_pcf": None, "pcf_boundary": None}

_amounts = st.floats(0.01, 1e7)
_records = st.one_of(
    st.builds(lambda amount, cv: make_record(quantity=amount, supplier_pcf_cv=cv), _amounts, st.none() | st.floats(0, 1)),
    st.builds(
        lambda boundary, unit: make_record(pcf_boundary=boundary, quantity_unit=unit, product_category="steel"),
        st.sampled_from([None, "gate_to_gate"]),
        st.sampled_from(["kg", "t", "ton", "l", None]),
    ),
    st.builds(
        lambda amount, region: make_record(quantity=amount, region=region, product_category="steel", **_NO_PCF),
        _amounts,
        st.sampled_from(["GB", "DE", "US"]),
    ),
    st.builds(
        lambda amount, code, currency: make_spend(spend_amount=amount, naics_code=code, spend_currency=currency),
        _amounts | st.floats(-1e6, -1),
        st.sampled_from(["331110", "332000", "999999"]),
        st.sampled_from(["USD", "EUR", "JPY", None]),
    ),
    st.builds(
        lambda own, parts: make_record(
            quantity=None, quantity_unit=None, supplier_s12_allocated_kg_co2e=own, hybrid_components=parts, **_NO_PCF
        ),
        _amounts,
        st.lists(st.sampled_from([_STEEL, _TRUCK, _OTHER, {**_STEEL, "factor_key": "gold"}]), min_size=1, max_size=4),
    ),
)


def _batch(records):
    """Returns judged records of category 1 as a batch; source_position is the number in their record_id."""
    names = {name for record in records for name in record}
    columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    (good,) = judge(columns, len(records), _CONFIG).accepted
    assert len(good.rows) == len(records)
    positions = pa.array([int(record["record_id"]) for record in records], pa.int64())
    sha256 = input_sha256(canonical_json(1, good.fields))
    arrays = [pa.array(np.zeros(len(records), np.int32)), positions, sha256, *good.fields.columns]
    return pa.RecordBatch.from_arrays(arrays, names=["source_id", "source_position", "input_sha256", *good.fields.schema.names])


def _answers(calculator, records):
    """Returns all columns of results and dead letters by record."""
    done = calculator.calculate(1, _batch(records))
    rows = done.results.to_pylist() + done.dead_letters.to_pylist()
    assert len(rows) == len(records)
    return {row["source_position"]: row for row in rows}


def _numbered(records):
    return [{**record, "record_id": str(place)} for place, record in enumerate(records)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_records, min_size=1, max_size=12), st.randoms(use_true_random=False), st.integers(1, 12))
def test_any_batch_says_of_each_record_what_it_says_of_it_alone(records, random, size):
    records = _numbered(records)
    together = _answers(Calculator(_FACTORS, _CONFIG), records)
    fresh = Calculator(_FACTORS, _CONFIG)
    alone = {place: row for record in records for place, row in _answers(fresh, [record]).items()}
    assert together == alone
    shuffled = list(records)
    random.shuffle(shuffled)
    pieces = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
    assert {place: row for piece in pieces for place, row in _answers(fresh, piece).items()} == together


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=20))
def test_twice_the_amount_is_twice_the_result(amounts):
    calculator = Calculator(_FACTORS, _CONFIG)
    for make in (lambda amount: make_record(quantity=amount), lambda amount: make_spend(spend_amount=amount)):
        once = _answers(calculator, _numbered([make(amount) for amount in amounts]))
        twice = _answers(calculator, _numbered([make(2 * amount) for amount in amounts]))
        for place, row in once.items():
            # Doubling is exact in binary.
            assert twice[place]["kg_co2e"] == 2 * row["kg_co2e"]
            np.testing.assert_allclose(twice[place]["std_kg"], 2 * row["std_kg"], rtol=1e-12)


def test_what_the_results_rest_on_is_told_once_and_again_after_forgetting():
    calculator = Calculator(_FACTORS, _CONFIG)
    batch = _batch(_numbered([make_spend(), make_spend(naics_code="332000"), make_record()]))
    first = calculator.calculate(1, batch)
    assert {row["factor_use"] for row in first.factor_uses.to_pylist()} == set(first.results.column("factor_use").to_pylist())
    assert first.factors.num_rows == 2
    again = calculator.calculate(1, batch)
    assert (again.factor_uses.num_rows, again.factors.num_rows) == (0, 0)
    calculator.forget_returned()
    assert calculator.calculate(1, batch).factor_uses.to_pylist() == first.factor_uses.to_pylist()


def test_every_factor_of_a_result_with_several_terms_is_told():
    calculator = Calculator(_FACTORS, _CONFIG)
    record = make_record(
        quantity=None, quantity_unit=None, supplier_s12_allocated_kg_co2e=1, hybrid_components=[_STEEL, _TRUCK, _OTHER], **_NO_PCF
    )
    done = calculator.calculate(1, _batch(_numbered([record])))
    ids = {name for name in done.results.column("factor_ids")[0].as_py() if not name.startswith("record:")}
    assert ids == set(done.factors.column("factor_id").to_pylist())


def test_a_new_memo_says_what_the_old_one_said():
    records = _numbered(
        [make_spend(naics_code=code, spend_currency=currency) for code in ("331110", "332000") for currency in ("USD", "EUR")]
    )
    calculator = Calculator(_FACTORS, _CONFIG)
    before = _answers(calculator, records)
    calculator.forget_returned()
    assert _answers(Calculator(_FACTORS, _CONFIG), records) == before == _answers(calculator, records)
