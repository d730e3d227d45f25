"""scope3 schema: what goes in and what comes out, in the form that a person or a tool wants."""

import json
from collections.abc import Sequence

from pipelines.arguments import Parser
from schemas.arrow import TABLES, table_schema
from schemas.bigquery import bigquery_fields
from schemas.faults import UsageFault
from schemas.records import RECORDS
from schemas.records.derived import arrow_schema, csv_header, json_schema
from schemas.sql import postgres_ddl

_FORMATS = ("json", "csv", "arrow", "postgres", "bigquery", "flex_template")


def run(arguments: Sequence[str]) -> int:
    """Prints a schema.

    Raises:
        UsageFault: a table that does not have the format.
    """
    parser = Parser(prog="scope3 schema", description="Shows what a record of a category looks like, or a table of the store.")
    parser.add_argument("--category", type=int, choices=list(RECORDS), help="records of this category (default: 1)")
    parser.add_argument("--table", choices=list(TABLES), help="a table of the store, instead of a record")
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        default="json",
        help="csv gives an empty file to fill in; flex_template the parameters of Dataflow's template, and neither record nor table (default: json)",
    )
    options = parser.parse_strictly(arguments)
    if options.format == "flex_template":
        if options.table or options.category:
            raise UsageFault("--format=flex_template shows the options of scope3 run; leave --table and --category out")
        # Imported here: Beam takes seconds.
        from pipelines.flex_template import metadata

        print(metadata())
    elif options.table is None:
        print(_record(options.category or 1, options.format))
    else:
        print(_table(options.table, options.format))
    return 0


def _record(category: int, form: str) -> str:
    if form == "json":
        return json.dumps(json_schema(category), indent=2)
    if form == "csv":
        return csv_header(category)
    if form == "arrow":
        return str(arrow_schema(category))
    raise UsageFault(f"records are stored in no table, so they have no format {form}; give --table, or --format=json, csv or arrow")


def _table(table: str, form: str) -> str:
    if form == "arrow":
        return str(table_schema(table))
    if form == "postgres":
        return postgres_ddl(table)
    if form == "bigquery":
        return json.dumps(bigquery_fields(table), indent=2)
    if form == "csv":
        return ",".join(table_schema(table).names)
    columns = {column.name: {"description": column.description, "type": str(column.type)} for column in TABLES[table]}
    return json.dumps(columns, indent=2)
