"""CSV, read in chunks: borders, positions, and what one bad line costs."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.faults import UserFault
from transforms.reading.csv_borders import split_record
from transforms.reading.csv_chunk import CsvFormat, read_csv


def read(
    data: bytes, chunk_bytes: int = 1 << 20, longest: int = 1 << 20, text_format: CsvFormat | None = None
) -> tuple[dict[int, dict[str, str]], dict[int, str]]:
    """Returns records and details of bad lines by position; the chunks must cover the file without a gap."""
    records: dict[int, dict[str, str]] = {}
    bad: dict[int, str] = {}
    covered = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    for _, chunk in read_csv(io.BytesIO(data), "file.csv", None, text_format or CsvFormat(), chunk_bytes, longest):
        assert chunk.position == covered
        covered += chunk.length
        for part in chunk.parts:
            for row, position in enumerate(part.positions.tolist()):
                assert position not in records
                records[position] = {name: column[row].as_py() for name, column in part.columns.items()}
                if text_format is None:
                    assert data[position:].startswith(part.raw(row).encode())
        bad |= {line.position: line.detail for line in chunk.malformed}
    assert covered == len(data)
    assert not records.keys() & bad.keys()
    return records, bad


def test_a_line_break_inside_quotes_belongs_to_its_field():
    data = b'a,b\r\n1,"x\r\ny"\r\n2,z\r\n'
    # The header is 5 bytes, the first record 10.
    assert read(data) == ({5: {"a": "1", "b": "x\r\ny"}, 15: {"a": "2", "b": "z"}}, {})


def test_an_inch_sign_is_text():
    data = b'a,b\n6" pipe,1\n"7"" pipe",2\n8" x 9" plate,3\n10",4\n'
    records, bad = read(data)
    assert [record["a"] for record in records.values()] == ['6" pipe', '7" pipe', '8" x 9" plate', '10"']
    assert not bad


def test_two_inch_signs_that_span_a_line_break_are_not_a_quoted_field():
    data = b'a,b\n6" pipe,1\n7" pipe,2\n'
    assert [record["a"] for record in read(data)[0].values()] == ['6" pipe', '7" pipe']


@pytest.mark.parametrize(
    ("line", "word"),
    [(b"1", "1 fields"), (b"1,2,3", "3 fields"), (b"\xff,2", "not utf-8"), (b"a\0,2", "U+0000"), (b'"a""b"c,d,e', "3 fields")],
)
def test_one_bad_line_costs_itself(line, word):
    good = [b"R-%d,%d" % (place, place) for place in range(100)]
    records, bad = read(b"\n".join([b"a,b", *good, line, *good]))
    assert len(records) == 200
    [(position, detail)] = bad.items()
    assert position == 4 + sum(len(text) + 1 for text in good)
    assert word in detail


def test_undecodable_bytes_in_a_column_that_nobody_reads_are_found_too():
    chunks = list(read_csv(io.BytesIO(b"a,b\n1,\xff\n2,x\n"), "file.csv", frozenset({"a"})))
    [(names, chunk)] = chunks
    assert names == ("a", "b")
    assert chunk.unread_columns == ("b",)
    assert [line.position for line in chunk.malformed] == [4]
    assert chunk.parts[0].positions.tolist() == [8]
    assert list(chunk.parts[0].columns) == ["a"]


def test_a_file_without_any_wanted_column_has_records_all_the_same():
    [(_, chunk)] = read_csv(io.BytesIO(b"a,b\n1,2\n3\n4,5\n"), "file.csv", frozenset({"c"}))
    assert chunk.parts[0].positions.tolist() == [4, 10]
    assert chunk.parts[0].columns == {}
    assert [line.position for line in chunk.malformed] == [8]


def test_a_quote_that_is_never_closed_costs_its_line():
    data = b'a,b\n1,2\n3,"4\n5,6\n7,8\n'
    records, bad = read(data)
    assert [record["a"] for record in records.values()] == ["1", "5", "7"]
    assert list(bad) == [8]


def test_a_record_that_is_too_long_costs_its_first_line():
    data = b'a,b\n1,2\n3,"4\n' + b"5,6\n" * 100 + b'"\n7,8\n'
    records, bad = read(data, 64, 128)
    # The 100 lines inside the quote are records again; the quote alone in a line opens one that never ends.
    assert len(records) == 102
    assert list(bad) == [8, 13 + 400]
    assert "longer than 128 bytes" in bad[8]


def test_blank_lines_are_skipped():
    assert list(read(b"\na,b\n\n1,2\n  \n\r\n3,4\n")[0]) == [6, 15]


def test_a_byte_order_mark_is_no_part_of_the_header():
    assert read(b"\xef\xbb\xbfa,b\n1,2\n") == ({7: {"a": "1", "b": "2"}}, {})


@pytest.mark.parametrize("chunk_bytes", [8, 1 << 20])
def test_a_byte_order_mark_in_front_of_a_record_is_a_sign_of_its_first_field(chunk_bytes):
    data = "a,b\n1,2\n\ufeff3,4\n5,6\n".encode()
    assert [record["a"] for record in read(data, chunk_bytes)[0].values()] == ["1", "\ufeff3", "5"]
    # Of an encoding with signs of its own for it too.
    data = "a,b\n1,2\n\ufeff3,4\n5,6\n".encode("gb18030")
    assert [record["a"] for record in read(data, chunk_bytes, text_format=CsvFormat("gb18030"))[0].values()] == ["1", "\ufeff3", "5"]


def test_words_that_look_like_null_stay_words():
    assert read(b"a,b\nNA,null\nNaN,\n")[0] == {4: {"a": "NA", "b": "null"}, 12: {"a": "NaN", "b": ""}}


def test_a_return_alone_ends_a_line():
    assert list(read(b"a,b\r1,2\r3,4\r")[0]) == [4, 8]


def test_text_in_another_encoding_is_read():
    data = "a;b\nMüller;1\nŠkoda;2\n".encode("cp1252")
    records, bad = read(data, text_format=CsvFormat("cp1252", ";"))
    assert [record["a"] for record in records.values()] == ["Müller", "Škoda"]
    assert list(records) == [4, 13]
    assert not bad


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"a b,A-b\n", "become one name"),
        (b"a;b\n1;2\n", "delimiter"),
        (b"\xff\n1\n", "encoding"),
        (b'"a,b\n', "header"),
    ],
)
def test_a_header_that_cant_be_used_is_refused_with_the_remedy(data, word):
    with pytest.raises(UserFault, match=word):
        read(data)


def test_a_file_of_a_header_only_has_no_records():
    assert read(b"a,b\n") == ({}, {})
    assert read(b"a,b") == ({}, {})
    assert read(b"") == ({}, {})


def slowly(data: bytes) -> tuple[dict[int, list[str]], set[int]]:
    """Reads records one character at a time: what the vectorised reader must agree with."""
    records: dict[int, list[str]] = {}
    bad: set[int] = set()
    place = 0
    while place < len(data):
        start, quoted, at_field_start = place, False, True
        while place < len(data):
            sign = data[place : place + 1]
            if quoted:
                if sign == b'"' and data[place + 1 : place + 2] == b'"':
                    place += 1
                elif sign == b'"':
                    quoted = False
            elif sign == b'"' and at_field_start:
                quoted = True
            elif sign in (b"\r", b"\n"):
                break
            at_field_start = not quoted and sign == b","
            place += 1
        if quoted:
            bad.add(start)
            place = min((at for at in (data.find(b"\r", start), data.find(b"\n", start)) if at >= 0), default=len(data))
        elif data[start:place].strip(b" "):
            records[start] = split_record(data[start:place].decode(errors="surrogateescape"), ",")
        place += 2 if data[place : place + 2] == b"\r\n" else 1
    return records, bad


pieces = st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", "a", "b1", " ", '6" x', '"q"', '"x\ny"', '"x,""y"""', "é", '"\r\n"', "\ufeff"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=60), st.integers(8, 64))
def test_reading_in_pieces_gives_what_reading_slowly_gives(texts: list[str], chunk_bytes: int):
    data = b"p,q,r\n" + "".join(texts).encode()
    records, unclosed = slowly(data)
    del records[0]
    want = {place: dict(zip("pqr", fields, strict=True)) for place, fields in records.items() if len(fields) == 3}
    want_bad = unclosed | {place for place, fields in records.items() if len(fields) != 3}
    for size in (chunk_bytes, 1 << 20):
        got, bad = read(data, size, 1 << 20)
        assert got == want
        assert set(bad) == want_bad


wild: Any = st.text(alphabet='",\r\n a"', max_size=40)


@settings(max_examples=200, deadline=None)
@given(wild, st.integers(8, 32), st.integers(32, 64))
def test_over_long_records_do_not_depend_on_the_size_of_chunks(text: str, chunk_bytes: int, longest: int):
    data = b"p,q\n" + text.encode()
    assert read(data, chunk_bytes, longest) == read(data, longest, longest)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_lines_above_the_header_are_left_out(line_end):
    data = line_end.join([b"Report, of May", b"", b'"two', b'lines",', b"id,name", b"1,a", b""])
    [(names, chunk)] = read_csv(io.BytesIO(data), "a.csv", None, CsvFormat(lines_above=4))
    assert names == ("id", "name")
    assert chunk.parts[0].positions.tolist() == [data.index(b"1,a")]
    with pytest.raises(UserFault, match=r"a\.csv has no line below the 9 of lines_above_header"):
        list(read_csv(io.BytesIO(data), "a.csv", None, CsvFormat(lines_above=9)))
