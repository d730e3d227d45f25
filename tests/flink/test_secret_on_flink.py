"""A run on Flink into a server that asks for a password: only the name of its secret is sent, and the password is seen nowhere."""

import re
import socket
import socketserver
import threading
from contextlib import contextmanager, suppress

import psycopg
import pytest

from tests.secrets.search import files_below, places_of, watched_command_lines
from tests.sinks.conftest import PASSWORD, own_server


@pytest.fixture(scope="module")
def database():
    with own_server() as target:
        yield target


@contextmanager
def _recorded(master):
    """Gives the address of a way to the REST interface of a cluster, and all bytes that go there."""
    sent: list[bytearray] = []

    class Passage(socketserver.BaseRequestHandler):
        def handle(self):
            host, port = master.split(":")
            kept = bytearray()
            sent.append(kept)
            with socket.create_connection((host, int(port))) as cluster:
                back = threading.Thread(target=_pass_on, args=(cluster, self.request, None))
                back.start()
                _pass_on(self.request, cluster, kept)
                back.join()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Passage) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", sent
        finally:
            server.shutdown()


def _pass_on(source, sink, kept):
    """Passes bytes on until there are no more, and keeps them."""
    with suppress(OSError):
        while content := source.recv(1 << 16):
            if kept is not None:
                kept += content
            sink.sendall(content)
        sink.shutdown(socket.SHUT_WR)


def _without_jars(content):
    """Returns a request without the files of the job server's jar, which holds nothing of ours."""
    boundary = re.search(rb"boundary=([^\s;]+)", content)
    parts = content.split(b"--" + boundary[1]) if boundary else [content]
    return b"".join(part for part in parts if not re.search(rb'filename="[^"]+\.jar"', part[:500]))


def _rest(cluster):
    """Returns what the REST interface tells of all jobs and of the cluster, by path."""
    paths = ["/jobs/overview", "/jobmanager/config", "/jobmanager/environment"]
    for job in cluster.get("/jobs")["jobs"]:
        paths += [f"/jobs/{job['id']}{rest}" for rest in ("", "/plan", "/config", "/exceptions", "/accumulators")]
    return {path: repr(cluster.get(path)).encode() for path in paths}


def test_the_password_is_seen_nowhere(jobs, cluster, inputs, database, tmp_path, tmp_path_factory):
    file = tmp_path_factory.mktemp("beside_the_workers") / "password"
    file.write_text(PASSWORD)
    options = [f"--output={database.url}", f"--password_secret=file:{file}", "--input", inputs.few()]
    with watched_command_lines() as lines, _recorded(cluster.master) as (master, requests):
        done = jobs.run(*options, environment="EXTERNAL", flink_master=master)
    assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(database.url, password=PASSWORD) as connection:
        assert connection.execute("SELECT state, read FROM scope3.runs").fetchall() == [("published", 1_501)]
    submitted = {f"request {place}": _without_jars(bytes(content)) for place, content in enumerate(requests)}
    logs = {str(path): path.read_bytes() for path in cluster.folder.glob("*.log")}
    seen = {**submitted, **lines, **logs, **_rest(cluster), **files_below(tmp_path), "printed": done.stdout.encode()}
    assert places_of(PASSWORD, seen) == []
    # The search does see what is in the job: the name of the secret.
    assert places_of(str(file), submitted) != []
