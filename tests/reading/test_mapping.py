"""The mapping file: what it may say, and what becomes of the columns."""

import datetime
import io
import json
import pickle
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.faults import UserFault
from tests.reading.judged import see
from tests.records import make_record
from tests.workbooks import workbook, workbook_of_xml
from transforms.reading.mapped import map_columns, map_record
from transforms.reading.mapping import NO_MAPPING, Mapping, load_mapping, parse_mapping


def mapping(text: str, folder: Path) -> Mapping:
    path = folder / "mapping.toml"
    path.write_text(text)
    return load_mapping(path)


def mapped(found: Mapping, **columns: list) -> dict[str, list]:
    """Returns the mapped columns of the rows that are records."""
    rows = len(next(iter(columns.values())))
    arrays = {name: pa.array(values) for name, values in columns.items()}
    result, kept = map_columns(arrays, np.arange(rows) * 10, "a.csv", found)
    return {name: column.filter(pa.array(kept)).to_pylist() for name, column in result.items()}


def test_columns_are_renamed_and_the_others_keep_their_names(tmp_path):
    found = mapping('[columns]\nspend_amount = "Total Paid"\nrecord_id = "@position"', tmp_path)
    assert found.needed_columns == {"total_paid": "columns"}
    assert mapped(found, total_paid=["1", "2"], region=["DE", "FR"]) == {
        "spend_amount": ["1", "2"],
        "record_id": ["a.csv:0", "a.csv:10"],
        "region": ["DE", "FR"],
    }


def test_a_column_that_is_moved_does_not_stay_under_its_own_name(tmp_path):
    found = mapping('[columns]\nspend_amount = "quantity"', tmp_path)
    assert mapped(found, quantity=["1"]) == {"spend_amount": ["1"]}


def test_values_lookup_and_constants_fill_in_this_order(tmp_path):
    (tmp_path / "accounts.csv").write_text("GL Account,naics_code,category\n4000,331110,1\n5000,,2\n")
    text = """
        [columns]
        naics_code = "industry"
        [constants]
        category = 1
        spend_currency = "USD"
        [values.region]
        USA = "US"
        [lookup]
        file = "accounts.csv"
        on = "gl_account"
        """
    found = mapping(text, tmp_path)
    columns = {
        "gl_account": ["4000", " 5000 ", "6000", None],
        "industry": ["", "236220", None, "11"],
        "region": ["USA", " USA", "DE", None],
        # The file's own column of that name is not what [lookup] and [constants] mean.
        "category": ["office", "office", "office", "office"],
    }
    assert mapped(found, **columns) == {
        "gl_account": ["4000", " 5000 ", "6000", None],
        "region": ["US", "US", "DE", None],
        "naics_code": ["331110", "236220", None, "11"],
        "category": ["1", "2", "1", "1"],
        "spend_currency": ["USD", "USD", "USD", "USD"],
    }


def test_rows_that_are_no_records_are_skipped(tmp_path):
    found = mapping('[skip]\n"Transaction Number" = ""\nkind = ["total", "sub total"]', tmp_path)
    columns = {"transaction_number": ["1", " ", None, "4", "5"], "kind": ["a", "a", "a", "total ", None]}
    assert mapped(found, **columns)["transaction_number"] == ["1", "5"]
    assert map_record({"transaction_number": 1, "kind": "total"}, 0, "a.jsonl", found) is None


def test_numbers_with_other_signs_are_read_and_doubtful_ones_are_not(tmp_path):
    found = mapping('[format]\ndecimal = ","\nthousands = "."', tmp_path)
    texts = ["1.234.567,50", "-12,5", "1234", "1.5", "12.34,5", "1,5e3", "", None, "n/a"]
    assert mapped(found, spend_amount=texts, product_name=["1.234"] * 9) == {
        "spend_amount": [
            "1234567.50",
            "-12.5",
            "1234",
            # Read as 1.5 or as 15 it would be a guess.
            "1.5 (is not in the number format of the mapping)",
            "12.34,5 (is not in the number format of the mapping)",
            "1.5e3",
            "",
            None,
            "n/a",
        ],
        "product_name": ["1.234"] * 9,
    }


