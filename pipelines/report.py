"""What a person wants to know of a run, as text."""

from collections.abc import Iterator

from transforms.sinks.contract import State, Summary
from transforms.sinks.totals import Amount, Totals

_WIDEST_NAME, _NARROWEST_METHOD = 42, 24
_ALL_METHODS = "all"


def lines_of(summary: Summary) -> Iterator[str]:
    """Gives the lines of a report."""
    audit = summary.audit
    yield f"Run {summary.run_id} of inventory {summary.inventory}: {audit.state.value}"
    if audit.state is State.EMPTY:
        yield "The input holds no records. Nothing was published; a former run of the inventory stays as it is."
    if audit.reason:
        yield f"Not published: {audit.reason}"
    yield ""
    rows = [
        ("records read", audit.read, "lines or rows of the input"),
        ("results", audit.results, ""),
        ("dead letters", audit.dead_letters, "refused, each with its reason in the table dead_letters"),
        ("duplicates", audit.duplicates, "the same line again; the first one counts"),
        ("skipped", audit.skipped, "taken out by [skip] of the mapping"),
    ]
    for name, number, note in rows:
        yield f"{name:<14}{number:>14,}  {note}".rstrip()
    if summary.dead_letters_by_code:
        yield ""
        yield "Dead letters by code"
        for code, number in summary.dead_letters_by_code:
            yield f"  {code:<16}{number:>10,}"
    if summary.totals is not None:
        yield from _totals(summary.totals)


def _totals(totals: Totals) -> Iterator[str]:
    total = totals.total
    yield ""
    yield f"Total {_tonnes(total.kg_co2e)} t CO2e (90 % interval {_tonnes(total.p5_kg)} to {_tonnes(total.p95_kg)})"
    if totals.dqi_mean is not None:
        yield f"Data quality {totals.dqi_mean:.0f} of 100, weighted with the amounts"
    yield ""
    widest = max([_NARROWEST_METHOD, *(len(row.method) + 1 for row in totals.by_method)])
    yield f"{'category':<10}{'method':<{widest}}{'results':>12}{'t CO2e':>16}   90 % interval"
    for whole in totals.by_category:
        methods = [(row.method, row.amount) for row in totals.by_method if row.category == whole.category]
        # A category of one method is that method.
        for method, amount in methods if len(methods) == 1 else [(_ALL_METHODS, whole.amount), *methods]:
            yield f"{whole.category:<10}{method:<{widest}}{_amounts(amount)}"
    if totals.suppliers:
        yield ""
        yield f"{'largest suppliers':<{_WIDEST_NAME + 4}}{'results':>12}{'t CO2e':>16}   90 % interval"
        for one in totals.suppliers:
            name = one.supplier_name or one.supplier
            shown = name if len(name) <= _WIDEST_NAME else f"{name[: _WIDEST_NAME - 3]}..."
            yield f"{shown:<{_WIDEST_NAME + 4}}{_amounts(one.amount)}"


def _amounts(amount: Amount) -> str:
    return f"{amount.records:>12,}{_tonnes(amount.kg_co2e):>16}   {_tonnes(amount.p5_kg)} to {_tonnes(amount.p95_kg)}"


def _tonnes(kg: float) -> str:
    """Returns kg as tonnes with at least three digits."""
    tonnes = kg / 1000
    decimals = 0 if abs(tonnes) >= 1000 else 1 if abs(tonnes) >= 100 else 2 if abs(tonnes) >= 1 or tonnes == 0 else 4
    return f"{tonnes:,.{decimals}f}"
