"""Category 13, downstream leased assets [14.13]."""

from typing import TYPE_CHECKING

from tests.oracle.cat08 import asset_average, floor_area, measured
from tests.oracle.energy import has_energy
from tests.oracle.leases import gate_warnings
from tests.oracle.terms import Outcome, given_term
from tests.oracle.values import Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has, share = record.keys(), record.get("leased_share", 1.0)
    kind, _ = oracle.enum(record, "building_type")
    area = record.get("floor_area_m2", 0.0) * share
    energy, floor = "tier_1_actual_tenant_energy", "tier_2_area_based_estimation"
    return [
        ("tier_1_tenant_reported", "tenant_s12_kg_co2e" in has, lambda: _reported(record, share)),
        (energy, has_energy(record), lambda: measured(oracle, record, energy, share)),
        (floor, "floor_area_m2" in has and kind is not None, lambda: floor_area(oracle, record, floor, area, 0.25)),
        ("tier_3_asset_average", {"asset_key", "asset_count"} <= has, lambda: asset_average(oracle, record)),
    ]


def _reported(record: Row, share: float) -> Outcome:
    own = "tenant_s12_kg_co2e"
    term = given_term("tier_1_tenant_reported", own, 1.0, "kg_co2e", record[own] * share)
    return Outcome([term], (0.10,), gate_warnings(record))
