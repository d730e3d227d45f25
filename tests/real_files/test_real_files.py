"""Files of public bodies: the reader finds what Python's csv module and Decimal find, row by row."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipelines.checked_rows import CheckedRows
from pipelines.checking import Found, look_through
from schemas.config import Config
from tests.workbooks import workbook
from transforms.factors.table import FactorTable
from transforms.reading.files import find_sources
from transforms.reading.mapping import Mapping, load_mapping, parse_mapping
from transforms.reading.sources import judged_chunks

_HERE = Path(__file__).parent
_EXAMPLES = _HERE.parent.parent / "examples"
_NET = Config(credit_notes="net")


class Read(NamedTuple):
    """What the reader made of a file: its good records in order, its dead letters in order, and how many rows were skipped."""

    records: list[dict[str, Any]]
    dead_letters: list[dict[str, Any]]
    skipped: int


def read(path: Path, mapping: Mapping, config: Config = _NET) -> Read:
    [source] = find_sources([str(path)])
    records: list[tuple[int, dict[str, Any]]] = []
    letters: list[dict[str, Any]] = []
    skipped = 0
    for chunk in judged_chunks(source, mapping, config):
        for taken in chunk.taken:
            records += zip(taken.positions.tolist(), taken.fields.to_pylist(), strict=True)
        letters += chunk.dead_letters.to_pylist()
        skipped += chunk.skipped
    found = [record for _, record in sorted(records, key=lambda pair: pair[0])]
    return Read(found, sorted(letters, key=lambda letter: letter["source_position"]), skipped)


def rows_of(path: Path, encoding: str = "utf-8") -> Iterator[dict[str, str]]:
    """Yields the rows as Python's csv module reads them, names and values trimmed."""
    with path.open(encoding=encoding, newline="") as file:
        for row in csv.DictReader(file):
            yield {name.strip(): value.strip() for name, value in row.items()}


def calculated(path: Path, mapping: Mapping, folder: Path, factors: str = "default") -> tuple[Found, list[tuple[Any, ...]]]:
    """Returns what a check finds, and line, amount paid and kg CO2e of each record that has a result."""
    sources = find_sources([str(path)])
    with CheckedRows(str(folder)) as rows:
        found = look_through(sources, mapping, _NET, FactorTable.load([factors], _NET), rows)
        return found, rows.rows("SELECT source_position, amount, kg_co2e FROM records WHERE method IS NOT NULL ORDER BY 1")


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def sum_of(records: list[dict[str, Any]]) -> Decimal:
    """Returns the sum of the amounts; a double's shortest digits are those that were written."""
    return sum((Decimal(repr(record["spend_amount"])) for record in records), Decimal(0))


def test_federal_contracts_of_a_day():
    path = _EXAMPLES / "federal_contracts.csv"
    found = read(path, load_mapping(_EXAMPLES / "federal_contracts.toml"))
    rows = list(rows_of(path))
    assert (len(rows), len(found.records) + len(found.dead_letters), found.skipped) == (1000, 1000, 0)
    assert [
        (record["supplier_name"], record["product_name"], record["naics_code"], Decimal(repr(record["spend_amount"])))
        for record in found.records
    ] == [
        (
            row["recipient_name"],
            row["product_or_service_code_description"],
            row["naics_code"].removesuffix(".0"),
            amount(row["federal_action_obligation"]),
        )
        for row in rows
    ]
    assert sum_of(found.records) == Decimal("420678939.40")
    assert sum(record["spend_amount"] < 0 for record in found.records) == 66


def test_federal_contracts_from_a_list_with_dates_of_two_forms():
    path = _HERE / "fpds_actions_2025-02.csv"
    found = read(path, load_mapping(_HERE / "fpds.toml"))
    rows = list(rows_of(path))
    lacking = [row for row in rows if not (row["date_signed"] and row["product_service_desc"])]
    assert (len(rows), len(found.dead_letters), len(lacking)) == (1131, 7, 7)
    assert {letter["code"] for letter in found.dead_letters} == {"E_REQUIRED"}
    good = [row for row in rows if row not in lacking]

    def year(text: str) -> int:
        return datetime.strptime(text, "%m/%d/%Y" if "/" in text else "%Y-%m-%d").year

    assert [
        (record.get("supplier_name"), record.get("naics_code"), record["activity_year"], repr(record.get("spend_amount")))
        for record in found.records
    ] == [
        (
            row["entity_name"] or None,
            row["principal_naics_code"].removesuffix(".0") or None,
            year(row["date_signed"]),
            repr(float(row["amount_obligated"])) if row["amount_obligated"] else "None",
        )
        for row in good
    ]
    assert sum("/" in row["date_signed"] for row in good) == 4


def test_payments_of_a_council_in_windows_1252(tmp_path):
    path = _HERE / "devon_2014-07_cp1252.csv"
    mapping = load_mapping(_HERE / "devon_2014.toml")
    found = read(path, mapping)
    rows = list(rows_of(path, "cp1252"))
    naics = {row["Expense Type"]: row["naics_code"] for row in rows_of(_HERE / "expense_types.csv")}
    assert (len(rows), len(found.records), found.dead_letters, found.skipped) == (2439, 2439, [], 0)
    assert [
        (record["supplier_name"], record["product_name"], record.get("naics_code"), Decimal(repr(record["spend_amount"])))
        for record in found.records
    ] == [(row["Supplier Name"], row["Expense Type"], naics.get(row["Expense Type"]), amount(row["Amount"])) for row in rows]
    assert {record["activity_year"] for record in found.records} == {2014}
    assert sum_of(found.records) == Decimal("12671180.94")
    # Every line whose type of expense has a code of the table has a result, and no other.
    done, results = calculated(path, mapping, tmp_path)
    with_code = [row for row in rows if row["Expense Type"] in naics]
    assert (done.records, done.results, dict(done.dead)) == (2439, len(with_code), {"E_NO_TIER": 2439 - len(with_code)})
    assert [paid for _, paid, _ in results] == [abs(float(row["Amount"])) for row in with_code]


