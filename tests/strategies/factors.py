"""Factor rows for invented records: most methods find what they need, some fail on a unit, a key or a region.

By design: DE has a loss share instead of published losses, FR a life-cycle grid, US no well-to-tank, EU and GLOBAL stand
in for the rest; lpg and the bus lack well-to-tank, gravel is in a unit that nothing converts into.
"""

from typing import Any

from tests.records import make_factor

Row = dict[str, Any]

_PARAMETER: Row = {"gwp": None}
_GLOBAL: Row = {"region": "GLOBAL"}
_OPEN: Row = {"verified": False}


def _rows(family: str, key: str, unit: str, figures: dict[str, float], **changes: Any) -> list[Row]:
    """Returns rows of one key, region, year and source: one per boundary."""
    return [make_factor(family, key, boundary, value, unit, **changes) for boundary, value in figures.items()]


def _parameter(family: str, key: str, value: float, unit: str, **changes: Any) -> list[Row]:
    return [make_factor(family, key, "parameter", value, unit, **{**_PARAMETER, **changes})]


def _alias(family: str, key: str, **targets: float) -> list[Row]:
    return [
        make_factor("key_alias", f"{family}:{key}", "parameter", weight, "share", **_GLOBAL, **_PARAMETER, basis=target)
        for target, weight in targets.items()
    ]


_GRID = {"generation": 0.177, "td_generation": 0.01853, "wtt_generation": 0.0459, "wtt_td": 0.00397}
_GRIDS = [
    *_rows("grid", "electricity", "kWh", _GRID),
    *_rows("grid", "electricity", "kWh", {**_GRID, "generation": 0.2}, year=2016, source_version="old", cv=0.07),
    *_rows("grid", "electricity", "MWh", {"generation": 380.0, "wtt_generation": 60.0, "loss_share": 0.06}, region="DE", year=2022),
    *_rows("grid", "electricity", "kWh", {"life_cycle": 0.05}, region="FR", year=2024, source_version="ember", **_OPEN),
    *_rows("grid", "electricity", "kWh", {"wtt_generation": 0.01}, region="FR", year=2023, source_version="wtt"),
    *_rows(
        "grid",
        "electricity",
        "kWh",
        {"generation": 0.39},
        region="US",
        year=2014,
        pedigree=[2, 3, 1, 1, 2],
        source_class="national_inventory",
    ),
    *_rows("grid", "electricity", "kWh", _GRID, region="US-CAMX", year=2023, cv_class="electricity", gwp="AR4"),
    *_rows("grid", "electricity", "kWh", _GRID, region="EU", year=2021, correlation_group="eu-grid"),
    *_rows("grid", "electricity", "kWh", {"life_cycle": 0.48}, region="GLOBAL", year=2020),
]
for _row in _GRIDS:
    if _row["boundary"] == "loss_share":
        _row.update(unit="share")

_HEAT = [
    *_rows("heat", "heat_steam", "kWh", {"generation": 0.175, "td_generation": 0.00945, "wtt_generation": 0.0334, "wtt_td": 0.00176}),
    *_rows("heat", "heat_steam", "GJ", {"generation": 70.0, "wtt_generation": 8.0}, region="EU", year=2018),
    *_rows("heat", "cooling", "kWh", {"generation": 0.06}, cv=0.3),
]

_FUELS = [
    *_rows("fuel", "natural_gas", "kWh", {"ttw": 0.183, "wtt": 0.0302}, basis="gross"),
    *_rows("fuel", "natural_gas", "m3", {"ttw": 2.067, "wtt": 0.337}),
    *_rows("fuel", "natural_gas", "kWh", {"ttw": 0.203, "wtt": 0.033}, basis="net", region="DE"),
    *_rows("fuel", "diesel", "l", {"ttw": 2.571, "wtt": 0.611, "biogenic": 0.14}),
    *_rows("fuel", "diesel", "t", {"ttw": 3100.0, "wtt": 700.0}, region="US", year=2008, gwp="AR4"),
    *_rows("fuel", "gasoline", "l", {"ttw": 2.069, "wtt": 0.581, "biogenic": 0.13}, cv=0.04),
    *_rows("fuel", "gas_oil", "l", {"ttw": 2.755, "wtt": 0.627}, cv_class="diesel"),
    *_rows("fuel", "fuel_oil", "l", {"ttw": 3.175, "wtt": 0.695}, pedigree=[1, 2, 2, 2, 1], source_class="lca_database"),
    *_rows("fuel", "lpg", "l", {"ttw": 1.557}),
    *_rows("fuel", "coal", "kg", {"ttw": 2.395, "wtt": 0.418}),
    *_rows("fuel", "biomass_wood", "kWh", {"ttw": 0.0115, "wtt": 0.0128, "biogenic": 0.35}, **_OPEN),
    *_parameter("fuel_property", "diesel", 0.84, "kg_per_l", year=2020),
    *_parameter("fuel_property", "natural_gas", 15.0, "kwh_per_kg", **_GLOBAL, **_OPEN),
    *_parameter("fuel_property", "coal", 7.4, "kwh_per_kg"),
    *_alias("fuel", "site_blend", diesel=3.0, gas_oil=1.0),
    *_alias("fuel", "thin_blend", diesel=1.0, lpg=1.0),
    *_alias("fuel", "b7", diesel=1.0),
]

