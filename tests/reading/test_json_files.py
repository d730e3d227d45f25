"""JSON lines as people and programs write them: read rightly, or refused in words that help."""

import json

import pytest

from schemas.faults import UserFault
from tests.reading.judged import see
from tests.records import make_record

_RECORDS = [make_record(record_id=f"R-{place}", product_name=name) for place, name in enumerate(["None", "NA", "Größe", 'a "b"', "null"])]
_LINES = [json.dumps(record) for record in _RECORDS]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(_LINES),
        "\r\n".join(_LINES) + "\r\n",
        "\ufeff" + "\n".join(_LINES),
        "\n\n  \n" + "\n \t\n\r\n".join(_LINES) + "\n\n",
        "\n".join(json.dumps(record, ensure_ascii=False) for record in _RECORDS),
        "\n".join(f"  {line}  " for line in _LINES),
        "\n".join(line.replace('"product_name"', '"Product Name"') for line in _LINES),
        "\n".join(line.replace(": ", ":\t") for line in _LINES),
    ],
    ids=lambda text: repr(text[:30]),
)
def test_the_same_lines_are_read_however_they_are_written(tmp_path, text):
    seen = see(tmp_path / "a.jsonl", text.encode())
    assert seen.values("product_name") == [record["product_name"] for record in _RECORDS]
    assert not seen.dead


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_lines_in_utf_16_with_a_mark_are_read_and_without_one_refused(tmp_path, encoding):
    text = "\n".join(json.dumps(record, ensure_ascii=False) for record in _RECORDS)
    marked = see(tmp_path / "a.jsonl", ("\ufeff" + text).encode(encoding))
    assert marked == see(tmp_path / "b.jsonl", ("\ufeff" + text).encode())
    assert len(marked.records) == len(_RECORDS)
    with pytest.raises(UserFault, match=r"UTF-16 without a byte order mark and no json lines; save it as UTF-8"):
        see(tmp_path / "a.jsonl", text.encode(encoding))


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        (json.dumps(_RECORDS), "jq -c '.[]'"),
        (json.dumps(_RECORDS, indent=2), "jq -c '.[]'"),
        ("\ufeff\r\n " + json.dumps(_RECORDS), "jq -c '.[]'"),
        ("[\n" + ",\n".join(_LINES) + "\n]", "jq -c '.[]'"),
        ("\n".join(json.dumps(record, indent=2) for record in _RECORDS), "jq -c ."),
        (json.dumps({"records": _RECORDS}, indent=2), "jq -c ."),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_is_no_lines_is_refused_with_the_remedy(tmp_path, text, remedy):
    with pytest.raises(UserFault) as fault:
        see(tmp_path / "a.json", text.encode())
    assert remedy in str(fault.value)


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        (_LINES[0] + _LINES[1], "E_MALFORMED", None),
        (_LINES[0] + " " + _LINES[1], "E_MALFORMED", None),
        (_LINES[0] + ",", "E_MALFORMED", None),
        (_LINES[0][:-1], "E_MALFORMED", None),
        ("[" + _LINES[0] + "]", "E_MALFORMED", None),
        (_LINES[0].replace("}", ', "category": 1}'), "E_MALFORMED", None),
        (_LINES[0].replace("}", ', "Category": 1}'), "E_MALFORMED", None),
        (_LINES[0].replace("1000", "NaN"), "E_MALFORMED", None),
        (_LINES[0].replace("1000", "-Infinity"), "E_MALFORMED", None),
        (_LINES[0].replace("1000", "1" * 400), "E_RANGE", "quantity"),
        (_LINES[0].replace("1000", '"many"'), "E_TYPE", "quantity"),
        (_LINES[0].replace("1000", "true"), "E_TYPE", "quantity"),
        (_LINES[0].replace("1000", '{"value": 1000}'), "E_TYPE", "quantity"),
        (_LINES[0].replace('"None"', '{"en": "steel"}'), "E_TYPE", "product_name"),
        (_LINES[0].replace('"None"', '["steel"]'), "E_TYPE", "product_name"),
        (_LINES[0].replace('"None"', "1.5"), "E_TYPE", "product_name"),
        (json.dumps({"records": _RECORDS}), "E_REQUIRED", "record_id"),
        ('"' + _LINES[0].replace('"', "'") + '"', "E_MALFORMED", None),
        ("// a comment", "E_MALFORMED", None),
        ("{", "E_MALFORMED", None),
        ("}", "E_MALFORMED", None),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_one_bad_line_is_one_dead_letter_with_its_place(tmp_path, bad, code, field):
    good = [json.dumps(make_record(record_id=f"G-{place}")) for place in range(60)]
    text = "\n".join([*good, bad, *good[:30]])
    seen = see(tmp_path / "a.jsonl", text.encode())
    assert len(seen.records) == 90
    [(position, letter)] = seen.dead.items()
    assert text[position:].startswith(bad)
    assert (letter["code"], letter["field"], letter["raw"]) == (code, field, bad)


def test_integers_of_twenty_digits_are_texts_to_the_last_digit_and_numbers_as_near_as_they_come(tmp_path):
    records = [make_record(record_id=12345678901234567890 + place, quantity=12345678901234567890) for place in range(40)]
    seen = see(tmp_path / "a.jsonl", "\n".join(map(json.dumps, records)).encode())
    assert seen.values("record_id") == [str(record["record_id"]) for record in records]
    assert set(seen.values("quantity")) == {1.2345678901234567e19}
