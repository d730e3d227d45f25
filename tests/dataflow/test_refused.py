"""What can't work on Dataflow is refused before anything is read or submitted."""

import json
import os

import pytest

from pipelines.dataflow import check_dataflow
from pipelines.options import parse_run
from schemas.faults import UsageFault, UserFault
from tests.dataflow.submission import INPUT, OUTPUT, RUNNER, SECRET, submit
from transforms.sinks.connection import PostgresTarget


def _without(name):
    return [one for one in RUNNER if not one.startswith(f"--{name}=")]


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in ("PGPASSWORD", "SCOPE3_PASSWORD_FROM_URL", "PGHOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def credentials(google, tmp_path, monkeypatch):
    for name, value in google.environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", ["project", "region", "temp_location", "sdk_container_image"])
def test_an_option_that_dataflow_needs_is_asked_for(name):
    with pytest.raises(UsageFault, match=f"--{name} is missing"):
        check_dataflow(parse_run([*INPUT, *_without(name), f"--output={OUTPUT}"]))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--temp_location=/tmp/here"], "--temp_location /tmp/here is no place in Cloud Storage"),
        (["--staging_location=here"], "--staging_location here is no place in Cloud Storage"),
        (["--temp_location=gs://"], "--temp_location gs:// is no place in Cloud Storage; give a bucket in --region"),
        (["--temp_location=gs://bucket"], "--temp_location gs://bucket is no place in Cloud Storage"),
        (["--project=My Project"], "Beam can't send such a job to Dataflow: Invalid Project ID (My Project)"),
        (["--job_name=Nightly Run"], "Invalid job_name (Nightly Run)"),
        (["--num_workers=10"], "num_workers (10) cannot exceed max_num_workers (4)"),
        (["--worker_zone=europe-west4-a", "--worker_region=europe-west4"], "worker_region and worker_zone are mutually exclusive"),
        (["--streaming"], "--streaming and --update are for jobs without an end; leave them out"),
        (["--setup_file=none/setup.py"], "--setup_file none/setup.py is no file of this machine; leave it out"),
        (["--extra_packages=none.tar.gz"], "--extra_packages none.tar.gz is no file of this machine"),
        (["--output=embedded"], "--output embedded is a store on this machine, and Dataflow's workers are on others; name a server"),
        (["--output=results"], "is a folder of this machine, and Dataflow's workers are on others; name a bucket"),
        (["--output=postgresql://writer@localhost/emissions"], "names a PostgreSQL on localhost"),
        (["--output=postgresql:///emissions?host=/run/postgresql"], "names a PostgreSQL on /run/postgresql"),
        (["--output=postgresql:///emissions"], "names a PostgreSQL without a host"),
        (["--input", "gs://bucket/a.csv", "data/b.csv"], "--input 'data/b.csv' is a file of this machine"),
        (["--input=file:///data/b.csv"], "--input 'file:///data/b.csv' is a file of this machine"),
        (["--output=postgresql://writer:pass-4711@db.internal/emissions"], "the password in --output stays on this machine"),
    ],
)
def test_what_can_not_work_or_not_be_reached_by_the_workers_is_refused(arguments, told, monkeypatch):
    # Set by a URL with a password; taken away with the test.
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with pytest.raises(UsageFault) as fault:
        check_dataflow(parse_run([*INPUT, *RUNNER, f"--output={OUTPUT}", *arguments]))
    assert told in str(fault.value) and "pass-4711" not in str(fault.value)


def test_a_password_of_this_machine_is_no_password_of_the_workers(monkeypatch, credentials):
    monkeypatch.setenv("PGPASSWORD", "pass-4711")
    with pytest.raises(UsageFault, match=r"PGPASSWORD is set here.*--password_secret") as fault:
        check_dataflow(parse_run([*INPUT, *RUNNER, f"--output={OUTPUT}"]))
    assert "pass-4711" not in str(fault.value)
    options = parse_run([*INPUT, *RUNNER, f"--output={OUTPUT}", f"--password_secret={SECRET}"])
    assert check_dataflow(options)
    assert isinstance(options.endpoint.target, PostgresTarget) and options.endpoint.target.password_secret == SECRET


def test_files_in_a_bucket_need_no_password(monkeypatch, credentials):
    monkeypatch.setenv("PGPASSWORD", "pass-4711")
    assert check_dataflow(parse_run([*INPUT, *RUNNER, "--output=gs://bucket/results"]))


def test_a_service_of_the_workers_needs_no_host(credentials):
    assert check_dataflow(parse_run([*INPUT, *RUNNER, "--output=postgresql://?service=emissions"]))


def test_without_credentials_there_is_a_sentence_at_once(google, tmp_path):
    lost = {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none.json"), "PGPASSWORD": ""}
    (tmp_path / "none.json").write_text(json.dumps({"type": "unknown"}))
    done = submit(google, tmp_path, *INPUT, *RUNNER, f"--output={OUTPUT}", f"--password_secret={SECRET}", environment=lost)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("scope3: there are no Google credentials that work")
    assert "gcloud auth application-default login" in done.stderr and len(done.stderr.splitlines()) == 1
    assert google.requests == []


def test_credentials_that_have_ended_are_told(google, credentials, monkeypatch, tmp_path):
    account = json.loads((tmp_path / "account.json").read_text())
    (tmp_path / "account.json").write_text(json.dumps(account | {"token_uri": f"{google.address}/v1b3/none"}))
    google.refuse_jobs = 401
    with pytest.raises(UserFault, match="no Google credentials that work"):
        check_dataflow(parse_run([*INPUT, *RUNNER, f"--output={OUTPUT}"]))
