"""The job that deploy/flink submits each night, on a real cluster: its own arguments, with other addresses."""

import socket
import subprocess
import time
from contextlib import contextmanager

from tests.deploy.files import containers, manifest
from tests.pipelines.command import scope3

_NIGHTLY = containers(manifest("flink/nightly.yaml", "CronJob"))


def _arguments(container, **given):
    """Returns the arguments of a container with other values for some options; all of these must be there."""
    (found,) = (one["args"] for one in _NIGHTLY if one["name"] == container)
    kept = []
    for argument in found:
        name = argument.removeprefix("--").partition("=")[0].replace("-", "_")
        kept.append(f"{argument.partition('=')[0]}={given.pop(name)}" if name in given else argument)
    assert not given, f"{container} has no such arguments"
    return kept


@contextmanager
def _job_server(cluster, port, folder):
    options = {"flink_master": cluster.master, "job_port": port, "artifact_port": 0}
    command = [
        "java",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-jar",
        str(cluster.parts.job_server),
        *_arguments("job-server", **options),
        f"--artifacts-dir={folder}",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_the_job_that_is_submitted_each_night_runs_and_publishes(cluster, store, inputs, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    output, schema = store.options
    given = {
        "input": inputs.few(),
        "output": output.partition("=")[2],
        "run_id": "scope3-flink-nightly-1",
        "flink_master": cluster.master,
        "job_endpoint": f"localhost:{port}",
        "parallelism": 2,
        "environment_config": cluster.pool,
    }
    with _job_server(cluster, port, tmp_path):
        done = scope3(*_arguments("scope3", **given), schema, cwd=tmp_path, timeout=200)
    assert done.returncode == 0, done.stderr + (tmp_path / "log").read_text()[-4000:]
    query = "SELECT state, read, results + dead_letters + duplicates FROM runs WHERE run_id = 'scope3-flink-nightly-1'"
    assert store.rows(query) == [("published", 1_501, 1_501)]
