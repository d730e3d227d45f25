"""Amounts of money in dollars of a factor's price year [4], and the spend method [13.2]."""

from typing import TYPE_CHECKING

from tests.oracle.factors import Found
from tests.oracle.terms import Outcome, row_term
from tests.oracle.values import Cannot, Row, year_of

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

# Rate, rows, warnings.
Worth = tuple[float, list[Row], set[str]]


def in_usd(oracle: "Oracle", currency: str | None, year: int, field: str) -> Worth:
    """Returns USD per unit of a currency in a year; nothing stands in for a missing year."""
    if currency is None or currency == "USD":
        return 1.0, [], set() if currency else {"W_CURRENCY_ASSUMED"}
    rows = [row for row in oracle.resolver.rows("fx", currency) if row["year"] == year]
    if not rows:
        raise Cannot("E_NO_FACTOR", field)
    return rows[0]["value"], rows[:1], set()


def deflator(oracle: "Oracle", year: int, price_year: int | None, naics: str | None, field: str) -> tuple[float, list[Row]]:
    """Returns the US index of the price year over that of a year, both from one source."""
    if price_year is None or price_year == year:
        return 1.0, []
    keys = [naics[:digits] for digits in range(len(naics), 1, -1)] if naics and naics.isdigit() else []
    for key in [*keys, "cpi"]:
        rows = [row for row in oracle.resolver.rows("price_index", key) if row["region"] == "US"]
        for source in dict.fromkeys((row["source"], row["source_version"]) for row in rows):
            index = {row["year"]: row for row in rows if (row["source"], row["source_version"]) == source}
            if price_year in index and year in index:
                return index[price_year]["value"] / index[year]["value"], [index[price_year], index[year]]
    raise Cannot("E_NO_FACTOR", field)


def worth(
    oracle: "Oracle", found: Found, currency: str | None, year: int, naics: str | None, fields: tuple[str, str]
) -> tuple[float, list[Row], set[str]]:
    """Returns what one unit of a currency of a year is in dollars of the factor's price year; fields: of currency and year."""
    rate, rows, assumed = in_usd(oracle, currency, year, fields[0])
    index, more = deflator(oracle, year, found.lead["price_year"], naics, fields[1])
    return rate * index, rows + more, assumed


def spend_outcome(
    oracle: "Oracle",
    record: Row,
    method: str,
    family: str,
    boundary: str,
    key: str,
    name: str,
    *,
    technological: int = 1,
    cv: float | None = None,
    activity_cv: float = 0.15,
) -> Outcome:
    """Returns spend times a factor per dollar; `name` is the field that gives the key."""
    found = oracle.find(family, (boundary,), key, record, "USD", name)
    found.technological = max(found.technological, technological)
    year = year_of(record, "spend_year")
    fields = ("spend_currency", "spend_year")
    scale, rows, warnings = worth(oracle, found, record.get("spend_currency"), year, record.get("naics_code"), fields)
    term = row_term(method, found, abs(record["spend_amount"]) * scale * found.value, default_cv=cv)
    term.rows += rows
    return Outcome([term], (activity_cv,), warnings)


def spend_method(oracle: "Oracle", record: Row, default: tuple[str, str, int] | None = None, activity_cv: float = 0.15) -> Outcome:
    """Returns the spend method; `default` is code, field and least technological score where the record has no code."""
    boundary = {"with": "with_margins", "without": "without_margins"}[record.get("margins", "with")]
    if record.get("price_basis") == "basic":
        boundary = "basic_price"
    if "naics_code" in record or default is None:
        code, name, least = record["naics_code"], "naics_code", 1
    else:
        code, name, least = default
    method = "tier_3_spend_based"
    outcome = spend_outcome(oracle, record, method, "eeio", boundary, code, name, technological=least, activity_cv=activity_cv)
    outcome.warnings.add("W_SPEND_BASED")
    return outcome
