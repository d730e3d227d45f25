"""The scalar judge: one record, its normalised values or all that is wrong with it.

Source: calculation specification, 1.2 (values) and 6 (codes and their order).
"""

import difflib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from schemas import parsing
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding, Refusal
from schemas.json_line import Malformed, parse_line
from schemas.names import normalise_name
from schemas.records import RECORDS
from schemas.records.fields import RecordField, fields_of
from schemas.records.header import Header


@dataclass(frozen=True)
class Normalised:
    """A record that can be calculated.

    Attributes:
        category: 1 to 15.
        values: the fields that are present, typed, in declared order, without category.
    """

    category: int
    values: dict[str, Any]


def judge_record(record: Mapping[str, object], config: Config, row: int = 0) -> Normalised | Refusal:
    """Judges one record.

    Args:
        record: values by column name as they came; columns that no field claims are ignored.
        config: options; credit_notes decides the range of spend_amount.
        row: place of the record, for the refusal.
    """
    named = {normalise_name(name): value for name, value in record.items()}
    if len(named) != len(record):
        names = [normalise_name(name) for name in record]
        doubled = next(name for place, name in enumerate(names) if name in names[:place])
        return Refusal(row, None, None, (Finding(Code.E_MALFORMED, None, None, f"two members of the record are both named {doubled!r}"),))
    present = {name: value for name, value in named.items() if parsing.is_present(value)}
    category, findings = _category(present)
    model = RECORDS[category] if category is not None else Header
    fields = fields_of(model)
    findings += _join_aliases(present, fields)
    doubled_member = next((name for field in fields if (name := _doubled_member(present.get(field.name), field)) is not None), None)
    if doubled_member is not None:
        return Refusal(
            row, None, None, (Finding(Code.E_MALFORMED, None, None, f"two members of one object are both named {doubled_member!r}"),)
        )
    values = {field.name: _without_nulls(present[field.name], field) for field in fields if field.name in present}
    typed: dict[str, Any] = {}
    try:
        validated = model.model_validate(values, context={"config": config})
        typed = validated.model_dump(exclude_none=True)
        if not findings:
            findings += validated.contradictions(config)
    except ValidationError as error:
        found = [_finding(detail, fields) for detail in error.errors(include_url=False)]
        # What is wrong with the category was said better above.
        findings += [finding for finding in found if finding.field != "category"]
    if findings:
        record_id = present.get("record_id")
        try:
            known_id = parsing.text(record_id) if record_id is not None else None
        except parsing.Wrong:
            known_id = None
        return Refusal(row, known_id, category, tuple(sorted(findings, key=lambda finding: _place(finding, fields))))
    assert category is not None
    return Normalised(category, {field.name: typed[field.name] for field in fields if field.name in typed and field.name != "category"})


def _category(present: Mapping[str, object]) -> tuple[int | None, list[Finding]]:
    """Returns the category, None with its finding where it is none that can be calculated."""
    value = present.get("category")
    if value is None:
        return None, [Finding(Code.E_REQUIRED, "category", None, "category is missing; write the Scope 3 category, 1 to 15")]
    try:
        category = parsing.integer(value)
    except parsing.Wrong as wrong:
        return None, [Finding(wrong.code, "category", str(value), f"category {wrong.complaint}")]
    if category in RECORDS:
        return category, []
    return None, [Finding(Code.E_ENUM, "category", str(value), f"category is {category}; write the Scope 3 category, 1 to 15")]


def _join_aliases(present: dict[str, Any], fields: tuple[RecordField, ...]) -> list[Finding]:
    """Puts values of aliases under their fields' names; returns contradictions and aliases that can't be read."""
    findings: list[Finding] = []
    for field in fields:
        if field.kind is None:
            continue
        for alias in (*field.aliases, *filter(None, [field.usd_alias])):
            if alias not in present:
                continue
            value = present.pop(alias)
            try:
                parsed = field.kind.parse(value)
            except parsing.Wrong as wrong:
                findings.append(Finding(wrong.code, alias, str(value), f"{alias} {wrong.complaint}"))
                continue
            if field.name not in present:
                present[field.name] = value
            elif _differs(present[field.name], parsed, field):
                message = f"{field.name} is {parsing.shown(present[field.name])} and {alias} is {parsing.shown(value)}; keep one of them"
                findings.append(Finding(Code.E_INCONSISTENT, field.name, str(present[field.name]), message))
            if alias == field.usd_alias and field.unit is not None:
                currency = present.setdefault(field.unit, "USD")
                if str(currency).strip().upper() != "USD":
                    message = (
                        f"{alias} is an amount in US dollars and {field.unit} is {parsing.shown(currency)}; give the amount as {field.name}"
                    )
                    findings.append(Finding(Code.E_INCONSISTENT, field.name, str(value), message))
    return findings


