"""CSV as spreadsheets, ERP systems and suppliers write it: read rightly, or refused in words that help."""

import gzip
import re

import pytest

from schemas.faults import UserFault
from tests.reading.judged import Seen, see
from transforms.reading.mapping import load_mapping

NAMES = ["record_id", "category", "region", "activity_year", "product_name", "quantity", "quantity_unit", "supplier_pcf"]
ROWS = [[f"R-{place}", "1", "DE", "2025", name, f"{place + 1}.5", "kg", "2"] for place, name in enumerate(["steel", "copper", "zinc"])]
GERMAN = {"format": {"delimiter": ";", "decimal": ",", "thousands": ".", "encoding": "cp1252", "date": "%d.%m.%Y"}}


def table(rows=ROWS, names=NAMES, delimiter=",", line_end="\n"):
    # Not csv.writer: that of Python 3.10 refuses U+0000.
    def cell(text):
        return '"' + text.replace('"', '""') + '"' if set(text) & {delimiter, '"', "\r", "\n"} else text

    return "".join(delimiter.join(map(cell, row)) + line_end for row in [names, *rows])


def changed(**fields):
    """Returns the first row with other values."""
    return [fields.get(name, value) for name, value in zip(NAMES, ROWS[0], strict=True)]


def assert_plain(seen: Seen):
    assert seen.values("product_name") == ["steel", "copper", "zinc"]
    assert seen.values("quantity") == [1.5, 2.5, 3.5]
    assert seen.values("region") == ["DE"] * 3
    assert not seen.dead


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        (table().encode(), {}),
        (table().encode("utf-8-sig"), {}),
        (table(line_end="\r\n").encode(), {}),
        (table(line_end="\r").encode(), {}),
        (table().rstrip("\n").encode(), {}),
        (table().replace(",", " , ").encode(), {}),
        (table().replace(",", "\t , \t").encode(), {}),
        (table(names=[name.upper().replace("_", " ") for name in NAMES]).encode(), {}),
        (table(names=[f" {name.title().replace('_', '-')} " for name in NAMES]).encode(), {}),
        (table(names=[*NAMES, ""], rows=[[*row, ""] for row in ROWS]).encode(), {}),
        (table(names=[*NAMES, "", "colour"], rows=[[*row, "", "red"] for row in ROWS]).encode(), {}),
        (table().replace("\n", "\n\n  \n\r\n").encode(), {}),
        (table(delimiter=";").encode(), {"format": {"delimiter": ";"}}),
        (table(delimiter="\t").encode(), {"format": {"delimiter": "\t"}}),
        (table().encode("utf-16"), {}),
        (("\ufeff" + table()).encode("utf-16-be"), {}),
        # As Excel saves "Unicode text".
        (("\ufeff" + table(delimiter="\t", line_end="\r\n")).encode("utf-16-le"), {"format": {"delimiter": "\t", "encoding": "cp1252"}}),
        (table().encode("utf-8-sig"), {"format": {"encoding": "utf-8-sig"}}),
        (table().encode(), {"format": {"encoding": "utf-8-sig"}}),
        (table([[one.replace(".", ",") for one in row] for row in ROWS], delimiter=";").encode(), GERMAN),
        (table([*ROWS, ["Total"] + [""] * 7]).encode(), {"skip": {"record_id": "Total"}}),
        (table([*ROWS, [""] * 8]).encode(), {"skip": {"record_id": ""}}),
        (b"Spend report\n\nof 2025,,\n" + table().encode(), {"format": {"lines_above_header": 3}}),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_same_table_is_read_however_it_is_written(tmp_path, content, mapping):
    assert_plain(see(tmp_path / "a.csv", content, mapping))


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_who_follows_the_advice_on_the_delimiter_succeeds(tmp_path, sign):
    content = table(delimiter=sign).encode()
    with pytest.raises(UserFault, match="and no ',' between its columns") as fault:
        see(tmp_path / "a.csv", content)
    advice = re.search(r"say (delimiter = \S+) in \[format\]", str(fault.value))
    assert advice
    (tmp_path / "mapping.toml").write_text(f"[format]\n{advice[1]}\n")
    assert_plain(see(tmp_path / "a.csv", content, load_mapping(tmp_path / "mapping.toml")))


def test_who_writes_a_tab_in_single_quotes_is_told_to_write_double_ones(tmp_path):
    (tmp_path / "mapping.toml").write_text("[format]\ndelimiter = '\\t'\n")
    with pytest.raises(UserFault, match='one sign in double quotes, for example ";" or "\\\\t"'):
        load_mapping(tmp_path / "mapping.toml")


