"""Category 1, purchased goods and services.

    1 supplier footprint  kg_co2e = quantity * supplier_pcf
    2 hybrid              kg_co2e = supplier_s12_allocated_kg_co2e + sum(amount * EF)
    3 average data        kg_co2e = quantity * EF[product, cradle_to_gate]
    4 spend               kg_co2e = spend_amount * FX * P(price year) / P(spend_year) * EF[eeio, naics_code]

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 1;
calculation specification, 14.1.
"""

from functools import partial

import numpy as np
import pyarrow as pa

from schemas.codes import Code
from schemas.config import Config
from schemas.methods import METHODS
from schemas.units import multiplier
from transforms.calculation.arrays import Bools, Floats
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.fields import Fields
from transforms.calculation.footprint import average_data, supplier_pcf, unit_failure
from transforms.calculation.spend import amounts, spend_based
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms, sum_term
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
        _hybrid(resolver, terms, fields, credit),
        average_data(resolver, terms, fields, _AVERAGE, credit),
        Attempt(_SPEND, spend, spend_based(resolver, terms, fields, _SPEND, spend), amount, np.full(fields.rows, _SPEND.activity_cv)),
    ], credit


def memo(fields: Fields, kg_co2e: Floats) -> dict[str, Floats]:
    """Returns no memo columns: the category has none."""
    return {}


def _hybrid(resolver: Resolver, terms: Terms, fields: Fields, credit: Bools) -> Attempt:
    complete = fields.given("supplier_s12_allocated_kg_co2e") & fields.given("hybrid_components") & ~credit
    term, quantity = np.full(fields.rows, -1, np.int64), np.full(fields.rows, np.nan)
    activity_cv = np.full(fields.rows, _HYBRID.activity_cv)
    if not complete.any():
        return Attempt(_HYBRID, complete, term, quantity, activity_cv)
    records = np.flatnonzero(complete)
    lists = fields.column("hybrid_components", pa.list_(pa.struct([]))).take(pa.array(records))
    lengths = np.diff(lists.offsets.to_numpy())
    elements = Fields(pa.RecordBatch.from_struct_array(lists.flatten()))
    row = np.repeat(records, lengths)
    header = [fields.texts("region").take(pa.array(row)), fields.integers("activity_year").take(pa.array(row))]
    columns = [elements.texts("kind"), elements.texts("unit"), elements.texts("factor_key"), *header]
    found = terms.find("hybrid component", columns, np.ones(len(row), bool), lambda *key: _component(resolver, *key))
    supplier = terms.place("hybrid supplier part", _supplier_part)
    terms.grow()
    # The supplier's part goes first in each record.
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    kg = np.insert(elements.numbers("amount") * terms.kg_per_unit[found], first, fields.numbers("supplier_s12_allocated_kg_co2e")[records])
    all_terms = np.insert(found, first, supplier)
    place = np.arange(len(row)) - np.repeat(first, lengths)
    parts = Parts(
        row=np.insert(row, first, records),
        term=all_terms,
        kg=kg,
        activity_cv=np.insert(np.full(len(row), _HYBRID.activity_cv), first, _SUPPLIER_ACTIVITY_CV),
        place=np.insert(place, first, -1),
    )
    starts = first + np.arange(len(first))
    for length in np.unique(lengths).tolist():
        # The same terms in the same order say the same: one sum for all records with them.
        alike = np.flatnonzero(lengths == length)
        listed = all_terms[starts[alike][:, None] + np.arange(length + 1)]
        distinct, which = np.unique(listed, axis=0, return_inverse=True)
        sums = [terms.place(("hybrid", *one), partial(sum_term, terms, one)) for one in distinct.tolist()]
        term[records[alike]] = np.array(sums, np.int64)[which.reshape(-1)]
    return Attempt(_HYBRID, complete, term, quantity, activity_cv, parts=parts)


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
