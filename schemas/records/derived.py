"""What follows from the declaration of a record: JSON Schema, Arrow schema, an empty CSV, tables for people."""

from typing import Any

import pyarrow as pa

from schemas.records import RECORDS
from schemas.records.fields import RecordField, fields_of


def json_schema(category: int) -> dict[str, Any]:
    """Returns the JSON Schema of a record."""
    return RECORDS[category].model_json_schema()


def arrow_schema(category: int) -> pa.Schema:
    """Returns the Arrow schema of a normalised record."""
    return pa.schema([pa.field(field.name, field.type, nullable=not field.required) for field in fields_of(RECORDS[category])])


def csv_header(category: int) -> str:
    """Returns the header line of a CSV file for the category."""
    return ",".join(field.name for field in fields_of(RECORDS[category]))


def markdown_table(category: int) -> str:
    """Returns the fields as a table for the README."""
    lines = ["| Field | Type | Unit | Required | Range | What it holds |", "| --- | --- | --- | --- | --- | --- |"]
    for field in fields_of(RECORDS[category]):
        required = "yes" if field.required else ""
        unit = f"`{field.unit}`" if field.unit and field.unit in RECORDS[category].model_fields else field.unit or ""
        lines.append(f"| `{field.name}` | {_type(field)} | {unit} | {required} | {field.range} | {field.description} |")
    return "\n".join(lines)


def _type(field: RecordField) -> str:
    if field.kind is None:
        return "list"
    return ", ".join(field.kind.choices) or field.kind.name