_ROAD = {"basis": "actual", "correlation_group": "road"}
_FREIGHT = [
    *_rows("freight", "van_up_to_3_5t_diesel", "tonne_km", {"ttw": 0.6313, "wtt": 0.151}, **_ROAD),
    *_rows("freight", "rigid_7_5_to_17t", "tonne_km", {"ttw": 0.3636, "wtt": 0.0925}, **_ROAD),
    *_rows("freight", "rigid_7_5_to_17t_reefer", "tonne_km", {"ttw": 0.433, "wtt": 0.11}, **_ROAD),
    *_rows("freight", "artic_over_33t", "tonne_km", {"ttw": 0.077, "wtt": 0.018}, **_ROAD),
    *_rows("freight", "artic_over_33t", "short_ton_mi", {"wtw": 0.15}, region="US", year=2012, basis="actual", cv=0.25),
    *_rows("freight", "all_hgv", "tonne_km", {"ttw": 0.1016}, basis="actual"),
    *_rows("freight", "freight_train", "tonne_km", {"ttw": 0.0278, "wtt": 0.0069}, basis="actual"),
    *_rows("freight", "rail_freight_electric", "tonne_km", {"wtw": 0.012}, region="DE", basis="actual", cv_class="rail"),
    *_rows("freight", "container_average", "tonne_km", {"ttw": 0.0161, "wtt": 0.0037}, basis="actual", pedigree=[3, 3, 1, 1, 2]),
    *_rows("freight", "container_average", "tonne_km", {"wtw": 0.02}, region="GLOBAL", year=2019, basis="sfd"),
    *_rows("freight", "air_long", "tonne_km", {"ttw": 0.5313, "wtt": 0.1352, "ttw_rf": 0.8994}, basis="gcd"),
    *_rows("freight", "air_short", "tonne_km", {"ttw": 0.7554, "wtt": 0.2052, "ttw_rf": 1.2784}, basis="gcd"),
    *_rows("freight", "inland_waterway", "tonne_km", {"ttw": 0.031}, basis="actual", cv=0.3, **_OPEN),
    *_rows("freight_load", "artic_over_33t", "tonne_km", {"ttw_a": 0.0362, "ttw_b": 0.0236, "wtt_a": 0.0084, "wtt_b": 0.0056}, **_ROAD),
    *_rows("freight_load", "all_hgv", "tonne_km", {"ttw_a": 0.048, "ttw_b": 0.0264}, basis="actual"),
    *_rows("hub", "container_terminal", "t", {"direct": 0.5}),
    *_rows("hub", "cold_store", "m3_day", {"direct": 0.02}, region="EU", year=2017),
    *_rows("hub", "gravel_yard", "m2_day", {"direct": 0.01}),
]

_TRAVEL = [
    *_rows("travel_air", "long:economy", "passenger_km", {"ttw_rf": 0.117, "ttw": 0.0693, "wtt": 0.0246}),
    *_rows("travel_air", "long:business", "passenger_km", {"ttw_rf": 0.3394, "ttw": 0.2008, "wtt": 0.0714}, cv=0.2),
    *_rows("travel_air", "short:average", "passenger_km", {"ttw_rf": 0.1279, "ttw": 0.0756, "wtt": 0.0229}),
    *_rows("travel_air", "short:business", "passenger_km", {"ttw_rf": 0.1886, "ttw": 0.1115}),
    *_rows("travel_air", "domestic:average", "passenger_km", {"ttw_rf": 0.2293, "ttw": 0.1355, "wtt": 0.0335}),
    *_rows("travel_land", "car_petrol", "vehicle_km", {"ttw": 0.1627, "wtt": 0.046}),
    *_rows("travel_land", "car_diesel", "vehicle_km", {"ttw": 0.173, "wtt": 0.0415}, correlation_group="cars"),
    *_rows("travel_land", "car_unknown", "vehicle_km", {"ttw": 0.1673, "wtt": 0.044}, correlation_group="cars"),
    *_rows("travel_land", "car_electric", "vehicle_mi", {"ttw": 0.059, "wtt": 0.023}, region="EU", year=2020),
    *_rows("travel_land", "bus", "passenger_km", {"ttw": 0.1039}),
    *_rows(
        "travel_land", "train", "passenger_km", {"ttw": 0.0355, "wtt": 0.009}, pedigree=[2, 2, 1, 1, 2], source_class="national_inventory"
    ),
    *_rows("travel_land", "bicycle", "passenger_km", {"ttw": 0.0, "wtt": 0.0}),
    *_rows("hotel", "stay", "room_night", {"direct": 10.4}),
    *_rows("hotel", "stay", "room_night", {"direct": 13.2}, region="DE", year=2021, **_OPEN),
    *_rows("telework", "homeworking", "fte_hour", {"direct": 0.33378}),
]

