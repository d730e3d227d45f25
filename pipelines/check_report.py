"""What a check tells a person, as text."""

from collections.abc import Iterator, Sequence

from pipelines.checked_rows import LEVELS, NONE, CheckedRows
from pipelines.checking import Found
from pipelines.line_numbers import shown_places
from schemas.records.judge import nearest_field
from transforms.reading.files import short_names
from transforms.reading.tables import is_table
from transforms.sinks.contract import Source

_SUPPLIERS = 10
_WIDEST_NAME = 42

_METHODS = "SELECT category, method, count(*) FROM records WHERE method IS NOT NULL GROUP BY ALL ORDER BY ALL"
_WARNINGS = "SELECT code, count(*) FROM (SELECT unnest(warnings) AS code FROM records) GROUP BY code ORDER BY 2 DESC, 1"
_SPEND = (
    "SELECT currency, sum(amount), "
    + ", ".join(f"coalesce(sum(amount) FILTER (level = '{level}'), 0.0)" for level in LEVELS)
    + " FROM records WHERE amount IS NOT NULL GROUP BY currency ORDER BY 2 DESC, 1"
)
_EMITTERS = f"""
SELECT supplier, count(*), sum(kg_co2e) / 1000, sum(kg_co2e) / nullif((SELECT sum(kg_co2e) FROM records), 0)
FROM records WHERE supplier IS NOT NULL AND method IS NOT NULL GROUP BY supplier ORDER BY 3 DESC, 1 LIMIT {_SUPPLIERS}"""
_UNFOUND = f"""
SELECT supplier, currency, count(*), sum(amount) FROM records WHERE level = '{NONE}' AND amount > 0 AND supplier IS NOT NULL
GROUP BY ALL ORDER BY 4 DESC, 1 LIMIT {_SUPPLIERS}"""


def lines_of(found: Found, rows: CheckedRows, sources: Sequence[Source]) -> Iterator[str]:
    """Gives the lines of a report."""
    yield f"{found.records:,} records in {_counted(sources)}, {found.skipped:,} rows skipped"
    also = f", {found.duplicates:,} came twice" if found.duplicates else ""
    yield f"{found.results:,} would have a result, {found.dead_letters:,} would be dead letters{also}"
    for fault in found.unreadable:
        yield ""
        yield f"Can't be read: {fault}"
    yield from _columns(found)
    methods = rows.rows(_METHODS)
    if methods:
        yield ""
        yield "Results by category and method"
        for category, method, count in methods:
            yield f"  {category:<4}{method:<32}{count:>12,}  {count / found.records:6.1%}"
        yield ""
        yield "What the results would say about their factors and assumptions"
        for code, count in rows.rows(_WARNINGS):
            yield f"  {code:<28}{count:>12,}  {count / found.results:6.1%}"
    yield from _spend(rows)
    yield from _suppliers(rows)
    yield from _dead_letters(found, sources)


def _counted(sources: Sequence[Source]) -> str:
    tables = sum(is_table(source.source_uri) for source in sources)
    counts = {"file": len(sources) - tables, "table": tables}
    return " and ".join(f"{count:,} {word if count == 1 else word + 's'}" for word, count in counts.items() if count)


def _columns(found: Found) -> Iterator[str]:
    if found.unknown:
        yield ""
        yield "Columns that are not used: no field claims them"
        for name in sorted(found.unknown):
            near = nearest_field(name)
            yield f"  {name}" + (f" (did you mean {near}?)" if near in found.fields else "")
    if found.unused:
        yield ""
        yield "Columns that are not used: fields of other categories than those of the records"
        yield from (f"  {name}" for name in sorted(found.unused))


def _spend(rows: CheckedRows) -> Iterator[str]:
    spend = rows.rows(_SPEND)
    if spend:
        yield ""
        yield "Spend of valid records, and the NAICS code that finds its factor"
        yield f"  {'':<4}{'amount':>20}" + "".join(f"{level:>16}" for level in LEVELS)
        for currency, amount, *parts in spend:
            yield f"  {currency:<4}{amount:>20,.0f}" + "".join(f"{part / amount if amount else 0:>16.1%}" for part in parts)


def _suppliers(rows: CheckedRows) -> Iterator[str]:
    emitters = rows.rows(_EMITTERS)
    if emitters:
        yield ""
        yield f"{'Suppliers that matter most':<{_WIDEST_NAME + 2}}{'results':>12}{'t CO2e':>14}"
        for name, count, tonnes, share in emitters:
            yield f"  {_short(name):<{_WIDEST_NAME}}{count:>12,}{tonnes:>14,.1f}" + ("" if share is None else f"  {share:6.1%}")
    unfound = rows.rows(_UNFOUND)
    if unfound:
        yield ""
        yield f"{'Suppliers whose spend finds no factor':<{_WIDEST_NAME + 2}}{'records':>12}{'amount':>18}"
        for name, currency, count, amount in unfound:
            yield f"  {_short(name):<{_WIDEST_NAME}}{count:>12,}{amount:>18,.0f} {currency}"


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST_NAME else f"{name[: _WIDEST_NAME - 3]}..."


def _dead_letters(found: Found, sources: Sequence[Source]) -> Iterator[str]:
    shown = [example for examples in found.examples.values() for example in examples]
    names = short_names(sources)
    where = {
        source: shown_places(source, [one.position for one in shown if one.source == source]) for source in {one.source for one in shown}
    }
    for kind, count in found.dead.most_common():
        yield ""
        yield f"{kind}: {count:,}"
        for example in found.examples[kind]:
            yield f"  {names[example.source.source_id]}, {where[example.source][example.position]}: {example.text}"
