"""Checks factor rows against the layout: column by column, each distinct value once, so a million rows take seconds.

A row that can't be used refuses its whole set, and all that is wrong is told at once, with row and column: a set that is
half loaded would give numbers that nobody expects.

Source: calculation specification, 12.1 and 12.2.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, cast

import pyarrow as pa

from schemas import parsing
from schemas.codes import Code
from schemas.column import Column
from schemas.factor import FACTOR, FACTOR_SCHEMA
from schemas.faults import UserFault
from schemas.names import UNSTORABLE, normalise_name
from schemas.regions import REGION_ALIASES, REGIONS
from transforms.factors.row_rules import RULED, faults_of

_LICENCE = ("licence", "retrieved_on", "source_sha256")

# What makes two rows the same figure, whatever their ids are.
_FIGURE = ("family", "key", "boundary", "region", "year", "unit", "basis", "source", "source_version")
_OF_GROUP = ("cv", "pedigree", "gwp")

_MOST_LINES, _MOST_ROWS = 200, 8


class Faults:
    """What is wrong with rows: each sentence with the rows that it is true of."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = defaultdict(list)

    def add(self, number: int, complaint: str) -> None:
        """Notes a fault of a row; the complaint begins with its column."""
        self._rows[complaint].append(number)

    def refuse(self, place: str) -> None:
        """Refuses the rows if anything is wrong with them.

        Raises:
            UserFault: tells it all, a line for each sentence.
        """
        if not self._rows:
            return
        told = sorted(self._rows.items(), key=lambda pair: pair[1][0])
        lines = [f"{_shown(numbers)}: {complaint}" for complaint, numbers in told[:_MOST_LINES]]
        if len(told) > _MOST_LINES:
            lines.append(f"and {len(told) - _MOST_LINES:,} more")
        raise UserFault("\n  ".join([f"{place} is refused as a whole; correct these:", *lines]))


def _shown(numbers: Sequence[int]) -> str:
    """Returns row numbers in words: `row 7`, `rows 2 to 5, 9`."""
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    if spans == [(numbers[0], numbers[0])]:
        return f"row {numbers[0]}"
    parts = [str(first) if first == last else f"{first} to {last}" for first, last in spans[:_MOST_ROWS]]
    more = f" and {sum(last - first + 1 for first, last in spans[_MOST_ROWS:]):,} more" if len(spans) > _MOST_ROWS else ""
    return f"rows {', '.join(parts)}{more}"


def check_rows(place: str, rows: Sequence[Mapping[str, Any]], need_licence: bool = True) -> pa.Table:
    """Returns rows in FACTOR_SCHEMA.

    Args:
        place: where they come from, for messages.
        rows: in the layout of the specification, values typed or as text; the first has the number 1.
        need_licence: whether licence, retrieved_on and source_sha256 must be given.

    Raises:
        UserFault: rows that can't be used.
    """
    names: dict[str, str] = {}
    given = [{names.setdefault(name, normalise_name(name)): value for name, value in row.items()} for row in rows]
    columns = {column.name: [row.get(column.name) for row in given] for column in FACTOR}
    return check_columns(place, columns, range(1, len(given) + 1), Faults(), need_licence)


def check_columns(
    place: str, columns: Mapping[str, Sequence[object]], numbers: Sequence[int], faults: Faults, need_licence: bool = True
) -> pa.Table:
    """Returns columns as a table in FACTOR_SCHEMA.

    Args:
        place: where they come from, for messages.
        columns: n values each, typed or as text; a column that is not there is blank.
        numbers: n numbers of rows, for messages.
        faults: what is wrong with them already.
        need_licence: whether licence, retrieved_on and source_sha256 must be given.

    Raises:
        UserFault: rows that can't be used.
    """
    typed: dict[str, list[Any]] = {}
    unread = set()
    for column in FACTOR:
        blank: object = "" if column.name in _LICENCE and not need_licence else False if column.name == "verified" else None
        needed = column.required and blank is None
        typed[column.name], wrong = _typed(column, columns.get(column.name) or [None] * len(numbers), blank, needed)
        for row, complaint in wrong:
            faults.add(numbers[row], f"{column.name} {complaint}")
            unread.add(row)
    _check_each(typed, numbers, unread, faults)
    _check_together(typed, numbers, faults)
    faults.refuse(place)
    return pa.Table.from_arrays([pa.array(typed[field.name], field.type) for field in FACTOR_SCHEMA], schema=FACTOR_SCHEMA)


