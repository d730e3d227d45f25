"""Exchange rates and the price index that bring an amount to the prices of a factor.

Sources: European Central Bank, euro foreign exchange reference rates; US Bureau of Labor
Statistics, CPI-U, all items, annual average (CUUR0000SA0).
"""

from pathlib import Path

from transforms.factors.importers.published import Publication, factor_row, number, read_rows

ECB = Publication("ecb-fx", "ECB euro reference rates, annual means", "ecb-fx", "free reuse with the source named", "2026-11-25")
CPI = Publication(
    "us-cpi", "US Bureau of Labor Statistics CPI-U, annual average", "us-cpi", "US Government work, public domain", "2026-11-25"
)


def exchange_rates(path: Path) -> list[dict[str, object]]:
    """Returns a row a currency and year, USD per unit of the currency.

    Raises:
        UserFault: another layout, or a cell without a number.
    """
    common = {"family": "fx", "boundary": "parameter", "region": "GLOBAL", "unit": "usd_per_unit"}
    return [
        factor_row(
            path,
            ECB,
            **common,
            key=cells["currency"],
            year=int(cells["year"]),
            value=number(path, line, "usd_per_unit", cells["usd_per_unit"]),
        )
        for line, cells in read_rows(path, ["currency", "year", "usd_per_unit"])
    ]


def price_index(path: Path) -> list[dict[str, object]]:
    """Returns a row a year, 1982-84 = 100.

    Raises:
        UserFault: another layout, or a cell without a number.
    """
    column = "index_1982_84_100"
    common = {"family": "price_index", "key": "cpi", "boundary": "parameter", "region": "US", "unit": "index"}
    return [
        factor_row(path, CPI, **common, year=int(cells["year"]), value=number(path, line, column, cells[column]))
        for line, cells in read_rows(path, ["series", "year", column])
    ]