def test_numbers_that_are_no_texts_need_no_format(tmp_path):
    found = mapping('[format]\ndecimal = ","', tmp_path)
    assert mapped(found, spend_amount=[1.5, 2.0]) == {"spend_amount": [1.5, 2.0]}


def test_a_typed_number_is_not_written_in_any_way_beside_a_lookup_of_the_same_field(tmp_path):
    (tmp_path / "prices.csv").write_text("item;spend_amount\na;1.234,5\n")
    text = '[columns]\nspend_amount = "paid"\n[lookup]\nfile = "prices.csv"\non = "item"\n[format]\ndelimiter = ";"\ndecimal = ","\nthousands = "."'
    found = mapping(text, tmp_path)
    columns = {"item": ["a", "a", "b"], "paid": [Decimal("1.234"), None, Decimal("2.500")]}
    assert mapped(found, **columns)["spend_amount"] == ["1.234", "1234.5", "2.5"]
    assert mapped(found, item=["a", "a"], paid=[1.234, None])["spend_amount"] == ["1.234", "1234.5"]


def test_texts_of_any_type_are_written_in_the_way_of_the_mapping(tmp_path):
    found = mapping('[format]\ndecimal = ","\nthousands = "."', tmp_path)
    for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        result, _ = map_columns({"quantity": pa.array(["1.234,5", None]).cast(kind)}, np.arange(2), "a.parquet", found)
        assert result["quantity"].to_pylist() == ["1234.5", None], kind


def test_the_year_is_taken_from_a_date(tmp_path):
    found = mapping('[columns]\nactivity_year = "booked"\n[format]\ndate = "%d.%m.%Y"', tmp_path)
    assert mapped(found, booked=["31.12.2024", "2025", "x", None]) == {"activity_year": ["2024", "2025", "x", None]}


def test_dates_of_several_forms_and_iso_dates_are_read(tmp_path):
    found = mapping('[columns]\nlease_start_date = "begin"\n[format]\ndate = ["%d/%m/%Y", "%d %b %Y"]', tmp_path)
    begin = ["31/12/2024", "1 Feb 2024", "2024-03-01", "2024-03-01 00:00:00", "2024-03-01T10:00:00Z", "2024-13-01", "3/2024"]
    texts = ["2024-12-31", "2024-02-01", "2024-03-01", "2024-03-01", "2024-03-01", "2024-13-01", "3/2024"]
    assert mapped(found, begin=begin) == {"lease_start_date": texts}
    # Without a pattern too: a workbook holds dates that nobody wrote in one.
    plain = mapping('[columns]\nactivity_year = "booked"', tmp_path)
    assert mapped(plain, booked=["2024-03-01", "2025", "01/03/2024"]) == {"activity_year": ["2024", "2025", "01/03/2024"]}


