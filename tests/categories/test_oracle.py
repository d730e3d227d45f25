"""Both categories against a second calculation, written from the specification in plain Python."""

import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.config import Config
from schemas.free_text import KEYWORDS
from schemas.free_text import classify as classify_kernel
from tests.oracle import Oracle, classify
from tests.records import make_factor
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable

_US = {"region": "US", "year": 2022, "price_year": 2022, "source_version": "epa-1.3"}
_NO_GWP = {"gwp": None}

# Made so that every rule of the resolver decides something: regions, years, units, sources, aliases, parents.
_POOL = [
    make_factor("product", "steel", "cradle_to_gate", 2.0, "kg", pedigree=[2, 3, 1, 1, 3], source_class="national_inventory"),
    make_factor("product", "steel", "cradle_to_gate", 2.1, "kg", year=2017, source_version="old", cv=0.2),
    make_factor("product", "steel", "cradle_to_gate", 2.3, "kg", region="EU", cv_class="metals", correlation_group="metals"),
    make_factor("product", "steel", "cradle_to_gate", 2500.0, "t", region="GLOBAL", year=2010, pedigree=[4, 4, 4, 4, 4]),
    make_factor("product", "steel", "cradle_to_gate", 1900.0, "t", source_version="other", source_class="unknown"),
    make_factor("product", "copper", "cradle_to_gate", 4.0, "kg", region="DE", verified=False, gwp="AR4"),
    make_factor("product", "copper", "cradle_to_gate", 0.0, "kg", year=2031, pedigree=[1, 1, 1, 1, 1], source_class="primary_measured"),
    make_factor("product", "oil", "cradle_to_gate", 3.0, "kg", cv=0.0),
    make_factor("product", "part", "cradle_to_gate", 7.0, "unit"),
    make_factor("fuel_property", "oil", "parameter", 0.8, "kg_per_l", year=2020, **_NO_GWP),
    make_factor("fuel_property", "oil", "parameter", 12.0, "kwh_per_kg", region="GLOBAL", verified=False, **_NO_GWP),
    make_factor("key_alias", "product:brass", "parameter", 2.0, "share", region="GLOBAL", basis="copper", **_NO_GWP),
    make_factor("key_alias", "product:brass", "parameter", 1.0, "share", region="GLOBAL", basis="steel", **_NO_GWP),
    make_factor("key_alias", "product:crude", "parameter", 1.0, "share", region="GLOBAL", basis="oil", **_NO_GWP),
    make_factor("freight", "truck", "wtw", 0.12, "tonne_km", region="DE", gwp="AR4"),
    make_factor("freight", "truck", "ttw", 0.1, "tonne_km", correlation_group="road"),
    make_factor("freight", "truck", "wtt", 0.02, "tonne_km", correlation_group="road"),
    make_factor("freight", "van", "ttw", 0.6, "tonne_km", correlation_group="road", year=2019),
    make_factor("waste", "mixed:landfill", "treatment", 0.5, "kg"),
    make_factor("eeio", "331110", "with_margins", 0.8, "USD", **_US, correlation_group="eeio/33"),
    make_factor("eeio", "331110", "without_margins", 0.7, "USD", **_US, correlation_group="eeio/33"),
    make_factor("eeio", "3311", "with_margins", 0.75, "USD", **_US, correlation_group="eeio/33"),
    make_factor("eeio", "33", "with_margins", 0.5, "USD", **_US, correlation_group="eeio/33"),
    make_factor("eeio", "32", "with_margins", 0.6, "USD", **_US),
    make_factor("eeio", "333249", "with_margins", 0.2, "USD", **{**_US, "region": "GB", "price_year": 2020}),
    make_factor("eeio", "336111", "with_margins", 0.24, "USD", **_US, pedigree=[2, 2, 2, 2, 2]),
    make_factor("key_alias", "eeio:31-33", "parameter", 1.0, "share", region="GLOBAL", basis="32", **_NO_GWP),
    make_factor("key_alias", "eeio:31-33", "parameter", 3.0, "share", region="GLOBAL", basis="33", **_NO_GWP),
    make_factor("key_alias", "eeio:513210", "parameter", 1.0, "share", region="GLOBAL", basis="331110", **_NO_GWP),
    make_factor("asset_spend", "machinery", "cradle_to_gate", 0.3, "USD", price_year=2024, year=2024),
    make_factor("asset_spend", "vehicles", "cradle_to_gate", 0.4, "USD", region="FR", price_year=2022, cv_class="other"),
    *[
        make_factor("fx", "EUR", "parameter", rate, "usd_per_unit", region="GLOBAL", year=year, gwp=None)
        for year, rate in ((2022, 1.1), (2024, 1.2))
    ],
    *[
        make_factor("price_index", key, "parameter", value, "index", region="US", year=year, gwp=None)
        for key, year, value in (
            ("cpi", 2020, 90),
            ("cpi", 2022, 100),
            ("cpi", 2024, 110),
            ("33", 2022, 100),
            ("33", 2024, 150),
            ("3311", 2024, 9),
        )
    ],
]