def _differs(value: object, other: object, field: RecordField) -> bool:
    assert field.kind is not None
    try:
        return field.kind.parse(value) != other
    except parsing.Wrong:
        return False


def _doubled_member(value: object, field: RecordField) -> str | None:
    """Returns the name that two members of an element of a list become, None where there is none."""
    for element in value if field.members and isinstance(value, (list, tuple)) else ():
        names = [normalise_name(name) for name in element] if isinstance(element, Mapping) else []
        if len(set(names)) < len(names):
            return next(name for place, name in enumerate(names) if name in names[:place])
    return None


def _without_nulls(value: object, field: RecordField) -> object:
    """Returns a value with the names of its elements' members normalised and missing members left out.

    A list or a map may stand as JSON in the cell of a table; a map may come as a list of its entries.
    """
    if field.kind is not None:
        return value
    if isinstance(value, str):
        parsed = parse_line(f'{{"{field.name}":{value}}}')
        # A text with a comma after its value would bring a member of its own.
        value = value if isinstance(parsed, Malformed) or len(parsed) > 1 else parsed[field.name]
    if field.is_map:
        entries = _joined(value)
        return {key: one for key, one in entries.items() if parsing.is_present(one)} if isinstance(entries, Mapping) else entries
    if not (field.members and isinstance(value, (list, tuple))):
        return value
    return [
        {normalise_name(name): member for name, member in element.items() if parsing.is_present(member)}
        if isinstance(element, Mapping)
        else element
        for element in value
    ]


def _joined(value: object) -> object:
    """Returns a list of a map's entries as a map. One with a key that is a list or stands twice stays a list, and is refused."""
    if not (isinstance(value, list) and all(isinstance(entry, tuple) and isinstance(entry[0], Hashable) for entry in value)):
        return value
    entries = dict(value)
    return entries if len(entries) == len(value) else value


def _finding(detail: Mapping[str, Any], fields: tuple[RecordField, ...]) -> Finding:
    """Returns the finding of one of pydantic's errors."""
    location: tuple[int | str, ...] = tuple(detail["loc"])
    field = next(field for field in fields if field.name == location[0])
    name = field.name
    for part in location[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
        field = _inner(field, part)
    value = detail["input"]
    kind = detail["type"]
    if kind == "missing":
        return Finding(Code.E_REQUIRED, name, None, f"{name} is missing: {field.description}")
    if kind in Code.__members__:
        return Finding(Code(kind), name, str(value), f"{name} {detail['ctx']['complaint']}")
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return Finding(
            Code.E_RANGE, name, str(value), f"{name} is {parsing.shown(value)}, and must be {field.range}{_remedy(field, value)}"
        )
    what = {"list_type": "a list", "dict_type": "values by key in braces"}.get(kind) or (
        "an object in braces" if field.members else "a single value"
    )
    return Finding(Code.E_TYPE, name, str(value), f"{name} is {parsing.shown(value)}, not {what}")


def _inner(field: RecordField, part: int | str) -> RecordField:
    """Returns what one step into a list or a map leads to."""
    if field.element is not None:
        return field.element
    if field.is_map:
        return field.members[1]
    return next((member for member in field.members if member.name == part), field)


def _remedy(field: RecordField, value: object) -> str:
    if 1 in (field.at_most, field.less_than) and 0 in (field.at_least, field.greater_than):
        number = parsing.number(value)
        share = f"; did you mean {number / 100:g}?" if 1 < number <= 100 else ""
        return f": shares are 0 to 1, not percent{share}"
    return "; correct it, or leave it blank" if not field.required else "; correct it"


def _place(finding: Finding, fields: tuple[RecordField, ...]) -> tuple[int, int, int, int]:
    """Returns what findings are sorted by: code, field, member, element."""
    name = finding.field or ""
    top, _, rest = name.partition("[")
    top = top.partition(".")[0]
    order = {alias: place for place, field in enumerate(fields) for alias in (field.name, *field.aliases, field.usd_alias or field.name)}
    place = order.get(top, -1)
    index, _, member = rest.partition("].")
    members = [known.name for known in fields[place].members] if place >= 0 else []
    return (
        finding.code.order,
        place,
        members.index(member) if member in members else -1,
        int(index.rstrip("]")) if index.rstrip("]").isdigit() else -1,
    )


def nearest_field(name: str) -> str | None:
    """Returns the known field that a column's name resembles, None where none does."""
    known = {field.name for model in RECORDS.values() for field in fields_of(model)}
    return next(iter(difflib.get_close_matches(name, sorted(known), 1, 0.75)), None)
