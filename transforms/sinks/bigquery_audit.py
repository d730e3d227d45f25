"""Proves by counting what BigQuery holds that every record that was read has one end.

    read = results + dead letters + duplicates

Each step is a job that is done once, under a name made of the launch; an audit that was cut off is begun again and
goes on from there, and of two that run at once each finds the other's jobs. Rows stay in BigQuery (but for those of
bigquery_raw.py).
"""

import json
from dataclasses import dataclass

from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_raw import records_of
from transforms.sinks.bigquery_registry import REPEATABLE, SELECT_RUNS, SHOWN_AT_END, find_launch, noted, show
from transforms.sinks.bigquery_summary import totals_of
from transforms.sinks.bigquery_tables import Names, drop_run_tables, seal_run_tables
from transforms.sinks.contract import AuditReport, RunKey, State
from transforms.sinks.noted import Noted
from transforms.sinks.verdict import DUPLICATE_MESSAGE, verdict

_SEAL = f"""
UPDATE {{runs}} SET state = 'auditing' WHERE run_id = @run_id AND launch = @launch AND state = 'running';
{SELECT_RUNS} WHERE run_id = @run_id"""

# Rows, and different ones among them, of a table.
_OF_TABLE = """(SELECT COUNT(*) FROM {{sealed_{table}}}) AS found_{table},
    (SELECT COUNT(*) FROM (SELECT 1 FROM {{sealed_{table}}} GROUP BY {identity})) AS different_{table}"""
# These, then records and skipped rows of the chunks, each chunk once.
_CENSUS = """
SELECT {counts}, chunks.*
FROM (SELECT COALESCE(SUM(records), 0) AS records, COALESCE(SUM(skipped), 0) AS skipped
    FROM (SELECT ANY_VALUE(records) AS records, ANY_VALUE(skipped) AS skipped FROM {{sealed_chunks}} GROUP BY source_id, position)) chunks"""

_UNIQUE = """
CREATE OR REPLACE TABLE {{sealed_{table}}} {{own}} AS SELECT * FROM {{sealed_{table}}}
WHERE true QUALIFY ROW_NUMBER() OVER (PARTITION BY {identity}) = 1"""

# Of the rows of one record_id the first stays, by source_uri and source_position. What the others are is told by the
# content: the same is a line that came twice, another is a second record under the same name.
_LATER = """
CREATE OR REPLACE TABLE {sealed_later} {own} AS
WITH shared AS (SELECT record_id FROM {sealed_results} GROUP BY record_id HAVING COUNT(*) > 1)
SELECT * FROM (
    SELECT r.record_id, r.category, r.source_id, r.source_position, r.input_sha256, ROW_NUMBER() OVER w AS place,
        FIRST_VALUE(r.source_id) OVER w AS kept_source_id, FIRST_VALUE(s.source_uri) OVER w AS kept_uri,
        FIRST_VALUE(r.source_position) OVER w AS kept_position, FIRST_VALUE(r.input_sha256) OVER w AS kept_sha256
    FROM {sealed_results} r JOIN shared USING (record_id)
    LEFT JOIN {sealed_sources} s ON s.source_id = r.source_id
    WINDOW w AS (PARTITION BY r.record_id ORDER BY s.source_uri, r.source_id, r.source_position)
) WHERE place > 1;
CREATE OR REPLACE TABLE {sealed_duplicates} {own} AS
SELECT record_id, category, source_id, source_position, kept_source_id, kept_position AS kept_source_position
FROM {sealed_later} WHERE input_sha256 = kept_sha256;
SELECT (SELECT COUNT(*) FROM {sealed_results}), (SELECT COUNT(*) FROM {sealed_duplicates})"""

_SETTLE = """
BEGIN TRANSACTION;
INSERT INTO {sealed_dead_letters} (stage, record_id, category, code, field, value, message, source_id, source_position, raw)
SELECT 'audit', l.record_id, l.category, 'E_DUPLICATE', 'record_id', l.record_id,
    CONCAT(@message_0, l.record_id, @message_1, CAST(l.kept_position AS STRING), @message_2,
        COALESCE(l.kept_uri, CONCAT('source ', CAST(l.kept_source_id AS STRING))), @message_3),
    l.source_id, l.source_position, raws.raw
FROM {sealed_later} l LEFT JOIN ({raws}) raws ON raws.source_id = l.source_id AND raws.source_position = l.source_position
WHERE l.input_sha256 <> l.kept_sha256;
DELETE FROM {sealed_results} r WHERE EXISTS (
    SELECT 1 FROM {sealed_later} l WHERE l.source_id = r.source_id AND l.source_position = r.source_position);
COMMIT TRANSACTION;"""
_NO_RAWS = "SELECT CAST(NULL AS INT64) AS source_id, CAST(NULL AS INT64) AS source_position, CAST(NULL AS STRING) AS raw"
_RAWS = "SELECT source_id, source_position, raw FROM UNNEST(@raws)"

