"""Terms of a record, and the result that they add up to [8, 9, 10.4]."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.oracle.factors import Found
from tests.oracle.methods import METHODS
from tests.oracle.quality import composite, factor_cv, pedigree_mean
from tests.oracle.values import Row

_Z = 1.6448536269514722

# Values by id and unit.
Entries = dict[tuple[str, str], float]


@dataclass
class Term:
    """One summand: its amounts, the cv of its factor and of its own activity, its correlation group and its factors."""

    direct: float
    upstream: float
    cv: float
    group: str
    lead: str
    quality: float
    entries: Entries
    activity_cv: float = 0.0
    pedigree: float | None = None
    rows: list[Row] = field(default_factory=list)
    warnings: set[str] = field(default_factory=set)
    gwp: set[str] = field(default_factory=set)
    memo: dict[str, float] = field(default_factory=dict)
    found: Found | None = None


@dataclass
class Outcome:
    """What a method comes to: terms, cv of the record's activity, and what else the result shows."""

    terms: list[Term]
    cvs: tuple[float, ...] = ()
    warnings: set[str] = field(default_factory=set)
    columns: Row = field(default_factory=dict)
    upstream_counts: bool = False


def row_term(
    method: str,
    found: Found,
    direct: float,
    upstream: float = 0.0,
    *,
    default_cv: float | None = None,
    activity_cv: float = 0.0,
    group: str | None = None,
    memo: dict[str, float] | None = None,
) -> Term:
    """Returns the term of a loaded factor."""
    constants, lead = METHODS[method], found.lead
    scores = (found.geographic, found.temporal, found.technological)
    cv = factor_cv(lead, *scores, constants.factor_cv if default_cv is None else default_cv)
    mean = pedigree_mean(lead, *scores)
    quality = constants.quality if mean is None else composite(mean, lead["source_class"], constants.tier)
    own_group = lead["correlation_group"] or group or lead["factor_id"].split("#")[0]
    name = lead["factor_id"]
    rows, memo = list(found.rows), memo or {}
    return Term(direct, upstream, cv, own_group, name, quality, {}, activity_cv, mean, rows, set(found.warnings), memo=memo, found=found)


def given_term(
    method: str,
    name: str,
    value: float,
    unit: str,
    direct: float,
    upstream: float = 0.0,
    *,
    cv: float | None = None,
    activity_cv: float = 0.0,
    quality: float | None = None,
    beside: Found | None = None,
) -> Term:
    """Returns the term of a factor or an amount that the record gives; `beside` are loaded rows next to it."""
    constants, own = METHODS[method], f"record:{name}"
    term = Term(direct, upstream, constants.factor_cv if cv is None else cv, own, own, constants.quality, {(own, unit): value}, activity_cv)
    if quality is not None:
        term.quality = quality
    if beside is not None:
        # The row that the record replaces is not in use; its further boundaries are.
        term.rows, term.warnings = list(beside.rows), set(beside.warnings)
    return term


def gas_term(method: str, gas: str, gwp: float, gwp_set: str, kg: float, activity_cv: float = 0.10) -> Term:
    """Returns the term of a gas given in kg [11, 13.1]."""
    name = f"gwp:{gas}"
    return Term(kg, 0.0, 0.0, name, name, METHODS[method].quality, {(name, "kg"): gwp}, activity_cv, gwp={gwp_set})


def result_of(record: Row, method: str, outcome: Outcome, options: Row, fallback: tuple[str, str] | None, credit: bool) -> Row:
    """Returns the columns of a result; those that speak of the fallback and of the shared variance are for tests."""
    constants, terms = METHODS[method], outcome.terms
    amounts = [term.direct + (term.upstream if outcome.upstream_counts else 0.0) for term in terms]
    total = math.fsum(amounts)
    shared, variance = _variances(terms, amounts, outcome.cvs)
    low, middle, high, mixed = _quantiles(amounts, variance)
    absolute = math.fsum(abs(kg) for kg in amounts)
    # All m_j = 0: the method's constant.
    quality = (
        math.fsum(abs(kg) * term.quality for kg, term in zip(amounts, terms, strict=True)) / absolute if absolute else constants.quality
    )
    warnings = outcome.warnings | _warnings(terms, quality, options)
    warnings |= {"W_MIXED_SIGN"} if mixed else set()
    warnings |= {"W_TIER_FALLBACK"} if fallback else set()
    sign = 1.0
    if credit:
        sign, low, middle, high = -1.0, -high, -middle, -low
        warnings.add("W_CREDIT_NOTE")
    std = math.sqrt(variance)
    columns: Row = {
        "kg_co2e": sign * total,
        "kg_co2e_direct": sign * math.fsum(term.direct for term in terms),
        "kg_co2e_upstream": sign * math.fsum(term.upstream for term in terms),
        "std_kg": std,
        "p5_kg": low,
        "p50_kg": middle,
        "p95_kg": high,
        "cv": std / abs(total) if total else None,
        "dqi_score": quality,
        "dqi_rating": next((name for limit, name in ((80, "excellent"), (60, "good"), (40, "fair")) if quality >= limit - 1e-9), "poor"),
        "pedigree_mean": _pedigree(terms, amounts),
        "method": method,
        "tier": constants.tier,
        "ghgp_method": constants.ghgp_method,
        "warnings": warnings,
        "fallback_from": fallback[0] if fallback else None,
        "fallback_reason": fallback[1] if fallback else None,
        "shared_variance": shared,
        **_lists(terms, amounts, sign),
        **dict.fromkeys(("avoided_kg_co2e", "biogenic_kg_co2", "rf_uplift_kg_co2e", "annualised_kg_co2e", "telework_kg_co2e")),
        **dict.fromkeys(("investee_scope3_kg_co2e", "pcaf_score", "attribution_factor", "lulucf_kg_co2e", "lifetime_kg_co2e")),
    }
    for term in terms:
        for name, kg in term.memo.items():
            columns[name] = (columns[name] or 0.0) + kg
    if record["category"] == 2 and "useful_life_years" in record:
        columns["annualised_kg_co2e"] = sign * total / record["useful_life_years"]
    return columns | outcome.columns


