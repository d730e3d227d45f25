"""Units of quantities and what they convert into.

Codes are case-sensitive. `ton` is not here: it names three different masses, so a record
that uses it is asked to say which. Sources of the multipliers: the definitions of the
international yard and pound (1959), of the US and UK gallon and of the IT calorie units.
"""

# dimension -> unit code -> multiplier to the canonical unit, which has 1.
DIMENSIONS: dict[str, dict[str, float]] = {
    "mass": {
        "kg": 1.0,
        "g": 0.001,
        "t": 1000.0,
        "tonne": 1000.0,
        "lb": 0.45359237,
        "short_ton": 907.18474,
        "long_ton": 1016.0469088,
    },
    "energy": {
        "kWh": 1.0,
        "MWh": 1000.0,
        "GWh": 1e6,
        "MJ": 1 / 3.6,
        "GJ": 277.777777777778,
        "therm": 29.3071,
        "MMBtu": 293.071,
    },
    "volume": {
        "l": 1.0,
        "litre": 1.0,
        "m3": 1000.0,
        "US_gal": 3.785411784,
        "UK_gal": 4.54609,
        "ft3": 28.316846592,
        "bbl": 158.987294928,
    },
    "distance": {"km": 1.0, "mi": 1.609344, "nmi": 1.852},
    "area": {"m2": 1.0, "ft2": 0.09290304},
    "transport activity": {"tonne_km": 1.0, "short_ton_mi": 0.90718474 * 1.609344},
    # The two kinds of travel never convert into each other, so each is a dimension.
    "passenger travel": {"passenger_km": 1.0, "passenger_mi": 1.609344},
    "vehicle travel": {"vehicle_km": 1.0, "vehicle_mi": 1.609344},
    "floor storage": {"m2_day": 1.0},
    "volume storage": {"m3_day": 1.0},
    "stay": {"room_night": 1.0},
    "work": {"fte_hour": 1.0},
    "count": {"unit": 1.0, "piece": 1.0},
    "emissions": {"kg_co2e": 1.0, "t_co2e": 1000.0},
    "money": {"USD": 1.0},
}

PARAMETER_UNITS = frozenset(
    {
        "kwh_per_m2_year",
        "kwh_per_unit_year",
        "kwh_per_unit",
        "kg_per_l",
        "kwh_per_kg",
        "year",
        "share",
        "index",
        "usd_per_unit",
    }
)

_DIMENSION_OF = {unit: dimension for dimension, units in DIMENSIONS.items() for unit in units}


def dimension(unit: str) -> str | None:
    """Returns the dimension of a unit code, None for a code that is not known."""
    return _DIMENSION_OF.get(unit)


def multiplier(unit: str, target: str) -> float | None:
    """Returns what a quantity in `unit` is multiplied with to be in `target`.

    None where the two are not of one dimension or a code is not known.
    """
    kind = _DIMENSION_OF.get(unit)
    if kind is None or kind != _DIMENSION_OF.get(target):
        return None
    if unit == target:
        return 1.0
    return DIMENSIONS[kind][unit] / DIMENSIONS[kind][target]