def test_a_record_without_arrow_types_is_mapped_too(tmp_path):
    found = mapping('[columns]\nhybrid_components = "parts"\n[constants]\ncategory = 1', tmp_path)
    parts = [{"amount": 1}, {"amount": "2"}]
    assert map_record({"parts": parts, "quantity": 2**70}, 0, "a", found) == {
        "hybrid_components": parts,
        "category": "1",
        "quantity": 2**70,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[column]", "did you mean 'columns'"),
        ("[format]\nencodin = 1", "did you mean 'encoding'"),
        ('[columns]\nspend_amont = "x"', "did you mean 'spend_amount'"),
        ("[constants]\nregon = 1", "did you mean 'region'"),
        ("[values.regon]\na = 1", "did you mean 'region'"),
        ("[constants]\nregion = []", "write a text or a number"),
        ('[format]\nencoding = "utf-16"', "leave encoding out"),
        ('[format]\nencoding = "utf-32"', "save the file as UTF-8"),
        ('[format]\nencoding = "klingon"', "no encoding"),
        ('[format]\ndelimiter = ";;"', "can't stand between columns"),
        ('[format]\ndecimal = "1"', "can't stand in a number"),
        ('[format]\ndate = "%d/%m"', "year, month and day"),
        ('[lookup]\nfile = "none.csv"\non = "a"', "can't be read"),
        ('[lookup]\nfile = "bad.csv"\non = "acount"', "did you mean 'account'"),
        ('[lookup]\nfile = "bad.csv"\non = "account"', "did you mean 'region'"),
        ('[lookup]\nfile = "twice.csv"\non = "account"', "two rows for '1'"),
        ("[columns", "is no TOML"),
        ('[columns]\nrecord_id = "@postion"', "did you mean '@position'"),
        ("[columns]\nrecord_id = 5", "write a text in quotes"),
        ("columns = 5", "write [columns] and below it"),
        ("[lookup]\nfile = 'x'", "[lookup] of"),
        ('[lookup]\nfile = "naics.csv"\non = "account"\nfields = ["region"]', "has 'fields', which means nothing here"),
        ('[lookup]\nfile = "naics.csv"\non = "account"\n[lookup.rows]\n1 = ["DE"]', "has 'rows', which means nothing here"),
        ('[lookup]\nfile = "quote.csv"\non = "account"', "the line '2,\"FR': a quote opens and is never closed"),
        ('[lookup]\nfile = "names.csv"\non = "account"', "'region' and 'Region', which become one name"),
        ('[lookup]\nfile = "names.xlsx"\non = "account"', "'region' and 'Region', which become one name"),
        ('[lookup]\nfile = "wide.xlsx"\non = "account"', "row 2 of"),
        ('[lookup]\nfile = "semicolon.csv"\non = "account"', 'say delimiter = ";"'),
        ('[lookup]\nfile = "latin.csv"\non = "account"', "is not utf-8"),
        ('[lookup]\nfile = "nothing.csv"\non = "account"', "has no column 'account'"),
        ("[constants]\ncategory = 16", "1 to 15"),
        ('[constants]\nregion = "Germany"', "no region"),
        ("[constants]\nactivity_year = 1900", "must be >= 1990"),
        ("[constants]\ncategory = 5\nspend_amount = 1", "which category 5 does not have"),
        ('[values.region]\nUSA = "US"\nGermany = "Germny"', "region is 'Germny', no region"),
        ('[lookup]\nfile = "naics.csv"\non = "account"', "naics_code is 'x'"),
        ('[lookup]\nfile = "short.csv"\non = "account"', "has 1 fields and the header 2"),
        ('[format]\ndecimal = ","\nthousands = ","', "are both ','"),
        ('[format]\ndate = ["%d/%m/%Y", "%m/%d/%Y"]', "as two dates"),
        ("[format]\nlines_above_header = -1", "write 0 or more"),
    ],
)
def test_a_mapping_that_cant_be_meant_is_refused_with_the_remedy(tmp_path, text, message):
    (tmp_path / "bad.csv").write_text("account,regiun\n1,DE\n")
    (tmp_path / "twice.csv").write_text("account,region\n1,DE\n1,FR\n")
    (tmp_path / "naics.csv").write_text("account,naics_code\n1,331110\n2,x\n")
    (tmp_path / "short.csv").write_text("account,region\n1,DE\n2\n")
    (tmp_path / "quote.csv").write_text('account,region\n1,DE\n2,"FR\n3,NL\n4,BE\n')
    (tmp_path / "names.csv").write_text("account,region,Region\n1,DE,FR\n")
    (tmp_path / "names.xlsx").write_bytes(workbook([["account", "region", "Region"], ["1", "DE", "FR"]]))
    (tmp_path / "wide.xlsx").write_bytes(workbook([["account", "region"], ["1", "DE", "FR"]]))
    (tmp_path / "semicolon.csv").write_text("account;region\n1;DE\n")
    (tmp_path / "latin.csv").write_text("account,product_name\n1,Stähl\n", "latin-1")
    (tmp_path / "nothing.csv").write_text("")
    with pytest.raises(UserFault) as fault:
        mapping(text, tmp_path)
    assert message in str(fault.value)
    assert any(ending in str(fault.value) for ending in (".toml", ".csv", ".xlsx"))


