"""Category 5, waste generated in operations [14.5]."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.oracle.terms import Outcome, Term, given_term
from tests.oracle.values import Row
from tests.oracle.waste import burned, default_split, treatment, waste_term

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

_CVS = {
    "landfill": 0.40,
    "landfill_with_gas_recovery": 0.35,
    "incineration": 0.30,
    "incineration_with_energy_recovery": 0.25,
    "recycling": 0.35,
    "composting": 0.30,
    "anaerobic_digestion": 0.28,
    "wastewater_treatment": 0.35,
}
_OWN = "emission_factor_kg_co2e_per_kg"


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    mass = "waste_mass_kg" in record
    supplier = mass and "supplier_disposal_kg_co2e_per_kg" in record
    return [
        ("tier_1_supplier_disposal", supplier, lambda: _supplier(record)),
        ("tier_2_waste_specific", _is_specific(oracle, record), lambda: _specific(oracle, record)),
        ("tier_3_generic_waste", mass, lambda: _generic(oracle, record)),
    ]


def _supplier(record: Row) -> Outcome:
    own, method = "supplier_disposal_kg_co2e_per_kg", "tier_1_supplier_disposal"
    return Outcome([given_term(method, own, record[own], "kg", record["waste_mass_kg"] * record[own])], (0.05,))


def _needs_type(record: Row) -> bool:
    return _OWN not in record or record.get("recycling_rate", 0) > 0


def _is_specific(oracle: "Oracle", record: Row) -> bool:
    if "wastewater_m3" in record:
        return True
    how, kind = oracle.enum(record, "disposal_method")[0], oracle.enum(record, "waste_type")[0]
    return "waste_mass_kg" in record and how is not None and (kind is not None or not _needs_type(record))


def _specific(oracle: "Oracle", record: Row) -> Outcome:
    method, rate = "tier_2_waste_specific", record.get("recycling_rate", 0.0)
    kind: str | None
    how: str | None
    told: set[str] = set()
    if "wastewater_m3" in record:
        kind, how, amount, unit, name = "wastewater", "wastewater_treatment", record["wastewater_m3"], "m3", "wastewater_m3"
    else:
        amount, unit, name = record["waste_mass_kg"], "kg", "waste_mass_kg"
        how, told = oracle.enum(record, "disposal_method")
        kind, more = oracle.enum(record, "waste_type") if _needs_type(record) else (record.get("waste_type"), set())
        told = told | more
    assert how is not None

    def part(how: str, share: float) -> Callable[[], Term]:
        def work() -> Term:
            found = treatment(oracle, record, str(kind), how, "waste_type", name, unit)
            return waste_term(method, found, amount * share, _CVS[how])

        return work

    works: list[Callable[[], Term]] = []
    if rate < 1 and _OWN in record and unit == "kg":
        given = given_term(method, _OWN, record[_OWN], "kg", amount * (1 - rate) * record[_OWN], cv=_CVS[how])
        works.append(lambda: given)
    elif rate < 1:
        works.append(part(how, 1 - rate))
    if rate > 0:
        works.append(part("recycling", rate))
        told = told | {"W_RECYCLING_APPLIED"}
    return Outcome(oracle.all_of(record, works), (0.10,), told)


def _generic(oracle: "Oracle", record: Row) -> Outcome:
    method, kind = "tier_3_generic_waste", record.get("waste_type", "commercial_industrial")
    shares, told, rows = default_split(oracle, record)

    def part(how: str, share: float) -> Term:
        names = ("waste_type", "waste_mass_kg")
        found = burned(oracle, record, kind, *names) if how == "incineration" else treatment(oracle, record, kind, how, *names)
        return waste_term(method, found, record["waste_mass_kg"] * share)

    works = [lambda how=how, share=share: part(how, share) for how, share in shares.items() if share]
    terms = oracle.all_of(record, works)
    terms[0].rows += rows
    return Outcome(terms, (0.15,), told | {"W_GENERIC_WASTE"})
