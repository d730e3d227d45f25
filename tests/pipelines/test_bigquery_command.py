"""The commands on a store in BigQuery, by a user who has nothing but the README."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from schemas.result import RESULT
from tests.pipelines.command import scope3
from tests.records import make_record
from tests.sinks.reader import read
from transforms.sinks.bigquery_jobs import Jobs
from transforms.sinks.bigquery_target import BigQueryTarget

_PROJECT = Path(__file__).parents[2]
_FILES = 1_000


@pytest.fixture
def target(bigquery_emulator) -> BigQueryTarget:
    return BigQueryTarget("acme-data", "emissions", api_endpoint=bigquery_emulator.address)


def _commands() -> list[list[str]]:
    """Returns the arguments of the commands that the README shows for BigQuery."""
    readme = (_PROJECT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"\n## Into BigQuery\n(.*?)\n## ", readme, re.DOTALL)[1]
    return [shlex.split(line.removeprefix("    scope3 ")) for line in block.splitlines() if line.startswith("    scope3 ")]


def test_the_commands_of_the_readme_work_and_a_thousand_files_are_a_few_loads(target, tmp_path):
    (tmp_path / "data").mkdir()
    for place in range(_FILES):
        # Two are refused.
        record = make_record(record_id=f"R-{place}", quantity=float(place) if place > 1 else -1.0)
        (tmp_path / "data" / f"{place:04}.jsonl").write_text(json.dumps(record) + "\n")
    printed = []
    for arguments in _commands():
        at_emulator = [word.replace("bigquery://acme-data/emissions", target.url) for word in arguments]
        done = scope3(*at_emulator, cwd=tmp_path, timeout=600)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        printed.append(done.stdout)
    first, second, listed, published = printed
    assert f"records read           {_FILES:,}" in first and "results                  998" in first
    assert "acme-2026-first" in listed and "superseded" in listed
    assert published == "acme-2026-first is published.\n"
    assert read(target, "SELECT DISTINCT run_id FROM {current_results}") == [("acme-2026-first",)]
    assert read(target, "SELECT code, count(*) FROM {dead_letters} WHERE run_id = 'acme-2026-first' GROUP BY code") != []
    jobs = Jobs(target)
    loads = [job for job in jobs.ask(lambda client: list(client.list_jobs())) if job.job_type == "load"]
    jobs.close()
    by_table = [job.destination.table_id for job in loads]
    assert max(map(by_table.count, by_table)) <= 4
    line = re.search(r"^  (\S+ -c .*)$", second, re.MULTILINE)[1]
    looked = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "998" in looked.stdout, looked.stderr


def test_results_are_those_of_postgresql_to_the_last_bit(target, store, tmp_path):
    examples = [str(path) for path in sorted((_PROJECT / "examples").glob("*.jsonl"))]
    arguments = ["run", "--quiet", "--input", *examples, "--factors", str(_PROJECT / "examples/own_factors.csv"), "default"]
    for options in ((f"--output={target.url}", "--inventory=same"), (*store.options, "--inventory=same")):
        done = scope3(*arguments, *options, cwd=tmp_path, timeout=600)
        assert done.returncode == 0, done.stderr
    columns = ", ".join(column.name for column in RESULT)
    query = f"SELECT {columns} FROM {{}} WHERE inventory = 'same' ORDER BY record_id"
    expected = store.rows(query.format("current_results"))
    found = read(target, query.format("{current_results}"))
    assert len(expected) > 20
    for row, twin in zip(expected, found, strict=True):
        # An absent list is empty in BigQuery.
        assert tuple([] if value is None and other == [] else value for value, other in zip(row, twin, strict=True)) == twin
