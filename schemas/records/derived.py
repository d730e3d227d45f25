"""What follows from the declaration of a record: JSON Schema, Arrow schema, an empty CSV, tables for people."""

from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from schemas.records import RECORDS
from schemas.records.energy import Energy
from schemas.records.fields import RecordField, fields_of
from schemas.records.header import Header
from schemas.records.spend import Spend

# What records of several categories have alike.
BLOCKS: tuple[type[BaseModel], ...] = (Header, Spend, Energy)


def json_schema(category: int) -> dict[str, Any]:
    """Returns the JSON Schema of a record."""
    return RECORDS[category].model_json_schema()


def arrow_schema(category: int) -> pa.Schema:
    """Returns the Arrow schema of a normalised record."""
    return pa.schema([pa.field(field.name, field.type, nullable=not field.required) for field in fields_of(RECORDS[category])])


def csv_header(category: int) -> str:
    """Returns the header line of a CSV file for the category."""
    return ",".join(field.name for field in fields_of(RECORDS[category]))


def markdown_table(model: type[BaseModel]) -> str:
    """Returns fields as a table for the README: those of a block, or those of a record beside its header and blocks."""
    shared = {name for block in BLOCKS if block is not model and issubclass(model, block) for name in block.model_fields}
    lines = ["| Field | Type | Unit | Required | Range | What it holds |", "| --- | --- | --- | --- | --- | --- |"]
    for field in fields_of(model):
        if field.name in shared and field == _declared(field.name, model):
            continue
        required = "yes" if field.required else ""
        unit = f"`{field.unit}`" if field.unit and field.unit in model.model_fields else field.unit or ""
        also = f" (also {', '.join(f'`{alias}`' for alias in field.aliases)})" if field.aliases else ""
        lines.append(f"| `{field.name}`{also} | {_type(field)} | {unit} | {required} | {field.range} | {field.description} |")
    return "\n".join(lines)


def _declared(name: str, model: type[BaseModel]) -> RecordField | None:
    """Returns a field as the block declares it that a record has it from."""
    return next((field for block in BLOCKS if issubclass(model, block) for field in fields_of(block) if field.name == name), None)


def _type(field: RecordField) -> str:
    if field.is_map:
        return f"map {_type(field.members[0])} to {_type(field.members[1])}"
    if field.kind is None:
        return "list"
    return ", ".join(field.kind.choices) or field.kind.name
