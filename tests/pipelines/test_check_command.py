"""scope3 check: what a run would do, told beforehand, and nothing left behind."""

import json
import re
import shutil
import subprocess
import sys
import tracemalloc

import pyarrow as pa
import pytest

from pipelines import checking, settled_rows
from pipelines.check_report import lines_of
from pipelines.checked_rows import CheckedRows
from pipelines.checking import Found, look_through
from pipelines.proposal import proposal
from schemas.config import Config
from schemas.faults import UserFault
from tests.pipelines.command import SCOPE3, scope3
from tests.records import make_record, make_spend
from tests.workbooks import workbook
from transforms.factors.table import FactorTable
from transforms.reading.files import find_sources
from transforms.reading.mapping import NO_MAPPING, parse_mapping
from transforms.sinks.contract import Source

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_CSV_HEADER = "record_id,category,region,activity_year,product_name,supplier_name,spend_amount,spend_currency,naics_code"


def _write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def _section(output, title):
    """Returns the lines of a part of the report."""
    lines = output.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith(title))
    end = next((place for place in range(begin, len(lines)) if not lines[place]), len(lines))
    return lines[begin + 1 : end]


def _check(folder, *arguments):
    return scope3("check", "--quiet", *arguments, cwd=folder)


@pytest.fixture(scope="module")
def factors():
    return FactorTable.load(["default"], Config())


def _report(folder, factors, *names, config=None):
    """Returns the report on some files."""
    sources = find_sources([str(folder / name) for name in names])
    (folder / "rows").mkdir()
    with CheckedRows(str(folder / "rows")) as rows:
        found = look_through(sources, NO_MAPPING, config or Config(), factors, rows)
        report = "\n".join(lines_of(found, rows, sources))
    shutil.rmtree(folder / "rows")
    return report


def test_a_check_counts_what_a_run_counts(tmp_path, store):
    records = [make_spend(record_id=f"R-{place}") for place in range(40)]
    bad = [make_record(region=None), make_record(quantity="many"), make_spend(naics_code="99"), make_record(quantity_unit="furlong")]
    records += [{**record, "record_id": f"B-{place}"} for place, record in enumerate(bad)]
    # One line twice, two other records under a name that is taken, and a dead letter that has the id of a result.
    records += [records[3], {**records[4], "spend_amount": 7}, {**records[4], "spend_amount": 8}, {**records[5], "region": "XX"}]
    _write(tmp_path / "a.jsonl", records)
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write('{"broken\n')
    rows = [make_spend(record_id="X-1"), make_spend(record_id="X-2", spend_amount="much"), make_spend(record_id="X-3")]
    (tmp_path / "b.xlsx").write_bytes(workbook([list(rows[0]), *[list(row.values()) for row in rows]]))
    run = scope3("run", "--quiet", *store.options, "--input", "a.jsonl", "b.xlsx", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    [(read, results, dead, twice)] = store.rows("SELECT read, results, dead_letters, duplicates FROM runs")
    assert (read, results, dead, twice) == (52, 42, 9, 1)
    assert store.rows("SELECT record_id, source_position FROM current_results WHERE record_id LIKE 'X%' ORDER BY 1") == [
        ("X-1", 2),
        ("X-3", 4),
    ]
    found = _check(tmp_path, "--input", "a.jsonl", "b.xlsx")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[:2] == [
        "52 records in 2 files, 0 rows skipped",
        "42 would have a result, 9 would be dead letters, 1 came twice",
    ]
    by_code = {}
    for line in found.stdout.splitlines():
        if line.startswith("E_"):
            kind, _, count = line.partition(": ")
            by_code[kind.split()[0]] = by_code.get(kind.split()[0], 0) + int(count)
    assert by_code == dict(store.rows("SELECT code, count(*) FROM dead_letters GROUP BY code"))
    [(message,)] = store.rows("SELECT message FROM dead_letters WHERE code = 'E_DUPLICATE' ORDER BY source_position LIMIT 1")
    assert f"a.jsonl, line 46: R-4: {message}" in found.stdout
    assert _section(found.stdout, "Results by category")[0].split()[:3] == ["1", "tier_3_spend_based", "42"]


def test_a_check_leaves_nothing_behind(tmp_path):
    _write(tmp_path / "a.jsonl", [make_spend()])
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = scope3("check", "--input", "a.jsonl", cwd=tmp_path, environment={"TMPDIR": str(temporary), "HOME": str(tmp_path / "home")})
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "temporary"]
    assert not list(temporary.iterdir())


