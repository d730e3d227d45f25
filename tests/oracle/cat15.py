"""Category 15, investments by PCAF [14.15]."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.oracle import investees
from tests.oracle.energy import block_terms, has_energy
from tests.oracle.methods import METHODS
from tests.oracle.money import in_usd
from tests.oracle.terms import Outcome, Term, row_term
from tests.oracle.values import Row

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

# Attribution factor, warnings, rows.
_Share = tuple[float, set[str], list[Row]]


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    kind = record["asset_class"]
    if kind in ("commercial_real_estate", "mortgages"):
        return _real_estate(oracle, record)
    if kind == "motor_vehicle_loans":
        return _vehicles(oracle, record)
    if kind == "sovereign_debt":
        return _sovereign(oracle, record)
    return _corporate(oracle, record)


def _corporate(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has, shared = record.keys(), _denominator(record) is not None
    reported, verified = bool(set(investees.SCOPES) & has), record.get("emissions_verified", False)
    sector, _ = oracle.enum(record, "sector")
    revenue = shared and "company_revenue" in has and sector is not None
    return [
        _attempt(oracle, record, "pcaf_score_1_reported", shared and reported and verified, investees.reported),
        _attempt(oracle, record, "pcaf_score_2_reported", shared and reported and not verified, investees.reported),
        _attempt(oracle, record, "pcaf_score_2_energy", shared and has_energy(record), block_terms),
        _attempt(oracle, record, "pcaf_score_3_production", shared and "production" in has, investees.production),
        _attempt(oracle, record, "pcaf_score_4_revenue", revenue, investees.revenue),
        _attempt(oracle, record, "pcaf_score_5_assets", sector is not None, investees.assets, shared=False),
        _attempt(oracle, record, "pcaf_score_5_turnover", sector is not None, investees.turnover, shared=False),
    ]


def _real_estate(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has, shared = record.keys(), _denominator(record) is not None
    reported, verified = bool(set(investees.SCOPES) & has), record.get("emissions_verified", False)
    supplied = {investees.SUPPLIER, "electricity_kwh"} <= has
    first = investees.reported if reported and verified else investees.supplied
    second = investees.reported if reported and not verified else block_terms
    label = "pcaf_real_estate_score_"
    return [
        _attempt(oracle, record, f"{label}1", shared and ((reported and verified) or supplied), first),
        _attempt(oracle, record, f"{label}2", shared and ((reported and not verified) or has_energy(record)), second),
        _attempt(oracle, record, f"{label}3", shared and {"epc_label", "floor_area_m2"} <= has, investees.labelled),
        _attempt(oracle, record, f"{label}4", shared and {"building_type", "floor_area_m2"} <= has, investees.typed),
        _attempt(oracle, record, f"{label}5", shared and {"building_type", "building_count"} <= has, investees.buildings),
    ]


def _vehicles(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has, label = record.keys(), "pcaf_motor_vehicle_score_"
    driven = {"vehicle_type", "vehicle_distance_km"} <= has
    model, actual = driven and "vehicle_model" in has, record.get("distance_is_actual", False)
    return [
        _attempt(oracle, record, f"{label}1", {"fuel_type", "fuel_amount"} <= has, investees.fuel_burned),
        _attempt(oracle, record, f"{label}2", model and actual, investees.distance),
        _attempt(oracle, record, f"{label}3", model and not actual, investees.distance),
        _attempt(oracle, record, f"{label}4", driven, investees.distance),
        _attempt(oracle, record, f"{label}5", "vehicle_count" in has, investees.fleet),
    ]


def _sovereign(oracle: "Oracle", record: Row) -> list["Attempt"]:
    complete = _denominator(record) is not None and "country_emissions_t_co2e" in record
    verified = complete and record.get("emissions_verified", False)
    return [
        _attempt(oracle, record, "pcaf_sovereign_score_1", verified, investees.country),
        _attempt(oracle, record, "pcaf_sovereign_score_2", complete, investees.country),
    ]


def _attempt(
    oracle: "Oracle", record: Row, method: str, complete: bool, work: Callable[["Oracle", Row, str], list[Term]], *, shared: bool = True
) -> "Attempt":
    return method, complete, lambda: _outcome(oracle, record, method, work, shared)


def _outcome(oracle: "Oracle", record: Row, method: str, work: Callable[["Oracle", Row, str], list[Term]], shared: bool) -> Outcome:
    af, warnings, rows = _attribution(oracle, record) if shared else (1.0, set(), [])
    term = _one(method, work(oracle, record, method))
    term.direct, term.upstream = af * term.direct, af * term.upstream
    term.rows += rows
    score = next(int(part) for part in method.split("_") if part.isdigit())
    cv = oracle.options["pcaf_cv"][score - 1]
    # A figure of one company errs alone, an average errs for all that use it [5.3].
    term.cv = 0.0 if score <= 2 else cv
    columns: Row = {"pcaf_score": score, "attribution_factor": af if shared else None}
    if shared and "company_scope3_t_co2e" in record:
        columns["investee_scope3_kg_co2e"] = 1000 * af * record["company_scope3_t_co2e"]
    if record["asset_class"] == "sovereign_debt" and "country_emissions_with_lulucf_t_co2e" in record:
        columns["lulucf_kg_co2e"] = 1000 * af * record["country_emissions_with_lulucf_t_co2e"]
    if record.get("initial_sponsor") and "project_life_years" in record:
        columns["lifetime_kg_co2e"] = term.direct * record["project_life_years"]
    if method == "pcaf_score_3_production" or (score >= 3 and ("real_estate" in method or "motor_vehicle" in method)):
        warnings = warnings | {"W_PHYSICAL_ESTIMATE"}
    if method in ("pcaf_score_4_revenue", "pcaf_score_5_assets", "pcaf_score_5_turnover"):
        warnings = warnings | {"W_ECONOMIC_ESTIMATE"} | oracle.enum(record, "sector")[1]
    return Outcome([term], (cv,) if score <= 2 else (), warnings, columns)


def _one(method: str, parts: list[Term]) -> Term:
    """Returns the parts as one term, led by the first."""
    if not parts:
        return Term(0.0, 0.0, 0.0, "", "", METHODS[method].quality, {})
    first, *others = parts
    direct, upstream = sum(part.direct for part in parts), sum(part.upstream for part in parts)
    if first.found is None:
        term = first
        term.direct, term.upstream = direct, upstream
    else:
        for other in others:
            if other.found is not None:
                first.found.join(other.found)
        term = row_term(method, first.found, direct, upstream, group=first.group)
    # The score alone says how sure the figure is.
    term.activity_cv = 0.0
    for other in parts:
        term.rows, term.warnings = term.rows + other.rows, term.warnings | other.warnings
        term.entries, term.gwp = term.entries | other.entries, term.gwp | other.gwp
    return term


# --- attribution


def _denominator(record: Row) -> float | None:
    """Returns what the outstanding amount is divided by; None where the record does not say."""
    kind, listed = record["asset_class"], record["asset_class"] in ("listed_equity", "corporate_bonds")
    if kind in ("commercial_real_estate", "mortgages"):
        return record.get("property_value_at_origination")
    if kind == "motor_vehicle_loans":
        return record.get("vehicle_value_at_origination")
    if kind == "sovereign_debt":
        return record.get("ppp_gdp")
    if kind != "project_finance" and record.get("issuer_listed", listed):
        return record.get("evic")
    if {"total_equity", "total_debt"} <= record.keys():
        return record["total_equity"] + record["total_debt"] or None
    return None


def _attribution(oracle: "Oracle", record: Row) -> _Share:
    amount, divisor = record["outstanding_amount"], _denominator(record)
    warnings: set[str] = set()
    rows: list[Row] = []
    if divisor is None:
        return 1.0, {"W_AF_ASSUMED"}, rows
    if record["asset_class"] == "sovereign_debt":
        rate, rows, warnings = in_usd(oracle, record.get("currency"), investees.value_year(record), "currency")
        amount *= rate
    if amount / divisor > 1 + 1e-9:
        warnings = warnings | {"W_AF_CAPPED"}
    return min(amount / divisor, 1.0), warnings, rows
