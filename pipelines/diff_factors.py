"""scope3 factors diff: what differs between two sets, and which records it moves."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.arguments import Parser
from pipelines.config_options import add_config_options, add_factors_option, config_of
from pipelines.moved_records import MovedRecords, moved_records
from pipelines.options import add_input_options, count
from pipelines.quiet import silence_libraries
from schemas.faults import UsageFault
from transforms.factors.difference import Change, Difference, Row, difference
from transforms.factors.read import FactorSet
from transforms.factors.table import FactorTable, read_sets
from transforms.reading.files import find_sources
from transforms.reading.mapping import NO_MAPPING, load_mapping

_DESCRIPTION = """Tells what differs between two sets of factors: shipped ones by name, or files. With --input it also tells which records
move: all are calculated twice, with the sets of --factors, in which B stands where A stood."""


def run(arguments: Sequence[str]) -> int:
    """Compares two sets.

    Raises:
        UserFault: sets, files or a mapping that can't be used.
    """
    silence_libraries()
    parser = Parser(prog="scope3 factors diff", description=_DESCRIPTION, usage="scope3 factors diff A B [--input PATTERN...] [options]")
    parser.add_argument("before", metavar="A", help="a set: a name that scope3 factors list tells, or a file")
    parser.add_argument("after", metavar="B", help="the set that it is compared with")
    parser.add_argument("--limit", metavar="N", type=count(1), default=20, help="longest list that is printed (default: 20)")
    add_input_options(parser, required=False)
    add_factors_option(parser, "default")
    add_config_options(parser)
    options = parser.parse_strictly(arguments)
    config = config_of(options)
    before, after = _one_set(options.before), _one_set(options.after)
    for line in _difference_lines(before, after, difference(before.rows, after.rows), options.limit):
        print(line)
    if options.input:
        mapping = NO_MAPPING if options.mapping is None else load_mapping(options.mapping)
        sources = find_sources(options.input)
        sets = read_sets(options.factors or ["default"])
        tables = [FactorTable.join(_with(sets, one, other), config) for one, other in ((before, after), (after, before))]
        for line in _record_lines(moved_records(sources, mapping, config, tables[0], tables[1], options.limit), options.limit):
            print(line)
    return 0


def _one_set(name: str) -> FactorSet:
    sets = read_sets([name])
    if len(sets) > 1:
        raise UsageFault(f"{name} stands for {len(sets)} sets, and two single ones are compared: {', '.join(one.name for one in sets)}")
    for note in sets[0].notes:
        print(f"scope3: {note}", file=sys.stderr)
    return sets[0]


def _with(sets: Sequence[FactorSet], wanted: FactorSet, other: FactorSet) -> list[FactorSet]:
    """Returns the sets with the wanted one where it or the other stands, and in front where neither does."""
    of_both = (wanted.sha256, other.sha256)
    places = [place for place, one in enumerate(sets) if one.sha256 in of_both]
    rest = [one for one in sets if one.sha256 not in of_both]
    first = places[0] if places else 0
    return [*rest[:first], wanted, *rest[first:]]


def _difference_lines(before: FactorSet, after: FactorSet, found: Difference, limit: int) -> Iterator[str]:
    for letter, one in (("A", before), ("B", after)):
        yield f"{letter}  {one.name:<24}{one.rows.num_rows:>10,} factors  {one.sha256}"
    same = len(found.pairs) - len(found.changed)
    yield f"\nadded {len(found.added):,}, removed {len(found.removed):,}, changed {len(found.changed):,}, the same {same:,}"
    if found.changed:
        yield from _headed("changed, what changed most first", [_change(one) for one in found.changed[:limit]], len(found.changed))
    for title, rows in (("added", found.added), ("removed", found.removed)):
        if rows:
            yield from _headed(title, [f"{_name(row):<58}{_figure(row)}" for row in rows[:limit]], len(rows))


def _headed(title: str, lines: Sequence[str], number: int) -> Iterator[str]:
    yield f"\n{title}"
    yield from (f"  {line}" for line in lines)
    if number > len(lines):
        yield f"  and {number - len(lines):,} more; see them with --limit {number}"


def _change(change: Change) -> str:
    before, after, ratio = change.before, change.after, change.ratio
    times = "" if ratio is None or "value" not in change.columns else f"  times {ratio:.3g}"
    others = [f"{name} {_shown(before[name])} -> {_shown(after[name])}" for name in change.columns if name not in ("value", "unit")]
    told = f"; {', '.join(others)}" if others else ""
    return f"{_name(before):<58}{_figure(before)} -> {_figure(after)}{times}{told}"


def _name(row: Row) -> str:
    return f"{row['family']}:{row['key']} {row['boundary']} {row['region']} {row['year']}"


def _figure(row: Row) -> str:
    return f"{row['value']:.6g} per {row['unit']}"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _record_lines(found: MovedRecords, limit: int) -> Iterator[str]:
    every = found.by_category.values()
    records, moved, gained, lost = (sum(getattr(one, name) for one in every) for name in ("records", "moved", "gained", "lost"))
    refused = f", and {found.refused:,} are refused whatever the factors" if found.refused else ""
    twice = f"; {found.twice:,} came twice" if found.twice else ""
    yield f"\nOf {records:,} valid records {moved:,} move, {gained:,} gain a result and {lost:,} lose theirs{refused}{twice}"
    if not records:
        return
    yield f"\n{'category':<10}{'records':>12}{'moved':>12}{'t CO2e with A':>18}{'t CO2e with B':>18}{'times':>10}"
    for category, one in sorted(found.by_category.items()):
        times = f"{one.after_kg / one.before_kg:.4g}" if one.before_kg else ""
        counts = f"{one.records:>12,}{one.moved + one.gained + one.lost:>12,}"
        yield f"{category:<10}{counts}{one.before_kg / 1000:>18,.3f}{one.after_kg / 1000:>18,.3f}{times:>10}"
    if found.largest:
        lines = [f"{one.record_id:<40} category {one.category:<4}{_kg(one.before_kg)} -> {_kg(one.after_kg)}" for one in found.largest]
        yield from _headed("largest moves, kg CO2e", lines, min(len(lines), limit))


def _kg(amount: float | None) -> str:
    return "none" if amount is None else f"{amount:,.6g}"
