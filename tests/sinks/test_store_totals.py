"""Totals that a store adds up, against sums by hand, tried on each that is here."""

import math
import uuid

import pytest

from tests.sinks.rows import chunk, factor, factor_use, make_run, result, whole_run
from transforms.sinks.contract import State


@pytest.fixture(scope="module")
def store(new_target):
    """One store for all tests of this module: each has a run and an inventory of its own."""
    opened = new_target().open()
    yield opened
    opened.close()


def _totals(store, results, **tables):
    name = uuid.uuid4().hex
    report = whole_run(store, make_run(name, inventory=name), results=results, chunks=[chunk(len(results))], **tables)
    assert report.state == State.PUBLISHED, report.reason
    return store.summary(name).totals


def test_records_on_one_factor_err_together(store):
    # Each 100 kg, std 50, of which 100 * .3 = 30 is the factor's. Variance = (30 + 30)^2 + 2 * (2500 - 900) = 6800.
    total = _totals(store, [result("A", 0), result("B", 5)]).total
    assert (total.records, total.kg_co2e) == (2, 200.0)
    assert total.std_kg == pytest.approx(math.sqrt(6800), rel=1e-12)


def test_records_on_the_suppliers_own_values_err_apart(store):
    # Variance = 2 * 2500.
    own = factor_use(7, correlation_group="record:supplier_pcf", shared=False)
    rows = [result("A", 0, factor_cvs=[0.0, 0.4]), result("B", 5)]
    assert _totals(store, rows, factor_uses=[own]).total.std_kg == pytest.approx(math.sqrt(5000), rel=1e-12)


def test_terms_of_a_hybrid_record_err_with_other_records(store):
    # A: 30 on group eeio:1. B: 60 * .1 = 6 on the same group, 40 * .2 = 8 on product:steel, the rest its own.
    # Variance = (30 + 6)^2 + 8^2 + (2500 - 900) + (2500 - 36 - 64) = 1296 + 64 + 1600 + 2400 = 5360.
    lists = {"factor_values": [0.5, 2.0, 1.0], "factor_units": ["usd", "kg", "kg"], "factor_kg_co2e": [60.0, 40.0, 0.0]}
    ids = ["eeio:1@US#with_margins", "product:steel#cradle_to_gate", "record:supplier_pcf"]
    hybrid = result("B", 5, factor_use=None, method="tier_1_hybrid", factor_ids=ids, factor_cvs=[0.1, 0.2, 0.3], **lists)
    grouped = factor(ids[0], correlation_group="eeio:1")
    totals = _totals(store, [result("A", 0), hybrid], factors=[grouped, factor(ids[1])])
    assert totals.total.std_kg == pytest.approx(math.sqrt(5360), rel=1e-12)
    assert [(row.category, row.method, row.amount.records) for row in totals.by_method] == [
        (1, "tier_1_hybrid", 1),
        (1, "tier_3_spend_based", 1),
    ]
    # Alone, each is as sure as its row says; what they share counts in the category and for a supplier.
    assert [row.amount.std_kg for row in totals.by_method] == pytest.approx([50.0, 50.0], rel=1e-12)
    assert [(row.category, row.amount) for row in totals.by_category] == [(1, totals.total)]
    assert [(one.supplier, one.amount) for one in totals.suppliers] == [("S-1", totals.total)]


def test_each_category_and_each_supplier_has_its_own_interval(store):
    # Each 100 kg, std 50, 30 of it shared: two of a category or supplier have 6800, one 2500, all three 90^2 + 3 * 1600.
    rows = [
        result("A", 0, supplier_id="S-1"),
        result("B", 5, supplier_id="S-2"),
        result("C", 9, category=4, supplier_id="S-1"),
    ]
    totals = _totals(store, rows)
    assert totals.total.std_kg == pytest.approx(math.sqrt(8100 + 4800), rel=1e-12)
    assert {row.category: row.amount.std_kg for row in totals.by_category} == pytest.approx({1: math.sqrt(6800), 4: 50.0}, rel=1e-12)
    assert {one.supplier: one.amount.std_kg for one in totals.suppliers} == pytest.approx({"S-1": math.sqrt(6800), "S-2": 50.0}, rel=1e-12)


def test_a_cv_in_the_row_stands_before_that_of_the_factors(store):
    # A: 100 * .3 = 30. B: 100 * .1 = 10 on the same group. Variance = 40^2 + (2500 - 900) + (2500 - 100) = 5600.
    changed = result("B", 5, factor_kg_co2e=[0.0, 100.0], factor_cvs=[0.0, 0.1])
    uses = {"factors": [factor("cpi:US"), factor(correlation_group="eeio:1")]}
    assert _totals(store, [result("A", 0), changed], **uses).total.std_kg == pytest.approx(math.sqrt(5600), rel=1e-12)


def test_the_sum_does_not_depend_on_the_order(store):
    # In floating point 1e15 + 2^-20 - 1e15 is 0 or 0.000001 by the order of the rows.
    amounts = [1e15, 2.0**-20, -1e15]
    assert _totals(store, [result(f"R-{place}", place, kg_co2e=kg) for place, kg in enumerate(amounts)]).total.kg_co2e == 2.0**-20


def test_small_amounts_count(store):
    # 0.1 as a double is no multiple of 2^-62; three of them are 0.3 to the last digits all the same.
    amounts = [1e-6, 1e-6, 1e-6, -4e-6]
    total = _totals(store, [result(f"R-{place}", place, kg_co2e=kg) for place, kg in enumerate(amounts)]).total
    assert total.kg_co2e == pytest.approx(-1e-6, rel=1e-12)


def test_an_absurd_amount_does_not_stop_a_run(store):
    absurd = result("A", 0, kg_co2e=1e300, std_kg=5e299)
    total = _totals(store, [absurd, result("B", 5, kg_co2e=1e300, std_kg=1e200), result("C", 9)]).total
    assert total.kg_co2e == pytest.approx(2e300, rel=1e-12)
    assert math.isfinite(total.std_kg)


def test_the_data_quality_score_is_weighted_with_the_amounts(store):
    # (100 * 40 + |-300| * 80) / 400 = 70.
    rows = [result("A", 0), result("B", 5, kg_co2e=-300.0, dqi_score=80.0)]
    assert _totals(store, rows).dqi_mean == pytest.approx(70.0, rel=1e-12)


def test_the_largest_suppliers_come_first(store):
    rows = [result(f"R-{place}", place, supplier_id=f"S-{place:02}", kg_co2e=float(place)) for place in range(1, 13)]
    rows += [
        result("X", 50, supplier_id="S-12", supplier_name="ACME", kg_co2e=1.0),
        result("Y", 60, supplier_id=None, supplier_name="By name", kg_co2e=500.0),
        result("Z", 70, supplier_id=None, supplier_name=None, kg_co2e=900.0),
    ]
    suppliers = _totals(store, rows).suppliers
    assert len(suppliers) == 10
    # The name bytewise first: capitals come before small letters.
    assert [(one.supplier, one.supplier_name, one.amount.records, one.amount.kg_co2e) for one in suppliers[:3]] == [
        ("By name", "By name", 1, 500.0),
        ("S-12", "ACME", 2, 13.0),
        ("S-11", "Acme", 1, 11.0),
    ]
