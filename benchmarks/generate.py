"""Makes the input of the benchmarks: purchases of category 1, and a file of product factors that fits them.

    .venv/bin/python benchmarks/generate.py --records 1000000 --output purchases.jsonl --factors products.json

70 % are spend, 20 % average data and 10 % product carbon footprints of suppliers. The same number of records is always
the same file, and a shorter file is the beginning of a longer one. No record is bad.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SEED = 20_250
BLOCK = 20_000
SUPPLIERS = 20_000
NAICS_CODES = 400
PRODUCTS = 200
ACTIVITY_YEAR = 2024

_EPA = Path(__file__).parents[1] / "transforms/factors/sets/epa-1.3.parquet"

_CURRENCIES = {
    **{"US": "USD", "GB": "GBP", "DE": "EUR", "FR": "EUR", "IT": "EUR", "NL": "EUR", "SE": "SEK", "PL": "PLN"},
    **{"CN": "CNY", "JP": "JPY", "IN": "INR", "CA": "CAD", "AU": "AUD", "BR": "BRL", "KR": "KRW"},
}
_REGION_SHARES = [0.30, 0.10, 0.14, 0.07, 0.05, 0.05, 0.03, 0.03, 0.08, 0.04, 0.03, 0.03, 0.02, 0.02, 0.01]
# Suppliers abroad that send their invoices in US dollars.
_IN_DOLLARS = 0.2

_COLUMNS = (
    *("record_id", "category", "supplier_id", "supplier_name", "region", "activity_year", "product_name", "quantity", "quantity_unit"),
    *("supplier_pcf", "supplier_pcf_cv", "pcf_boundary", "product_category", "spend_amount", "spend_currency", "spend_year", "naics_code"),
)
_NUMBERS = {"category", "activity_year", "quantity", "supplier_pcf", "supplier_pcf_cv", "spend_amount", "spend_year"}

_PLACES = [
    "Halden",
    "Nordform",
    "Tyne",
    "Calder",
    "Mersey",
    "Lindqvist",
    "Bäumler",
    "Kowalski",
    "Okamoto",
    "Duarte",
    "Fairview",
    "Sørensen",
]
_TRADES = ["Steel", "Packaging", "Glassworks", "Pumps", "Aggregates", "Polymers", "Logistics", "Textiles", "Chemicals", "Electronics"]
_FORMS = ["Ltd", "GmbH", "Inc", "SA", "AB", "BV", "SpA", "KK"]
_ITEMS = [
    "machined parts",
    "corrugated boxes",
    "hydraulic hoses",
    "cleaning services",
    "control cabinets",
    "work wear",
    "process chemicals",
]
_GRADES = ["standard grade", "heavy duty", "recycled content", "food safe", "export quality", "series 2"]
_MATERIALS = ["steel", "aluminium", "glass", "paper", "cotton", "polymer", "solvent", "cement", "timber", "copper"]

# Units of records whose factor is in the unit on the left.
UNITS = {"kg": ("kg", "t", "lb"), "t": ("t", "kg"), "l": ("l", "m3")}


def naics_codes() -> list[str]:
    """Returns NAICS_CODES codes of six digits that EPA v1.3 lists, spread over its whole list."""
    keys = sorted({key for key in pq.read_table(_EPA, columns=["key"]).column("key").to_pylist() if len(key) == 6})
    return [keys[place] for place in np.linspace(0, len(keys) - 1, NAICS_CODES).astype(int).tolist()]


def product_factors() -> list[dict[str, object]]:
    """Returns factor rows for PRODUCTS keys: a row for the world each, and for some of them rows for the EU and the US."""
    random = np.random.default_rng(SEED)
    rows: list[dict[str, object]] = []
    for place, key in enumerate(_product_keys()):
        value = float(np.round(np.exp(random.normal(0.5, 0.8)), 4))
        unit = _factor_unit(place)
        years = (
            {"GLOBAL": 2019 if place % 10 == 0 else 2022}
            | ({"EU": 2023} if place % 3 == 0 else {})
            | ({"US": 2021} if place % 4 == 0 else {})
        )
        for region, year in years.items():
            rows.append(
                {
                    "factor_id": f"product:{key}@{region}/{year}/bench-1#cradle_to_gate",
                    "family": "product",
                    "key": key,
                    "boundary": "cradle_to_gate",
                    "region": region,
                    "year": year,
                    "value": value * (1000.0 if unit == "t" else 1.0),
                    "unit": unit,
                    "cv": 0.2 if place % 3 == 1 else None,
                    "pedigree": [2, 3, 1, 2, 1 + place % 4] if place % 3 == 2 else None,
                    "source_class": "national_lca" if place % 6 == 2 else None,
                    "verified": place % 11 != 0,
                    "source": "invented for benchmarks",
                    "source_version": "bench-1",
                    "licence": "CC0-1.0",
                    "retrieved_on": "2025-01-01",
                    "source_sha256": "0" * 64,
                }
            )
            value = round(value * 0.9, 4)
    return rows


def _product_keys() -> list[str]:
    return [f"{_MATERIALS[place % len(_MATERIALS)]}_{place:03d}" for place in range(PRODUCTS)]


def _factor_unit(place: int) -> str:
    return ("kg", "kg", "kg", "t", "l")[place % 5]


class _Suppliers:
    """Who sells: a supplier has one country and one currency."""

    def __init__(self) -> None:
        random = np.random.default_rng(SEED + 1)
        regions = list(_CURRENCIES)
        region = random.choice(len(regions), SUPPLIERS, p=_REGION_SHARES)
        currency = np.array([_CURRENCIES[one] for one in regions])[region]
        currency[random.random(SUPPLIERS) < _IN_DOLLARS] = "USD"
        place, trade, form = (random.integers(len(words), size=SUPPLIERS) for words in (_PLACES, _TRADES, _FORMS))
        numbers = range(SUPPLIERS)
        self.ids = pa.array([f"S-{number:05d}" for number in numbers])
        self.names = pa.array([f"{_PLACES[place[i]]} {_TRADES[trade[i]]} {i:05d} {_FORMS[form[i]]}" for i in numbers])
        self.regions = pa.array(np.array(regions)[region])
        self.currencies = pa.array(currency)


def blocks(records: int) -> Iterator[dict[str, pa.Array]]:
    """Yields the columns of at most BLOCK records at a time, as text; null where a record lacks the field."""
    suppliers, codes, keys = _Suppliers(), pa.array(naics_codes()), _product_keys()
    units = [UNITS[_factor_unit(place)] for place in range(PRODUCTS)]
    names = pa.array([f"{item}, {grade}".replace(",", "") for item in _ITEMS for grade in _GRADES])
    for start in range(0, records, BLOCK):
        # Always a whole block, so that a shorter file is the beginning of a longer one.
        random = np.random.default_rng([SEED, start])
        kind = random.choice(3, BLOCK, p=[0.7, 0.2, 0.1])
        spend, average, pcf = kind == 0, kind == 1, kind == 2
        supplier = pa.array(random.integers(SUPPLIERS, size=BLOCK))
        product = random.integers(PRODUCTS, size=BLOCK)
        pick = random.random(BLOCK)
        unit = np.array([units[one][int(place * len(units[one]))] for one, place in zip(product.tolist(), pick.tolist(), strict=True)])
        columns = {
            "record_id": pc.binary_join_element_wise("PO-2024-", pc.utf8_lpad(_text(np.arange(start, start + BLOCK)), 9, "0"), ""),
            "category": pa.array(["1"] * BLOCK),
            "supplier_id": suppliers.ids.take(supplier),
            "supplier_name": suppliers.names.take(supplier),
            "region": suppliers.regions.take(supplier),
            "activity_year": pa.array([str(ACTIVITY_YEAR)] * BLOCK),
            "product_name": names.take(pa.array(random.integers(len(names), size=BLOCK))),
            "quantity": _where(~spend, _text(np.round(np.exp(random.normal(5, 2, BLOCK)) + 0.001, 3))),
            "quantity_unit": _where(~spend, pa.array(unit)),
            "supplier_pcf": _where(pcf, _text(np.round(np.exp(random.normal(0.5, 0.8, BLOCK)), 3))),
            "supplier_pcf_cv": _where(pcf & (random.random(BLOCK) < 0.5), _text(np.round(random.uniform(0.05, 0.3, BLOCK), 2))),
            "pcf_boundary": _where(pcf & (random.random(BLOCK) < 0.8), pa.array(["cradle_to_gate"] * BLOCK)),
            "product_category": _where(average, pa.array(keys).take(pa.array(product))),
            "spend_amount": _where(spend, _text(np.round(np.exp(random.normal(7, 2, BLOCK)) + 0.01, 2))),
            "spend_currency": _where(spend, suppliers.currencies.take(supplier)),
            "spend_year": _where(spend, _text(random.choice([2023, 2024], BLOCK, p=[0.2, 0.8]))),
            "naics_code": _where(spend, codes.take(pa.array(random.integers(len(codes), size=BLOCK)))),
        }
        rows = min(BLOCK, records - start)
        yield {name: columns[name].slice(0, rows) for name in _COLUMNS}


def _text(values: np.ndarray) -> pa.Array:
    return pa.array(values).cast(pa.string())


def _where(mask: np.ndarray, values: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def _json_lines(columns: dict[str, pa.Array]) -> bytes:
    pieces = []
    for place, (name, values) in enumerate(columns.items()):
        quote = "" if name in _NUMBERS else '"'
        pieces.append(pc.binary_join_element_wise(f'{"," if place else ""}"{name}":{quote}', values, quote, ""))
    lines = pc.binary_join_element_wise("{", *pieces, "}\n", "", null_handling="replace", null_replacement="")
    return _octets(lines)


def _csv_lines(columns: dict[str, pa.Array]) -> bytes:
    values = [pc.fill_null(column, "") for column in columns.values()]
    return _octets(pc.binary_join_element_wise(pc.binary_join_element_wise(*values, ","), "\n", ""))


def _octets(lines: pa.Array) -> bytes:
    return pc.binary_join(pa.ListArray.from_arrays(pa.array([0, len(lines)], pa.int32()), lines), "")[0].as_buffer().to_pybytes()


def write_records(path: Path, records: int) -> None:
    """Writes records as JSON lines, or as CSV where the name of the file ends in .csv."""
    as_csv = path.suffix == ".csv"
    with open(path, "wb") as file:
        if as_csv:
            file.write((",".join(_COLUMNS) + "\n").encode())
        for columns in blocks(records):
            file.write(_csv_lines(columns) if as_csv else _json_lines(columns))


def write_factors(path: Path) -> None:
    """Writes the product factors as a JSON list."""
    path.write_text(json.dumps(product_factors(), indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Writes the files that the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help=".jsonl or .csv")
    parser.add_argument("--factors", type=Path, metavar="FILE", help="where to write the product factors, .json")
    options = parser.parse_args()
    write_records(options.output, options.records)
    if options.factors is not None:
        write_factors(options.factors)


if __name__ == "__main__":
    main()
