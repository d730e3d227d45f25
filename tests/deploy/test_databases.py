"""Results in other databases: the statements of DATABASES.md, on a store that a run has written."""

import json
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.deploy.mariadb import running_mariadb, what_is_missing
from tests.pipelines.command import scope3
from tests.records import make_record, make_spend

_TOLD = (Path(__file__).parents[2] / "deploy/DATABASES.md").read_text(encoding="utf-8")
_STATEMENTS = dict(re.findall(r"```sql\n-- (\w+)\.sql\n(.*?)```", _TOLD, re.DOTALL))
_ODD = 'NULL, "quoted" \\N \\ ☃\nsecond line'


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with two runs of one inventory, of which the second is published."""
    folder = tmp_path_factory.mktemp("results")
    for number in (1, 2):
        records = [
            make_spend(record_id="NULL", supplier_name="NULL", supplier_id=None),
            make_spend(record_id="R-2", supplier_name=_ODD, spend_amount=1000 * number),
            make_record(11, record_id="R-3", power_rating_watts=10, usage_hours_per_day=1, expected_lifespan_years=2, units_sold=3),
        ]
        (folder / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        # Names that look like values of another type.
        names = [f"--run_id=2025-01-{number:02}", "--inventory=2025-01-31"]
        done = scope3("run", "--input", "a.jsonl", "--output=store", "--quiet", *names, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder / "store"


@pytest.fixture
def run(store, monkeypatch):
    """Runs statements of the document in the folder of the store, in one connection of DuckDB."""
    monkeypatch.chdir(store)
    with duckdb.connect() as connection:
        connection.execute(_STATEMENTS["published"])
        yield lambda name: connection.execute(_STATEMENTS[name])


def _published(store):
    """Returns record_id, supplier_name and kg_co2e of the run that was written last."""
    [inventory] = (store / "inventories").glob("*.json")
    results = duckdb.read_parquet(f"{store}/runs/{json.loads(inventory.read_text())['run_id']}/results/**/*.parquet")
    return sorted(results.select("record_id, supplier_name, kg_co2e").fetchall())


def test_mariadb_holds_what_is_published_whatever_its_texts_hold(store, run, tmp_path):
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    run("csv")
    with running_mariadb(tmp_path) as server:
        server.run("CREATE DATABASE esg", store)
        # Twice: a load that is repeated changes nothing.
        server.run(f"USE esg; {_STATEMENTS['load']} {_STATEMENTS['load']}", store)
        query = "SELECT json_object('id', record_id, 'name', supplier_name, 'supplier', supplier_id, 'kg', kg_co2e, 'list', json_length(factor_ids)) FROM esg.scope3_results"
        found = [json.loads(line, strict=False) for line in re.findall(r"\{.*?\}(?=\n)", server.run(query, store), re.DOTALL)]
    assert sorted((row["id"], row["name"], row["kg"]) for row in found) == _published(store)
    assert {row["id"]: row["supplier"] for row in found} == {"NULL": None, "R-2": "S-1", "R-3": "S-1"}
    assert all(row["list"] >= 1 for row in found)


def test_documents_are_one_a_line_with_lists_as_lists(store, run):
    run("documents")
    documents = [json.loads(line) for line in (store / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted((one["record_id"], one["supplier_name"], one["kg_co2e"]) for one in documents) == _published(store)
    assert all(isinstance(one["factor_ids"], list) and one["factor_ids"] for one in documents)


def test_the_parquet_file_has_the_category_and_what_is_published(store, run):
    run("parquet")
    rows = pq.read_table(store / "results.parquet").to_pylist()
    assert sorted((one["record_id"], one["supplier_name"], one["kg_co2e"]) for one in rows) == _published(store)
    assert sorted(one["category"] for one in rows) == [1, 1, 11]


def test_an_attached_database_gets_a_table(store, run):
    run("attach")
    with duckdb.connect(str(store / "theirs.duckdb")) as theirs:
        assert sorted(theirs.execute("SELECT record_id, supplier_name, kg_co2e FROM scope3_results").fetchall()) == _published(store)
