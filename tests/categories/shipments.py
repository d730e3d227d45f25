"""Legs, hubs and money of categories 4 and 9, and the factors that tests calculate them with: UK figures of 2025, and invented ones."""

from tests.records import make_factor, make_record


def freight(key, basis="actual", **values):
    """Returns the rows of a class of vehicles; `values` are by boundary."""
    changes = {name: values.pop(name) for name in ("region", "year", "gwp", "verified", "pedigree") if name in values}
    return [make_factor("freight", key, boundary, value, "tonne_km", basis=basis, **changes) for boundary, value in values.items()]


def loads(key, **values):
    """Returns the coefficients of load of a class of vehicles."""
    return [make_factor("freight_load", key, boundary, value, "tonne_km", basis="actual") for boundary, value in values.items()]


ROAD = [
    *freight("van_up_to_3_5t_diesel", ttw=0.6313, wtt=0.15095),
    *freight("rigid_7_5_to_17t", ttw=0.36362, wtt=0.09246),
    *freight("rigid_7_5_to_17t_reefer", ttw=0.43306, wtt=0.11031),
    *freight("artic_over_33t", ttw=0.07703, wtt=0.01799),
    *freight("all_artic", ttw=0.078, wtt=0.01823),
]
AIR = [
    *freight("air_long", "gcd", ttw=0.5313, wtt=0.13516, ttw_rf=0.89939),
    *freight("air_short", "gcd", ttw=0.75539, wtt=0.20515, ttw_rf=1.27835),
    *freight("air_domestic", "gcd", ttw=2.71931, wtt=0.57429, ttw_rf=4.60397),
]
OTHER = [
    *freight("freight_train", ttw=0.02779, wtt=0.00691),
    *freight("container_average", ttw=0.01612, wtt=0.00365),
    *freight("inland_waterway", ttw=0.031),
]
LOADS = [
    *loads("rigid_7_5_to_17t", ttw_a=0.11578, ttw_b=0.03271, wtt_a=0.02788, wtt_b=0.00797),
    *loads("artic_over_33t", ttw_a=0.03624, ttw_b=0.02364, wtt_a=0.00841, wtt_b=0.00562),
]
DIESEL = [
    make_factor("fuel", "diesel", boundary, value, "l") for boundary, value in (("ttw", 2.57082), ("wtt", 0.61101), ("biogenic", 0.14))
]
GRID = [
    make_factor("grid", "electricity", boundary, value, "kWh")
    for boundary, value in (("generation", 0.177), ("td_generation", 0.01853), ("wtt_generation", 0.0459), ("wtt_td", 0.00397))
]
GAS = [
    make_factor("fuel", "natural_gas", boundary, value, "kWh", basis="gross") for boundary, value in (("ttw", 0.18296), ("wtt", 0.03021))
]
HUBS = [
    make_factor("hub", "container_terminal", "direct", 1.2, "t"),
    make_factor("hub", "cold_store", "direct", 0.05, "m3_day"),
]
_US = {"region": "US", "year": 2022, "price_year": 2022, "source_version": "epa-1.3"}
SPEND = [
    make_factor("eeio", code, "with_margins", value, "USD", **_US)
    for code, value in (("484121", 0.595), ("482111", 0.466), ("483111", 0.816), ("481112", 0.644), ("493110", 0.3), ("492110", 0.25))
]
RATES = [
    make_factor("fx", "GBP", "parameter", 1.25, "usd_per_unit", year=2022, region="GLOBAL", gwp=None),
    make_factor("price_index", "cpi", "parameter", 100, "index", region="US", year=2022, gwp=None),
    make_factor("price_index", "cpi", "parameter", 107.5, "index", region="US", year=2024, gwp=None),
]
ALL = [*ROAD, *AIR, *OTHER, *LOADS, *DIESEL, *GRID, *GAS, *HUBS, *SPEND, *RATES]

_LEG = ("transport_mode", "distance_km", "weight_tonnes")


def leg(mode="road_truck_heavy", km=400, tonnes=10, category=4, **changes):
    """Returns a leg of 4,000 tonne_km."""
    return make_record(category, **{"transport_mode": mode, "distance_km": km, "weight_tonnes": tonnes, **changes})


def no_leg(category=4, **changes):
    """Returns a record that has nothing but these fields."""
    return make_record(category, **{**dict.fromkeys(_LEG), **changes})


def bought(amount=10_000, category=4, **changes):
    """Returns an amount of money, US dollars of 2022, with or without a leg."""
    return no_leg(category, **{"spend_amount": amount, "spend_currency": "USD", "spend_year": 2022, "region": "US", **changes})