def test_a_mark_says_what_a_file_is_whatever_the_mapping_says_of_the_others(tmp_path):
    rows = [[*row[:4], "Größe", *row[5:]] for row in ROWS]
    mapping = {"format": {"encoding": "cp1252"}}
    for encoding in ("cp1252", "utf-8-sig", "utf-16"):
        assert see(tmp_path / "a.csv", table(rows).encode(encoding), mapping).values("product_name") == ["Größe"] * 3, encoding


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_utf_16_has_the_records_dead_letters_and_positions_of_the_same_file_in_utf_8(tmp_path, encoding, pack):
    # Signs of one to four bytes, more than one chunk, and lines that are no records.
    rows = [
        [f"R-{place}", "1", "DE", "2025", "aß€😀"[: 1 + place % 4] * 20, "x" if place % 100 == 7 else "1", "kg", "2"]
        for place in range(12_000)
    ]
    text = "\ufeff" + table(rows) + "short,line\n" + table(rows[:1], []).lstrip()
    plain = see(tmp_path / "a.csv", text.encode())
    assert len(plain.records) + len(plain.dead) == 12_002 and len(plain.dead) == 121
    assert see(tmp_path / "b.csv", pack(text.encode(encoding))) == plain


@pytest.mark.parametrize("half", ["\ud83d", "\ude00", "\ud83d\ud83d"])
def test_half_a_pair_of_surrogates_in_utf_16_costs_its_line(tmp_path, half):
    text = "\ufeff" + around(GOOD.replace(b"steel", b"st_eel")).decode().replace("st_eel", half)
    seen = see(tmp_path / "a.csv", text.encode("utf-16-le", "surrogatepass"))
    assert len(seen.records) == 200
    [(position, letter)] = seen.dead.items()
    assert (letter["code"], position) == ("E_MALFORMED", len(text[: text.index("GOOD")].encode()))
    assert "is not utf-8" in letter["message"]


def test_what_skip_takes_out_is_counted(tmp_path):
    seen = see(tmp_path / "a.csv", table([*ROWS, ["Total"] + [""] * 7]).encode(), {"skip": {"record_id": "Total"}})
    assert (len(seen.records), seen.skipped) == (3, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table().encode("utf-16-le"), "is UTF-16 without a byte order mark and no csv; save it as UTF-8"),
        (table().encode("utf-16-be"), "is UTF-16 without a byte order mark"),
        (table(names=["šrécord", *NAMES[1:]]).encode("utf-16-le"), "header of .* U.0000; save the file as UTF-8"),
        (table().encode("utf-32"), "is UTF-16"),
        (table().encode("utf-16")[:-1], "damaged or cut off .*: its last character is not complete"),
        (table(names=[*NAMES[:-1], "Quantity"]).encode(), "'quantity' and 'Quantity', which become one name"),
        (table(names=[*NAMES[:-1], "quantity"]).encode(), "two columns 'quantity'"),
        (table(names=["récord", *NAMES[1:]]).encode("cp1252"), "header of .* is not utf-8; name its encoding"),
        (b"Spend report\n\n" + table().encode(), "there is 'spend_report'; say .* lines_above_header"),
        (b"1,2,3\n", "no field claims any column"),
        (table(names=["\0record_id", *NAMES[1:]]).encode(), "header of .* U.0000"),
        (b'"' + table().encode(), "header of .* can't be read: a quote opens and is never closed"),
        (table(names=["quantiti" if name == "quantity" else name for name in NAMES]).encode(), "'quantiti', which no field claims; did you mean 'quantity'"),
        (table(names=["spplier_pcf" if name == "supplier_pcf" else name for name in NAMES]).encode(), "did you mean 'supplier_pcf'"),
        (table(names=["ProductName" if name == "product_name" else name for name in NAMES]).encode(), "did you mean 'product_name'"),
        (table(names=["regoin" if name == "region" else name for name in NAMES]).encode(), "did you mean 'region'"),
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_a_table_that_cant_be_read_rightly_is_refused_before_its_first_row(tmp_path, content, words):
    with pytest.raises(UserFault, match=words):
        see(tmp_path / "a.csv", content)


def line(**fields):
    return table([changed(**fields)]).split("\n")[1].encode()


GOOD = line(record_id="GOOD")


def around(bad: bytes, line_end: bytes = b"\n") -> bytes:
    """Returns a table with a line among a hundred good ones on each side."""
    lines = [line(record_id=f"G-{place}") for place in range(100)]
    more = [line(record_id=f"H-{place}") for place in range(100)]
    return line_end.join([",".join(NAMES).encode(), *lines, bad, *more, b""])


