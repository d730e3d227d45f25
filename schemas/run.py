"""What a run writes beside results and dead letters: how it was read, batched and settled."""

from schemas.column import BYTES, FLOAT, INT16, INT32, INT64, TEXT, TIMESTAMP, Column

CHUNKS = (
    Column("source_id", INT32, "number of the input in `sources`", required=True),
    Column("position", INT64, "where the chunk begins: byte offset, or row", required=True),
    Column("length", INT64, "its length in the same unit", required=True),
    Column("records", INT64, "records found in it", required=True),
    Column("skipped", INT64, "rows taken out by [skip] of the mapping", required=True),
)

INPUTS = (
    Column("source_id", INT32, "number of the input in `sources`", required=True),
    Column("first_position", INT64, "position of the first record in the block", required=True),
    Column("last_position", INT64, "position of the last record in the block", required=True),
    Column("block", BYTES, "zstd of lines: position, tab, canonical JSON of the normalised record", required=True),
)

BATCH_METRICS = (
    Column("category", INT16, "category of the batch", required=True),
    Column("records_in", INT32, "records in the batch", required=True),
    Column("results", INT32, "results it gave", required=True),
    Column("dead_letters", INT32, "dead letters it gave", required=True),
    Column("kg_co2e", FLOAT, "sum of its results in kg CO2e", required=True),
    Column("seconds", FLOAT, "time the calculation took", required=True),
    Column("finished_at", TIMESTAMP, "when it was calculated", required=True),
)

DUPLICATES = (
    Column("record_id", TEXT, "id that two lines share", required=True),
    Column("category", INT16, "category of the record", required=True),
    Column("source_id", INT32, "where the repeated line stands", required=True),
    Column("source_position", INT64, "where the repeated line stands", required=True),
    Column("kept_source_id", INT32, "where the line stands that has the result", required=True),
    Column("kept_source_position", INT64, "where the line stands that has the result", required=True),
)
