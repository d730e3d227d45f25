"""Emissions of a whole investee or financed object, before attribution [14.15]."""

from datetime import date
from typing import TYPE_CHECKING

from tests.oracle.energy import block_terms, floor_terms, fuel, grid_upstream
from tests.oracle.money import worth
from tests.oracle.terms import Term, given_term, row_term
from tests.oracle.travel import on_land
from tests.oracle.values import Row, known_unit, year_of

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

SCOPES = ("company_scope1_t_co2e", "company_scope2_t_co2e")
SUPPLIER = "supplier_kg_co2e_per_kwh"


def value_year(record: Row) -> int:
    value = record.get("value_date")
    if value is None:
        return int(record["activity_year"])
    return date.fromisoformat(value).year if isinstance(value, str) else value.year


def reported(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    names = [name for name in SCOPES if name in record]
    terms = [given_term(method, name, 1.0, "t_co2e", 1000 * record[name]) for name in names]
    if len(names) == 1:
        terms[0].warnings.add("W_SCOPE_MISSING")
    return terms


def supplied(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    kwh, factor = record["electricity_kwh"], record[SUPPLIER]
    if not kwh:
        return block_terms(oracle, record, method)
    beside = grid_upstream(oracle, record, "electricity_kwh")
    upstream = 0.0 if beside is None else kwh * beside.value
    term = given_term(method, SUPPLIER, factor, "kWh", kwh * factor, upstream, beside=beside)
    if beside is None:
        term.warnings.add("W_NO_UPSTREAM")
    others = {name: value for name, value in record.items() if name != "electricity_kwh"}
    return [term, *block_terms(oracle, others, method)]


def production(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    def product(place: int, one: Row) -> Term:
        names = (f"production[{place}].key", f"production[{place}].unit")
        unit = known_unit(one.get("unit"), names[1])
        found = oracle.find("production", ("scope12",), one["key"], record, unit, *names)
        return row_term(method, found, one["amount"] * found.value)

    works = [lambda place=place, one=one: product(place, one) for place, one in enumerate(record["production"])]
    terms: list[Term] = oracle.all_of(record, works)
    return terms


def _sector_term(oracle: "Oracle", record: Row, method: str, family: str, amount: float, year: int, year_name: str) -> Term:
    sector, _ = oracle.enum(record, "sector")
    assert sector is not None
    found = oracle.find(family, ("scope12",), sector, record, "USD", "sector")
    if method == "pcaf_score_5_turnover":
        turnover = oracle.find("sector_turnover", ("parameter",), sector, record, "share", "sector")
        amount *= turnover.value
        found.join(turnover)
    scale, rows, warnings = worth(oracle, found, record.get("currency"), year, None, ("currency", year_name))
    term = row_term(method, found, amount * scale * found.value)
    term.rows, term.warnings = term.rows + rows, term.warnings | warnings
    return term


def revenue(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    year = year_of(record, "revenue_year")
    return [_sector_term(oracle, record, method, "sector_revenue", record["company_revenue"], year, "revenue_year")]


def assets(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    return [_sector_term(oracle, record, method, "sector_assets", record["outstanding_amount"], value_year(record), "value_date")]


def turnover(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    return [_sector_term(oracle, record, method, "sector_revenue", record["outstanding_amount"], value_year(record), "value_date")]


def labelled(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    return floor_terms(oracle, record, method, f"epc_{record['epc_label']}", "epc_label", record["floor_area_m2"])


def typed(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    return floor_terms(oracle, record, method, record["building_type"], "building_type", record["floor_area_m2"])


def buildings(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    found = oracle.find("asset_average", ("scope12",), f"building_{record['building_type']}", record, "unit", "building_type")
    return [row_term(method, found, record["building_count"] * found.value)]


def fuel_burned(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    found, direct, upstream, _ = fuel(oracle, record, record["fuel_type"], record.get("fuel_unit"), "fuel_type", "fuel_unit")
    return [row_term(method, found, record["fuel_amount"] * direct, record["fuel_amount"] * upstream)]


def distance(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    found, km = on_land(oracle, record, record["vehicle_type"], "vehicle_type"), record["vehicle_distance_km"]
    return [row_term(method, found, km * found.value, km * found.use("wtt"))]


def fleet(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    found = oracle.find("asset_average", ("scope12",), "vehicle", record, "unit", "vehicle_count")
    return [row_term(method, found, record["vehicle_count"] * found.value)]


def country(oracle: "Oracle", record: Row, method: str) -> list[Term]:
    name = "country_emissions_t_co2e"
    return [given_term(method, name, 1.0, "t_co2e", 1000 * record[name])]
