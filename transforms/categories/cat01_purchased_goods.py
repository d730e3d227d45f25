"""Category 1, purchased goods and services.

    1 supplier footprint  kg_co2e = quantity * supplier_pcf, else quantity * EF[supplier_pcf, product_code]
    2 hybrid              kg_co2e = supplier_s12_allocated_kg_co2e + sum(amount * EF)
    3 average data        kg_co2e = quantity * EF[product, cradle_to_gate]
    4 spend               kg_co2e = spend_amount * FX * P(price year) / P(spend_year) * EF[eeio, naics_code]

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 1;
calculation specification, 14.1.
"""

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from schemas.units import multiplier
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.footprint import average_data, loaded_footprint, supplier_pcf, unit_failure
from transforms.calculation.spend import amounts, by_spend
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

_PCF, _HYBRID, _AVERAGE, _SPEND = METHODS[1]

# The supplier's own part of a hybrid figure: activity and factor.
_SUPPLIER_ACTIVITY_CV, _SUPPLIER_FACTOR_CV = 0.05, 0.10


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes."""
    amount, credit = amounts(fields)
    spend = fields.given("spend_amount") & fields.given("naics_code")
    return [
        supplier_pcf(terms, fields, _PCF, credit, config),
        loaded_footprint(resolver, terms, fields, _PCF, credit),
        _hybrid(resolver, terms, fields, credit),
        average_data(resolver, terms, fields, _AVERAGE, credit),
        by_spend(resolver, terms, fields, _SPEND, spend, amount),
    ], credit


def _hybrid(resolver: Resolver, terms: Terms, fields: Fields, credit: Bools) -> Attempt:
    complete = fields.given("supplier_s12_allocated_kg_co2e") & fields.given("hybrid_components") & ~credit
    no_activity_cv = np.zeros(fields.rows)
    if not complete.any():
        return Attempt(_HYBRID, complete, no_activity_cv)
    records = np.flatnonzero(complete)
    components = fields.elements("hybrid_components", records)
    row, elements = components.row, components.fields
    columns = [elements.texts("kind"), elements.texts("unit"), elements.texts("factor_key")]
    columns += [fields.texts("region").take(pa.array(row)), fields.integers("activity_year").take(pa.array(row))]
    found = terms.find("hybrid component", columns, np.ones(len(row), bool), lambda *key: _component(resolver, *key))
    supplier = Parts(
        row=records,
        term=np.full(len(records), terms.place("hybrid supplier part", _supplier_part)),
        quantity=fields.numbers("supplier_s12_allocated_kg_co2e")[records],
        activity_cv=np.full(len(records), _SUPPLIER_ACTIVITY_CV),
        place=np.full(len(records), -1),
    )
    bought = Parts(row, found, elements.numbers("amount"), np.full(len(row), _HYBRID.activity_cv), components.place)
    return Attempt(_HYBRID, complete, no_activity_cv, parts=Parts.join([supplier, bought]))


def _supplier_part() -> Term:
    return record_term("supplier_s12_allocated_kg_co2e", "kg_co2e", _HYBRID, cv=_SUPPLIER_FACTOR_CV)


def _component(resolver: Resolver, kind: str, unit: str | None, key: str | None, region: str, year: int) -> Term:
    """Returns the term of one component; a failure names the member of its list."""
    failure = unit_failure("hybrid_components[].unit", unit)
    if failure is not None or unit is None:
        return Term(failure=failure)
    if kind == "other":
        kg_per_unit = multiplier(unit, "kg_co2e")
        if kg_per_unit is None:
            message = f"hybrid_components[].unit is {unit!r}; what is neither material, transport nor waste is given in kg_co2e or t_co2e"
            return Term(failure=Failure(Code.E_UNIT, "hybrid_components[].unit", unit, message))
        return record_term("hybrid_components", unit, _HYBRID, kg_per_unit=kg_per_unit)
    if key is None:
        message = f"hybrid_components[].factor_key is missing; name the factor of this {kind}"
        return Term(failure=Failure(Code.E_NO_FACTOR, "hybrid_components[].factor_key", None, message))
    found = _factor(resolver, kind, key, unit, region, year)
    if isinstance(found, Unresolved):
        field, value = ("unit", unit) if found.code is Code.E_UNIT else ("factor_key", key)
        message = f"hybrid_components[].{field}: {found.detail}; correct it, or load a factor with --factors"
        return Term(failure=Failure(found.code, f"hybrid_components[].{field}", value, message))
    warnings = [f"W_NO_UPSTREAM key={key}"] if "wtt" in found.missing else []
    return factor_term(found, _HYBRID, kg_per_unit=found.value + sum(found.also.values()), warnings=warnings)


def _factor(resolver: Resolver, kind: str, key: str, unit: str, region: str, year: int) -> Resolved | Unresolved:
    if kind == "material":
        return resolver.resolve("product", key, "cradle_to_gate", region, year, unit=unit)
    if kind == "waste":
        return resolver.resolve("waste", key, "treatment", region, year, unit=unit)
    whole = resolver.resolve("freight", key, "wtw", region, year, unit=unit)
    if isinstance(whole, Resolved):
        return whole
    split = resolver.resolve("freight", key, "ttw", region, year, unit=unit, also=("wtt",))
    return whole if isinstance(split, Unresolved) and whole.code is Code.E_UNIT else split
