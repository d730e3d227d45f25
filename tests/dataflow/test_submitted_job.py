"""What is submitted to Dataflow does the whole work: run from the uploaded file alone, it gives what the local run gives."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.cloud.server import BUCKET
from tests.dataflow.submission import RUNNER, SECRET, submit
from tests.flink.job import Inputs
from tests.pipelines.command import scope3
from tests.pipelines.stores import DIGEST
from tests.sinks.conftest import PASSWORD, own_server

_COUNTS = "SELECT state, read, results, dead_letters, duplicates FROM runs"


@pytest.fixture(scope="module")
def server():
    with own_server() as target:
        yield target


def _found(server, schema):
    """Returns what the audit counted, and the digest of what is published."""
    with psycopg.connect(server.url, password=PASSWORD, options=f"-c search_path={schema}") as connection:
        return connection.execute(_COUNTS).fetchall(), connection.execute(DIGEST).fetchone()


def test_the_workers_give_the_bytes_of_the_local_run_and_publish_them(google, server, tmp_path):
    files = sorted(Path(Inputs(tmp_path).few()).parent.glob("*.jsonl"))
    google.objects |= {f"few/{file.name}": file.read_bytes() for file in files}
    google.secrets[SECRET] = PASSWORD.encode()
    done = scope3(
        "run", "--quiet", "--input", *files, f"--output={server.url}", "--schema=here", cwd=tmp_path, environment={"PGPASSWORD": PASSWORD}
    )
    assert done.returncode == 0, done.stderr

    # Only the workers know where the service is; libpq finds the word in a file of theirs.
    workers = tmp_path / "service.conf"
    workers.write_text("[emissions]\n" + "".join(f"{key}={value}\n" for key, value in server.given.items()))
    store = ["--output=postgresql://?service=emissions", f"--password_secret={SECRET}", "--schema=there"]
    done = submit(google, tmp_path, f"--input=gs://{BUCKET}/few/*.jsonl", *RUNNER, *store)
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(server.url, password=PASSWORD) as connection:
        assert connection.execute("SELECT to_regnamespace('there')").fetchone() == (None,), "the submission touches no store"

    (uploaded,) = (content for name, content in google.objects.items() if name.endswith("/pipeline.pb"))
    (tmp_path / "pipeline.pb").write_bytes(uploaded)
    environment = {**os.environ, **google.environment(tmp_path), "PGSERVICEFILE": str(workers), "PGPASSFILE": "/dev/null"}
    environment.pop("PGPASSWORD", None)
    command = [sys.executable, str(Path(__file__).with_name("work_off.py")), str(tmp_path / "pipeline.pb")]
    worked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, env=environment, check=False)
    assert worked.returncode == 0, worked.stderr
    assert any(f"{SECRET}:access" in line for line, _, _ in google.requests)
    assert _found(server, "there") == _found(server, "here")
    assert _found(server, "there")[0] == [("published", 1_501, 1_494, 6, 1)]