def test_payments_of_a_council_as_a_workbook_are_the_same_records(tmp_path):
    mapping = load_mapping(_HERE / "devon_2014.toml")
    rows = list(rows_of(_HERE / "devon_2014-07_cp1252.csv", "cp1252"))

    def cell(name: str, text: str) -> object:
        if name == "Date":
            return datetime.strptime(text, "%d/%m/%Y")
        return (
            float(text)
            if name in ("Amount", "Supplier ID", "Expense Code", "Body") and text.lstrip("-").replace(".", "", 1).isdigit()
            else text
        )

    path = tmp_path / "devon.xlsx"
    path.write_bytes(workbook([list(rows[0]), *[[cell(*pair) for pair in row.items()] for row in rows]]))
    found, as_text = read(path, mapping), read(_HERE / "devon_2014-07_cp1252.csv", mapping)
    assert [record.pop("record_id") for record in found.records] == [f"devon.xlsx:{number}" for number in range(2, 2441)]
    assert all(record.pop("record_id") for record in as_text.records)
    assert found.records == as_text.records


def test_a_wrong_byte_costs_its_line_and_not_the_file(tmp_path):
    # The same file, said to be UTF-8.
    content = {"columns": {"record_id": "@position", "product_name": "Expense Type", "spend_amount": "Amount", "activity_year": "Date"}}
    content["constants"] = {"category": 1, "region": "GB", "spend_currency": "GBP"}
    content["format"] = {"date": "%d/%m/%Y"}
    path = _HERE / "devon_2014-07_cp1252.csv"
    found = read(path, parse_mapping(content, tmp_path))
    [letter] = found.dead_letters
    line = next(line for line in path.read_bytes().splitlines() if b"\xa3" in line)
    assert (letter["code"], letter["source_position"]) == ("E_MALFORMED", path.read_bytes().index(line))
    assert len(found.records) == 2438
    paid = Decimal(next(csv.reader([line.decode("cp1252")]))[5])
    assert sum_of(found.records) == Decimal("12671180.94") - paid


def test_payments_of_a_council_with_thousands_signs_and_a_total_below():
    path = _HERE / "devon_2026-03_thousands.csv"
    found = read(path, load_mapping(_HERE / "devon_2026.toml"))
    rows = list(rows_of(path, "utf-8-sig"))
    lines, total = rows[:-1], rows[-1]
    assert total["Transaction number"] == ""
    assert amount(total["Amount"]) == Decimal("57492900.67")
    assert (len(lines), len(found.records), found.dead_letters, found.skipped) == (2596, 2596, [], 1)
    assert [
        (record["supplier_name"], record["supplier_id"], record["product_name"], Decimal(repr(record["spend_amount"])))
        for record in found.records
    ] == [(row["Supplier name"], row["Supplier ID"], row["Expense type"], amount(row["Amount"])) for row in lines]
    assert sum_of(found.records) == Decimal("49070385.13")
    by_supplier: Counter[str] = Counter()
    expected: Counter[str] = Counter()
    for record, row in zip(found.records, lines, strict=True):
        by_supplier[record["supplier_name"]] += Decimal(repr(record["spend_amount"]))
        expected[row["Supplier name"]] += amount(row["Amount"])
    assert by_supplier == expected


def test_thousands_signs_that_the_mapping_does_not_name_are_refused_and_not_guessed(tmp_path):
    text = (_HERE / "devon_2026.toml").read_text().replace('thousands = ","\n', "")
    (tmp_path / "mapping.toml").write_text(text)
    path = _HERE / "devon_2026-03_thousands.csv"
    found = read(path, load_mapping(tmp_path / "mapping.toml"))
    lines = list(rows_of(path, "utf-8-sig"))[:-1]
    signs = [row["Amount"] for row in lines if "," in row["Amount"]]
    assert [(letter["code"], letter["field"], letter["value"].strip()) for letter in found.dead_letters] == [
        ("E_TYPE", "spend_amount", text) for text in signs
    ]


def test_purchase_lines_with_codes_of_any_length(tmp_path):
    path = _HERE / "austin_purchase_lines.csv"
    mapping = load_mapping(_HERE / "austin.toml")
    found = read(path, mapping)
    rows = list(rows_of(path))
    codes = ["" if row["naics_code_final"].startswith("-") else row["naics_code_final"] for row in rows]
    assert (len(rows), len(found.records), found.dead_letters) == (4662, 4662, [])
    assert [(record["product_name"], record.get("naics_code")) for record in found.records] == [
        (row["COMMODITY_DESCRIPTION"], code or None) for row, code in zip(rows, codes, strict=True)
    ]
    # At a dollar of 2021 the result is the factor of EPA v1.2, which the file prints beside the code.
    done, results = calculated(path, mapping, tmp_path, "epa-1.2")
    printed = [Decimal(row["co2e_per_dollar_final"]) for row, code in zip(rows, codes, strict=True) if code]
    assert (done.results, done.dead) == (4584, Counter({"E_NO_TIER": 78}))
    assert [kg for _, _, kg in results] == pytest.approx([float(factor) for factor in printed], rel=1e-12)
    assert sum(kg for _, _, kg in results) == pytest.approx(float(sum(printed)), rel=1e-12)
