"""Runs whose records are in a PostgreSQL: the commands of the README, the same results as from a file, no password anywhere."""

import os
import re
import shlex

import psycopg
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from pipelines.elsewhere import check_inputs, check_password, needs_environment
from pipelines.endpoints import parse_output
from pipelines.process_list import take_passwords
from schemas.faults import UsageFault
from tests.pipelines.command import scope3
from tests.readme_tables import README
from tests.secrets.search import files_below, places_of
from tests.sinks.conftest import PASSWORD, own_server
from transforms.sinks.connection import connect

_COLUMNS = "invoice_id, document_no, category, description, net_value, currency, year, country, naics"
_MAPPING = """
[columns]
record_id = "document_no"
product_name = "description"
spend_amount = "net_value"
spend_currency = "currency"
activity_year = "year"
region = "country"
naics_code = "naics"
[skip]
document_no = "Total"
"""


@pytest.fixture(scope="module")
def server():
    """A server that asks for a password, with purchasing.invoices: 3,000 rows, one of them a total."""
    os.environ["PGPASSWORD"] = PASSWORD
    try:
        with own_server() as target:
            with connect(target, autocommit=True) as connection:
                _make_invoices(connection)
            yield target
    finally:
        del os.environ["PGPASSWORD"]


def _make_invoices(connection):
    connection.execute("CREATE ROLE reader LOGIN PASSWORD 'sesame-4711'")
    connection.execute("CREATE SCHEMA purchasing AUTHORIZATION reader")
    connection.execute(
        "CREATE TABLE purchasing.invoices AS SELECT g * 3 AS invoice_id, 'D-' || g AS document_no, 1 AS category, 'steel' AS description, "
        "(g * 1.01)::numeric(12, 2) AS net_value, 'USD' AS currency, 2025 AS year, 'US' AS country, '331110' AS naics FROM generate_series(1, 3000) g"
    )
    connection.execute("UPDATE purchasing.invoices SET document_no = 'Total' WHERE invoice_id = 9000")
    connection.execute("ALTER TABLE purchasing.invoices ADD PRIMARY KEY (invoice_id), OWNER TO reader")


@pytest.fixture
def environment(tmp_path):
    (tmp_path / "mine.toml").write_text(_MAPPING)
    return {"PGPASSFILE": "/dev/null", "PGPASSWORD": ""}


