"""What a writer makes of many rows, what an audit fetches of them, and how former runs go: in the emulator, a few jobs each."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.sinks.reader import read
from tests.sinks.rows import make_run, result, rows
from transforms.sinks import bigquery_publish, bigquery_write
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_raw import as_many_as_fit
from transforms.sinks.bigquery_tables import RUN_TABLES, Names, make_schema, seal_run_tables
from transforms.sinks.bigquery_target import BigQueryTarget

KINDS = ("bigquery",)
_KMS_KEY = "projects/acme/locations/us/keyRings/ring/cryptoKeys/key"


@pytest.fixture
def target(new_target, service) -> BigQueryTarget:
    return replace(new_target(), api_endpoint=service.address, kms_key_name=_KMS_KEY)


@pytest.fixture
def jobs(target) -> Iterator[Jobs]:
    made = Jobs(target)
    yield made
    made.close()


def test_files_grow_are_loaded_while_rows_come_and_lose_none(store, jobs, service, monkeypatch):
    monkeypatch.setattr(bigquery_write, "_BUFFER_ROWS", 2)
    monkeypatch.setattr(bigquery_write, "FIRST_SHARD_ROWS", 2)
    monkeypatch.setattr(bigquery_write, "LARGEST_SHARD_ROWS", 8)
    run = make_run()
    store.prepare(run)
    writer = store.writer(run.key)
    for place in range(40):
        writer.write("results", rows("results", result(f"R-{place}", place)))
    assert writer.flush() == 40
    # A writer is flushed at the end of each bundle, and goes on.
    writer.write("results", rows("results", result("R-40", 40)))
    assert writer.flush() == 1
    writer.close()
    own = Names(jobs.target).of(run.launch)
    found = jobs.rows(own.sql("SELECT record_id FROM {writing_results}"))
    assert sorted(found) == sorted((f"R-{place}",) for place in range(41))
    loads = jobs.ask(lambda client: [job.output_rows for job in client.list_jobs() if job.job_type == "load" and "_results_" in job.job_id])
    # 2 + 4 + 8 + 8 + 8 + 8, the 2 that were left, and the last.
    assert sorted(loads) == [1, 2, 2, 4, 8, 8, 8, 8]
    # Each table that is made, the lease too, is encrypted with the user's key, and a clone expires from its first moment.
    made = [body for method, path, body in service.requests if method == "POST" and re.search(r"/tables(\?|$)", path)]
    assert len(made) > 15 and all(_KMS_KEY.encode() in body for body in made)
    seal_run_tables(jobs, own)
    [sealing] = [body for _, _, body in service.requests if b" CLONE " in body]
    assert sealing.count(_KMS_KEY.encode()) == sealing.count(b" CLONE ") == len(RUN_TABLES)
    assert jobs.ask(lambda client: client.get_table(own.sealed("results"))).expires is not None


def test_former_runs_are_removed_but_for_the_newest(jobs, target):
    names = Names(target)
    make_schema(jobs, names)
    columns = (
        "(run_id, inventory, launch, state, fingerprint, config, config_sha256, factors_sha256, engine_version, created_at, "
        "repeats_removed, max_dead_letter_share)"
    )
    noted = ", ".join(
        f"('{run}', 'acme', '{run}', '{state}', PARSE_JSON('null'), PARSE_JSON('null'), '', '', '', TIMESTAMP '2026-01-0{day} 00:00:00+00', 0, 0.5)"
        for day, (run, state) in enumerate([("a", "superseded"), ("b", "superseded"), ("c", "superseded"), ("d", "published")], 1)
    )
    jobs.rows(names.sql(f"INSERT INTO {{runs}} {columns} VALUES {noted}"))
    jobs.rows(names.sql("INSERT INTO {sources} (run_id, source_id, source_uri, size_bytes) SELECT run_id, 0, 'file:///a', 1 FROM {runs}"))
    bigquery_publish._drop_former(jobs, names, "acme", 1)
    assert read(target, "SELECT run_id FROM {runs} ORDER BY 1") == [("c",), ("d",)]
    assert read(target, "SELECT run_id FROM {sources} ORDER BY 1") == [("c",), ("d",)]
    # Nobody removes what was published again meanwhile.
    statement = bigquery_publish._FORGET.replace("{deletes}", "DELETE FROM {sources} WHERE run_id IN UNNEST(@former);")
    jobs.rows(names.sql(statement), {"former": ["c", "d"]})
    assert read(target, "SELECT run_id FROM {runs} ORDER BY 1") == [("c",), ("d",)]
    assert read(target, "SELECT run_id FROM {sources} ORDER BY 1") == [("c",), ("d",)]


@pytest.mark.parametrize("letter", ["a", "ä", "漢", "\U0001f600"])
def test_no_more_records_are_fetched_than_a_statement_holds_whatever_their_script(letter):
    found = [{"source_id": 0, "source_position": place, "raw": letter * 100_000} for place in range(100)]
    fit = as_many_as_fit(found)
    # As the client sends them: \\uXXXX for a letter that is not ASCII, twice that for one beyond 16 bits.
    size = {1: 1, 2: 6, 3: 6, 4: 12}[len(letter.encode())] * 100_000
    assert len(fit) == (4 << 20) // (size + 100)
    assert all(one["source_position"] < other["source_position"] for one, other in pairwise(fit))
