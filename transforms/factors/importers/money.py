"""Exchange rates and the price index that bring an amount to the prices of a factor.

    USD per unit = mean of the year's USD per EUR / mean of the year's units per EUR

A currency that was not quoted on 95 % of a year's days has no rate for it, and neither has a year that has
not ended. Sources: European Central Bank, euro foreign exchange reference rates (`eurofxref-hist.csv`, or annual
means made from it); US Bureau of Labor Statistics, CPI-U, all items, not seasonally adjusted, annual average
(series CUUR0000SA0; `cu.data.1.AllItems`, or its annual averages alone).
"""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers.cells import Line, lines_below, read_cells
from transforms.factors.importers.iso_codes import CURRENCIES
from transforms.factors.importers.published import Imported, Publication, Row, Wanted, factor_row, number, year_of

_FREE = "free reuse with the source named"

ECB = Publication(
    "ecb-fx",
    "ECB euro reference rates, annual means",
    "ecb-fx",
    _FREE,
    "2026-11-25",
    attribution="Source: European Central Bank, euro foreign exchange reference rates",
)
CPI = Publication(
    "us-cpi",
    "US Bureau of Labor Statistics CPI-U, annual average",
    "us-cpi",
    "US Government work, public domain",
    "2026-11-25",
    attribution="US Bureau of Labor Statistics, Consumer Price Index for All Urban Consumers, series CUUR0000SA0",
)

_QUOTED_SHARE = 0.95
# The fewest days with rates of any whole year since 1999 are 254.
_DAYS = 250
_SERIES = "CUUR0000SA0"
# 13th month: the annual average.
_ANNUAL = "M13"
_INDEX = "index_1982_84_100"


def exchange_rates(path: Path, wanted: Wanted) -> Imported:
    """Returns a row a currency and year, USD per unit of the currency.

    Raises:
        UserFault: another layout, a code that is no currency, a cell without a number above 0, or no whole year.
    """
    publication = wanted.named(ECB)
    common = {"family": "fx", "boundary": "parameter", "region": "GLOBAL", "unit": "usd_per_unit"}
    cells = read_cells(path)
    daily = any(row[:1] == ["Date"] for row in cells[:1])
    rates, notes = _of_days(path, cells, wanted.today) if daily else (list(_of_years(path, cells)), ())
    rows = [factor_row(publication, **common, key=code, year=year, value=rate) for code, year, rate in rates]
    return Imported(publication, rows, notes)


def _of_years(path: Path, rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, int, float]]:
    for place, cells in lines_below(path, rows, ["currency", "year", "usd_per_unit"]):
        rate = _above_zero(place, "usd_per_unit", cells["usd_per_unit"])
        yield _currency(place, cells["currency"]), year_of(place, "year", cells["year"]), rate


def _of_days(path: Path, rows: Sequence[Sequence[str]], today: str) -> tuple[list[tuple[str, int, float]], tuple[str, ...]]:
    """Returns currency, year and mean rate, and what is to be told."""
    days: dict[int, int] = defaultdict(int)
    quoted: dict[tuple[str, int], list[float]] = defaultdict(list)
    seen = set()
    for place, cells in lines_below(path, rows, ["Date", "USD"]):
        if cells["Date"] in seen:
            raise UserFault(f"{place}: {cells['Date']} stands twice")
        seen.add(cells["Date"])
        year = year_of(place, "Date", cells["Date"][:4])
        days[year] += 1
        # Both stand in every line: what is below rests on the first, and is what the second is counted against.
        quoted["EUR", year].append(1.0)
        quoted["USD", year].append(_above_zero(place, "USD", cells["USD"]))
        for code, text in cells.items():
            if code not in ("Date", "USD") and text not in ("", "N/A"):
                quoted[_currency(place, code), year].append(_above_zero(place, code, text))
    parts = {year for year, count in days.items() if count < _DAYS or year >= int(today[:4])}
    if parts == set(days):
        raise UserFault(
            f"{path.name} holds no whole year of at least {_DAYS} days; take eurofxref-hist.csv, which holds all days since 1999"
        )
    means = [
        (code, year, statistics.fmean(quoted["USD", year]) / statistics.fmean(rates))
        for (code, year), rates in quoted.items()
        if year not in parts and len(rates) >= _QUOTED_SHARE * days[year]
    ]
    notes = (f"No rate for {', '.join(map(str, sorted(parts)))}: the file does not hold the whole year.",) if parts else ()
    return means, notes


def price_index(path: Path, wanted: Wanted) -> Imported:
    """Returns a row a year, 1982-84 = 100.

    Raises:
        UserFault: another layout or series, or a cell without a number above 0.
    """
    publication = wanted.named(CPI)
    common = {"family": "price_index", "key": "cpi", "boundary": "parameter", "region": "US", "unit": "index"}
    cells = read_cells(path)
    of_months = any("period" in row for row in cells[:1])
    columns = ["series_id", "year", "period", "value"] if of_months else ["series", "year", _INDEX]
    lines = [line for line in lines_below(path, cells, columns) if line.cells[columns[0]] == _SERIES]
    if of_months:
        lines = [line for line in lines if line.cells["period"] == _ANNUAL]
    if not lines:
        raise UserFault(f"{path.name} holds no annual average of the series {_SERIES} (CPI-U, all items); it is the file of another series")
    return Imported(publication, [factor_row(publication, **common, **_index_of(line, columns)) for line in lines])


def _index_of(line: Line, columns: Sequence[str]) -> Row:
    column = columns[-1]
    return {"year": year_of(line.place, "year", line.cells["year"]), "value": _above_zero(line.place, column, line.cells[column])}


def _currency(place: str, code: str) -> str:
    if code not in CURRENCIES:
        raise UserFault(
            f"{place}: {code!r} is no currency of ISO 4217; pence and cents (GBX, GBp) have no code, give the rate of their currency"
        )
    return code


def _above_zero(place: str, column: str, text: str) -> float:
    value = number(place, column, text)
    if not 0 < value < float("inf"):
        raise UserFault(f"{place}: {column} is {text}; it must be more than 0")
    return value
