"""The tables of a store that stand beside those of runs: which runs there are, what they read, which are shown."""

from schemas.column import FLOAT, INT32, INT64, TEXT, TIMESTAMP, Column

RUNS = (
    Column("run_id", TEXT, "name of the run", required=True),
    Column("inventory", TEXT, "what the run is a version of", required=True),
    Column("launch", TEXT, "command that started the run", required=True),
    Column("state", TEXT, "running, auditing, published, superseded, failed or empty", required=True),
    Column("reason", TEXT, "why the run failed"),
    Column("fingerprint", TEXT, "what the results follow from", required=True),
    Column("config", TEXT, "options of the calculation", required=True),
    Column("config_sha256", TEXT, "SHA-256 of the options", required=True),
    Column("factors_sha256", TEXT, "SHA-256 of the factors", required=True),
    Column("engine_version", TEXT, "version of the program", required=True),
    Column("max_dead_letter_share", FLOAT, "the run fails if a larger share of what was read is refused", required=True),
    Column("keep_runs", INT32, "former runs of the inventory that stay; null keeps all"),
    Column("created_at", TIMESTAMP, "when the run began", required=True),
    Column("audited_at", TIMESTAMP, "when its audit ended"),
    Column("published_at", TIMESTAMP, "when it was published last"),
    Column("read", INT64, "records that the reader found; null before the audit"),
    Column("skipped", INT64, "rows taken out by [skip] of the mapping"),
    Column("results", INT64, "results"),
    Column("dead_letters", INT64, "records that were refused"),
    Column("duplicates", INT64, "lines that came twice"),
    Column("repeats_removed", INT64, "rows that a batch, delivered again, had written a second time", required=True),
    Column("totals", TEXT, "amounts in kg CO2e with their 90 % interval"),
)

# Columns of RUNS whose text is JSON.
JSON_COLUMNS = ("fingerprint", "config", "totals")

INVENTORIES = (
    Column("inventory", TEXT, "name of the inventory", required=True),
    Column("run_id", TEXT, "run that readers see", required=True),
    Column("published_at", TIMESTAMP, "when it was pointed at the run", required=True),
)

SOURCES = (
    Column("source_id", INT32, "number that rows of the run refer to", required=True),
    Column("source_uri", TEXT, "name of the input", required=True),
    Column("size_bytes", INT64, "its size as stored", required=True),
)

RUN_ID = RUNS[0]
