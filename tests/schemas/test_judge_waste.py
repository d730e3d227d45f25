"""The two judges on records of waste: lists of parts, shares that make up a whole, and exclusive alternatives."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.findings import Refusal
from schemas.records import RECORDS
from schemas.records.fields import fields_of
from schemas.records.judge import judge_record
from tests.records import make_record
from tests.schemas.test_judge import _verdicts

_CONFIG = Config()
# At the limit, on both sides of it, and far off.
_shares = st.sampled_from([None, None, 0, 0.01, 0.3, 0.5, 0.51, 0.505, 0.99, 1.0, 1, 50, "0.5", "x", -0.1])
_part = st.fixed_dictionaries(
    {"material": st.sampled_from(["plastic", "Steel", "aluminium", "gold", None]), "weight_kg": st.sampled_from([1, 0.5, 0, "2", None])},
    optional={"recycling_rate": _shares, "colour": st.just("red")},
)
_parts = st.one_of(st.none(), st.lists(_part, max_size=3))
_amounts = st.sampled_from([None, 1, 2.5, "3", 0, -1, "much"])
_SHARES = ("landfill_share", "recycling_share", "incineration_share", "composting_share", "incineration_energy_recovery_share")

_operations = st.fixed_dictionaries(
    {
        "waste_mass_kg": _amounts,
        "wastewater_m3": _amounts,
        "waste_type": st.sampled_from([None, "plastic", "wastewater", "Waste Water", "organic waste"]),
        "disposal_method": st.sampled_from([None, "landfill", "wastewater treatment", "wastewater_treatment"]),
        "recycling_rate": _shares,
    }
).map(lambda changes: make_record(5, **changes))
_products = st.fixed_dictionaries(
    {
        "units_sold": st.sampled_from([None, 5, 5.0, 2.5, 0]),
        "weight_kg": _amounts,
        "product_description": st.sampled_from([None, "crate", "box"]),
        "material_composition": _parts,
        "packaging": _parts,
        **dict.fromkeys(_SHARES, _shares),
    }
).map(lambda changes: make_record(12, **changes))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.one_of(_operations, _products), min_size=1, max_size=8))
def test_columns_of_text_get_the_verdict_that_each_record_gets_alone(records):
    as_text = [{name: value if isinstance(value, str) else json.dumps(value) for name, value in one.items()} for one in records]
    names = {name for record in as_text for name in record}
    columns = {name: pa.array([record.get(name) for record in as_text], pa.string()) for name in names}
    assert _verdicts(columns, len(records), _CONFIG) == [judge_record(record, _CONFIG, row) for row, record in enumerate(as_text)]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=6), st.floats(0.985, 1.015))
def test_typed_shares_get_the_verdict_that_each_record_gets_alone(several, total):
    rows = [[share / sum(shares) * total for share in shares] if sum(shares) else shares for shares in several]
    records = [make_record(12, **dict(zip(_SHARES, shares, strict=False))) for shares in rows]
    columns = {name: pa.array([record[name] for record in records]) for name in records[0]}
    assert _verdicts(columns, len(records), _CONFIG) == [judge_record(record, _CONFIG, row) for row, record in enumerate(records)]


@pytest.mark.parametrize(("total", "right"), [(0.99, True), (1.01, True), (0.9899, False), (1.0101, False)])
def test_shares_may_miss_the_whole_by_a_hundredth(total, right):
    verdict = judge_record(make_record(12, landfill_share=0.5, recycling_share=total - 0.5), _CONFIG)
    assert isinstance(verdict, Refusal) is not right


@pytest.mark.parametrize("category", [5, 12])
def test_fields_stand_in_the_order_of_the_specification(category):
    names = [field.name for field in fields_of(RECORDS[category])][6:]
    assert (
        names
        == {
            5: [
                *(
                    "waste_mass_kg",
                    "wastewater_m3",
                    "waste_type",
                    "disposal_method",
                    "waste_description",
                    "waste_handler",
                    "recycling_rate",
                ),
                *("supplier_disposal_kg_co2e_per_kg", "emission_factor_kg_co2e_per_kg", "incineration_energy_recovery_share"),
            ],
            12: ["product_name", "units_sold", "weight_kg", "material_composition", "primary_material", "packaging", *_SHARES],
        }[category]
    )
