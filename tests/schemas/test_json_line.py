"""The strict reader of one line of JSON."""

import pytest

from schemas.json_line import Malformed, parse_line


def test_an_object_is_read_as_it_stands():
    assert parse_line('{"Product Name": "part", "quantity": 2, "pcf": 2.5}') == {"Product Name": "part", "quantity": 2, "pcf": 2.5}


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('{"quantity":', "no JSON"),
        ('{"quantity":1,"quantity":1}', "stands twice"),
        ('{"a":{"b":1,"b":2}}', "stands twice"),
        ('{"a b":1,"a-b":2}', "both named"),
        ('{"quantity":NaN}', "no JSON number"),
        ('{"quantity":-Infinity}', "no JSON number"),
        ("[1]", "a list"),
        ("1", "a value"),
        ('{"name":"\\ud800"}', "surrogate"),
        ('{"name":"\\u0000"}', "U+0000"),
        (b'{"name":"\xff"}', "not UTF-8"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_a_line_that_is_no_record_says_why(line, word):
    found = parse_line(line)
    assert isinstance(found, Malformed)
    assert word in found.detail
