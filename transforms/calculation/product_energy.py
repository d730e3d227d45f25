"""Terms of what a sold product uses: electricity of a grid or of the record's own trajectory, and distance driven.

Source: calculation specification, 14.11 (category 11).
"""

from dataclasses import replace

from schemas.codes import Code
from schemas.methods import Method
from transforms.calculation.carriers import carrier_factor, carrier_term, no_carrier, no_fuel
from transforms.calculation.footprint import unit_failure
from transforms.calculation.term import Failure, Term, factor_term, record_term
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved
from transforms.factors.row import FactorRow


def life_rows(resolver: Resolver, life_key: str | None) -> tuple[FactorRow, ...]:
    """Returns the row of a default lifetime; none where the record gives its own."""
    row = None if life_key is None else resolver.by_key("product_life", life_key)
    return () if row is None else (row,)


def no_life(resolver: Resolver, life_key: str | None) -> Failure | None:
    """Returns the failure of a record that leaves its lifetime to a key without a default, None for all others."""
    if life_key is None or resolver.by_key("product_life", life_key) is not None:
        return None
    message = f"product_key is {life_key!r}, for which no lifetime is loaded; give expected_lifespan_years, or load one with --factors"
    return Failure(Code.E_NO_FACTOR, "product_key", life_key, message)


def grid_term(resolver: Resolver, method: Method, field: str, region: str, year: int, use: Resolved | None, life_key: str | None) -> Term:
    """Returns the term of a kWh of electricity, or of a product and year where `use` gives its default energy.

    Args:
        field: named where there is no factor.
        use: of family product_use, kWh per unit and year; its rows count among those of the term.
        life_key: key of the default lifetime, None where the record gives it.
    """
    found = carrier_factor(resolver, "grid", "electricity", "kWh", region, year)
    if isinstance(found, Unresolved):
        return Term(failure=no_carrier(field, "electricity", found))
    resolved, energy = _joined(found.resolved, use, life_rows(resolver, life_key)), 1.0 if use is None else use.value
    return factor_term(
        resolved,
        method,
        kg_per_unit=energy * found.direct,
        upstream_kg_per_unit=energy * found.upstream,
        warnings=found.warnings,
    )


def own_grid_term(
    resolver: Resolver, method: Method, field: str, region: str, year: int, use: Resolved | None = None, life_key: str | None = None
) -> Term:
    """Returns the same where the record gives the factor of generation; only the upstream part is that of the grid.

    Args:
        field: that gives it.
    """
    found = carrier_factor(resolver, "grid", "electricity", "kWh", region, year)
    energy = 1.0 if use is None else use.value
    rows, upstream = [*(use.rows if use else ()), *life_rows(resolver, life_key)], 0.0
    warnings = list(use.warnings) if use else []
    if isinstance(found, Unresolved) or found.upstream == 0:
        warnings.append("W_NO_UPSTREAM key=electricity")
    else:
        upstream = found.upstream
        # What is lost on the way was generated too.
        by_share = any(row.boundary == "loss_share" for row in found.resolved.rows)
        rows += [row for row in found.resolved.rows if by_share or row.boundary != "generation"]
        warnings += [*found.resolved.warnings, *found.warnings]
    return record_term(
        field, "kWh", method, kg_per_unit=energy, upstream_kg_per_unit=energy * upstream, more_rows=tuple(rows), warnings=warnings
    )


def burned_term(
    resolver: Resolver, method: Method, fuel: str, unit: str | None, region: str, year: int, life_key: str | None, unit_field: str
) -> Term:
    """Returns the term of a unit of fuel that a product burns, or that was sold.

    Args:
        unit_field: named where the unit does not fit.
    """
    failure = unit_failure(unit_field, unit)
    if failure is not None or unit is None:
        return Term(failure=failure)
    found = carrier_factor(resolver, "fuel", fuel, unit, region, year, biogenic=True)
    if isinstance(found, Unresolved):
        return Term(failure=no_fuel(found, "fuel_type", fuel, unit_field, unit))
    return carrier_term(replace(found, resolved=_joined(found.resolved, None, life_rows(resolver, life_key))), method)


def default_use(resolver: Resolver, key: str, region: str, year: int) -> Resolved | Term:
    """Returns the default energy of a product, or a term that says that there is none for the region."""
    found = resolver.resolve("product_use", key, "parameter", region, year)
    if isinstance(found, Unresolved):
        return Term(failure=Failure(Code.E_NO_FACTOR, "product_key", key, f"product_key: {found.detail}; load a factor with --factors"))
    return found


def _joined(lead: Resolved, use: Resolved | None, life: tuple[FactorRow, ...]) -> Resolved:
    """Returns a factor with the rows of a parameter; a lifetime takes no part in the scores."""
    joined = lead if use is None else lead.with_parameter(use)
    return joined._replace(rows=(*joined.rows, *life))
