"""Category 10, processing of sold products [14.10]."""

from typing import TYPE_CHECKING

from tests.oracle.energy import block_terms, grid, has_energy
from tests.oracle.terms import Outcome, Term, given_term, row_term
from tests.oracle.values import Row, known_unit
from tests.oracle.waste import treatment

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

_OWN = "processing_kg_co2e_per_unit"


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    process = "processing_type" in record
    return [
        ("tier_1_direct_processing_emissions", _OWN in record, lambda: _direct(record)),
        ("tier_1_energy_based", has_energy(record, "_per_unit"), lambda: _energy(oracle, record)),
        ("tier_2_industry_specific", process, lambda: _industry(oracle, record)),
        ("tier_3_process_energy_proxy", process, lambda: _proxy(oracle, record)),
    ]


def _amount(record: Row) -> tuple[float, str, set[str]]:
    """Returns the quantity owed to the sold product, and its unit."""
    unit = known_unit(record["quantity_unit"], "quantity_unit")
    told = set() if "allocation_share" in record else {"W_ALLOCATION_ASSUMED"}
    return record["sold_quantity"] * record.get("allocation_share", 1.0), unit, told


def _direct(record: Row) -> Outcome:
    amount, unit, told = _amount(record)
    term = given_term("tier_1_direct_processing_emissions", _OWN, record[_OWN], unit, amount * record[_OWN])
    return Outcome([term], (0.05,), told)


def _energy(oracle: "Oracle", record: Row) -> Outcome:
    method = "tier_1_energy_based"
    amount, _, told = _amount(record)

    def waste() -> list[Term]:
        key, names = (record["waste_type"], record["disposal_method"]), ("waste_type", "waste_kg_per_unit")
        found = treatment(oracle, record, *key, *names)
        return [row_term(method, found, amount * record["waste_kg_per_unit"] * found.value, activity_cv=0.05)]

    works = [lambda: block_terms(oracle, record, method, amount, suffix="_per_unit")]
    if record.get("waste_kg_per_unit", 0) > 0:
        works.append(waste)
    return Outcome([term for terms in oracle.all_of(record, works) for term in terms], (), told)


def _industry(oracle: "Oracle", record: Row) -> Outcome:
    unit = known_unit(record["quantity_unit"], "quantity_unit")
    found = oracle.find("process", ("scope12",), record["processing_type"], record, unit, "processing_type", "quantity_unit")
    return Outcome([row_term("tier_2_industry_specific", found, record["sold_quantity"] * found.value)], (0.10,), {"W_INDUSTRY_AVERAGE"})


def _proxy(oracle: "Oracle", record: Row) -> Outcome:
    name = "processing_type"
    unit = known_unit(record["quantity_unit"], "quantity_unit")
    energy = oracle.find("process_energy", ("parameter",), record[name], record, unit, name, "quantity_unit")
    found, direct, upstream, _ = grid(oracle, record, name)
    kwh = record["sold_quantity"] * energy.value
    found.join(energy)
    return Outcome([row_term("tier_3_process_energy_proxy", found, kwh * direct, kwh * upstream)], (0.15,), {"W_ESTIMATED"})
