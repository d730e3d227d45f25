"""Category 8, upstream leased assets [14.8], and what category 13 shares with it."""

from typing import TYPE_CHECKING

from tests.oracle.energy import block_terms, floor_terms, has_energy
from tests.oracle.leases import gate_warnings, share_of_year
from tests.oracle.methods import METHODS
from tests.oracle.terms import Outcome, given_term, row_term
from tests.oracle.values import Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    kind, _ = oracle.enum(record, "building_type")
    floor = "floor_area_m2" in has and kind is not None
    return [
        (
            "actual_energy_consumption",
            has_energy(record),
            lambda: measured(oracle, record, "actual_energy_consumption", record.get("share_of_building", 1.0)),
        ),
        ("lessor_specific_allocation", {"lessor_s12_kg_co2e", "share_of_building"} <= has, lambda: _lessor(record)),
        ("floor_area_intensity", floor, lambda: floor_area(oracle, record, "floor_area_intensity", record.get("floor_area_m2", 0.0), 0.28)),
        ("tier_3_asset_average", {"asset_key", "asset_count"} <= has, lambda: asset_average(oracle, record)),
    ]


def measured(oracle: "Oracle", record: Row, method: str, share: float) -> Outcome:
    """Energy as measured within the year; of a whole building the share that is leased."""
    whole = record.get("energy_scope") == "whole_building"
    return Outcome(block_terms(oracle, record, method, share if whole else 1.0), (), gate_warnings(record))


def _lessor(record: Row) -> Outcome:
    own, method = "lessor_s12_kg_co2e", "lessor_specific_allocation"
    term = given_term(method, own, 1.0, "kg_co2e", record[own] * record["share_of_building"])
    return Outcome([term], (METHODS[method].activity_cv,), gate_warnings(record))


def floor_area(oracle: "Oracle", record: Row, method: str, area: float, cv: float) -> Outcome:
    kind, told = oracle.enum(record, "building_type")
    assert kind is not None
    terms = floor_terms(oracle, record, method, kind, "building_type", area * share_of_year(record), cv=cv)
    return Outcome(terms, (), told | gate_warnings(record) | {"W_AREA_INTENSITY"})


def asset_average(oracle: "Oracle", record: Row) -> Outcome:
    found = oracle.find("asset_average", ("scope12",), record["asset_key"], record, "unit", "asset_key")
    kg = record["asset_count"] * share_of_year(record) * found.value
    return Outcome([row_term("tier_3_asset_average", found, kg)], (), gate_warnings(record) | {"W_ESTIMATED"})
