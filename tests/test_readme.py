"""The README says what is true: its tables are those of the declarations, its output is that of the job."""

import json
import re
import shlex
import sys
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli import main
from pipelines.options import parse_run
from tests.flink.readme import options_of
from tests.pipelines.command import scope3
from tests.pipelines.stores import Store
from tests.readme_tables import README, tables
from transforms.factors.read import manifest_of, shipped_sets
from transforms.reading.mapping import parse_mapping

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PROJECT = Path(__file__).parents[1]
_README = README.read_text(encoding="utf-8")
TABLES = tables()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_that_of_the_declarations(name):
    assert f"<!-- {name} -->\n{TABLES[name]}\n<!-- end of {name} -->" in _README, "see tests/readme_tables.py"


def test_the_front_door_prints_what_the_readme_shows(tmp_path):
    script = (_PROJECT / "run_local.sh").read_text()
    command = re.search(r'^"\$venv/bin/scope3" (run --input.*?)\necho', script, re.DOTALL | re.MULTILINE)[1].replace("\\\n", " ")
    arguments = shlex.split(command.replace("examples/", f"{_PROJECT}/examples/"))
    done = scope3(*arguments, f"--output=embedded:{tmp_path}/store", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (shown,) = re.findall(r"<!-- output of ./run_local.sh -->\n```\n(.*?)```", _README, re.DOTALL)
    assert shown in done.stdout


def test_the_examples_hold_what_their_readme_says(tmp_path):
    examples = _PROJECT / "examples"
    arguments = ["--input", examples / "federal_contracts.csv", "--mapping", examples / "federal_contracts.toml", "--credit_notes=net"]
    store = Store(tmp_path / "store", "scope3")
    assert scope3("run", *arguments, *store.options, cwd=tmp_path).returncode == 0
    told = "EXISTS (SELECT 1 FROM unnest(warnings) AS w WHERE w LIKE 'W_KEY_FALLBACK%%')"
    query = f"SELECT count(*) FILTER (WHERE kg_co2e < 0), count(*) FILTER (WHERE kg_co2e = 0), count(*) FILTER (WHERE {told}) FROM current_results"
    assert store.rows(query) == [(66, 167, 25)]


def test_the_examples_of_all_categories_hold_what_their_readme_says(tmp_path):
    examples = _PROJECT / "examples"
    told = (examples / "README.md").read_text(encoding="utf-8")
    files = re.findall(r"^\| `([\w.]+)` \|", told, re.MULTILINE)
    shipped = {path.name for path in [*examples.glob("*.jsonl"), *examples.glob("*.csv")]} - {"federal_contracts.csv", "own_factors.csv"}
    assert sorted(files) == sorted(shipped)
    store = Store(tmp_path / "store", "scope3")
    arguments = ["--input", *(examples / name for name in files), "--factors", examples / "own_factors.csv", "default"]
    assert scope3("run", *arguments, *store.options, cwd=tmp_path).returncode == 0
    assert store.rows("SELECT count(DISTINCT category) FROM current_results") == [(15,)]
    refused = re.findall(r"`([A-Z]+-[\d-]+)` [^(]*\((E_\w+)", told)
    assert store.rows("SELECT record_id, code FROM dead_letters ORDER BY 1") == sorted(refused)


def test_the_mapping_in_the_readme_is_one(tmp_path):
    (block,) = re.findall(r"\n\n((?: {7}\S.*\n)+)\n3\. ", _README)
    mapping = parse_mapping(tomllib.loads("\n".join(line.strip() for line in block.splitlines())), tmp_path)
    assert mapping.constants == {"category": "1", "spend_currency": "EUR"}


def test_the_commands_of_the_readme_are_there(tmp_path):
    for line in ("schema --category 1 --format csv", "schema --table factors", "factors", "factors template", "run --help"):
        assert f"./run_local.sh {line}" in _README
        assert scope3(*line.split(), cwd=tmp_path).returncode == 0, line


def test_factors_of_ones_own_are_made_and_compared_as_the_readme_says(tmp_path):
    (tmp_path / "mine.csv").write_text(scope3("factors", "template", cwd=tmp_path).stdout)
    header = (tmp_path / "mine.csv").read_text().strip().split(",")
    row = {
        "factor_id": "a",
        "family": "key_alias",
        "key": "eeio:20521",
        "boundary": "parameter",
        "region": "GLOBAL",
        "year": "2025",
        "value": "1",
    }
    row |= {"unit": "share", "basis": "334111", "source": "own", "source_version": "1", "licence": "own", "retrieved_on": "2026-01-01"}
    with (tmp_path / "mine.csv").open("a") as file:
        file.write(",".join({**row, "source_sha256": "0"}.get(name, "") for name in header) + "\n")
    shown = scope3("factors", "show", "key_alias", "eeio:20521", "--factors", "mine.csv", "default", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "") and "-> 334111" in shown.stdout
    command = re.search(r"`\./run_local\.sh (factors diff .*?)`", _README)[1]
    command = command.replace("'data/*.csv'", f"{_PROJECT}/examples/federal_contracts.csv").replace(
        "mine.toml", f"{_PROJECT}/examples/federal_contracts.toml"
    )
    done = scope3(*command.split(), "--credit_notes=net", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "changed 4,214" in done.stdout and "largest moves" in done.stdout


def test_footprints_of_suppliers_are_used_as_the_readme_says(tmp_path):
    footprint = json.loads((_PROJECT / "tests/factors/data/ileap/sample_product_footprint.json").read_text(encoding="utf-8"))
    year = date.today().year
    footprint["pcf"] |= {"boundaryProcessesDescription": "Cradle to gate", "reportingPeriodEnd": f"{year}-01-01T00:00:00Z"}
    (tmp_path / "footprints.json").write_text(json.dumps([footprint]), encoding="utf-8")
    command = re.search(r"`\./run_local\.sh (factors import pact .*?)`", _README)[1]
    done = scope3(*command.split(), "--output", "pact.parquet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    record = {"record_id": "R-1", "category": 1, "region": "GB", "activity_year": year, "product_name": "ethanol", "quantity": 12}
    record |= {"quantity_unit": "l", "product_code": re.search(r"`(urn:gtin:\d+)`", _README)[1]}
    answer = json.loads(scope3("calculate", "--factors", "pact.parquet", cwd=tmp_path, stdin=json.dumps(record)).stdout)
    # 12 l at (0.123 + 0.001) / 12 kg each.
    assert (answer["result"]["kg_co2e"], answer["result"]["tier"]) == (pytest.approx(0.124), 1)


def test_the_questions_about_factors_in_the_readme_are_answered(capsys):
    questions = re.findall(r"`factors ((?:search|show) .*?)`", _README)
    assert len(questions) == 3
    for question in questions:
        assert main(["factors", *question.split()]) == 0, question
    # What the README says of its first question.
    assert (
        "GB      2025       0.10163 per tonne_km actual    desnz-2025 (Open Government Licence v3.0); W_FOREIGN_PROXY"
        in capsys.readouterr().out
    )


def test_the_notice_says_what_each_licence_asks_for():
    notice = " ".join((_PROJECT / "NOTICE").read_text(encoding="utf-8").split())
    for name in shipped_sets():
        told = manifest_of(name)
        assert told["attribution"] in notice, name
        assert name in notice, name


def test_the_python_lines_of_the_readme_run():
    code = re.search(r"    from transforms.calculate_records(.*?)\n\n", _README, re.DOTALL)[0]
    names: dict[str, object] = {}
    source = "\n".join(line[4:] for line in code.strip("\n").splitlines()).replace("calculate_records([", "answer = calculate_records([")
    exec(source, names)
    assert names["answer"][0]["result"]["kg_co2e"] == 3700.0


def test_the_options_of_runs_on_flink_are_there():
    for environment in ("LOOPBACK", "EXTERNAL"):
        options = options_of(environment)
        assert options["runner"] == "FlinkRunner" and options["environment_type"] == environment
        parsed = parse_run(["--input", "a.csv", *(f"--{name}={value}" for name, value in options.items())])
        assert parsed.flink and f"--parallelism={options['parallelism']}" in parsed.beam_arguments
    assert "./run_local.sh workers --port=50000" in _README and "--port" in scope3("workers", "--help", cwd=_PROJECT).stdout
