"""Whether fields and values that a mapping names can be meant: what no record could have is refused before the start."""

import difflib
from collections.abc import Iterable

from schemas import parsing
from schemas.columnar import columns_of, known_columns
from schemas.records import RECORDS
from schemas.records.fields import RecordField, fields_of


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns what may have been meant, as the end of a sentence."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:20]) or 'none'}"


def field_fault(field: str) -> str | None:
    """Returns what is wrong with a name that should be one of our fields, None if it is one."""
    if field in known_columns():
        return None
    return f"has the field {field!r}, which no category knows; {nearest(field, sorted(known_columns()))}"


def value_fault(field: str, value: str, category: str | None) -> str | None:
    """Returns what is wrong with a value of a field, None if a record may have it.

    Args:
        field: a known name, also an alias.
        value: as text.
        category: of all records where the mapping says so; None where each may have its own.
    """
    fields = _fields(field, category)
    if not fields:
        return f"has the field {field!r}, which category {category} does not have; {nearest(field, columns_of(int(category or 0)))}"
    faults = [_fault(one, value) for one in fields]
    return None if None in faults else f"has a value that no record can have: {field} {faults[0]}"


def _fields(name: str, category: str | None) -> list[RecordField]:
    known = category is not None and category.isascii() and category.isdigit() and int(category) in RECORDS
    models = [RECORDS[int(category)]] if known and category else RECORDS.values()
    return [field for model in models for field in fields_of(model) if name in (field.name, *field.aliases, field.usd_alias)]


def _fault(field: RecordField, value: str) -> str | None:
    if field.kind is None or not parsing.is_present(value):
        return None
    try:
        found = field.kind.parse(value)
    except parsing.Wrong as wrong:
        return wrong.complaint
    if field.name == "category" and found not in RECORDS:
        return f"is {value}; write the Scope 3 category, 1 to 15"
    outside = isinstance(found, (int, float)) and (
        (field.greater_than is not None and found <= field.greater_than)
        or (field.at_least is not None and found < field.at_least)
        or (field.less_than is not None and found >= field.less_than)
        or (field.at_most is not None and found > field.at_most)
    )
    return f"is {parsing.shown(value)}, and must be {field.range}" if outside else None