def test_all_faults_of_a_mapping_are_told_at_once(tmp_path):
    (tmp_path / "accounts.csv").write_text("account,regiun,naics_code\n1,DE,331110\n2,FR,9\n")
    text = """
        surplus = 1
        [columns]
        spend_amont = "x"
        [constants]
        region = "Germny"
        [values.region]
        USA = "U.S."
        [lookup]
        file = "accounts.csv"
        on = "account"
        [format]
        encodin = "latin-1"
        delimiter = ";;"
        date = "%d"
        """
    with pytest.raises(UserFault) as fault:
        # The table is read as the data are, and the separator that is wrong is left out.
        mapping(text, tmp_path)
    first, *others = str(fault.value).splitlines()
    assert first == f"{tmp_path}/mapping.toml has 9 faults; mend them"
    for named in ("surplus", "spend_amont", "Germny", "U.S.", "regiun", "naics_code is '9'", "encodin", "';;'", "'%d'"):
        assert sum(named in line for line in others) == 1, named


def test_a_constant_is_judged_by_the_category_of_all_records(tmp_path):
    assert mapping("[constants]\nrecycling_rate = 0.5", tmp_path).constants == {"recycling_rate": "0.5"}
    # The category of a row may be another than the constant.
    found = mapping('[columns]\ncategory = "kind"\n[constants]\ncategory = 5\nspend_amount = 1', tmp_path)
    assert found.constants["spend_amount"] == "1"


def test_the_table_of_lookup_may_be_a_workbook(tmp_path):
    rows = [["GL Account", "naics_code", "recycling_rate"], [4000, 331110, 0.5], ["0042", "22", None]]
    (tmp_path / "accounts.xlsx").write_bytes(workbook(rows))
    text = '[lookup]\nfile = "accounts.xlsx"\non = "gl_account"\n[format]\ndecimal = ","'
    found = mapped(mapping(text, tmp_path), gl_account=["4000", "0042", "42"])
    assert found["naics_code"] == ["331110", "22", None]
    assert found["recycling_rate"] == ["0.5", "", None]
    broken = workbook_of_xml('<row r="1"><c t="e"><v>#N/A</v></c></row>')
    (tmp_path / "accounts.xlsx").write_bytes(broken)
    with pytest.raises(UserFault, match=r"accounts\.xlsx of \[lookup\] can't be read: row 1 holds the error #N/A"):
        mapping(text, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_table_of_lookup_is_read_as_the_data_are(tmp_path, encoding):
    text = 'account;product_name;\r\n1;"Stahl; blank";\r\n\r\n2;Gewölbe 6" hoch;\r\n3;"zwei\r\nZeilen";\r\n'
    (tmp_path / "table.csv").write_bytes(text.encode(encoding))
    # A mark says what the table is, whatever the data are.
    said = "cp1252" if encoding != "utf-8" else "utf-8-sig"
    found = mapping(
        f'[lookup]\nfile = "table.csv"\non = "account"\n[format]\ndelimiter = ";"\nencoding = "{said}"\nlines_above_header = 3', tmp_path
    )
    assert mapped(found, account=["1", "2", "3"])["product_name"] == ["Stahl; blank", 'Gewölbe 6" hoch', "zwei\r\nZeilen"]
    assert pickle.loads(pickle.dumps(found)) == found != NO_MAPPING


def test_a_file_without_a_column_of_the_mapping_is_refused():
    found = parse_mapping({"columns": {"spend_amount": "Total"}, "skip": {"kind": "x"}}, Path())
    found.check_columns(("total", "kind"), "a.csv")
    with pytest.raises(UserFault, match=r"\[columns\].*'total'.*did you mean 'totals'"):
        found.check_columns(("totals", "kind"), "a.csv")
    with pytest.raises(UserFault, match=r"\[skip\]"):
        found.check_columns(("total",), "a.csv")
    with pytest.raises(UserFault, match=r"(?s)'total'.*\n.*'kind'"):
        found.check_columns(("a",), "a.csv")


def test_a_member_that_json_lines_leave_out_is_no_mistake_unless_another_has_nearly_its_name():
    found = parse_mapping({"columns": {"spend_amount": "total_paid"}}, Path())
    found.check_members(("region", "record_id"), "a.jsonl")
    with pytest.raises(UserFault, match="did you mean 'totalpaid'"):
        found.check_members(("totalpaid", "record_id"), "a.jsonl")


def test_without_a_mapping_nothing_is_changed():
    columns = {"region": pa.array(["DE"])}
    assert map_columns(columns, np.array([0]), "a", NO_MAPPING)[0] is columns


def _table(columns):
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("category", "field", "value"), [(1, "activity_year", datetime.date(2024, 3, 1)), (13, "lease_start_date", "2024-03-01 10:00")]
)
def test_without_a_mapping_a_worker_judges_as_the_process_that_sent_it(tmp_path, category, field, value):
    record = {**make_record(category), field: value}
    files = {
        "a.csv": "\n".join([",".join(record), ",".join(map(str, record.values()))]).encode(),
        "a.jsonl": json.dumps(record, default=str).encode(),
        "a.parquet": _table({name: [one] for name, one in record.items()}),
    }
    for name, content in files.items():
        for mapping in (NO_MAPPING, pickle.loads(pickle.dumps(NO_MAPPING))):
            assert see(tmp_path / name, content, mapping).faults() == [("E_TYPE", field)], name