def test_the_spend_is_told_by_how_its_factor_is_found(tmp_path, factors):
    # 541110 has a row; 516210 (2022) leads to six-digit codes of 2017; 1111 has four digits; 923120 has no factor.
    amounts = {"541110": 1000, "516210": -500, "1111": 300, "923120": 200}
    records = [
        make_spend(record_id=f"R-{code}", naics_code=code, spend_amount=amount, supplier_name=f"S {code}")
        for code, amount in amounts.items()
    ]
    # A footprint comes before spend.
    records.append(make_record(record_id="P", spend_amount=2000, spend_currency="USD", spend_year=2022, naics_code="541110"))
    _write(tmp_path / "a.jsonl", records)
    report = _report(tmp_path, factors, "a.jsonl", config=Config(credit_notes="net"))
    header, usd = _section(report, "Spend of valid records")
    assert header.split("  ")[-1].strip() == "no factor"
    assert usd.split() == ["USD", "4,000", "25.0%", "12.5%", "7.5%", "50.0%", "5.0%"]
    assert _section(report, "Suppliers whose spend finds no factor")[0].split() == ["S", "923120", "1", "200", "USD"]
    emitters = [line.split("  ")[1] for line in _section(report, "Suppliers that matter most")]
    # 1,850 kg of steel; then legal services, and a credit last.
    assert emitters[0] == "Supplier One"
    assert emitters[-1] == "S 516210"


def test_columns_that_are_not_used_are_told(tmp_path, factors):
    line = "R-1,1,GB,2025,steel,Alder plc,100,GBP,331110,5,x,y"
    (tmp_path / "a.csv").write_text(f"{_CSV_HEADER},distance_km,cost_centre,waste_descriptio\n{line}\n")
    report = _report(tmp_path, factors, "a.csv")
    assert "did you mean 'waste_description'?" in report
    (tmp_path / "a.csv").write_text(f"{_CSV_HEADER},distance_km,cost_centre,waste\n{line}\n")
    report = _report(tmp_path, factors, "a.csv")
    assert _section(report, "Columns that are not used: no field")[0].strip() == "cost_centre"
    assert [line.strip() for line in _section(report, "Columns that are not used: fields of other")] == ["distance_km"]


def test_examples_tell_the_line_or_row_that_an_editor_shows(tmp_path, factors):
    good = "R-{},1,GB,2025,{},Alder plc,100,GBP,331110"
    (tmp_path / "a.csv").write_bytes("\r\n".join([_CSV_HEADER, good.format(1, '"two\r\nlines"'), "", good.format(2, "")]).encode())
    (tmp_path / "b.xlsx").write_bytes(workbook([_CSV_HEADER.split(","), [], good.format(3, "").split(",")]))
    report = _report(tmp_path, factors, "a.csv", "b.xlsx")
    assert [line.strip().split(": ")[:2] for line in _section(report, "E_REQUIRED product_name: 2")] == [
        ["a.csv, line 5", "R-2"],
        ["b.xlsx, row 3", "R-3"],
    ]


def test_a_file_that_cant_be_read_does_not_hide_the_others(tmp_path):
    _write(tmp_path / "a.jsonl", [make_spend()])
    (tmp_path / "b.parquet").write_bytes(b"none")
    (tmp_path / "c.xlsx").write_bytes(b"none")
    done = _check(tmp_path, "--input", "*.*")
    assert done.returncode == 1
    report = done.stdout
    assert "1 would have a result" in report
    unreadable = [line for line in report.splitlines() if line.startswith("Can't be read: ")]
    assert ["b.parquet" in unreadable[0], "c.xlsx" in unreadable[1], len(unreadable)] == [True, True, 2]


def test_too_many_dead_letters_are_what_a_run_would_fail_for(tmp_path):
    _write(tmp_path / "a.jsonl", [make_spend(), make_record(region=None), make_record(region=None)])
    done = _check(tmp_path, "--input", "a.jsonl")
    assert done.returncode == 3
    assert done.stdout.endswith("A run would fail: 66.7% dead letters, and --max_dead_letter_share is 0.5.\n")


