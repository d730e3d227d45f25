"""Cells of a workbook as text: what was typed, and nothing that only looks like it."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.faults import UserFault
from tests.workbooks import saved, workbook, workbook_of_xml
from transforms.factors.workbook import SheetRow, cell_name, sheet_rows


def rows_of(data: bytes, sheet: str | None = None) -> list[SheetRow]:
    return list(sheet_rows(io.BytesIO(data), "a.xlsx", sheet))


def row_of(xml: str, calculation: str = "") -> SheetRow:
    [row] = rows_of(workbook_of_xml(f'<row r="1">{xml}</row>', calculation))
    return row


def test_cells_are_text_as_typed():
    typed = ["0042", 561612, 561612.0, 1234.5, 0.3, 1e-7, -3, 0, True, " a ", "NA", "None", "1e5", datetime.date(2025, 1, 2)]
    texts = [
        "0042",
        "561612",
        "561612",
        "1234.5",
        "0.3",
        "1e-07",
        "-3",
        "0",
        "true",
        " a ",
        "NA",
        "None",
        "1e5",
        "2025-01-02",
    ]
    assert rows_of(workbook([typed])) == [SheetRow(1, texts, {})]
    moments = [datetime.datetime(2025, 1, 2, 3, 4, 5), datetime.datetime(2025, 1, 2), datetime.time(3, 4)]
    assert rows_of(workbook([moments]))[0].cells == ["2025-01-02T03:04:05", "2025-01-02", "03:04:00"]


def test_a_number_shows_the_digits_that_the_sheet_holds():
    # Excel keeps 15 digits and shows zeros behind them.
    numbers = ["1.23456789012345E+19", "561612.0", "5.61612E5", "0.30000000000000004", "12345678901234567890"]
    row = row_of("".join(f"<c><v>{number}</v></c>" for number in numbers))
    assert row.cells == ["12345678901234500000", "561612", "561612", "0.30000000000000004", "12345678901234567890"]


def test_dates_count_from_1904_where_the_workbook_says_so():
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([datetime.date(2025, 1, 2)])
    assert rows_of(saved(book))[0].cells == ["2025-01-02"]


def test_a_row_keeps_the_number_that_the_sheet_shows_and_blank_rows_are_none():
    found = rows_of(workbook([[], ["a", None, "b"], [None, None], [""], [None, 1]]))
    assert found == [SheetRow(2, ["a", None, "b"], {}), SheetRow(5, [None, "1"], {})]
    assert cell_name(1, 5) == "B5"


def test_rows_and_cells_outside_the_size_that_a_file_claims_are_read():
    # workbook_of_xml claims that the sheet has one cell.
    xml = '<row r="1"><c r="A1"><v>1</v></c></row><row r="4"><c r="C4"><v>2</v></c></row>'
    assert [(row.number, row.cells) for row in rows_of(workbook_of_xml(xml))] == [(1, ["1"]), (4, [None, None, "2"])]


def test_an_error_is_a_fault_and_not_a_blank():
    row = row_of('<c><v>1</v></c><c t="e"><v>#N/A</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>')
    assert row.cells == ["1", "#N/A", "#DIV/0!"]
    assert row.faults == {1: "holds the error #N/A", 2: "holds the error #DIV/0!"}


def test_a_formula_is_its_value():
    xml = '<row r="2"><c r="A2"><v>7</v></c></row><row r="5"><c r="A5"><f>1+1</f><v>2</v></c><c r="B5" t="str"><f>"x"</f><v>x</v></c>'
    xml += '<c r="C5" t="str"><f>IF(A5,"",1)</f><v></v></c><c r="D5" t="b"><f>TRUE</f><v>1</v></c></row>'
    assert rows_of(workbook_of_xml(xml)) == [SheetRow(2, ["7"], {}), SheetRow(5, ["2", "x", None, "true"], {})]


@pytest.mark.parametrize(
    ("xml", "calculation"),
    [("<c><f>1+1</f></c>", ""), ("<c><f>1+1</f><v></v></c>", ""), ("<c><f>1+1</f><v>0</v></c>", '<calcPr fullCalcOnLoad="1"/>')],
)
def test_a_formula_that_was_never_worked_out_is_a_fault(xml, calculation):
    assert "never worked out" in row_of(xml, calculation).faults[0]


def test_a_formula_of_a_program_without_a_spreadsheet_is_a_fault():
    assert "never worked out" in rows_of(workbook([[1, "=A1+1"]]))[0].faults[1]


def test_characters_that_xml_cant_hold_are_read_and_those_of_no_store_are_a_fault():
    cell = '<c t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'
    row = row_of("".join(map(cell.format, ["a_x000A_b", "_x005F_x0041_", "_xD83D__xDE00_", "a_x0000_", "_xD83D_", "a_xyz"])))
    assert row.cells == ["a\nb", "_x0041_", "\U0001f600", "'a\\x00'", "'\\ud83d'", "a_xyz"]
    assert list(row.faults) == [3, 4]


def test_a_text_of_several_styles_is_one_text():
    rich = '<r><t>pur</t></r><r><rPr><b/></rPr><t>chase</t></r><rPh sb="0" eb="1"><t>spoken</t></rPh>'
    assert row_of(f'<c t="inlineStr"><is>{rich}</is></c>').cells == ["purchase"]
    data = workbook_of_xml('<row r="1"><c t="s"><v>1</v></c></row>', strings=f"<si><t>a</t></si><si>{rich}</si>")
    assert rows_of(data)[0].cells == ["purchase"]


def test_the_first_sheet_that_is_shown_is_read_or_the_one_that_is_named():
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.title, book.active.sheet_state = "Lists", "hidden"
    book.create_sheet("Data 2025 ").append(["shown"])
    assert rows_of(saved(book))[0].cells == ["shown"]
    assert rows_of(saved(book), "Lists")[0].cells == ["hidden"]
    assert rows_of(saved(book), "Data 2025")[0].cells == ["shown"]
    with pytest.raises(UserFault, match=r"a\.xlsx has no sheet 'data'; there are 'Lists', 'Data 2025 '"):
        rows_of(saved(book), "data")


def without(data: bytes, part: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(file, "w") as left:
        for name in whole.namelist():
            if name != part:
                left.writestr(name, whole.read(name))
    return file.getvalue()


_GOOD = workbook([["record_id"], ["R-1"]])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no Excel workbook, or it is damaged"),
        (b"record_id\n1\n", "no Excel workbook"),
        (_GOOD[:-100], "damaged"),
        (_GOOD[:3000] + b"\0\0\0\0" + _GOOD[3004:], "damaged"),
        (without(_GOOD, "xl/worksheets/sheet1.xml"), "damaged"),
        (workbook_of_xml('<row r="1"><c t="s"><v>1</v></c></row>', strings="<si><t>a</t></si>"), "damaged"),
        (without(_GOOD, "xl/workbook.xml"), "damaged"),
        (workbook_of_xml('<row r="1"><c><v>x</v></c></row>'), "the sheet 'Data' of a.xlsx is damaged"),
        (workbook_of_xml('<row r="1"><c>'), "damaged"),
        (workbook_of_xml('<row r="999999999999"><c><v>1</v></c></row>'), "a row beyond 1,048,576"),
        (without(_GOOD, "xl/workbook.xml").replace(b"sheet.main+xml", b"sheet.none+xml"), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password; save it as .xlsx without one"),
    ],
)
def test_a_file_that_is_no_workbook_or_damaged_is_told_by_name(data, message):
    with pytest.raises(UserFault) as fault:
        rows_of(data)
    assert message in str(fault.value)
    assert "a.xlsx" in str(fault.value)


_ROWS = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="0"><v>45658.5</v></c></row><row r="2"><c r="A2" t="str"><f>A1</f><v>x</v></c></row>'
_SPLICES = ("<", '"', "&", "-1", "1E999", "NaN", '<row r="7">', '<c r="ZZZZ1">', "</c>", "_x0000_", "999999999999", "", "\u2028")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(_ROWS)), st.integers(0, 12), st.sampled_from(_SPLICES)), min_size=1, max_size=3))
def test_any_sheet_is_read_or_refused_in_words(cuts):
    xml = _ROWS
    for place, length, splice in cuts:
        xml = xml[:place] + splice + xml[place + length :]
    try:
        rows = rows_of(workbook_of_xml(xml, strings="<si><t>a_x0041_</t></si>"))
    except UserFault as fault:
        assert "a.xlsx" in str(fault)
    else:
        assert all(row.number >= 1 and (row.faults or any(row.cells)) for row in rows)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_GOOD)), st.integers(0, 40), st.binary(max_size=8))
def test_any_bytes_are_a_workbook_or_refused_in_words(place, length, splice):
    try:
        rows_of(_GOOD[:place] + splice + _GOOD[place + length :])
    except UserFault as fault:
        assert "a.xlsx" in str(fault)