def test_codes_in_a_column_of_floats_are_their_digits(tmp_path):
    (tmp_path / "items.csv").write_text("ean,region\n4006381333931,DE\n90071992547409,FR\n5,NL\n")
    text = """
        [columns]
        product_name = "title"
        [lookup]
        file = "items.csv"
        on = "ean"
        [skip]
        account = 100000000000
        [values.supplier_id]
        4006381333931 = "pencils"
        [constants]
        product_name = "-"
        """
    # So pandas writes whole numbers with a blank among them.
    codes = [4006381333931.0, 90071992547409.0, 5.0, 1.5, None, -0.0]
    columns = {"ean": codes, "account": [*[7e11] * 6], "supplier_id": codes, "title": codes}
    assert mapped(mapping(text, tmp_path), **{name: [*values, 1e11] for name, values in columns.items()}) == {
        "account": [7e11] * 6,
        "ean": codes,
        "region": ["DE", "FR", "NL", None, None, None],
        "supplier_id": ["pencils", "90071992547409", "5", "1.5", None, "0"],
        "product_name": ["4006381333931", "90071992547409", "5", "1.5", "-", "0"],
    }


@pytest.mark.parametrize("neighbour", [1.5, 4006381333931])
def test_what_a_code_of_json_is_looked_up_by_does_not_depend_on_its_neighbours(tmp_path, neighbour):
    (tmp_path / "items.csv").write_text("ean,region\n4006381333931,DE\n")
    found = mapping('[lookup]\nfile = "items.csv"\non = "ean"', tmp_path)
    records = [{**make_record(record_id=f"R-{place}", region=None), "ean": ean} for place, ean in enumerate([4006381333931, neighbour])]
    seen = see(tmp_path / "a.jsonl", "\n".join(map(json.dumps, records)).encode(), found)
    assert seen.records[0]["region"] == "DE"


def test_floats_that_are_no_codes_stay_what_they_are(tmp_path):
    found = mapping('[columns]\nquantity = "amount"\n[constants]\nquantity = 7', tmp_path)
    values = [float("nan"), float("inf"), -1e300, 2.0**53, 0.1 + 0.2, None]
    assert [str(float(text)) for text in mapped(found, amount=values)["quantity"]] == [*map(str, values[:-1]), "7.0"]
