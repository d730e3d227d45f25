"""Category 4, upstream transportation and distribution [14.4], and what category 9 shares with it."""

from typing import TYPE_CHECKING

from tests.oracle.energy import block_terms, fuel, has_energy
from tests.oracle.freight import leg
from tests.oracle.money import spend_method
from tests.oracle.terms import Outcome, row_term
from tests.oracle.values import Row, known_unit

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

# What stands for a mode where the record has no code.
_SPEND = {"road": "484121", "rail": "482111", "sea": "483111", "inland": "483111", "air": "481112"}


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    spend = "spend_amount" in has and bool({"naics_code", "transport_mode"} & has)
    return [
        *before_sites(oracle, record, "iso_14083_logistics"),
        *sites(oracle, record),
        ("tier_3_spend_based", spend, lambda: _spend(oracle, record)),
    ]


def before_sites(oracle: "Oracle", record: Row, label: str) -> list["Attempt"]:
    has = record.keys()
    return [
        ("tier_1_fuel_based", {"fuel_type", "fuel_amount"} <= has, lambda: _fuel(oracle, record)),
        (label, {"transport_mode", "distance_km", "weight_tonnes"} <= has, lambda: leg(oracle, record, label)),
    ]


def sites(oracle: "Oracle", record: Row) -> list["Attempt"]:
    return [
        ("tier_1_site_energy", has_energy(record), lambda: _site(oracle, record)),
        ("tier_2_hub_average", {"hub_type", "hub_quantity"} <= record.keys(), lambda: _hub(oracle, record)),
    ]


def _fuel(oracle: "Oracle", record: Row) -> Outcome:
    found, direct, upstream, biogenic = fuel(oracle, record, record["fuel_type"], record.get("fuel_unit"), "fuel_type", "fuel_unit")
    amount = record["fuel_amount"] * record.get("allocation_share", 1.0)
    memo = {} if biogenic is None else {"biogenic_kg_co2": amount * biogenic}
    return Outcome([row_term("tier_1_fuel_based", found, amount * direct, amount * upstream, memo=memo)], (0.05,), upstream_counts=True)


def _site(oracle: "Oracle", record: Row) -> Outcome:
    terms = block_terms(oracle, record, "tier_1_site_energy", record.get("site_allocation_share", 1.0))
    return Outcome(terms, upstream_counts=True)


def _hub(oracle: "Oracle", record: Row) -> Outcome:
    unit = known_unit(record.get("hub_unit"), "hub_unit")
    found = oracle.find("hub", ("direct",), record["hub_type"], record, unit, "hub_type", "hub_unit")
    return Outcome([row_term("tier_2_hub_average", found, record["hub_quantity"] * found.value)], (0.10,))


def _spend(oracle: "Oracle", record: Row) -> Outcome:
    if "naics_code" in record:
        return spend_method(oracle, record)
    return spend_method(oracle, record, (_SPEND[record["transport_mode"].partition("_")[0]], "transport_mode", 2))
