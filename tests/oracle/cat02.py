"""Category 2, capital goods [14.2]."""

from typing import TYPE_CHECKING

from tests.oracle.cat01 import average_data, footprint
from tests.oracle.money import in_usd, spend_method, spend_outcome
from tests.oracle.terms import Outcome, given_term
from tests.oracle.values import Row, year_of

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

# cv of tier_2_asset_spend, and the code that stands for the class.
_ASSETS = {
    "buildings": (0.25, "236220"),
    "machinery": (0.20, "333249"),
    "vehicles": (0.18, "336111"),
    "it_equipment": (0.15, "334111"),
    "other_equipment": (0.30, "337214"),
}


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    asset, _ = oracle.enum(record, "asset_category")
    pcf = "supplier_pcf_total_kg_co2e" in has or {"supplier_pcf", "quantity"} <= has
    average = "quantity" in has and bool({"product_category", "product_code"} & has)
    factor = "emission_factor_kg_co2e_per_usd" in has or bool(asset and oracle.resolver.rows("asset_spend", asset))
    spend = "spend_amount" in has
    return [
        ("tier_1_supplier_pcf", pcf, lambda: footprint(oracle, record)),
        ("tier_2_average_data", average, lambda: average_data(oracle, record)),
        ("tier_2_asset_spend", spend and factor, lambda: _asset_spend(oracle, record)),
        ("tier_3_spend_based", spend and ("naics_code" in has or asset is not None), lambda: _spend(oracle, record)),
    ]


def _asset_spend(oracle: "Oracle", record: Row) -> Outcome:
    asset, told = oracle.enum(record, "asset_category")
    cv, own = _ASSETS[asset or "other_equipment"][0], "emission_factor_kg_co2e_per_usd"
    if own in record:
        year = year_of(record, "spend_year")
        rate, rows, warnings = in_usd(oracle, record.get("spend_currency"), year, "spend_currency")
        kg, own_cv = abs(record["spend_amount"]) * rate * record[own], oracle.given_cv(record, "emission_factor_cv", cv)
        term = given_term("tier_2_asset_spend", own, record[own], "USD", kg, cv=own_cv)
        term.rows += rows
        return Outcome([term], (0.15,), warnings)
    assert asset is not None
    family, boundary, name = "asset_spend", "cradle_to_gate", "asset_category"
    outcome = spend_outcome(oracle, record, "tier_2_asset_spend", family, boundary, asset, name, cv=cv)
    outcome.warnings |= told
    return outcome


def _spend(oracle: "Oracle", record: Row) -> Outcome:
    if "naics_code" in record:
        return spend_method(oracle, record, activity_cv=0.20)
    asset, told = oracle.enum(record, "asset_category")
    assert asset is not None
    outcome = spend_method(oracle, record, (_ASSETS[asset][1], "asset_category", 4), 0.20)
    outcome.warnings |= told
    return outcome
