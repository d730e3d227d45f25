"""Methods that categories 1 and 2 share: a supplier's product carbon footprint, and average data of a product.

    kg_co2e = quantity * supplier_pcf
    kg_co2e = quantity[-> unit of the footprint] * EF[supplier_pcf, product_code]
    kg_co2e = quantity[-> unit of the factor] * EF[product, cradle_to_gate]

Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), categories 1 and 2,
supplier-specific and average-data methods.
"""

import numpy as np

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.config import Config, UncertaintyInput
from schemas.families import SUPPLIER_PCF
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.units import DIMENSIONS, dimension
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.calculation.uncertainty import HALFWIDTH_95
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved


def unit_failure(field: str, unit: str | None) -> Failure | None:
    """Returns what is wrong with a unit code by itself, None where nothing is."""
    if unit is None:
        return Failure(Code.E_UNIT, field, None, f"{field} is missing; write a unit code, for example kg, t, l or kWh")
    if dimension(unit) is None:
        known = ", ".join(code for codes in DIMENSIONS.values() for code in codes)
        hint = "ton names three masses: write t, short_ton or long_ton" if unit.lower() in ("ton", "tons") else f"write one of {known}"
        return Failure(Code.E_UNIT, field, unit, f"{field} is {unit!r}, which is not known; {hint}")
    return None


def unit_failures(terms: Terms, fields: Fields, field: str, wanted: Bools) -> Parts:
    """Returns a part that failed for each wanted record whose unit code is wrong by itself.

    Args:
        field: of the unit.
        wanted: bool[n].
    """

    def make(unit: str | None) -> Term:
        return Term(failure=unit_failure(field, unit))

    term = terms.find(f"unit of {field}", [fields.texts(field)], wanted, make)
    terms.grow()
    rows = np.flatnonzero(wanted)
    rows = rows[terms.failed[term[rows]]]
    none = np.zeros(len(rows))
    return Parts(rows, term[rows], none, none, np.full(len(rows), -1))


def boundary_failure(pcf_boundary: str | None) -> Failure | None:
    """Returns why a footprint of this boundary can't stand for a purchase, None where it can."""
    if pcf_boundary in (None, "cradle_to_gate"):
        return None
    message = (
        f"supplier_pcf is {pcf_boundary}, and only a cradle_to_gate footprint covers a purchase; give that, or data for another method"
    )
    return Failure(Code.E_NO_TIER, "pcf_boundary", pcf_boundary, message)


def supplier_pcf(terms: Terms, fields: Fields, method: Method, credit: Bools, config: Config) -> Attempt:
    """Returns the attempt by supplier_pcf per quantity_unit."""
    complete = fields.given("supplier_pcf") & fields.given("quantity") & ~credit

    def make(unit: str | None, boundary: str | None) -> Term:
        failure = boundary_failure(boundary) or unit_failure("quantity_unit", unit)
        if failure is not None or unit is None:
            return Term(failure=failure)
        return record_term("supplier_pcf", unit, method, warnings=["W_BOUNDARY_PCF"] if boundary is None else [])

    columns = [fields.texts("quantity_unit"), fields.texts("pcf_boundary")]
    term = terms.find(f"{method.label} per unit", columns, complete, make)
    activity_cv = np.full(fields.rows, method.activity_cv)
    return Attempt(
        method,
        complete,
        activity_cv,
        term,
        fields.numbers("quantity"),
        fields.numbers("supplier_pcf"),
        given_cv(fields, "supplier_pcf_cv", config),
    )


def loaded_footprint(resolver: Resolver, terms: Terms, fields: Fields, method: Method, credit: Bools) -> Attempt:
    """Returns the attempt by a supplier's footprint among the factors, for records whose product_code names its product."""
    wanted = fields.given("product_code") & fields.given("quantity") & ~credit
    if SUPPLIER_PCF not in resolver.table.families():
        wanted[:] = False
    unknown = Failure(Code.E_NO_FACTOR, "product_code", None, "no footprint of this product is loaded")
    named = terms.find(
        "product with a footprint",
        [fields.texts("product_code")],
        wanted,
        lambda key: Term(failure=None if resolver.has(SUPPLIER_PCF, key) else unknown),
    )
    terms.grow()
    complete = wanted & ~terms.failed[named]
    columns = [fields.texts("product_code"), fields.texts("quantity_unit"), fields.texts("region"), fields.integers("activity_year")]
    term = terms.find(f"{method.label} of a product", columns, complete, lambda *key: _footprint_term(resolver, method, *key))
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, fields.numbers("quantity"))


def _footprint_term(resolver: Resolver, method: Method, key: str, unit: str | None, region: str, year: int) -> Term:
    failure = unit_failure("quantity_unit", unit)
    if failure is not None:
        return Term(failure=failure)
    found = resolver.resolve(SUPPLIER_PCF, key, "cradle_to_gate", region, year, unit=unit)
    if not isinstance(found, Unresolved):
        return factor_term(found, method)
    if found.code is Code.E_UNIT:
        message = f"quantity_unit: {found.detail}; give the quantity in the unit of the footprint, or ask the supplier for one per {unit}"
        return Term(failure=Failure(found.code, "quantity_unit", unit, message))
    spans = ", ".join(sorted({row.basis.replace("/", " to ") for row in resolver.table.find(SUPPLIER_PCF, key) if row.basis}))
    message = (
        f"product_code: the footprint of {key!r} stands for {spans or 'other years'}, not for {year}; ask the supplier for a newer one"
    )
    return Term(failure=Failure(found.code, "product_code", key, message))


def given_cv(fields: Fields, name: str, config: Config) -> Floats:
    """Returns the cv that records give, float64[n], NaN where they give none."""
    given = fields.numbers(name)
    return given / HALFWIDTH_95 if config.uncertainty_input == UncertaintyInput.HALFWIDTH95 else given


def average_data(resolver: Resolver, terms: Terms, fields: Fields, method: Method, credit: Bools) -> Attempt:
    """Returns the attempt by a product factor: product_category first, then product_code."""
    keyed = fields.given("product_category") | fields.given("product_code")
    complete = fields.given("quantity") & keyed & ~credit
    columns = [fields.texts("product_category"), fields.texts("product_code"), fields.texts("quantity_unit"), fields.texts("region")]
    columns.append(fields.integers("activity_year"))
    term: Ints = terms.find(method.label, columns, complete, lambda *key: _product_term(resolver, method, *key))
    return Attempt(method, complete, np.full(fields.rows, method.activity_cv), term, fields.numbers("quantity"))


def _product_term(
    resolver: Resolver, method: Method, category: str | None, code: str | None, unit: str | None, region: str, year: int
) -> Term:
    failure = unit_failure("quantity_unit", unit)
    if failure is not None:
        return Term(failure=failure)
    failures = []
    for field, key in (("product_category", category), ("product_code", code)):
        if key is None:
            continue
        found = resolver.resolve("product", key, "cradle_to_gate", region, year, unit=unit)
        if not isinstance(found, Unresolved):
            return factor_term(found, method)
        named = ("quantity_unit", unit) if found.code is Code.E_UNIT else (field, key)
        failures.append(Failure(found.code, *named, f"{field}: {found.detail}; correct it, or load a factor with --factors"))
    return Term(failure=min(failures, key=lambda one: one.code.order))
