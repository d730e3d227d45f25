"""Begins a run in BigQuery, and takes the place of a former one. See launches.decide."""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from google.api_core import exceptions

from schemas.catalogue import SOURCES
from schemas.column import schema_of
from transforms.sinks import launches
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_lease import Lease
from transforms.sinks.bigquery_registry import find, find_launch
from transforms.sinks.bigquery_shard import Shard
from transforms.sinks.bigquery_tables import Names, drop_run_tables, make_run_tables
from transforms.sinks.contract import Run, State
from transforms.sinks.launches import Launch
from transforms.sinks.noted import Noted

_POLL_SECONDS = 0.2

# A former run of the name shows dead letters at most: one that was published is never replaced.
# Whoever was kept from it for minutes comes too late, and changes nothing: the name is another launch's by then.
_REGISTER = """
BEGIN TRANSACTION;
DELETE FROM {runs} WHERE run_id = @run_id AND launch = @former AND state NOT IN ('published', 'superseded');
IF NOT EXISTS (SELECT 1 FROM {runs} WHERE run_id = @run_id) THEN
DELETE FROM {sources} WHERE run_id = @run_id;
DELETE FROM {dead_letters} WHERE run_id = @run_id;
INSERT INTO {runs} (run_id, inventory, launch, state, fingerprint, config, config_sha256, factors_sha256, engine_version,
    max_dead_letter_share, keep_runs, created_at, repeats_removed)
VALUES (@run_id, @inventory, @launch, 'running', PARSE_JSON(@fingerprint, wide_number_mode => 'round'),
    PARSE_JSON(@config, wide_number_mode => 'round'), @config_sha256, @factors_sha256, @engine_version,
    @max_dead_letter_share, CAST(@keep_runs AS INT64), CURRENT_TIMESTAMP(), 0);
END IF;
COMMIT TRANSACTION;"""


def prepare(jobs: Jobs, names: Names, run: Run, hold: Callable[[], None]) -> bool:
    """Registers a run and makes its tables. See contract.Store.prepare.

    Args:
        hold: to be called when the lease is ours; it is renewed from then on.
    """
    lease = Lease(jobs, names, run.key)
    deadline = time.monotonic() + launches.FADE_SECONDS
    while True:
        found, seen = find(jobs, names, run.run_id), lease.look()
        is_alive = not lease.is_ours(seen) and lease.is_alive(seen)
        # A third launch may have taken the lease and not registered the run yet.
        by_third = is_alive and not (found is not None and lease.is_of(seen, found.launch))
        step = launches.decide(found, run, is_alive and not by_third)
        if step in (Launch.WRITE, Launch.ANSWER):
            lease.take(seen)
            hold()
            if step is Launch.WRITE:
                _load_sources(jobs, names.of(run.launch), run)
            return step is Launch.WRITE
        if step is Launch.BEGIN and not by_third and lease.take(seen):
            hold()
            return _register(jobs, names, run, found)
        if time.monotonic() > deadline and seen is not None:
            raise launches.goes_on(run.run_id, found.created_at if found is not None and found.goes_on else seen.created)
        time.sleep(_POLL_SECONDS)


def _register(jobs: Jobs, names: Names, run: Run, former: Noted | None) -> bool:
    """Takes the name, unless another launch did while this one was kept from it and its lease ran out."""
    own = names.of(run.launch)
    make_run_tables(jobs, own)
    values = {
        "run_id": run.run_id,
        "inventory": run.inventory,
        "launch": run.launch,
        "former": former.launch if former is not None else None,
        "fingerprint": json.dumps(dict(run.fingerprint)),
        "config": json.dumps(dict(run.config)),
        "config_sha256": run.config_sha256,
        "factors_sha256": run.factors_sha256,
        "engine_version": run.engine_version,
        "max_dead_letter_share": float(run.max_dead_letter_share),
        "keep_runs": run.keep_runs,
    }
    jobs.once(own.job("begin"), own.sql(_REGISTER), values)
    # Done once for this launch, and by another attempt of it perhaps, which may have come to its end since.
    if find_launch(jobs, names, run.key).state != State.RUNNING:
        return False
    if former is not None:
        drop_run_tables(jobs, names.of(former.launch), "writing", "sealed")
    _load_sources(jobs, own, run)
    return True


def _load_sources(jobs: Jobs, own: Names, run: Run) -> None:
    # By a load: the names of a hundred thousand files are more than a statement may hold.
    if not run.sources:
        return
    schema = schema_of(SOURCES)
    columns = [pa.array([getattr(source, field.name) for source in run.sources], field.type) for field in schema]
    with tempfile.TemporaryDirectory(prefix="scope3-") as folder:
        shard = Shard(Path(folder), "sources", schema)
        shard.add([pa.RecordBatch.from_arrays(columns, schema=schema)])
        shard.close()
        try:
            jobs.load(own.job("sources"), shard.path, own.writing("sources"), SOURCES, shard.rows)
        except exceptions.NotFound:
            # Gone with the launch, if another has replaced it.
            find_launch(jobs, own, run.key)
            raise
