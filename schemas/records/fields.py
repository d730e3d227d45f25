"""The fields of a record's model, read from its annotations: what the columnar judge and all derived schemas go by."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pyarrow as pa
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from schemas.kinds import Kind, Map
from schemas.records.energy import Energy
from schemas.records.header import Header
from schemas.records.spend import Spend


@dataclass(frozen=True)
class RecordField:
    """One field of a record, or one member of the elements of a list.

    Attributes:
        name: as columns carry it.
        description, unit: for people; the unit of an amount may be the name of the field that holds it.
        required: whether every record needs it.
        aliases: other names of the column.
        usd_alias: name of a column with the amount in US dollars.
        kind: how a value is read; None of a list or map.
        members: fields of a list's elements; `key` and `value` of a map; none of any other field.
        element: of a list of plain values, what one is; None of any other field.
        is_map: whether it holds values by key; in Arrow a list of its entries, sorted by key.
        greater_than, at_least, less_than, at_most: the range, None where it is open.
    """

    name: str
    description: str
    unit: str | None
    required: bool
    aliases: tuple[str, ...]
    usd_alias: str | None
    kind: Kind | None
    members: tuple["RecordField", ...]
    greater_than: float | None = None
    at_least: float | None = None
    less_than: float | None = None
    at_most: float | None = None
    element: "RecordField | None" = None
    is_map: bool = False

    @property
    def type(self) -> pa.DataType:
        """Returns the Arrow type of its values."""
        if self.kind is not None:
            return self.kind.type
        if self.element is not None:
            return pa.list_(self.element.type)
        return pa.list_(pa.struct([pa.field(member.name, member.type) for member in self.members]))

    @property
    def range(self) -> str:
        """Returns the range in words, blank where there is none."""
        bounds = (("> ", self.greater_than), (">= ", self.at_least), ("< ", self.less_than), ("<= ", self.at_most))
        return ", ".join(f"{sign}{bound:g}" for sign, bound in bounds if bound is not None)


@cache
def fields_of(model: type[BaseModel]) -> tuple[RecordField, ...]:
    """Returns the fields of a model in the order of the specification's tables: header, its own, spend block.

    The energy block stands among its own, after the field that the model names, and the spend block before the one that it names.
    """
    if not issubclass(model, Header):
        return tuple(_field(name, model) for name in model.model_fields)
    blocks = (*Header.model_fields, *Spend.model_fields, *Energy.model_fields)
    own = [name for name in model.model_fields if name not in blocks]
    if issubclass(model, Energy) and model.energy_block_after is not None:
        place = own.index(model.energy_block_after) + 1
        own[place:place] = Energy.model_fields
    place = len(own) if model.spend_block_before is None else own.index(model.spend_block_before)
    own[place:place] = Spend.model_fields
    names = [*Header.model_fields, *own]
    return tuple(_field(name, model) for name in names if name in model.model_fields)


def _field(name: str, model: type[BaseModel]) -> RecordField:
    info = model.model_fields[name]
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    field = _shape(name, [info.annotation, *info.metadata])
    return replace(
        field,
        description=info.description or "",
        unit=extra.get("unit"),
        required=info.is_required(),
        aliases=tuple(extra.get("aliases", ())),
        usd_alias=extra.get("usd_alias"),
    )


def _shape(name: str, annotations: Sequence[Any]) -> RecordField:
    """Returns what annotations say of a field: its kind and range, or its elements."""
    marks, element = _marks(annotations)
    bounds: dict[str, Any] = {
        "greater_than": next((mark.gt for mark in marks if isinstance(mark, Gt)), None),
        "at_least": next((mark.ge for mark in marks if isinstance(mark, Ge)), None),
        "less_than": next((mark.lt for mark in marks if isinstance(mark, Lt)), None),
        "at_most": next((mark.le for mark in marks if isinstance(mark, Le)), None),
    }
    plain = RecordField(name, "", None, False, (), None, next((mark for mark in marks if isinstance(mark, Kind)), None), (), **bounds)
    if isinstance(element, type) and issubclass(element, BaseModel):
        return replace(plain, members=tuple(_field(member, element) for member in element.model_fields))
    keys = next((mark.key for mark in marks if isinstance(mark, Map)), None)
    if element is None:
        return plain
    if keys is None:
        return replace(plain, element=_shape("element", [element]))
    key = RecordField("key", "", None, True, (), None, keys, ())
    return replace(plain, members=(key, replace(_shape("value", [element]), required=True)), is_map=True)


def _marks(annotations: Sequence[Any]) -> tuple[list[Any], Any]:
    """Returns the marks of nested annotations, and the annotation of the elements of a list or the values of a map."""
    marks: list[Any] = []
    element: Any = None
    for annotation in annotations:
        origin = typing.get_origin(annotation)
        if origin in (list, dict):
            element = typing.get_args(annotation)[-1]
        elif origin in (typing.Union, types.UnionType) or hasattr(annotation, "__metadata__"):
            inner, found = _marks([*typing.get_args(annotation), *getattr(annotation, "__metadata__", ())])
            marks += inner
            element = element or found
        else:
            marks.append(annotation)
    return marks, element


def arrow_value(field: RecordField, value: Any) -> Any:
    """Returns a normalised value as Arrow holds it: a map is the list of its entries."""
    if field.is_map and value is not None:
        return [{"key": key, "value": value[key]} for key in sorted(value)]
    return value


def typed_batch(model: type[BaseModel], records: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Returns normalised records of one model as columns in declared order; those without any value are left out."""
    given = [field for field in fields_of(model) if any(field.name in record for record in records)]
    columns = [pa.array([arrow_value(field, record.get(field.name)) for record in records], field.type) for field in given]
    return pa.RecordBatch.from_arrays(columns, names=[field.name for field in given])