_WASTE = [
    *_rows("waste", "commercial_industrial:landfill", "kg", {"treatment": 0.52}),
    *_rows("waste", "commercial_industrial:recycling", "kg", {"treatment": 0.0047}, **_OPEN),
    *_rows("waste", "commercial_industrial:incineration", "kg", {"treatment": 0.39}, **_GLOBAL),
    *_rows("waste", "commercial_industrial:incineration_with_energy_recovery", "kg", {"treatment": 0.0047}),
    *_rows("waste", "household_residual:landfill", "kg", {"treatment": 0.497}),
    *_rows("waste", "household_residual:recycling", "kg", {"treatment": 0.0047}),
    *_rows("waste", "household_residual:incineration", "kg", {"treatment": 0.39}, **_GLOBAL),
    *_rows("waste", "plastic:landfill", "kg", {"treatment": 0.009}, correlation_group="inert"),
    *_rows("waste", "plastic:recycling", "kg", {"treatment": 0.0047, "avoided": -1.2}),
    *_rows("waste", "plastic:incineration", "t", {"treatment": 2754.7}, region="GLOBAL", year=2006, cv=0.2),
    *_rows("waste", "plastic:incineration_with_energy_recovery", "kg", {"treatment": 0.0047, "avoided": -0.4}),
    *_rows("waste", "glass:landfill", "kg", {"treatment": 0.009}, correlation_group="inert"),
    *_rows("waste", "glass:recycling", "kg", {"treatment": 0.0047}, region="DE", year=2019),
    *_rows("waste", "glass:incineration", "kg", {"treatment": 0.0047}, **_GLOBAL),
    *_rows("waste", "food:landfill", "kg", {"treatment": 0.7, "biogenic": 0.4}),
    *_rows("waste", "food:composting", "kg", {"treatment": 0.009, "biogenic": 0.3}, cv_class="composting"),
    *_rows("waste", "food:incineration", "kg", {"treatment": 0.0047}),
    *_rows("waste", "paper_cardboard:landfill", "kg", {"treatment": 1.164, "biogenic": 0.6}),
    *_rows("waste", "paper_cardboard:recycling", "kg", {"treatment": 0.0047, "avoided": -0.7}),
    *_rows("waste", "paper_cardboard:incineration", "kg", {"treatment": 0.02}, **_OPEN),
    *_rows("waste", "soils:landfill", "m3", {"treatment": 30.0}),
    *_rows("waste", "wastewater:wastewater_treatment", "m3", {"treatment": 0.171}),
    *_alias("waste", "metal:landfill", **{"plastic:landfill": 1.0, "glass:landfill": 2.0}),
]
for _region, _year, _shares in (
    ("GB", 2025, (0.2, 0.45, 0.35)),
    ("US", 2018, (0.52, 0.32, 0.155)),
    ("GLOBAL", 2025, (0.5, 0.3, 0.2)),
):
    for _how, _share in zip(("landfill", "recycling", "incineration"), _shares, strict=True):
        _WASTE += _parameter("treatment_split", _how, _share, "share", region=_region, year=_year, source_version="split", **_OPEN)

