"""scope3 run into a folder of Parquet files, and the commands that look at it."""

import ast
import math
import re
import shlex
import subprocess
from pathlib import Path

import duckdb
import polars
import pytest

from pipelines.endpoints import parse_output
from pipelines.looking import look_lines
from schemas.result import RESULT
from tests.pipelines.command import scope3
from transforms.sinks.parquet_target import ParquetTarget
from transforms.sinks.parquet_views import connect_views

EXAMPLES = Path(__file__).parents[2] / "examples"

_COLUMNS = ", ".join([*(column.name for column in RESULT), "source_uri"])
_LETTERS = "stage, record_id, category, code, field, value, message, detail, attempted_methods, source_position, raw"


def _run(tmp_path, output, *arguments):
    inputs = sorted(str(path) for path in EXAMPLES.glob("*.jsonl"))
    options = ["--factors", EXAMPLES / "own_factors.csv", "default", "--max_dead_letter_share=1", "--run_id=night"]
    return scope3("run", "--quiet", "--input", *inputs, *options, *output, *arguments, cwd=tmp_path)


def test_results_are_the_same_as_in_postgresql(tmp_path, store):
    into_server, into_files = _run(tmp_path, store.options), _run(tmp_path, ["--output=results"])
    assert (into_files.returncode, into_files.stderr) == (0, "")
    # The report tells the same: counts, totals and intervals.
    assert into_files.stdout.partition("The data are in")[0] == into_server.stdout.partition("The data are in")[0]
    with connect_views(ParquetTarget(f"{tmp_path}/results").tree()) as files:
        for query in (
            f"SELECT {_COLUMNS} FROM current_results ORDER BY source_uri, source_position",
            f"SELECT {_LETTERS} FROM dead_letters ORDER BY source_id, source_position",
            "SELECT source_id, source_uri, size_bytes FROM sources ORDER BY 1",
        ):
            found = store.rows(query)
            assert found
            assert files.execute(query).fetchall() == found


def test_the_line_that_the_report_shows_reads_the_results(tmp_path):
    done = _run(tmp_path, ["--output=results"])
    [line] = re.findall(r"^  (.*pipelines.looking.*)$", done.stdout, re.MULTILINE)
    shown = subprocess.run(line, shell=True, cwd="/", capture_output=True, text=True, check=True).stdout.splitlines()
    expected = duckdb.sql(f"SELECT count(DISTINCT (category, method)) FROM '{tmp_path}/results/runs/night/results/**/*.parquet'").fetchall()
    assert [(len(shown),)] == expected


@pytest.mark.parametrize("folder", ['it\'s "mine"', "Ergebnisse \U0001f30d"])
def test_the_line_that_the_report_shows_names_any_folder(tmp_path, folder):
    endpoint = parse_output(f"{tmp_path}/{folder}")
    [line] = look_lines(endpoint)
    named = [node.value for node in ast.walk(ast.parse(shlex.split(line)[2])) if isinstance(node, ast.Constant)]
    assert f"{tmp_path}/{folder}" in named


def test_runs_are_listed_and_published_again(tmp_path):
    for run_id in ("--run_id=old", "--run_id=new"):
        _run(tmp_path, ["--output=results"], run_id)
    assert scope3("publish", "old", "--output=results", cwd=tmp_path).returncode == 0
    lines = scope3("runs", "--output=results", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[:3] for line in lines[1:]] == [["new", "main", "superseded"], ["old", "main", "published"]]


def test_what_does_not_fit_files_is_refused(tmp_path):
    cases = {
        "--schema=mine": "--schema is for PostgreSQL",
        "--max_connections=9": "--max_connections is for PostgreSQL",
        "--password_secret=file:/x": "--password_secret is for a PostgreSQL server",
        "--output=s3://key:secret@bucket": "takes no keys",
        "--output=gs://": "names no bucket",
        "--output=gs://?scheme=http": "names no bucket",
        "--output=embeded": "did you mean embedded?",
    }
    for option, sentence in cases.items():
        done = _run(tmp_path, ["--output=results"], option)
        assert done.returncode == 2 and sentence in done.stderr, done.stderr
    done = scope3("runs", "--output=none", cwd=tmp_path)
    assert done.returncode == 1 and "there is no store in" in done.stderr
    done = scope3("psql", "--output", tmp_path, cwd=tmp_path)
    assert done.returncode == 2 and "psql is for PostgreSQL" in done.stderr


def test_the_lines_of_the_readme_read_the_results(tmp_path):
    # Names that look like dates are names.
    for run_id in ("--run_id=2024-12-31", "--run_id=2025-12-31"):
        _run(tmp_path, ["--output=results"], run_id)
    told = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    [query] = re.findall(r"    (SELECT category, method.*?read_parquet.*?);", told, re.DOTALL)
    [line] = re.findall(r"`polars\.scan_parquet\(\"(.*?)\"\)`", told)
    assert "read_json" in query
    by_method = duckdb.sql(query.replace("DIRECTORY", f"{tmp_path}/results")).fetchall()
    found = polars.scan_parquet(line.replace("DIRECTORY", f"{tmp_path}/results").replace("RUN", "2025-12-31")).collect()
    # The former run does not count.
    assert len(by_method) == found.select("category", "method").n_unique()
    assert math.fsum(row[2] for row in by_method) * 1000 == pytest.approx(found["kg_co2e"].sum(), rel=1e-12)
