"""The fields of a record's model, read from its annotations: what the columnar judge and all derived schemas go by."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel

from schemas.kinds import Kind
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
        kind: how a value is read; None of a list.
        members: fields of a list's elements; none of any other field.
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

    @property
    def type(self) -> pa.DataType:
        """Returns the Arrow type of its values."""
        if self.kind is not None:
            return self.kind.type
        return pa.list_(pa.struct([pa.field(member.name, member.type) for member in self.members]))

    @property
    def range(self) -> str:
        """Returns the range in words, blank where there is none."""
        bounds = (("> ", self.greater_than), (">= ", self.at_least), ("< ", self.less_than), ("<= ", self.at_most))
        return ", ".join(f"{sign}{bound:g}" for sign, bound in bounds if bound is not None)


@cache
def fields_of(model: type[BaseModel]) -> tuple[RecordField, ...]:
    """Returns the fields of a model in the order of the specification's tables: header, its own, spend block."""
    spend = set(Spend.model_fields)
    header = set(Header.model_fields)
    names = sorted(model.model_fields, key=lambda name: 0 if name in header else 2 if name in spend else 1)
    return tuple(_field(name, model) for name in names)


def _field(name: str, model: type[BaseModel]) -> RecordField:
    info = model.model_fields[name]
    extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    marks, element = _marks([info.annotation, *info.metadata])
    bounds: dict[str, Any] = {
        "greater_than": next((mark.gt for mark in marks if isinstance(mark, Gt)), None),
        "at_least": next((mark.ge for mark in marks if isinstance(mark, Ge)), None),
        "less_than": next((mark.lt for mark in marks if isinstance(mark, Lt)), None),
        "at_most": next((mark.le for mark in marks if isinstance(mark, Le)), None),
    }
    return RecordField(
        name=name,
        description=info.description or "",
        unit=extra.get("unit"),
        required=info.is_required(),
        aliases=tuple(extra.get("aliases", ())),
        usd_alias=extra.get("usd_alias"),
        kind=next((mark for mark in marks if isinstance(mark, Kind)), None),
        members=tuple(_field(member, element) for member in element.model_fields) if element else (),
        **bounds,
    )


def _marks(annotations: list[Any]) -> tuple[list[Any], type[BaseModel] | None]:
    """Returns all marks of nested annotations, and the model of a list's elements."""
    marks: list[Any] = []
    element: type[BaseModel] | None = None
    for annotation in annotations:
        if typing.get_origin(annotation) in (typing.Union, types.UnionType, list) or hasattr(annotation, "__metadata__"):
            inner, found = _marks([*typing.get_args(annotation), *getattr(annotation, "__metadata__", ())])
            marks += inner
            element = element or found
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            element = annotation
        else:
            marks.append(annotation)
    return marks, element


def typed_batch(model: type[BaseModel], records: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Returns normalised records of one model as columns in declared order; those without any value are left out."""
    given = [field for field in fields_of(model) if any(field.name in record for record in records)]
    columns = [pa.array([record.get(field.name) for record in records], field.type) for field in given]
    return pa.RecordBatch.from_arrays(columns, names=[field.name for field in given])