_GROUPS = {row["factor_id"]: row["correlation_group"] or row["factor_id"].partition("#")[0] for row in _POOL}
_CODES = ["331110", "331111", "332000", "329999", "33", "31-33", "513210", "999999"]
_TEXTS = ["press", "Delivery trucks", "office furniture: desks, chairs", "truck and pump", "wind turbine", "Server, data centers", "VANS"]

_AMOUNTS = (0.001, 1.0, 3.0, 1234.5)
_UNITS = ("kg", "kg", "t", "lb", "l", "kWh", "unit", "piece", "tonne_km", "USD", "ton", "barrel")
_KEYS = ("steel", "steel", "copper", "oil", "crude", "brass", "part", "gold")
_REGIONS = ("GB", "GB", "DE", "HR", "US", "FR", "EU", "GLOBAL", "JP")
_YEARS = (1995, 2014, 2020, 2022, 2022, 2023, 2024, 2025, 2030)
_COMPONENTS = (
    {"kind": "material", "unit": "kg", "factor_key": "steel"},
    {"kind": "material", "unit": "t", "factor_key": "steel"},
    {"kind": "material", "unit": "kg", "factor_key": "brass"},
    {"kind": "material", "unit": "kg", "factor_key": "copper"},
    {"kind": "material", "unit": "l", "factor_key": "crude"},
    {"kind": "transport", "unit": "tonne_km", "factor_key": "truck"},
    {"kind": "transport", "unit": "short_ton_mi", "factor_key": "van"},
    {"kind": "waste", "unit": "t", "factor_key": "mixed:landfill"},
    {"kind": "other", "unit": "kg_co2e"},
    {"kind": "other", "unit": "t_co2e"},
)
_BAD_COMPONENTS = (
    {"kind": "material", "unit": "kg", "factor_key": "gold"},
    {"kind": "material", "unit": "kg"},
    {"kind": "material", "unit": "barrel", "factor_key": "steel"},
    {"kind": "material", "factor_key": "oil"},
    {"kind": "transport", "unit": "km", "factor_key": "truck"},
    {"kind": "transport", "unit": "tonne_km", "factor_key": "ship"},
    {"kind": "waste", "unit": "l", "factor_key": "mixed:landfill"},
    {"kind": "other", "unit": "kg"},
)


