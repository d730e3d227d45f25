"""A dead letter: a record that was refused, with the reason and what would mend it."""

from schemas.column import INT16, INT32, INT64, TEXT, TEXTS, Column

DEAD_LETTER = (
    Column("stage", TEXT, "step that refused it: parse, validate, factor, calculate or audit", required=True),
    Column("record_id", TEXT, "id of the record, where it could be read"),
    Column("category", INT16, "category of the record, where it could be read"),
    Column("code", TEXT, "reason, from the closed list of codes", required=True),
    Column("field", TEXT, "field at fault"),
    Column("value", TEXT, "its value as it came"),
    Column("message", TEXT, "sentence for the supplier: what is wrong and what would be right", required=True),
    Column("detail", TEXT, "everything else that is wrong with the record"),
    Column("attempted_methods", TEXTS, "methods that had complete data and could not be used"),
    Column("source_id", INT32, "number of the input in `sources`", required=True),
    Column(
        "source_position",
        INT64,
        "byte offset of the record's line, or its row in a Parquet file (0 first) or sheet (as shown)",
        required=True,
    ),
    Column("raw", TEXT, "the record as it came"),
)
