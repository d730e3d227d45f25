"""Category 9, downstream transportation and distribution [14.9]."""

from typing import TYPE_CHECKING

from tests.oracle.cat04 import before_sites, sites
from tests.oracle.freight import aggregate
from tests.oracle.money import spend_method
from tests.oracle.terms import Outcome
from tests.oracle.values import Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.calculation import Attempt, Oracle

_AVERAGES = {"total_shipments", "average_distance_km", "average_weight_tonnes", "transport_mode"}


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    attempts: list[Attempt] = [
        *before_sites(oracle, record, "iso_14083_downstream_logistics"),
        *sites(oracle, record),
        ("aggregate_shipping_statistics", has >= _AVERAGES, lambda: aggregate(oracle, record)),
        ("tier_3_spend_based", {"spend_amount", "naics_code"} <= has, lambda: spend_method(oracle, record)),
    ]
    return [(label, complete, _told(record, work)) for label, complete, work in attempts]


def _told(record: Row, work: "Callable[[], Outcome]") -> "Callable[[], Outcome]":
    def told() -> Outcome:
        outcome = work()
        outcome.warnings |= {"W_LAST_MILE"} if record.get("is_last_mile") else set()
        return outcome

    return told
