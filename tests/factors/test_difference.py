"""What differs between two sets of factors: which rows are each other's like, and what of them changed."""

import math

import pytest

from tests.records import make_factor
from transforms.factors.check import check_rows
from transforms.factors.difference import difference


def _set(*rows):
    return check_rows("test", rows, need_licence=False)


def _steel(value, **changes):
    return {**make_factor("product", "steel", "cradle_to_gate", value, "kg"), **changes}


def _edition(year, values, **changes):
    return [
        make_factor("freight", key, "ttw", value, "tonne_km", year=year, source_version=f"desnz-{year}", **changes)
        for key, value in values.items()
    ]


def _rate(year, value):
    return make_factor("fx", "EUR", "parameter", value, "usd_per_unit", region="GLOBAL", year=year, gwp=None)


def test_an_edition_is_compared_with_the_next_though_all_ids_are_new():
    found = difference(
        _set(*_edition(2024, {"van": 0.5, "rail": 0.02, "barge": 0.03})), _set(*_edition(2025, {"van": 0.6, "rail": 0.02, "lorry": 0.1}))
    )
    assert [row["key"] for row in found.added] == ["lorry"]
    assert [row["key"] for row in found.removed] == ["barge"]
    [van] = found.changed
    assert (van.before["key"], van.columns, van.ratio) == ("van", ("value",), pytest.approx(1.2))
    assert len(found.pairs) == 2


def test_what_changed_most_comes_first_whether_up_or_down():
    before = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}
    after = {"a": 1.5, "b": 0.25, "c": 1.001, "d": 0.2}
    found = difference(_set(*_edition(2024, before)), _set(*_edition(2025, after)))
    assert [change.before["key"] for change in found.changed] == ["d", "b", "a", "c"]
    assert (found.changed[0].ratio, found.changed[0].size) == (None, math.inf)


def test_a_year_of_a_series_is_never_the_next_edition_of_another():
    found = difference(_set(_rate(2023, 1.08), _rate(2024, 1.1)), _set(_rate(2024, 1.1), _rate(2025, 1.13)))
    assert ([row["year"] for row in found.removed], [row["year"] for row in found.added], found.changed) == ([2023], [2025], [])


def test_another_unit_is_told_and_the_same_figure_in_it_is_no_change():
    gone_wrong = difference(_set(_steel(2.0)), _set(_steel(2.0, unit="t", factor_id="new")))
    assert (gone_wrong.changed[0].columns, gone_wrong.changed[0].ratio) == (("unit",), pytest.approx(0.001))
    same = difference(_set(_steel(2.0)), _set(_steel(2000.0, unit="t", factor_id="new")))
    assert (len(same.pairs), same.changed) == (1, [])
    other = difference(_set(_steel(2.0)), _set(_steel(2.0, unit="l", factor_id="new")))
    assert (other.changed[0].columns, other.changed[0].ratio) == (("unit",), None)


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"gwp": "AR6"}, ("gwp",)),
        ({"cv": 0.2, "verified": False}, ("cv", "verified")),
        ({"pedigree": [1, 2, 3, 4, 5]}, ("pedigree",)),
        ({"licence": "another", "retrieved_on": "2026-01-01"}, ()),
    ],
)
def test_what_a_result_follows_from_is_a_change_and_what_it_does_not_is_none(changes, columns):
    [pair] = difference(_set(_steel(2.0)), _set(_steel(2.0, **changes))).pairs
    assert pair.columns == columns


def test_rows_that_more_than_one_could_be_like_are_not_paired_by_guess():
    before = [_steel(2.0, year=2020, factor_id="a"), _steel(3.0, year=2022, factor_id="b")]
    found = difference(_set(*before), _set(_steel(4.0, year=2025, factor_id="c")))
    assert (len(found.removed), len(found.added), found.pairs) == (2, 1, [])