def test_the_commands_of_the_readme_give_what_a_file_gives(server, store, environment, tmp_path):
    commands = re.findall(r"^    \./run_local\.sh (run --input 'postgresql:.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 2
    query = f"COPY (SELECT {_COLUMNS} FROM purchasing.invoices) TO STDOUT (FORMAT csv, HEADER)"
    with psycopg.connect(server.url, password=PASSWORD) as connection, connection.cursor().copy(query) as copy:
        (tmp_path / "invoices.csv").write_bytes(b"".join(map(bytes, copy)))
    done = scope3("run", "--input", "invoices.csv", "--mapping=mine.toml", *store.options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    from_file, rows = store.digest(), store.rows("SELECT read, skipped, results FROM runs")
    assert from_file[0] == 2999
    place = re.sub(r".*@|/.*", "", server.url) + "/postgres"
    printed = {}
    for command in commands:
        arguments = shlex.split(command.replace("reader@db.example.com/erp", f"reader:{PASSWORD}@{place}"))
        done = scope3(*arguments, *store.options, cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        assert store.digest() == from_file
        printed[command] = (done.stdout + done.stderr).encode()
    assert store.rows("SELECT DISTINCT read, skipped, results FROM runs") == rows
    positions = store.rows("SELECT DISTINCT r.source_position = ltrim(r.record_id, 'D-')::bigint * 3 FROM current_results r")
    assert positions == [(True,)]
    stored = {"sources": str(store.rows("SELECT source_uri FROM sources ORDER BY 1")).encode()}
    assert f"postgresql://reader@{place}?table=purchasing.invoices&key=invoice_id" in stored["sources"].decode()
    assert places_of(PASSWORD, {**printed, **stored, **files_below(tmp_path)}) == []


def test_the_command_of_the_readme_reads_bigquery(bigquery_emulator, environment, tmp_path):
    (command,) = re.findall(r"^    \./run_local\.sh (check --input 'bigquery:.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    options = {"api_endpoint": bigquery_emulator.address}
    with bigquery.Client(bigquery_emulator.project, credentials=AnonymousCredentials(), client_options=options) as client:
        client.create_dataset("purchasing")
        rows = (
            "SELECT n * 3 AS invoice_id, CONCAT('D-', CAST(n AS STRING)) AS document_no, 1 AS category, 'steel' AS description, NUMERIC '1.01' AS "
            "net_value, 'USD' AS currency, 2025 AS year, 'US' AS country, '331110' AS naics FROM UNNEST(GENERATE_ARRAY(1, 20)) AS n"
        )
        client.query(f"CREATE TABLE purchasing.invoices AS {rows}", retry=None, job_retry=None).result(retry=None)
        arguments = shlex.split(command.replace("my-project", bigquery_emulator.project))
        done = scope3(*(f"{one}&api_endpoint={bigquery_emulator.address}" if "://" in one else one for one in arguments), cwd=tmp_path)
        client.delete_dataset("purchasing", delete_contents=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 records in 1 table, 0 rows skipped\n20 would have a result, 0 would be dead letters")


def test_check_reads_a_table_and_writes_nothing(server, environment, tmp_path):
    done = scope3("check", "--input", f"{server.url}?table=purchasing.invoices", "--mapping=mine.toml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2,999 records in 1 table, 1 rows skipped\n2,999 would have a result, 0 would be dead letters")
    # Another folder, no embedded store.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.toml"]


def test_wrong_use_and_faults_end_with_their_status(server, environment, tmp_path):
    for ours, status, told in (
        ("query=SELECT * FROM purchasing.invoices", 2, "has a query without a key"),
        ("table=purchasing.invoice", 1, "did you mean purchasing.invoices"),
    ):
        done = scope3("run", "--input", f"{server.url}?{ours}", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr.startswith("scope3: ") and told in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_password_in_the_url_of_an_input_leaves_the_command_line(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ.copy())
    given = [
        "scope3",
        "run",
        "--input",
        "postgresql://me:pass-4711@db/erp?sslmode=require&query=SELECT 1 AS a&key=a",
        "--output=postgresql://db/co2",
    ]
    clean = take_passwords(given)
    assert clean == [*given[:3], "postgresql://me@db/erp?sslmode=require&query=SELECT 1 AS a&key=a", given[4]]
    assert os.environ["PGPASSWORD"] == "pass-4711"
    with pytest.raises(UsageFault, match="two passwords"):
        take_passwords([*given[:4], "--output=postgresql://me:another@db/co2"])
    with pytest.raises(UsageFault, match="the PostgreSQL URL of --input can't be read") as fault:
        take_passwords(["--input=postgresql://me:pass/4711@db/erp?table=a"])
    assert "4711" not in str(fault.value)


def test_workers_elsewhere_need_a_server_and_a_password_that_they_have(monkeypatch):
    monkeypatch.setattr(os, "environ", {})
    far, secret = "postgresql://me@db.internal/erp?table=a", "&password_secret=file:/run/password"
    check_inputs([far, "gs://bucket/a.csv"], "workers")
    with pytest.raises(
        UsageFault, match="--input names a PostgreSQL on localhost, which each of workers would look for on its own machine"
    ):
        check_inputs(["gs://bucket/a.csv", "postgresql://me@localhost/erp?table=a"], "workers")
    store = parse_output("postgresql://me@db.internal/co2", password_secret="file:/run/password")
    assert needs_environment(store, [far]) and not needs_environment(store, [far + secret])
    check_password(store, [far], "workers")
    check_inputs([far.replace("me@", "me:pass-4711@")], "workers")
    with pytest.raises(UsageFault, match="the password in --input or --output stays on this machine"):
        check_password(store, [far], "workers")
