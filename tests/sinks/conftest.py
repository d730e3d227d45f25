"""Stores of every kind, started once, and an unused place in them for each test."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from tests.sinks.bigquery_fake import FaultyBigQuery, faulty_bigquery
from tests.sinks.bucket_server import bucket_server
from transforms.sinks import bigquery_dataset
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.connection import PostgresTarget
from transforms.sinks.contract import Store, Target
from transforms.sinks.embedded import embedded_server
from transforms.sinks.parquet_target import ParquetTarget

PASSWORD = "sesame-4711"
BUCKET_KEYS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_EC2_METADATA_DISABLED": "true"}

NewTarget = Callable[[], Target]


@contextmanager
def own_server(*, speaks_tls: bool = False) -> Iterator[PostgresTarget]:
    """Gives a server of the machine's own PostgreSQL, reached over TCP, that asks for a password."""
    initdb, postgres = shutil.which("initdb"), shutil.which("postgres")
    if not initdb or not postgres:
        pytest.skip("this machine has no PostgreSQL of its own (initdb and postgres on PATH)")
    account: dict = {}
    folder = Path(tempfile.mkdtemp(prefix="scope3-test-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    password_file.chmod(0o644)
    command = [initdb, "-D", f"{folder}/data", "-U", "tester", "--encoding=UTF8", "--no-sync", "--auth=scram-sha-256"]
    subprocess.run([*command, f"--pwfile={password_file}"], check=True, capture_output=True, cwd="/", **account)
    options = ["-D", f"{folder}/data", "-p", str(port), "-k", "", "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
    if speaks_tls:
        openssl = shutil.which("openssl")
        if not openssl:
            pytest.skip("this machine has no openssl that could make a certificate")
        key, certificate = f"{folder}/data/server.key", f"{folder}/data/server.crt"
        made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db.internal", "-keyout", key, "-out", certificate]
        subprocess.run(made, check=True, capture_output=True, cwd="/", **account)
        options += ["-c", "ssl=on"]
    server = subprocess.Popen([postgres, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **account)
    try:
        _wait_for(port, server)
        yield PostgresTarget(make_conninfo(host="127.0.0.1", port=port, user="tester", dbname="postgres"))
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    address = f"host=127.0.0.1 port={port}".encode()
    while server.poll() is None:
        if PGconn.ping(address) == Ping.OK:
            return
        time.sleep(0.02)
    pytest.fail("the machine's own PostgreSQL did not start")


@contextmanager
def _embedded(request: pytest.FixtureRequest) -> Iterator[NewTarget]:
    with embedded_server(request.getfixturevalue("tmp_path_factory").mktemp("store")) as server:
        yield partial(_unused_schema, server)


@contextmanager
def _own_server(request: pytest.FixtureRequest) -> Iterator[NewTarget]:
    before = os.environ.get("PGPASSWORD")
    os.environ["PGPASSWORD"] = PASSWORD
    try:
        with own_server() as server:
            yield partial(_unused_schema, server)
    finally:
        del os.environ["PGPASSWORD"]
        if before is not None:
            os.environ["PGPASSWORD"] = before


@contextmanager
def _parquet(request: pytest.FixtureRequest) -> Iterator[NewTarget]:
    folder = request.getfixturevalue("tmp_path_factory").mktemp("store")
    yield lambda: ParquetTarget(f"{folder}/A folder, 'new' {uuid.uuid4().hex[:12]}")


@contextmanager
def _bucket(kind: str, _request: pytest.FixtureRequest) -> Iterator[NewTarget]:
    with bucket_server(kind) as (bucket, settings, _), pytest.MonkeyPatch.context() as patch:
        for name, value in BUCKET_KEYS.items():
            patch.setenv(name, value)
        yield lambda: ParquetTarget(f"{bucket}/{uuid.uuid4().hex[:12]}?{settings}")


@contextmanager
def _bigquery(request: pytest.FixtureRequest) -> Iterator[NewTarget]:
    emulator = request.getfixturevalue("bigquery_emulator")
    with pytest.MonkeyPatch.context() as patch:
        # Changes at the same time meet in the emulator's catalogue, and are tried again and again there.
        patch.setattr(bigquery_dataset, "_REQUESTS_AT_ONCE", 1)
        patch.setattr(bigquery_dataset, "PATIENCE_SECONDS", 20.0)
        # The emulator keeps each project in a file of its own, and is slow where there are many tables in one.
        yield lambda: BigQueryTarget(f"test-{uuid.uuid4().hex[:12]}", "emissions", api_endpoint=emulator.address)


def _unused_schema(server: PostgresTarget) -> PostgresTarget:
    # A name that needs quotes.
    return replace(server, schema=f'Test "{uuid.uuid4().hex[:12]}"')


# Every kind of store, started once. Each gives a maker of targets that nobody has used; a kind that can't run here
# skips with the reason. Buckets are tried in test_parquet_bucket.py alone.
KINDS: dict[str, Callable[[pytest.FixtureRequest], AbstractContextManager[NewTarget]]] = {
    "embedded": _embedded,
    "own_server": _own_server,
    "parquet": _parquet,
    "s3": partial(_bucket, "s3"),
    "gs": partial(_bucket, "gs"),
    "bigquery": _bigquery,
}
# The emulator of BigQuery takes a second for what others do in ten milliseconds. It is tried on the contract of each row, and
# on a choice of the rest in test_bigquery_store.py; on all of it where EVERY_STORE is set in the environment.
FAST = [kind for kind in KINDS if kind not in ("bigquery", "s3", "gs")]
ON_ALL = [*FAST, "bigquery"]

POSTGRES = ("embedded", "own_server")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tries a test on every kind of store, or on those that its module names in KINDS."""
    if "new_target" in metafunc.fixturenames:
        metafunc.parametrize(
            "new_target",
            getattr(metafunc.module, "KINDS", ON_ALL if os.environ.get("EVERY_STORE") else FAST),
            indirect=True,
            scope="session",
        )


@pytest.fixture(scope="session")
def new_target(request) -> Iterator[NewTarget]:
    """A maker of targets of one kind of store."""
    with KINDS[request.param](request) as new:
        yield new


@pytest.fixture
def target(new_target) -> Target:
    """A place for a store that was never used."""
    return new_target()


@pytest.fixture
def service(bigquery_emulator) -> Iterator[FaultyBigQuery]:
    """A BigQuery that fails as a test asks it to; `target` of such a test must name its address."""
    with faulty_bigquery(bigquery_emulator.address) as server:
        yield server


@pytest.fixture
def store(target) -> Iterator[Store]:
    """A store that was never used."""
    opened = target.open()
    yield opened
    opened.close()
