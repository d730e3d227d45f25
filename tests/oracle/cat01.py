"""Category 1, purchased goods and services [14.1]."""

from typing import TYPE_CHECKING

from tests.oracle.money import spend_method
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.values import UNITS, Cannot, Row, known_unit

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    average = "quantity" in has and bool({"product_category", "product_code"} & has)
    return [
        ("tier_1_supplier_pcf", {"supplier_pcf", "quantity"} <= has, lambda: footprint(oracle, record)),
        ("tier_1_supplier_pcf", "quantity" in has and _has_footprint(oracle, record), lambda: _loaded_footprint(oracle, record)),
        ("tier_1_hybrid", {"supplier_s12_allocated_kg_co2e", "hybrid_components"} <= has, lambda: _hybrid(oracle, record)),
        ("tier_2_average_data", average, lambda: average_data(oracle, record)),
        ("tier_3_spend_based", {"spend_amount", "naics_code"} <= has, lambda: spend_method(oracle, record)),
    ]


def footprint(oracle: "Oracle", record: Row) -> Outcome:
    """The supplier's own figure; also of category 2."""
    if record.get("pcf_boundary", "cradle_to_gate") != "cradle_to_gate":
        raise Cannot("E_NO_TIER", "pcf_boundary", record["pcf_boundary"])
    warnings = set() if "pcf_boundary" in record else {"W_BOUNDARY_PCF"}
    cv, method = oracle.given_cv(record, "supplier_pcf_cv", 0.10), "tier_1_supplier_pcf"
    name = "supplier_pcf_total_kg_co2e"
    if name in record:
        return Outcome([given_term(method, name, 1.0, "kg_co2e", record[name], cv=cv)], (), warnings)
    unit = known_unit(record.get("quantity_unit"), "quantity_unit")
    value = record["supplier_pcf"]
    return Outcome([given_term(method, "supplier_pcf", value, unit, record["quantity"] * value, cv=cv)], (0.05,), warnings)


def _has_footprint(oracle: "Oracle", record: Row) -> bool:
    key = record.get("product_code")
    return bool(oracle.resolver.rows("supplier_pcf", key) or oracle.resolver.rows("key_alias", f"supplier_pcf:{key}"))


def _loaded_footprint(oracle: "Oracle", record: Row) -> Outcome:
    """A supplier's footprint among the factors, named by the id of the product."""
    unit = known_unit(record.get("quantity_unit"), "quantity_unit")
    found = oracle.find("supplier_pcf", ("cradle_to_gate",), record["product_code"], record, unit, "product_code", "quantity_unit")
    return Outcome([row_term("tier_1_supplier_pcf", found, record["quantity"] * found.value)], (0.05,))


def average_data(oracle: "Oracle", record: Row) -> Outcome:
    """The average of a product, by category first, then by code; also of category 2."""
    unit = known_unit(record.get("quantity_unit"), "quantity_unit")
    failures = []
    for name in ("product_category", "product_code"):
        if name in record:
            try:
                found = oracle.find("product", ("cradle_to_gate",), record[name], record, unit, name, "quantity_unit")
            except Cannot as failure:
                failures.append(failure)
            else:
                return Outcome([row_term("tier_2_average_data", found, record["quantity"] * found.value)], (0.10,))
    raise min(failures, key=lambda failure: failure.code != "E_UNIT")


def _hybrid(oracle: "Oracle", record: Row) -> Outcome:
    own, method = "supplier_s12_allocated_kg_co2e", "tier_1_hybrid"
    supplier = given_term(method, own, 1.0, "kg_co2e", record[own], cv=0.10, activity_cv=0.05)
    parts = [
        lambda component=component, name=f"hybrid_components[{place}]": _component(oracle, record, component, name)
        for place, component in enumerate(record["hybrid_components"])
    ]
    return Outcome([supplier, *oracle.all_of(record, parts)])


def _component(oracle: "Oracle", record: Row, component: Row, name: str) -> Term:
    kind, amount, method = component["kind"], component["amount"], "tier_1_hybrid"
    unit_name, key_name = f"{name}.unit", f"{name}.factor_key"
    unit = known_unit(component.get("unit"), unit_name)
    if kind == "other":
        if UNITS[unit][0] != "emissions":
            raise Cannot("E_UNIT", unit_name)
        return given_term(method, "hybrid_components", 1.0, unit, amount * UNITS[unit][1], activity_cv=0.10)
    if "factor_key" not in component:
        raise Cannot("E_NO_FACTOR", key_name)
    asked = (component["factor_key"], record, unit, key_name, unit_name)
    if kind != "transport":
        family, boundary = {"material": ("product", "cradle_to_gate"), "waste": ("waste", "treatment")}[kind]
        found = oracle.find(family, (boundary,), *asked)
        return row_term(method, found, amount * found.value, activity_cv=0.10)
    try:
        found = oracle.find("freight", ("wtw",), *asked)
        return row_term(method, found, amount * found.value, activity_cv=0.10)
    except Cannot as failure:
        try:
            found = oracle.find("freight", ("ttw",), *asked, also=("wtt",))
        except Cannot as other:
            raise (failure if failure.code == "E_UNIT" else other) from None
    return row_term(method, found, amount * (found.value + found.use("wtt")), activity_cv=0.10)
