"""Category 14, franchises [14.14]."""

from typing import TYPE_CHECKING

from tests.oracle.energy import Regions, block_terms, floor_terms, has_energy, has_intensity
from tests.oracle.money import worth
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.values import Row, year_of

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

# What stands in where a type has no intensity of its own.
_BUILDINGS = {
    **dict.fromkeys(("qsr", "fast_food", "casual_dining", "coffee_shop"), "food_service"),
    **dict.fromkeys(("retail_store", "convenience_store"), "retail"),
    "hotel": "lodging",
}


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    kind, _ = oracle.enum(record, "franchise_type")
    area = bool({"floor_area_m2", "avg_floor_area_m2"} & has) and kind is not None
    revenue = "revenue_amount" in has and ("sector" in has or kind is not None)
    return [
        ("tier_1_franchise_reported", {"franchisee_s1_kg_co2e", "franchisee_s2_kg_co2e"} <= has, lambda: _reported(record)),
        ("tier_1_actual_franchise_energy", has_energy(record), lambda: _energy(oracle, record)),
        ("tier_2_area_based_estimation", area, lambda: _area(oracle, record)),
        ("tier_2_outlet_average", kind is not None, lambda: _outlets(oracle, record)),
        ("tier_3_revenue_proxy", revenue, lambda: _revenue(oracle, record)),
    ]


def _regions(record: Row) -> Regions:
    """Returns regions with their share of the outlets; those without one are left out."""
    counts = record.get("locations_by_region", {record["region"]: record["franchise_count"]})
    return [(region, count / record["franchise_count"]) for region, count in counts.items() if count]


def _reported(record: Row) -> Outcome:
    method, names = "tier_1_franchise_reported", ("franchisee_s1_kg_co2e", "franchisee_s2_kg_co2e")
    term = given_term(method, names[0], 1.0, "kg_co2e", record[names[0]] + record[names[1]])
    term.entries[(f"record:{names[1]}", "kg_co2e")] = 1.0
    return Outcome([term], (0.15,))


def _energy(oracle: "Oracle", record: Row) -> Outcome:
    return Outcome(block_terms(oracle, record, "tier_1_actual_franchise_energy", regions=_regions(record)))


def _area(oracle: "Oracle", record: Row) -> Outcome:
    kind, told = oracle.enum(record, "franchise_type")
    assert kind is not None
    area = record["floor_area_m2"] if "floor_area_m2" in record else record["franchise_count"] * record["avg_floor_area_m2"]
    carriers = ("electricity", "natural_gas", "heating", "cooling")
    if kind in _BUILDINGS and not any(has_intensity(oracle, record, kind, carrier) for carrier in carriers):
        kind, told = _BUILDINGS[kind], told | {"W_TYPE_DEFAULTED"}
    method = "tier_2_area_based_estimation"
    terms = floor_terms(oracle, record, method, kind, "franchise_type", area, cv=0.30, regions=_regions(record))
    return Outcome(terms, (), told | {"W_AREA_INTENSITY"})


def _outlets(oracle: "Oracle", record: Row) -> Outcome:
    kind, told = oracle.enum(record, "franchise_type")
    assert kind is not None

    def outlets(region: str, share: float) -> Term:
        found = oracle.find("outlet_average", ("scope12",), kind, record, "unit", "franchise_type", region=region)
        return row_term("tier_2_outlet_average", found, record["franchise_count"] * share * found.value)

    works = [lambda place=place: outlets(*place) for place in _regions(record)]
    return Outcome(oracle.all_of(record, works), (), told)


def _revenue(oracle: "Oracle", record: Row) -> Outcome:
    kind, told = (record["sector"], set()) if "sector" in record else oracle.enum(record, "franchise_type")
    name = "sector" if "sector" in record else "franchise_type"
    assert kind is not None
    found = oracle.find("sector_revenue", ("scope12",), kind, record, "USD", name)
    year = year_of(record, "revenue_year")
    scale, rows, assumed = worth(oracle, found, record.get("revenue_currency"), year, None, ("revenue_currency", "revenue_year"))
    term = row_term("tier_3_revenue_proxy", found, record["revenue_amount"] * scale * found.value)
    term.rows += rows
    return Outcome([term], (), told | assumed | {"W_ESTIMATED"})