def _variances(terms: list[Term], amounts: list[float], cvs: tuple[float, ...]) -> tuple[float, float]:
    """Returns the sum of squared D_g, and the variance [9.1]."""
    groups: dict[str, float] = {}
    for term, kg in zip(terms, amounts, strict=True):
        groups[term.group] = groups.get(term.group, 0.0) + kg * term.cv
    shared = math.fsum(part * part for part in groups.values())
    activity = math.prod(1 + cv * cv for cv in cvs) - 1
    own = math.fsum(kg**2 * term.activity_cv**2 * (1 + term.cv**2) for term, kg in zip(terms, amounts, strict=True))
    total = math.fsum(amounts)
    return shared, shared + activity * (total**2 + shared) + (1 + activity) * own


def _quantiles(amounts: list[float], variance: float) -> tuple[float, float, float, bool]:
    """Returns p5, p50, p95 and whether the terms are of both signs [9.1, 9.3]."""
    total, std = math.fsum(amounts), math.sqrt(variance)
    if min(amounts, default=0.0) < 0 < max(amounts, default=0.0):
        return total - _Z * std, total, total + _Z * std, True
    if total == 0:
        return 0.0, 0.0, 0.0, False
    sigma = math.sqrt(math.log1p((std / total) ** 2))
    middle = abs(total) * math.exp(-sigma * sigma / 2)
    low, high = middle * math.exp(-_Z * sigma), middle * math.exp(_Z * sigma)
    return (low, middle, high, False) if total > 0 else (-high, -middle, -low, False)


def _warnings(terms: list[Term], quality: float, options: Row) -> set[str]:
    rows = [row for term in terms for row in term.rows]
    warnings = set().union(*(term.warnings for term in terms))
    if quality < options["low_dqi_threshold"] - 1e-9:
        warnings.add("W_LOW_DQI")
    if len({row["gwp"] for row in rows if row["gwp"] is not None}.union(*(term.gwp for term in terms))) > 1:
        warnings.add("W_GWP_MIXED")
    if not all(row["verified"] for row in rows):
        warnings.add("W_FACTOR_UNSOURCED")
    return warnings


def _pedigree(terms: list[Term], amounts: list[float]) -> float | None:
    """Returns the mean weighted with the amounts of the terms that have one."""
    pairs = [(abs(kg), term.pedigree) for term, kg in zip(terms, amounts, strict=True) if term.pedigree is not None]
    weight = math.fsum(kg for kg, _ in pairs)
    if not pairs:
        return None
    return math.fsum(kg * mean for kg, mean in pairs) / weight if weight else math.fsum(mean for _, mean in pairs) / len(pairs)


def _lists(terms: Iterable[Term], amounts: list[float], sign: float) -> Row:
    entries: Entries = {}
    led: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for term, kg in zip(terms, amounts, strict=True):
        own = {(row["factor_id"], row["unit"]): row["value"] for row in term.rows} | term.entries
        entries |= own
        lead = next((name for name in own if name[0] == term.lead), None)
        if lead is not None:
            led.setdefault(lead, []).append((kg, term.cv))
    names = sorted(entries)
    return {
        "factor_ids": [name for name, _ in names],
        "factor_values": [entries[name] for name in names],
        "factor_units": [unit for _, unit in names],
        "factor_kg_co2e": [sign * math.fsum(kg for kg, _ in led.get(name, [])) for name in names],
        "factor_cvs": [_shown_cv(led.get(name, [])) for name in names],
    }


def _shown_cv(led: list[tuple[float, float]]) -> float:
    """Returns the cv at a lead row: of several terms, what gives their sum of m·f [9.6]."""
    weight = math.fsum(kg for kg, _ in led)
    if weight:
        return math.fsum(kg * cv for kg, cv in led) / weight
    return led[0][1] if led else 0.0