class _Maker:
    """Makes valid records that differ in what they give. A seed makes the same records on every machine."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def _amount(self, zero=False):
        return 0.0 if zero and self.random.random() < 0.1 else self.random.choice((*_AMOUNTS, math.exp(self.random.uniform(-6, 16))))

    def _some(self, likely, **fields):
        return {name: value for name, value in fields.items() if self.random.random() < likely}

    def _product(self, likely):
        pick = self.random.choice
        return self._some(
            likely, quantity=self._amount(), quantity_unit=pick(_UNITS), product_category=pick(_KEYS), product_code=pick(_KEYS)
        )

    def _footprint(self, likely):
        boundary = self.random.choice(("cradle_to_gate", "gate_to_gate", "cradle_to_grave"))
        return self._some(likely, supplier_pcf=self._amount(True), supplier_pcf_cv=self.random.random(), pcf_boundary=boundary)

    def _hybrid(self, likely):
        pick = self.random.choice
        parts = [{**pick(_COMPONENTS), "amount": self._amount(True)} for _ in range(self.random.randint(1, 5))]
        if self.random.random() < 0.3:
            parts += [{**pick(_BAD_COMPONENTS), "amount": self._amount(True)} for _ in range(self.random.randint(1, 2))]
            self.random.shuffle(parts)
        return self._some(likely, supplier_s12_allocated_kg_co2e=self._amount(True), hybrid_components=parts)

    def _spend(self, likely, free):
        pick = self.random.choice
        whole = self._some(likely, spend_amount=self._amount(free), naics_code=pick(_CODES))
        how = self._some(0.7, spend_currency=pick(("USD", "USD", "EUR", "JPY")), spend_year=pick(_YEARS))
        return {**whole, **how, **self._some(0.2, margins=pick(("with", "without")), price_basis=pick(("purchaser", "basic")))}

    def record(self):
        """Returns a record of either category, often with data for several methods."""
        pick = self.random.choice
        header = {"record_id": "R-1", "region": pick(_REGIONS), "activity_year": pick(_YEARS)}
        likely = [pick((0.0, 0.3, 0.95)) for _ in range(4)]
        if self.random.random() < 0.5:
            goods = {**self._product(likely[0]), **self._footprint(likely[1]), **self._hybrid(likely[2]), **self._spend(likely[3], True)}
            return {**header, "category": 1, "product_name": "part", **goods}
        own = self._some(0.2, emission_factor_kg_co2e_per_usd=self._amount(True), supplier_pcf_total_kg_co2e=self._amount(True))
        asset = self._some(
            0.5, asset_category=pick(sorted(KEYWORDS["asset_category"])), emission_factor_cv=0.4, useful_life_years=self._amount()
        )
        goods = {**self._product(likely[0]), **self._footprint(likely[1]), **self._spend(max(likely[2:]), False)}
        return {**header, "category": 2, "asset_description": pick(_TEXTS), **own, **asset, **goods}

    def options(self):
        """Returns options that change a number."""
        pick = self.random.choice
        proxies = pick(({}, {"product": "GB", "eeio": "GB"}, {"eeio": "US", "fuel_property": "GB", "asset_spend": "FR"}))
        return self._some(
            0.3,
            low_dqi_threshold=pick((40.0, 70.0, 95.0)),
            classify_free_text=False,
            uncertainty_input="halfwidth95",
            foreign_proxy=proxies,
            source_priority={"product": ["other", "old"]},
            credit_notes="net",
        )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_the_columns_say_what_the_second_calculation_says(seed):
    make = _Maker(seed)
    options = make.options()
    factors = [row for row in _POOL if make.random.random() > 0.1]
    records = [make.record() for _ in range(40)]
    if options.get("credit_notes") == "net":
        records = [_turned(record) if make.random.random() < 0.5 else record for record in records]
    config = Config(**options)
    answers = RecordCalculator(FactorTable.from_rows(factors, config), config).calculate(records)
    oracle = Oracle(factors, **options)
    for record, answer in zip(records, answers, strict=True):
        _compare(answer, oracle.calculate(record), (record, options))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_each_record_of_a_batch_gets_the_bytes_that_it_gets_alone(seed):
    make = _Maker(seed)
    config = Config()
    factors = FactorTable.from_rows(_POOL, config)
    # Both categories, good and bad ones, in any order; one calculator for all of them.
    records = [{**make.record(), "record_id": str(place)} for place in range(20)]
    calculator = RecordCalculator(factors, config)
    together = {_id_of(answer): json.dumps(answer) for answer in calculator.calculate(records)}
    make.random.shuffle(records)
    for record in records:
        (alone,) = RecordCalculator(factors, config).calculate([record]) if make.random.random() < 0.2 else calculator.calculate([record])
        assert json.dumps(alone) == together[record["record_id"]]


def _id_of(answer):
    return next(iter(answer.values()))["record_id"]


def _turned(record):
    return {**record, "spend_amount": -record["spend_amount"]} if "spend_amount" in record else record


def _compare(answer, expected, record):
    if "code" in expected:
        letter = answer.get("dead_letter")
        assert letter is not None, (record, expected, answer)
        assert (letter["code"], letter["field"]) == (expected["code"], expected["field"]), record
        return
    result = answer.get("result")
    assert result is not None, (record, expected, answer)
    for name in ("method", "tier"):
        assert result[name] == expected[name], record
    for name in ("kg_co2e", "std_kg", "p5_kg", "p50_kg", "p95_kg", "cv", "dqi_score", "annualised_kg_co2e"):
        if expected[name] is None:
            assert result[name] is None, (name, record)
        else:
            assert result[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-12), (name, record)
    codes = [text.partition(" ")[0] for text in result["warnings"]]
    assert codes == sorted(set(codes))
    assert set(codes) == expected["warnings"], record
    assert result["factor_ids"] == expected["factor_ids"], record
    if expected["fallback_from"] is not None:
        assert f"W_TIER_FALLBACK from={expected['fallback_from']} reason={expected['fallback_reason']}" in result["warnings"]
    # What a result shows adds up to its amount, and gives the shared part of its variance [8, 9.6].
    assert sum(result["factor_kg_co2e"]) == pytest.approx(result["kg_co2e"], rel=1e-9, abs=1e-12)
    shared: dict[str, float] = {}
    for name, kg, cv in zip(result["factor_ids"], result["factor_kg_co2e"], result["factor_cvs"], strict=True):
        shared[_GROUPS.get(name, name)] = shared.get(_GROUPS.get(name, name), 0.0) + kg * cv
    assert sum(part * part for part in shared.values()) == pytest.approx(expected["shared_variance"], rel=1e-9, abs=1e-12), record


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            ["van", "vans", "Vanes", "vanity", "office", "furniture", "data", "center,", "centers-presses", "press_pump", "pump", "·"]
        ),
        max_size=6,
    )
)
def test_a_text_is_read_as_the_second_calculation_reads_it(words):
    found = classify_kernel("asset_category", " ".join(words))
    assert (found and found.value) == classify(" ".join(words))