_FINISH = """
BEGIN TRANSACTION;
UPDATE {runs} SET state = @state, reason = @reason, totals = PARSE_JSON(@totals, wide_number_mode => 'round'),
    audited_at = CURRENT_TIMESTAMP(), `read` = @read, skipped = @skipped, results = @results, dead_letters = @dead_letters,
    duplicates = @duplicates, repeats_removed = @repeats
WHERE run_id = @run_id AND launch = @launch AND state = 'auditing' AND audited_at IS NULL;
IF @@row_count = 1 AND @state <> 'auditing' THEN {show} END IF;
COMMIT TRANSACTION;
{select} WHERE run_id = @run_id"""


@dataclass(frozen=True)
class _Census:
    """What is in the sealed tables.

    Attributes:
        read, skipped: of the chunks, each once.
        rows: by table.
        repeats: rows that are there once more than they should be, by table.
    """

    read: int
    skipped: int
    rows: dict[str, int]
    repeats: dict[str, int]


def audit(jobs: Jobs, names: Names, key: RunKey) -> AuditReport:
    """Seals a run, removes repeats, settles ids and counts. See contract.Store.audit.

    Raises:
        UserFault: there is no such run, or another launch has replaced it.
    """
    own = names.of(key.launch)
    found = _seal(jobs, own, key)
    if not found.is_open:
        return found.report()
    seal_run_tables(jobs, own)
    census = _take_census(jobs, own, "census")
    removed = duplicates = 0
    if any(census.repeats.values()):
        removed, duplicates = _settle(jobs, own, key, census)
        census = _take_census(jobs, own, "census_again")
    found = _finish(jobs, own, found, census, removed, duplicates)
    if not found.goes_on:
        drop_run_tables(jobs, own, "sealed")
    return found.report()


def _seal(jobs: Jobs, own: Names, key: RunKey) -> Noted:
    """Lets no more rows be counted, unless the run is farther already."""
    found = find_launch(jobs, own, key)
    if found.state == State.RUNNING:
        [row] = jobs.rows(own.sql(_SEAL), {"run_id": key.run_id, "launch": key.launch})
        found = noted(row)
    return found


def _take_census(jobs: Jobs, own: Names, name: str) -> _Census:
    identities = {**REPEATABLE, "results": "record_id"}
    counts = ", ".join(_OF_TABLE.format(table=table, identity=identity) for table, identity in identities.items())
    [(*numbers, read, skipped)] = jobs.once(own.job(name), own.sql(_CENSUS.format(counts=counts)))
    found, different = numbers[0::2], numbers[1::2]
    repeats = {table: more - less for table, more, less in zip(identities, found, different, strict=True)}
    return _Census(read, skipped, dict(zip(identities, found, strict=True)), repeats)


def _settle(jobs: Jobs, own: Names, key: RunKey, census: _Census) -> tuple[int, int]:
    """Makes every row and every record_id unique; returns how many records had been delivered again, and the duplicates."""
    unique = [own.sql(_UNIQUE.format(table=table, identity=REPEATABLE[table])) for table in REPEATABLE if census.repeats[table]]
    if unique:
        jobs.once(own.job("unique"), ";\n".join(unique))
    removed = census.repeats["dead_letters"]
    if not census.repeats["results"]:
        return removed, 0
    jobs.once(own.job("unique_results"), own.sql(_UNIQUE.format(table="results", identity="source_id, source_position")))
    [(rows, duplicates)] = jobs.once(own.job("later"), own.sql(_LATER))
    raws = records_of(jobs, own)
    values: dict = {f"message_{place}": text for place, text in enumerate(DUPLICATE_MESSAGE.split("{}"))}
    if raws:
        values["raws"] = raws
    jobs.once(own.job("settle"), own.sql(_SETTLE, raws=_RAWS if raws else _NO_RAWS), values)
    return removed + census.rows["results"] - rows, duplicates


def _finish(jobs: Jobs, own: Names, found: Noted, census: _Census, removed: int, duplicates: int) -> Noted:
    """Judges and notes the outcome."""
    totals = totals_of(jobs, own)
    results, dead_letters = census.rows["results"], census.rows["dead_letters"]
    state, reason = verdict(census.read, results, dead_letters, duplicates, totals, found.max_dead_letter_share)
    values = {
        "run_id": found.run_id,
        "launch": found.launch,
        "state": state.value,
        "reason": reason,
        "totals": json.dumps(totals.to_json()) if totals is not None and state == State.AUDITING else None,
        "read": census.read,
        "skipped": census.skipped,
        "results": results,
        "dead_letters": dead_letters,
        "duplicates": duplicates,
        "repeats": removed,
    }
    shown = " ".join(show(table, "sealed") for table in SHOWN_AT_END)
    statement = _FINISH.replace("{show}", shown).replace("{select}", SELECT_RUNS)
    [row] = jobs.once(own.job("finish"), own.sql(statement), values)
    return noted(row)
