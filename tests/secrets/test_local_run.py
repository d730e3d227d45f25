"""A run into a server that asks for a password, which stands in a secret: nothing that is printed, written or listed shows it."""

import json

import psycopg
import pytest

from tests.pipelines.command import scope3
from tests.records import make_record
from tests.secrets.search import files_below, places_of, watched_command_lines
from tests.sinks.conftest import PASSWORD, own_server

_SECRET = "projects/my-project/secrets/database/versions/3"


@pytest.fixture(scope="module")
def server():
    with own_server() as target:
        yield target


@pytest.fixture
def environment(google, tmp_path, tmp_path_factory):
    google.secrets[_SECRET] = PASSWORD.encode()
    (tmp_path / "few.jsonl").write_text("".join(json.dumps(make_record(record_id=f"R-{place}")) + "\n" for place in range(3)))
    # An environment without any password.
    return {**google.environment(tmp_path_factory.mktemp("account")), "PGPASSFILE": "/dev/null", "PGPASSWORD": ""}


@pytest.mark.parametrize("kind", ["secret manager", "file"])
def test_the_password_of_a_secret_opens_the_server_and_is_seen_nowhere(server, google, environment, tmp_path, tmp_path_factory, kind):
    name = _SECRET
    if kind == "file":
        name = f"file:{tmp_path_factory.mktemp('secrets')}/password"
        with open(name.removeprefix("file:"), "w") as file:
            file.write(PASSWORD + "\n")
    options = [f"--output={server.url}", f"--schema={kind}", f"--password_secret={name}"]
    with watched_command_lines() as lines:
        done = scope3("run", "--input", "few.jsonl", *options, cwd=tmp_path, environment=environment)
        assert done.returncode == 0, done.stderr
        listed = scope3("runs", *options, cwd=tmp_path, environment=environment)
        looked = scope3("psql", *options, "-c", "SELECT count(*) FROM current_results", cwd=tmp_path, environment=environment)
    assert "published" in listed.stdout and " 3\n" in looked.stdout, looked.stderr
    assert f"--password_secret={name}" in done.stdout.replace("'", "")
    printed = {one.args[1]: (one.stdout + one.stderr).encode() for one in (done, listed, looked)}
    with psycopg.connect(server.url, password=PASSWORD) as connection:
        stored = {"runs": str(connection.execute(f'SELECT r::text FROM "{kind}".runs r').fetchall()).encode()}
    # Secret Manager sent it; nobody sent it there.
    assert places_of(PASSWORD, {**printed, **stored, **lines, **files_below(tmp_path), **google.arrived()}) == []


def test_a_secret_with_another_password_is_told_without_it(server, google, environment, tmp_path):
    google.secrets[_SECRET] = b"wrong-0815"
    arguments = ["--input", "few.jsonl", f"--output={server.url}", f"--password_secret={_SECRET}"]
    done = scope3("run", *arguments, cwd=tmp_path, environment=environment)
    assert done.returncode == 1 and "refused the password of user tester; correct PGPASSWORD, the password file, the secret" in done.stderr
    assert places_of("wrong-0815", {"printed": (done.stdout + done.stderr).encode()}) == []


def test_a_password_in_the_url_beside_a_secret_is_refused(environment, tmp_path):
    url = "postgresql://tester:wrong-0815@127.0.0.1:1/postgres"
    done = scope3("run", "--input", "few.jsonl", f"--output={url}", f"--password_secret={_SECRET}", cwd=tmp_path, environment=environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "scope3: the password stands in a URL and in a secret (password_secret); take it out of the URL\n"


def test_a_store_without_passwords_takes_no_secret(environment, tmp_path):
    done = scope3("run", "--input", "few.jsonl", f"--password_secret={_SECRET}", cwd=tmp_path, environment=environment)
    assert done.returncode == 2 and "--password_secret is for a PostgreSQL server" in done.stderr
