"""Values, units and places: what every category needs before it can look for a factor."""

from typing import Any

Row = dict[str, Any]

# [2]: dimension and multiplier to its canonical unit.
UNITS: dict[str, tuple[str, float]] = {
    **{code: ("mass", size) for code, size in {"g": 0.001, "kg": 1, "t": 1000, "tonne": 1000, "lb": 0.45359237}.items()},
    **{code: ("mass", size) for code, size in {"short_ton": 907.18474, "long_ton": 1016.0469088}.items()},
    **{code: ("energy", size) for code, size in {"kWh": 1, "MWh": 1000, "GWh": 1e6, "MJ": 1 / 3.6, "GJ": 277.777777777778}.items()},
    **{code: ("energy", size) for code, size in {"therm": 29.3071, "MMBtu": 293.071}.items()},
    **{code: ("volume", size) for code, size in {"l": 1, "litre": 1, "m3": 1000, "US_gal": 3.785411784, "UK_gal": 4.54609}.items()},
    **{code: ("volume", size) for code, size in {"ft3": 28.316846592, "bbl": 158.987294928}.items()},
    **{code: ("distance", size) for code, size in {"km": 1, "mi": 1.609344, "nmi": 1.852}.items()},
    **{code: ("area", size) for code, size in {"m2": 1, "ft2": 0.09290304}.items()},
    **{code: ("transport", size) for code, size in {"tonne_km": 1, "short_ton_mi": 0.90718474 * 1.609344}.items()},
    **{code: ("passengers", size) for code, size in {"passenger_km": 1, "passenger_mi": 1.609344}.items()},
    **{code: ("vehicles", size) for code, size in {"vehicle_km": 1, "vehicle_mi": 1.609344}.items()},
    **{code: ("count", 1) for code in ("unit", "piece")},
    **{code: ("emissions", size) for code, size in {"kg_co2e": 1, "t_co2e": 1000}.items()},
    **{code: (code, 1) for code in ("m2_day", "m3_day", "room_night", "fte_hour", "USD")},
}

# Parameters: no quantity of a record is in one of these.
PARAMETERS = ("kwh_per_m2_year", "kwh_per_unit_year", "kwh_per_unit", "kg_per_l", "kwh_per_kg", "year", "share", "index", "usd_per_unit")

# [3.1]: first and last year in the EU.
_EU_MEMBERS = {
    **dict.fromkeys(("BE", "DE", "FR", "IT", "LU", "NL"), (1958, 9999)),
    **dict.fromkeys(("DK", "IE"), (1973, 9999)),
    "GB": (1973, 2020),
    "GR": (1981, 9999),
    **dict.fromkeys(("ES", "PT"), (1986, 9999)),
    **dict.fromkeys(("AT", "FI", "SE"), (1995, 9999)),
    **dict.fromkeys(("CY", "CZ", "EE", "HU", "LT", "LV", "MT", "PL", "SI", "SK"), (2004, 9999)),
    **dict.fromkeys(("BG", "RO"), (2007, 9999)),
    "HR": (2013, 9999),
}

# [3.2] step 5, as delivered.
PROXIES = {
    "eeio": "US",
    **dict.fromkeys(("fuel", "freight", "freight_load", "travel_air", "travel_land", "waste", "telework"), "GB"),
}


class Cannot(Exception):
    """A method with complete data that can't be used."""

    def __init__(self, code: str, name: str, reason: str = "") -> None:
        super().__init__(code, name)
        self.code, self.field, self.reason = code, name, reason or code


def multiplier(unit: str, target: str) -> float | None:
    """Returns what a quantity in a unit is multiplied with to be in another; None between dimensions."""
    if unit == target:
        return 1.0
    if unit not in UNITS or target not in UNITS or UNITS[unit][0] != UNITS[target][0]:
        return None
    return UNITS[unit][1] / UNITS[target][1]


def known_unit(unit: str | None, name: str) -> str:
    """Returns a unit that [2] lists, and refuses any other."""
    if unit is None or unit not in UNITS:
        raise Cannot("E_UNIT", name)
    return unit


def places(family: str, region: str, year: int, grid_region: str | None, proxies: dict[str, str]) -> list[tuple[str, int]]:
    """Returns where to look for a factor, nearest first, with the geographic score of each [3.2]."""
    found = [(grid_region, 1)] if family == "grid" and grid_region is not None else []
    found.append((region, 1))
    first, last = _EU_MEMBERS.get(region, (9999, 0))
    if first <= year <= last:
        found.append(("EU", 2))
    if region != "GLOBAL":
        found.append(("GLOBAL", 4))
    if family in proxies and proxies[family] != region:
        found.append((proxies[family], 5))
    return found


def year_of(record: Row, name: str) -> int:
    """Returns a year that a record may state, else that of its activity."""
    year: int = record[name] if name in record else record["activity_year"]
    return year


def nearest(years: list[int], wanted: int) -> int:
    """Returns the latest year that is not later than the wanted one, else the earliest [3.3]."""
    earlier = [year for year in years if year <= wanted]
    return max(earlier) if earlier else min(years)


def temporal(delta: int) -> int:
    """Returns the score of a distance in years [3.3]."""
    return 1 + sum(abs(delta) > limit for limit in (2, 5, 9, 14))


def fallback_warnings(geographic: int, temporal_score: int) -> set[str]:
    """Returns what steps 3 and 4 of the resolution have to say [3.2, 3.3]."""
    told = {1: set(), 2: {"W_REGION_FALLBACK"}, 4: {"W_REGION_FALLBACK"}, 5: {"W_FOREIGN_PROXY"}}[geographic]
    return told | ({"W_YEAR_FALLBACK"} if temporal_score > 1 else set())
