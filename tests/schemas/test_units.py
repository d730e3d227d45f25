"""Units and their conversion."""

import pytest

from schemas.units import dimension, multiplier


@pytest.mark.parametrize(
    ("unit", "target", "expected"),
    [
        # 2,000 lb of 0.45359237 kg.
        ("short_ton", "kg", 907.18474),
        # 2,240 lb of 0.45359237 kg.
        ("long_ton", "lb", 2240.0),
        ("t", "kg", 1000.0),
        # 1 kWh is 3.6 MJ.
        ("kWh", "MJ", 3.6),
        # 0.90718474 t carried over 1.609344 km.
        ("short_ton_mi", "tonne_km", 0.90718474 * 1.609344),
        # 231 cubic inches of 0.016387064 l.
        ("US_gal", "l", 231 * 0.016387064),
        ("piece", "unit", 1.0),
    ],
)
def test_a_quantity_converts_within_its_dimension(unit, target, expected):
    assert multiplier(unit, target) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("unit", "target"), [("kg", "l"), ("passenger_km", "vehicle_km"), ("ton", "kg"), ("KG", "kg"), ("m2_day", "m3_day")]
)
def test_what_does_not_convert_has_no_multiplier(unit, target):
    assert multiplier(unit, target) is None


def test_an_ambiguous_ton_is_no_unit():
    assert dimension("ton") is None
