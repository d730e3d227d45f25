"""Treatment of waste: its factors, and how a country treats it where the record does not say [14.5, 14.12]."""

from typing import TYPE_CHECKING

from tests.oracle.factors import Found
from tests.oracle.terms import Term, row_term
from tests.oracle.values import Cannot, Row, fallback_warnings, nearest, places, temporal

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

TREATMENTS = ("landfill", "recycling", "incineration", "composting")

# Shares by treatment, warnings, rows.
Split = tuple[dict[str, float], set[str], list[Row]]


def treatment(oracle: "Oracle", record: Row, kind: str, how: str, name: str, unit_name: str, unit: str = "kg") -> Found:
    also = ("avoided", "biogenic")
    return oracle.find("waste", ("treatment",), f"{kind}:{how}", record, unit, name, unit_name, also=also)


def waste_term(method: str, found: Found, mass: float, cv: float | None = None, *, avoided: bool = True) -> Term:
    """Returns the term of some waste, with what is told beside its total."""
    memo = {}
    for boundary, column in (("avoided", "avoided_kg_co2e"), ("biogenic", "biogenic_kg_co2")):
        if boundary in found.also and (avoided or boundary != "avoided"):
            memo[column] = mass * found.use(boundary)
    return row_term(method, found, mass * found.value, default_cv=cv, memo=memo)


def burned(oracle: "Oracle", record: Row, kind: str, name: str, unit_name: str) -> Found:
    """Returns incineration with and without recovery of energy by the share of the record; with recovery it leads [9.1]."""
    share = record.get("incineration_energy_recovery_share", 0.0)
    parts = []
    failures = []
    for how, weight in (("incineration_with_energy_recovery", share), ("incineration", 1 - share)):
        if weight:
            try:
                parts.append((weight, treatment(oracle, record, kind, how, name, unit_name)))
            except Cannot as failure:
                failures.append(failure)
    if failures:
        raise min(failures, key=lambda failure: failure.code != "E_UNIT")
    (weight, found), *others = parts
    found.value *= weight
    _scale(found, weight)
    for other_weight, other in others:
        found.value += other_weight * other.value
        found.join(other)
        _scale(other, other_weight)
        for boundary, part in other.also.items():
            if boundary in found.also:
                found.also[boundary].value += part.value
                found.also[boundary].rows += part.rows
            else:
                found.also[boundary] = part
    return found


def _scale(found: Found, weight: float) -> None:
    for part in found.also.values():
        part.value *= weight


def default_split(oracle: "Oracle", record: Row) -> Split:
    """Returns how the region treats its waste: all rows from one region, year and source; a treatment without row has share 0."""
    rows = [row for how in TREATMENTS for row in oracle.resolver.rows("treatment_split", how)]
    year = record["activity_year"]
    for place, score in places("treatment_split", record["region"], year, None, oracle.options["foreign_proxy"]):
        here = [row for row in rows if row["region"] == place]
        if here:
            best = nearest([row["year"] for row in here], year)
            first = min((row for row in here if row["year"] == best), key=lambda row: (oracle.resolver.source(row), row["factor_id"]))
            same = ("year", "source", "source_version")
            used = [row for row in here if all(row[name] == first[name] for name in same)]
            shares, told = normalised({row["key"]: row["value"] for row in used})
            if shares is None:
                raise Cannot("E_NO_FACTOR", "region")
            # Time and place of a split cost no certainty; they are told all the same [9.4].
            return shares, told | fallback_warnings(score, temporal(year - best)), used
    raise Cannot("E_NO_FACTOR", "region")


def normalised(shares: dict[str, float]) -> tuple[dict[str, float] | None, set[str]]:
    """Returns shares that sum to 1, None where they are off by more than a hundredth; with the warning for a smaller gap."""
    total = sum(shares.values())
    if abs(total - 1) > 0.01 + 1e-9:
        return None, set()
    told = {"W_SHARES_RENORMALISED"} if abs(total - 1) > 1e-9 else set()
    return {name: share / total for name, share in shares.items()}, told