@pytest.mark.parametrize(
    ("bad", "code", "field", "words"),
    [
        (GOOD[:-2], "E_MALFORMED", None, "7 fields and the header 8"),
        (GOOD + b",9", "E_MALFORMED", None, "9 fields and the header 8"),
        (GOOD + b",", "E_MALFORMED", None, "9 fields and the header 8, of which the last is blank, as where a line ends in a delimiter"),
        (GOOD.replace(b"steel", b"st\xe4hl"), "E_MALFORMED", None, "byte 17 of the line, 0xe4, is not utf-8; where many lines are so, encoding"),
        (GOOD.replace(b"steel", b"st\0eel"), "E_MALFORMED", None, "U+0000"),
        (GOOD.replace(b"steel", b"st\xed\xa0\x80eel"), "E_MALFORMED", None, "is not utf-8"),
        (b'"' + GOOD, "E_MALFORMED", None, "never closed"),
        (GOOD.replace(b"steel", b'"steel'), "E_MALFORMED", None, "never closed"),
        (GOOD.replace(b"steel", b"x" * (3 << 20)), "E_MALFORMED", None, "longer than"),
        (GOOD.replace(b"1.5", b'"1.234,56"'), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b'"1,5"'), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b'"1,234.56"'), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"1 234.56"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"1'234.56"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"1.234.567"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"12.3-"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"$12.3"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", "1\u00a0234".encode()), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", "\u0661".encode()), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"1_000"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"#N/A"), "E_TYPE", "quantity", "decimal point"),
        (GOOD.replace(b"1.5", b"NaN"), "E_RANGE", "quantity", "no quantity"),
        (GOOD.replace(b"2025", b"01.01.2025"), "E_TYPE", "activity_year", "no number"),
        (GOOD.replace(b"2025", b"2025.5"), "E_TYPE", "activity_year", "no whole number"),
        (b"Total" + b"," * 7, "E_REQUIRED", "category", "category is missing"),
        (b"," * 7, "E_REQUIRED", "record_id", "record_id is missing"),
    ],
    ids=lambda value: repr(value)[:50],
)  # fmt: skip
def test_one_bad_line_is_one_dead_letter_with_its_place(tmp_path, bad, code, field, words):
    for line_end in (b"\n", b"\r\n"):
        content = around(bad, line_end)
        seen = see(tmp_path / "a.csv", content)
        assert len(seen.records) == 200
        [(position, letter)] = seen.dead.items()
        assert content[position:].startswith(bad)
        assert (letter["code"], letter["field"]) == (code, field)
        assert words in letter["message"]
        assert letter["raw"] and bad.decode(errors="backslashreplace").replace("\0", "\\x00").startswith(letter["raw"][:10_000])


@pytest.mark.parametrize(
    ("good", "name"),
    [
        (GOOD.replace(b"steel", b'"two\nlines"'), "two\nlines"),
        (GOOD.replace(b"steel", b'"two\r\nlines, of text"'), "two\r\nlines, of text"),
        (GOOD.replace(b"steel", b'6" pipe'), '6" pipe'),
        (GOOD.replace(b"steel", b'"6"" pipe"'), '6" pipe'),
        (GOOD.replace(b"steel", b'6" x 9" plate'), '6" x 9" plate'),
        (GOOD.replace(b"steel", b"x" * (1 << 20)), "x" * (1 << 20)),
        (GOOD.replace(b"steel", b'"' + b"x,\n" * (1 << 18) + b'"'), ("x,\n" * (1 << 18)).strip()),
        (GOOD.replace(b"steel", b" steel "), "steel"),
        *[(GOOD.replace(b"steel", word.encode()), word) for word in ("None", "null", "NULL", "NaN", "NA", "N/A", "true", "nil", "-", "1e3", "007")],
    ],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_a_text_is_what_stands_there(tmp_path, good, name):
    seen = see(tmp_path / "a.csv", around(good))
    assert not seen.dead
    assert len(seen.records) == 201
    assert seen.values("product_name")[100] == name


def test_a_wrong_byte_in_another_encoding_is_one_dead_letter(tmp_path):
    # 0x81 is no character of Windows-1252.
    content = around(GOOD.replace(b"steel", b"st\x81hl")).replace(b"steel", "stähl".encode("cp1252"))
    seen = see(tmp_path / "a.csv", content, {"format": {"encoding": "cp1252"}})
    assert set(seen.values("product_name")) == {"stähl"}
    [(position, letter)] = seen.dead.items()
    assert content[position:].startswith(b"GOOD")
    assert "0x81, is not cp1252" in letter["message"]


@pytest.mark.parametrize(
    ("signs", "text", "value"),
    [
        ({"decimal": ",", "thousands": "."}, "1.234,56", 1234.56),
        ({"decimal": ",", "thousands": "."}, "1.234", 1234.0),
        ({"decimal": ",", "thousands": "."}, "1.234.567", 1234567.0),
        ({"decimal": ",", "thousands": " "}, "1 234,56", 1234.56),
        ({"decimal": ",", "thousands": "\u202f"}, "1\u202f234,56", 1234.56),
        ({"decimal": ".", "thousands": ","}, "1,234.56", 1234.56),
        ({"thousands": "'"}, "1'234.56", 1234.56),
        ({"decimal": ","}, "1234,56", 1234.56),
        ({"decimal": ","}, "1.234,56", None),
        ({"decimal": ","}, "1.234", None),
        ({"decimal": ",", "thousands": "."}, "12.34", None),
        ({"decimal": ",", "thousands": "."}, "1,234.56", None),
        ({}, "1.234", 1.234),
        ({}, "1,234", None),
    ],
)
def test_signs_of_numbers_are_those_of_the_mapping_and_no_others(tmp_path, signs, text, value):
    content = table([changed(quantity=text)], delimiter=";").encode()
    seen = see(tmp_path / "a.csv", content, {"format": {"delimiter": ";", **signs}})
    assert seen.values("quantity") == ([] if value is None else [value])
    assert seen.faults() == ([("E_TYPE", "quantity")] if value is None else [])
