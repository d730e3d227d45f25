"""Workbooks as records: rows of a sheet, their numbers, and what costs a row or the file."""

import io
import json

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from tests.records import make_record
from tests.workbooks import workbook, workbook_of_xml
from transforms.reading.mapped import map_columns
from transforms.reading.mapping import NO_MAPPING, Mapping, parse_mapping
from transforms.reading.parsed import ParsedChunk
from transforms.reading.sources import judged_chunks
from transforms.reading.text_format import Format
from transforms.reading.workbook import read_workbook
from transforms.sinks.contract import Source


def read(data: bytes, **arguments) -> list[tuple[tuple[str, ...], ParsedChunk]]:
    return list(read_workbook(io.BytesIO(data), "a.xlsx", **arguments))


def rows_of(chunk: ParsedChunk) -> dict[int, list[str | None]]:
    """Returns the values of the first part by position."""
    [part] = chunk.parts
    columns = [column.to_pylist() for column in part.columns.values()]
    return dict(zip(part.positions.tolist(), map(list, zip(*columns, strict=True)), strict=True))


def test_positions_are_the_numbers_that_the_sheet_shows():
    data = workbook([[], ["Record ID", "Amount"], ["R-1", 5], [], ["R-2", 6.5], ["R-3"]])
    [(names, chunk)] = read(data)
    assert names == ("record_id", "amount")
    assert rows_of(chunk) == {3: ["R-1", "5"], 5: ["R-2", "6.5"], 6: ["R-3", None]}
    assert (chunk.position, chunk.length) == (3, 4)
    assert chunk.parts[0].raw(1) == '{"Record ID": "R-2", "Amount": "6.5"}'


def test_chunks_follow_each_other_and_hold_each_row_once():
    data = workbook([["record_id"], *[[f"R-{row}"] for row in range(2, 27)]])
    chunks = [chunk for _, chunk in read(data, rows_per_chunk=10)]
    assert [(chunk.position, chunk.length) for chunk in chunks] == [(2, 10), (12, 10), (22, 5)]
    assert {place: row for chunk in chunks for place, row in rows_of(chunk).items()} == {row: [f"R-{row}"] for row in range(2, 27)}


def test_only_wanted_columns_are_read_and_an_error_elsewhere_costs_nothing():
    xml = '<row r="1"><c t="inlineStr"><is><t>amount</t></is></c><c t="inlineStr"><is><t>note</t></is></c></row>'
    xml += '<row r="2"><c><v>1</v></c><c t="e"><v>#REF!</v></c></row><row r="3"><c t="e"><v>#N/A</v></c><c><v>2</v></c></row>'
    [(_, chunk)] = read(workbook_of_xml(xml), wanted=frozenset({"amount"}))
    assert rows_of(chunk) == {2: ["1"]}
    assert chunk.unread_columns == ("note",)
    [bad] = chunk.malformed
    assert (bad.position, bad.raw) == (3, '{"amount": "#N/A", "note": "2"}')
    assert bad.detail == "cell A3 holds the error #N/A"


def test_columns_without_a_name_are_told():
    # A merged cell of the header has its name in the first column alone.
    [(names, chunk)] = read(workbook([["record_id", "amount", None, None], ["R-1", 1, "USD", None, "note"]]))
    assert names == ("record_id", "amount")
    assert chunk.unread_columns == ("column C, without a name", "column E, without a name")
    assert json.loads(chunk.parts[0].raw(0)) == {"record_id": "R-1", "amount": "1", "C": "USD", "E": "note"}


def test_rows_above_the_header_are_left_out_and_a_header_below_the_end_is_refused():
    data = workbook([["Report of May"], [], ["record_id"], ["R-1"]])
    [(names, chunk)] = read(data, text_format=Format(lines_above_header=2))
    assert (names, rows_of(chunk)) == (("record_id",), {4: ["R-1"]})
    with pytest.raises(UserFault, match="lines_above_header"):
        read(data, text_format=Format(lines_above_header=4))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (workbook([["a b", "A-B"]]), "become one name"),
        (workbook_of_xml('<row r="1"><c t="e"><v>#REF!</v></c></row>'), r"header of a\.xlsx.*cell A1 holds the error #REF!"),
        (b"PK", r"a\.xlsx is no Excel workbook"),
    ],
)
def test_a_sheet_without_a_header_that_can_be_read_is_refused(data, message):
    with pytest.raises(UserFault, match=message):
        read(data)


def test_a_sheet_of_nothing_has_no_chunks_and_one_of_a_header_one_without_records():
    assert read(workbook([])) == []
    [(names, chunk)] = read(workbook([["record_id"]]))
    assert (names, chunk.parts, chunk.length) == (("record_id",), [], 0)


def judged(folder, data: bytes, mapping: Mapping = NO_MAPPING):
    path = folder / "a.xlsx"
    path.write_bytes(data)
    return list(judged_chunks(Source(0, str(path), len(data)), mapping, Config()))


def test_records_of_a_workbook_are_judged_like_any_others(tmp_path):
    records = [make_record(record_id=f"R-{number}") for number in range(3)]
    records[1]["quantity"] = "many"
    data = workbook([list(records[0]), *[list(record.values()) for record in records]])
    [chunk] = judged(tmp_path, data)
    [taken] = chunk.taken
    assert taken.positions.tolist() == [2, 4]
    assert taken.fields.column("activity_year").to_pylist() == [2025, 2025]
    [letter] = chunk.dead_letters.to_pylist()
    assert (letter["source_position"], letter["field"], letter["value"]) == (3, "quantity", "many")


def test_the_mapping_names_the_sheet(tmp_path):
    data = workbook([["notes"]], Lines=[["ignored"], ["ID"], ["R-1"]])
    mapping = parse_mapping({"columns": {"record_id": "ID"}, "format": {"sheet": "Lines", "lines_above_header": 1}}, tmp_path)
    [chunk] = judged(tmp_path, data, mapping)
    assert chunk.dead_letters.to_pylist()[0]["record_id"] == "R-1"
    with pytest.raises(UserFault, match=r"names the column 'id', which .*a\.xlsx lacks"):
        judged(tmp_path, data, parse_mapping({"columns": {"record_id": "ID"}}, tmp_path))


def test_numbers_of_a_workbook_need_no_format_and_texts_do(tmp_path):
    # The column mixes numbers with texts that were pasted; 1.234 as a number is not 1234.
    rows = [["record_id", "quantity"], ["R-1", 1.234], ["R-2", "1.234,5"], ["R-3", 1234], ["R-4", 2.5e-7]]
    mapping = parse_mapping({"format": {"decimal": ",", "thousands": "."}}, tmp_path)
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(rows))
    with path.open("rb") as handle:
        [(_, chunk)] = read_workbook(handle, "a.xlsx", None, mapping.format)
    [part] = chunk.parts
    columns, _ = map_columns(part.columns, part.positions, "a.xlsx", mapping)
    assert [float(text) for text in columns["quantity"].to_pylist()] == [1.234, 1234.5, 1234, 2.5e-7]