_KWH_M2, _OFFICE, _FOOD = "kwh_per_m2_year", "building_energy/office", "building_energy/food_service"
_SITES = [
    *_parameter("building_energy", "office:electricity", 120.0, _KWH_M2, correlation_group=_OFFICE),
    *_parameter("building_energy", "office:natural_gas", 80.0, _KWH_M2, correlation_group=_OFFICE),
    *_parameter("building_energy", "warehouse:electricity", 60.0, _KWH_M2, region="EU", year=2019),
    *_parameter("building_energy", "warehouse:heating", 30.0, _KWH_M2, region="GLOBAL", **_OPEN),
    *_parameter("building_energy", "food_service:electricity", 500.0, _KWH_M2, correlation_group=_FOOD),
    *_parameter("building_energy", "food_service:cooling", 40.0, _KWH_M2, correlation_group=_FOOD),
    *_parameter("building_energy", "qsr:natural_gas", 300.0, _KWH_M2, region="US", cv=0.2),
    *_parameter("building_energy", "epc_B:electricity", 50.0, _KWH_M2, pedigree=[3, 2, 1, 1, 2], source_class="national_inventory"),
    *_parameter("building_energy", "epc_B:natural_gas", 40.0, _KWH_M2, pedigree=[3, 2, 1, 1, 2], source_class="national_inventory"),
    *_rows("asset_average", "forklift", "unit", {"scope12": 2000.0}),
    *_rows("asset_average", "building_office", "piece", {"scope12": 50000.0}, region="EU", year=2015),
    *_rows("asset_average", "vehicle", "unit", {"scope12": 2000.0}, **_GLOBAL),
    *_alias("asset_average", "lift_truck", forklift=1.0),
    *_rows("outlet_average", "coffee_shop", "unit", {"scope12": 4000.0}),
    *_rows("outlet_average", "coffee_shop", "unit", {"scope12": 6000.0}, region="US", year=2020),
    *_rows("outlet_average", "qsr", "unit", {"scope12": 9000.0}, **_GLOBAL),
    *_rows("outlet_average", "hotel", "unit", {"scope12": 90000.0}, region="DE"),
]

_PRODUCTS = [
    *_rows("process", "extrusion", "kg", {"scope12": 0.6}),
    *_rows("process", "painting", "unit", {"scope12": 2.0}, region="EU", year=2013),
    *_parameter("process_energy", "stamping", 0.4, "kwh_per_unit", basis="kg"),
    *_parameter("process_energy", "assembly", 3.0, "kwh_per_unit", basis="unit", **_GLOBAL),
    *_parameter("product_use", "washing_machine", 130.0, "kwh_per_unit_year"),
    *_parameter("product_use", "laptop", 40.0, "kwh_per_unit_year", region="GLOBAL", year=2012, pedigree=[3, 3, 3, 3, 3]),
    *_parameter("product_life", "washing_machine", 10.0, "year", **_GLOBAL, **_OPEN),
    *_parameter("product_life", "laptop", 4.5, "year", **_GLOBAL),
    *_parameter("product_life", "fridge", 12.0, "year", **_GLOBAL),
    *_rows("production", "cement", "kg", {"scope12": 0.6}),
    *_rows("production", "steel", "t", {"scope12": 1900.0}, region="EU", year=2020, cv=0.1),
]

_IN_2022: Row = {"year": 2022, "price_year": 2022}
_MONEY = [
    *_rows("sector_revenue", "manufacturing", "USD", {"scope12": 0.18}, **_IN_2022),
    *_rows("sector_revenue", "retail", "USD", {"scope12": 0.04}, region="GLOBAL", year=2024, price_year=2024),
    *_rows("sector_revenue", "coffee_shop", "USD", {"scope12": 0.05}, year=2025, price_year=2025),
    *_rows("sector_assets", "manufacturing", "USD", {"scope12": 0.09}, **_IN_2022),
    *_parameter("sector_turnover", "retail", 1.5, "share", year=2021),
    *_rows(
        "eeio", "484121", "USD", {"with_margins": 0.595, "without_margins": 0.55}, region="US", correlation_group="eeio/484", **_IN_2022
    ),
    *_rows("eeio", "4831", "USD", {"with_margins": 0.8, "basic_price": 0.7}, region="US", correlation_group="eeio/483", **_IN_2022),
    *_rows("eeio", "48", "USD", {"with_margins": 0.558}, region="US", **_IN_2022),
    *_rows("eeio", "481111", "USD", {"with_margins": 0.9}, region="GB", year=2020, price_year=2020, cv=0.4),
    *_alias("eeio", "48-49", **{"48": 1.0}),
    *[row for year, rate in ((2022, 1.1), (2024, 1.2)) for row in _parameter("fx", "EUR", rate, "usd_per_unit", **_GLOBAL, year=year)],
    *[
        row
        for year, level in ((2020, 90.0), (2022, 100.0), (2024, 110.0), (2025, 112.0))
        for row in _parameter("price_index", "cpi", level, "index", region="US", year=year)
    ],
]

FACTORS = [*_GRIDS, *_HEAT, *_FUELS, *_FREIGHT, *_TRAVEL, *_WASTE, *_SITES, *_PRODUCTS, *_MONEY]
