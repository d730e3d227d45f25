"""Positions of category 15, and the factors that tests calculate them with: UK figures of 2025, and invented ones."""

from tests.records import make_factor, make_record

GRID = [
    make_factor("grid", "electricity", "generation", 0.177, "kWh"),
    make_factor("grid", "electricity", "td_generation", 0.01853, "kWh"),
    make_factor("grid", "electricity", "wtt_generation", 0.0459, "kWh"),
    make_factor("grid", "electricity", "wtt_td", 0.00397, "kWh"),
]
GAS = [
    make_factor("fuel", "natural_gas", "ttw", 0.18296, "kWh", basis="gross"),
    make_factor("fuel", "natural_gas", "wtt", 0.03021, "kWh", basis="gross"),
]
DIESEL = [make_factor("fuel", "diesel", "ttw", 2.57082, "l"), make_factor("fuel", "diesel", "wtt", 0.61101, "l")]
CAR = [
    make_factor("travel_land", "car_petrol", "ttw", 0.16272, "vehicle_km"),
    make_factor("travel_land", "car_petrol", "wtt", 0.04599, "vehicle_km"),
]
MADE = [make_factor("production", "cement", "scope12", 0.6, "kg"), make_factor("production", "steel", "scope12", 1800, "t")]
MONEY = {"price_year": 2022, "year": 2022, "region": "GLOBAL"}
SECTORS = [
    make_factor("sector_revenue", "heavy_industry", "scope12", 0.18, "USD", **MONEY),
    make_factor("sector_assets", "heavy_industry", "scope12", 0.09, "USD", **MONEY),
    make_factor("sector_turnover", "heavy_industry", "parameter", 1.5, "share", year=2022, region="GLOBAL", gwp=None),
]
RATES = [
    make_factor("fx", "GBP", "parameter", 1.25, "usd_per_unit", year=2024, region="GLOBAL", gwp=None),
    make_factor("price_index", "cpi", "parameter", 100, "index", region="US", year=2022, gwp=None),
    make_factor("price_index", "cpi", "parameter", 107.5, "index", region="US", year=2024, gwp=None),
]
BUILDINGS = [
    make_factor("building_energy", key, "parameter", value, "kwh_per_m2_year", gwp=None)
    for key, value in (("epc_B:electricity", 50), ("epc_B:natural_gas", 80), ("office:electricity", 200))
]
AVERAGES = [
    make_factor("asset_average", "building_office", "scope12", 50_000, "unit"),
    make_factor("asset_average", "vehicle", "scope12", 2_000, "unit"),
]
ALL = [*GRID, *GAS, *DIESEL, *CAR, *MADE, *SECTORS, *RATES, *BUILDINGS, *AVERAGES]

REVENUE = {"company_revenue": 43_000_000, "revenue_year": 2024, "currency": "GBP", "sector": "heavy_industry"}
COUNTRY = {"asset_class": "sovereign_debt", "evic": None, "ppp_gdp": 2e12, "country_emissions_t_co2e": 4e8}
PRODUCTS = [{"key": "cement", "amount": 10, "unit": "t"}, {"key": "steel", "amount": 5, "unit": "t"}]


def stake(**changes):
    """Returns 5 % of a listed company of which no figure is known."""
    return make_record(15, **changes)


def loan(**changes):
    """Returns a loan of 2 million to a company with 8 million of equity and 12 million of debt: 10 %."""
    own = {"asset_class": "business_loans", "evic": None, "outstanding_amount": 2e6, "total_equity": 8e6, "total_debt": 12e6}
    return make_record(15, **{**own, **changes})


def building(**changes):
    """Returns a loan of 3 million on a property of 10 million: 30 %."""
    own = {"asset_class": "commercial_real_estate", "evic": None, "outstanding_amount": 3e6, "property_value_at_origination": 1e7}
    return make_record(15, **{**own, **changes})


def vehicles(**changes):
    """Returns a loan of 15,000 on vehicles of 30,000: a half."""
    own = {"asset_class": "motor_vehicle_loans", "evic": None, "outstanding_amount": 15_000, "vehicle_value_at_origination": 30_000}
    return make_record(15, **{**own, **changes})