def test_a_mapping_is_proposed_for_an_unknown_header_and_not_applied(tmp_path):
    # No field claims any of them.
    (tmp_path / "a.csv").write_text(
        "Transaction Number,Vendor,Net Amount,Curr,Supplier Country,Posting Date,Item\n1,Alder,5,EUR,DE,2025-03-01,pipes\n"
    )
    done = _check(tmp_path, "--input", "a.csv")
    assert done.returncode == 1
    assert "Can't be read: no field claims any column of" in done.stdout
    lines = done.stdout.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("A mapping to begin with"))
    toml = "\n".join(line.removeprefix("    ") for line in lines[begin + 3 : -2])
    # As a person would mend it.
    (tmp_path / "mapping.toml").write_text(toml.replace("[constants]", '[constants]\ncategory = 1\nnaics_code = "331110"'))
    done = _check(tmp_path, "--input", "a.csv", "--mapping", "mapping.toml")
    assert done.returncode == 0, done.stdout
    assert "1 would have a result" in done.stdout
    assert "A mapping to begin with" not in done.stdout


@pytest.mark.parametrize(
    ("columns", "guessed"),
    [
        # Devon, 2026
        (
            "body name_of_body date transaction_number amount supplier_name supplier_id expense_area expense_type expense_code creditor_type",
            {"record_id": "transaction_number", "product_name": "expense_type", "spend_amount": "amount", "activity_year": "date"},
        ),
        # FPDS
        (
            "award_procurement_id date_signed amount_obligated amount_obligated_total entity_name principal_naics_code principal_naics_desc",
            {
                "record_id": "award_procurement_id",
                "supplier_name": "entity_name",
                "spend_amount": "amount_obligated",
                "activity_year": "date_signed",
                "naics_code": "principal_naics_code",
            },
        ),
        ("suplier_name regoin", {"supplier_name": "suplier_name", "region": "regoin", "record_id": "@position"}),
    ],
)
def test_a_mapping_is_guessed_by_the_names_of_columns(tmp_path, columns, guessed):
    content = tomllib.loads("\n".join(proposal(columns.split())))
    assert content["columns"] == guessed
    assert parse_mapping(content, tmp_path).columns == guessed


def test_nothing_is_proposed_for_a_table_that_has_what_every_record_needs():
    assert list(proposal(["record_id", "category", "region", "activity_year", "vendor"])) == []
    assert list(proposal(["a", "b"])) == []


def _claims(folder, number):
    """Returns rows of records that all claim one id."""
    rows = CheckedRows(str(folder))
    batch = pa.RecordBatch.from_pydict(
        {
            "source_id": pa.array([0] * number, pa.int32()),
            "source_position": pa.array(range(number), pa.int64()),
            "record_id": ["R-1"] * number,
            "input_sha256": pa.array([place.to_bytes(32, "big") for place in range(number)], pa.binary(32)),
            "naics_code": ["238220"] * number,
        }
    )
    columns = {"source_position": batch.column("source_position"), "method": ["tier_3_spend_based"] * number, "kg_co2e": [1.0] * number}
    rows.add(1, batch, pa.RecordBatch.from_pydict(columns | {"warnings": [["W_SPEND_BASED of=1", "W_OTHER"]] * number}))
    return rows


def test_claimed_ids_take_no_memory_however_many_they_are(tmp_path):
    found = Found(results=30_000)
    with _claims(tmp_path, 30_000) as rows:
        tracemalloc.start()
        checking._settle(found, rows, [Source(0, "file:///a.csv", 1)])
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert rows.rows("SELECT warnings FROM records") == [(["W_SPEND_BASED", "W_OTHER"],)]
    assert (found.results, found.dead, len(found.examples["E_DUPLICATE record_id"])) == (1, {"E_DUPLICATE record_id": 29_999}, 3)
    assert most < 200_000


def test_a_full_disk_ends_a_check_in_a_sentence(tmp_path):
    _write(tmp_path / "a.jsonl", [make_spend(record_id=f"R-{place}") for place in range(25_000)])
    # No file may grow beyond 100 kB, as on a disk that is full.
    limited = ["sh", "-c", 'ulimit -f 200 && exec "$0" check --quiet --input a.jsonl', SCOPE3]
    done = subprocess.run(limited, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"scope3: there is no room for a small row of each record in .*; free space there, .*\n", done.stderr), done.stderr


def test_too_little_memory_ends_a_check_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(settled_rows._SETTINGS, "memory_limit", "3MB")
    with pytest.raises(UserFault, match=r"there is no room .*Out of Memory"), _claims(tmp_path, 150_000) as rows:
        rows.settle()
