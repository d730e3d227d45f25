"""A store as it is after two nights: made by the lines of deploy/README.md, one run was published, one failed its audit."""

import re
from dataclasses import dataclass

import psycopg
import pytest

from tests.deploy.files import DEPLOY, PROJECT
from tests.pipelines.command import scope3
from tests.sinks.conftest import PASSWORD, own_server

_EXAMPLE = ["--input", PROJECT / "examples/federal_contracts.csv", "--mapping", PROJECT / "examples/federal_contracts.toml"]

# Of the role that runs, and of the one that reads; the lines leave both open.
OWNER_PASSWORD, READER_PASSWORD = "sesame-owner", "sesame-reader"


@dataclass(frozen=True)
class Nights:
    """The store, the names of its runs, and how the reader gets in."""

    output: str
    reader: str
    published: str
    failed: str

    def rows(self, query):
        """Returns the rows of a query as people and checks see them."""
        with psycopg.connect(self.reader, password=READER_PASSWORD) as connection:
            return connection.execute(query).fetchall()


def _lines():
    """Returns the lines of SQL in the README: those before the first run, and those after it."""
    found = re.findall(
        r"^    ((?:CREATE|GRANT) .*;|-- after the first run.*)$", (DEPLOY / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    (place,) = (place for place, line in enumerate(found) if line.startswith("--"))
    return found[:place], found[place + 1 :]


@pytest.fixture(scope="session")
def nights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nights")
    with own_server() as server:
        address = {"host": server.given["host"], "port": server.given["port"]}
        with psycopg.connect(**address, user="tester", password=PASSWORD, dbname="postgres", autocommit=True) as connection:
            # As of Cloud SQL and RDS: one that may make roles and databases, and is no superuser.
            connection.execute(f"CREATE ROLE administrator LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'")
        before, after = _lines()
        administrator = {**address, "user": "administrator", "password": PASSWORD, "autocommit": True}
        with psycopg.connect(**administrator, dbname="postgres") as connection:
            passwords = [OWNER_PASSWORD, READER_PASSWORD]
            for line in before:
                connection.execute(line.replace("...", passwords.pop(0)) if "..." in line else line)
        output, reader = (f"postgresql://{user}@{address['host']}:{address['port']}/scope3" for user in ("scope3", "scope3_reader"))
        # As Kubernetes names the Job of a night, and as the DAG does.
        found = Nights(output, reader, "scope3-nightly-29401530", "scope3-nightly-20260102-013000")

        def run(name, option, status):
            arguments = [*_EXAMPLE, option, "--inventory=acme-2026", f"--run_id={name}", f"--output={output}"]
            done = scope3("run", *arguments, cwd=folder, environment={"PGPASSWORD": OWNER_PASSWORD})
            assert done.returncode == status, done.stderr

        # Refused credit notes are 66 of 1,000 records, more than this share.
        run(found.failed, "--max_dead_letter_share=0.01", 3)
        with psycopg.connect(**administrator, dbname="scope3") as connection:
            for line in after:
                connection.execute(line)
        run(found.published, "--credit_notes=net", 0)
        yield found
