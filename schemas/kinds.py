"""Kinds of fields: how a value is read, held in Arrow and described.

A record's model names its fields' kinds in its annotations, `quantity: Annotated[Number, Gt(0)] | None`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow as pa
from annotated_types import Ge, Gt, Le
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas import parsing


# Compared by identity: a kind is a constant, and a key of a cache that is asked for every distinct value.
@dataclass(frozen=True, eq=False)
class Kind:
    """How the values of a field are read and held.

    Attributes:
        name: for tables and schemas.
        parse: the scalar parser; raises parsing.Wrong.
        type: of the values in Arrow.
        choices: members of an enumeration, else none.
    """

    name: str
    parse: parsing.Parser
    type: pa.DataType
    choices: tuple[str, ...] = ()


def _annotated(python: type, kind: Kind, schema: dict[str, Any]) -> Any:
    def validate(value: object) -> object:
        try:
            return kind.parse(value)
        except parsing.Wrong as wrong:
            # As a parameter: braces in a value are no placeholders of the template.
            raise PydanticCustomError(wrong.code.value, "{complaint}", {"complaint": wrong.complaint}) from None

    return Annotated[python, kind, BeforeValidator(validate), WithJsonSchema(schema)]


Text = _annotated(str, Kind("text", parsing.text, pa.string()), {"type": "string"})
Number = _annotated(float, Kind("number", parsing.number, pa.float64()), {"type": "number"})
Integer = _annotated(int, Kind("integer", parsing.integer, pa.int64()), {"type": "integer"})
Boolean = _annotated(bool, Kind("boolean", parsing.boolean, pa.bool_()), {"type": "boolean"})
CodeText = _annotated(str, Kind("code", parsing.code_text, pa.string()), {"type": "string"})
NaicsCode = _annotated(
    str, Kind("NAICS code", parsing.naics, pa.string()), {"type": "string", "pattern": "^([0-9]{2,6}|31-33|44-45|48-49)$"}
)
Region = _annotated(str, Kind("region", parsing.region, pa.string()), {"type": "string"})
Currency = _annotated(str, Kind("currency", parsing.currency, pa.string()), {"type": "string", "pattern": "^[A-Za-z]{3}$"})


Date = _annotated(str, Kind("date", parsing.date, pa.string()), {"type": "string", "format": "date"})
Fuel = _annotated(str, Kind("fuel", parsing.fuel, pa.string()), {"type": "string"})


def kind_of(annotation: Any) -> Kind:
    """Returns the kind that one of the annotations above carries."""
    return next(mark for mark in annotation.__metadata__ if isinstance(mark, Kind))


Positive = Annotated[Number, Gt(0)]  # type: ignore[valid-type]
NotNegative = Annotated[Number, Ge(0)]  # type: ignore[valid-type]
Share = Annotated[Number, Ge(0), Le(1)]  # type: ignore[valid-type]
PositiveShare = Annotated[Number, Gt(0), Le(1)]  # type: ignore[valid-type]
Year = Annotated[Integer, Ge(1990), Le(2100)]  # type: ignore[valid-type]
Count = Annotated[Integer, Ge(1)]  # type: ignore[valid-type]


def choice(*members: str, aliases: Mapping[str, str] | None = None) -> Any:
    """Returns the annotation of an enumeration."""
    kind = Kind("choice", parsing.choice(members, aliases or {}), pa.string(), members)
    return _annotated(str, kind, {"type": "string", "enum": list(members)})


@dataclass(frozen=True, eq=False)
class Map:
    """Marks a field that holds values by key, `{"GB": 3, "US": 2}`; two keys that mean the same are added."""

    key: Kind


def map_of(key: Any, value: Any) -> Any:
    """Returns the annotation of a map from keys of one kind to numbers of another."""
    kind = kind_of(key)

    def join(given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        joined: dict[str, Any] = {}
        for name, one in given.items():
            try:
                parsed = str(kind.parse(name))
            except parsing.Wrong as wrong:
                raise PydanticCustomError(wrong.code.value, "{complaint}", {"complaint": f"has a key that {wrong.complaint}"}) from None
            joined[parsed] = _added(joined[parsed], one) if parsed in joined else one
        return joined

    return Annotated[dict[str, value], Map(kind), BeforeValidator(join)]


def _added(one: object, other: object) -> object:
    try:
        return parsing.number(one) + parsing.number(other)
    except parsing.Wrong:
        # The one that is no number is found and told by its own kind.
        return other if isinstance(one, (int, float)) else one


def required(description: str, unit: str | None = None, aliases: Sequence[str] = ()) -> Any:
    """Returns the declaration of a field that every record of its category needs."""
    return Field(description=description, json_schema_extra=_extra(unit, aliases))


def optional(description: str, unit: str | None = None, aliases: Sequence[str] = (), usd_alias: str | None = None) -> Any:
    """Returns the declaration of a field that may be missing.

    Args:
        description: what it holds.
        unit: of its values; the name of another field where that one holds the unit.
        aliases: other names that a column may have.
        usd_alias: the name of a column with the amount in US dollars; `unit` names the field of the currency.
    """
    return Field(None, description=description, json_schema_extra=_extra(unit, aliases, usd_alias))


def _extra(unit: str | None, aliases: Sequence[str] = (), usd_alias: str | None = None) -> dict[str, Any]:
    return {key: value for key, value in {"unit": unit, "aliases": list(aliases), "usd_alias": usd_alias}.items() if value}