def _typed(column: Column, values: Sequence[object], blank: object, needed: bool) -> tuple[list[Any], list[tuple[int, str]]]:
    """Returns the typed values of a column, and what is wrong with which."""
    parse = _parser(column)
    known: dict[Hashable, tuple[Any, str | None]] = {}
    typed, wrong = [], []
    for row, value in enumerate(values):
        key = (type(value), repr(value) if isinstance(value, (list, dict)) else value)
        found = known.get(key)
        if found is None:
            found = known[key] = _read(parse, value, blank, f"is missing ({column.description})" if needed else None)
        typed.append(found[0])
        if found[1] is not None:
            wrong.append((row, found[1]))
    return typed, wrong


def _read(parse: Callable[[object], Any], value: object, blank: object, if_missing: str | None) -> tuple[Any, str | None]:
    if not parsing.is_present(value):
        return blank, if_missing
    if isinstance(value, str) and UNSTORABLE.search(value):
        return None, f"is {value!a}, which holds a character that can't be stored"
    try:
        return parse(value), None
    except parsing.Wrong as wrong:
        return None, wrong.complaint


def _parser(column: Column) -> Callable[[object], Any]:
    by_name: dict[str, Callable[[object], Any]] = {"pedigree": _pedigree, "key": parsing.code_text, "region": _region}
    if column.name in by_name:
        return by_name[column.name]
    if pa.types.is_floating(column.type):
        return parsing.number
    if pa.types.is_integer(column.type):
        return parsing.integer
    return parsing.boolean if pa.types.is_boolean(column.type) else parsing.text


def _region(value: object) -> str:
    """Returns a region as records write it; a sub-national key of the family grid is none, and stays."""
    code = parsing.text(value).upper()
    return REGION_ALIASES.get(code, code if code in REGIONS else parsing.text(value))


def _pedigree(value: object) -> list[int]:
    """Returns the scores of a list, a JSON list, or five numbers with blanks between."""
    try:
        scores = json.loads(value) if isinstance(value, str) and value.strip().startswith("[") else value
        parts = scores.split() if isinstance(scores, str) else scores
        return [parsing.integer(score) for score in cast(Iterable[object], parts)]
    except (TypeError, json.JSONDecodeError):
        raise parsing.Wrong(Code.E_TYPE, f"is {parsing.shown(value)}, no list of five scores; write for example [2, 3, 1, 1, 3]") from None


def _check_each(typed: Mapping[str, list[Any]], numbers: Sequence[int], unread: set[int], faults: Faults) -> None:
    """Checks each row by itself, rows that are alike in what counts once."""
    for row, (family, key, group) in enumerate(zip(typed["family"], typed["key"], typed["correlation_group"], strict=True)):
        if family == "building_energy" and group is None and key is not None:
            # The carriers of a type err together.
            typed["correlation_group"][row] = f"building_energy/{key.rpartition(':')[0]}"
    known: dict[Hashable, tuple[str, ...]] = {}
    for row, values in enumerate(zip(*(typed[name] for name in RULED), strict=True)):
        if row in unread:
            continue
        ruled = dict(zip(RULED, values, strict=True))
        # Of a value only its sign counts, and of a key what stands before its first colon.
        short = (ruled["value"] > 0, ruled["value"] > 1, ruled["value"] < 0, ruled["key"].partition(":")[0])
        same = (*short, *(tuple(one) if type(one) is list else one for name, one in ruled.items() if name not in ("value", "key")))
        complaints = known.get(same)
        if complaints is None or complaints:
            complaints = known[same] = tuple(faults_of(ruled))
        for complaint in complaints:
            faults.add(numbers[row], complaint)


def _check_together(typed: Mapping[str, list[Any]], numbers: Sequence[int], faults: Faults) -> None:
    """Checks rows beside each other: ids and figures stand once, and rows of one group agree."""
    _check_once(typed["factor_id"], numbers, lambda row: f"factor_id {typed['factor_id'][row]}", faults)
    if len(set(typed["factor_id"])) == len(numbers):
        figures = list(zip(*(typed[name] for name in _FIGURE), strict=True))
        _check_once(figures, numbers, lambda row: "the figure of the same family, key, boundary, region, year, unit and source", faults)
    firsts: dict[str, int] = {}
    for row, group in enumerate(typed["correlation_group"]):
        if group is None:
            continue
        first = firsts.setdefault(group, row)
        for name in _OF_GROUP:
            if typed[name][first] != typed[name][row]:
                faults.add(
                    numbers[row], f"{name} differs from that of row {numbers[first]}, which is in the same correlation_group {group!r}"
                )


def _check_once(values: Sequence[Hashable], numbers: Sequence[int], name: Callable[[int], str], faults: Faults) -> None:
    if len(set(values)) == len(values):
        return
    firsts: dict[Hashable, int] = {}
    for row, value in enumerate(values):
        first = firsts.setdefault(value, row)
        if first != row and value is not None:
            faults.add(numbers[row], f"{name(row)} stands twice, also in row {numbers[first]}")
