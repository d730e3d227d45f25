"""What people hit first on Flink is told before anything is submitted: value, limit, remedy.

The clusters here are answers of Flink's REST interface; the real one is in tests/flink.
"""

import json
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pipelines.flink import check_flink
from pipelines.flink_cluster import cancel_jobs
from schemas.faults import UsageFault, UserFault
from tests.pipelines.command import scope3
from tests.records import make_record
from transforms.sinks.contract import RunKey

# As RFC 5737 has it: an address for documentation, never that of this machine.
_ELSEWHERE = "192.0.2.7"
_KEY = RunKey("acme 2026/1", "0123456789abcdef")


@contextmanager
def _cluster(version="1.19.3", free=4, slots=4, host="127.0.0.1", managers=2, settings=(), answers=None, to_patch=202):
    """Gives HOST:PORT of something that answers as a cluster does; `to_patch` is its status for whoever cancels a job."""
    path = "pekko.tcp://flink@{}:4{}/user/rpc/taskmanager_0"
    told = answers or {
        "/overview": {"taskmanagers": managers, "slots-total": slots, "slots-available": free, "flink-version": version},
        "/taskmanagers": {"taskmanagers": [{"path": path.format(host, number), "slotsNumber": 2} for number in range(managers)]},
        "/jobmanager/config": [
            {"key": key, "value": value} for key, value in {"restart-strategy.type": "fixed-delay", **dict(settings)}.items()
        ],
    }

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            body = told.get(self.path, {})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def do_PATCH(self):
            self.send_response(to_patch)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def jar(tmp_path):
    return _job_server(tmp_path / "server.jar", "1.19.2")


@pytest.fixture
def java(tmp_path):
    """A program that says it is Java 17; whoever runs the tests may have none."""
    return _program(tmp_path / "java17", 'openjdk version "17.0.1" 2021-10-19')


def _job_server(path, version):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(".flink-runtime.version.properties", f"project.version={version}\n")
    return path


def _program(path, told):
    path.write_text(f"#!/bin/sh\necho '{told}' >&2\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def check(jar, java):
    """Returns a function that checks a job; `given` options replace those of a job that can run, None leaves one out."""

    def checked(master, **given):
        words = {"flink_job_server_jar": jar, "job_server_java_launcher": java, "environment_type": "LOOPBACK", **given}
        return check_flink([f"--flink_master={master}", *(f"--{name}={value}" for name, value in words.items() if value is not None)])

    return checked


def _told(check, master, **given):
    with pytest.raises(UserFault) as caught:
        check(master, **given)
    return type(caught.value), str(caught.value)


def _words(job):
    with job.arguments(_KEY) as arguments:
        # Of an option that comes twice the last counts.
        return dict(word.removeprefix("--").split("=", 1) for word in arguments)


def test_a_job_that_can_run_is_told_all_that_beam_would_guess(check, jar):
    with _cluster() as master:
        job = check(master, environment_type="LOOPBACK", parallelism=2)
        words = _words(job)
    assert (job.is_remote, job.page, job.warning) == (False, f"http://{master}/#/overview", None)
    # So that it can be told from others on the cluster's page, and ended there.
    assert job.name(_KEY) == words["job_name"] == "acme-2026-1-01234567"
    assert words["flink_job_server_jar"] == str(jar)
    assert (words["parallelism"], words["sdk_worker_parallelism"]) == ("2", "2")
    # Workers of LOOPBACK are served by us, not by threads of the submitting process.
    assert words["environment_type"] == "EXTERNAL" and words["environment_config"].startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"environment_type": None}, "--environment_type is missing: Beam would start Docker containers"),
        ({"environment_type": "LOOPBAK"}, "--environment_type LOOPBAK is none that Beam knows; give LOOPBACK"),
        ({"environment_type": "EXTERNAL"}, "needs --environment_config=HOST:PORT"),
        ({"environment_type": "EXTERNAL", "environment_config": "localhost"}, "needs --environment_config=HOST:PORT"),
        ({"environment_type": "DOCKER"}, "needs --environment_config=IMAGE with scope3-calculator"),
        ({"flink_version": "1.20"}, "--flink_version is 1.20, and the cluster has Flink 1.19; give 1.19, or leave it out"),
        ({"flink_job_server_jar": "nowhere.jar"}, "there is no file nowhere.jar; correct the path"),
        ({"flink_job_server_jar": __file__}, "is no job server of Beam for Flink; correct the path"),
    ],
)
def test_wrong_options_are_a_wrong_use(check, given, said):
    with _cluster() as master:
        kind, told = _told(check, master, **given)
    assert kind is UsageFault and said in told


def test_a_job_server_for_another_flink_is_refused(check, tmp_path):
    with _cluster() as master:
        kind, told = _told(check, master, flink_job_server_jar=_job_server(tmp_path / "other.jar", "1.20.1"))
    assert kind is UsageFault and "is for Flink 1.20, and the cluster has 1.19; give the one for 1.19" in told


def test_a_flink_that_beam_does_not_know_needs_a_job_server_of_the_users_own(check, tmp_path):
    with _cluster("1.16.3") as master:
        kind, told = _told(check, master, flink_job_server_jar=None)
        assert kind is UsageFault
        assert "the cluster has Flink 1.16, and this Beam has job servers for 1.19" in told and "--flink_job_server_jar" in told
        own = _job_server(tmp_path / "own.jar", "1.16.3")
        assert _words(check(master, flink_job_server_jar=own))["flink_job_server_jar"] == str(own)


def test_a_job_server_that_can_not_be_downloaded_is_told_with_its_address(check, tmp_path):
    with _cluster() as master, _cluster(answers={"/": {}}) as nothing:
        gone = f"http://{nothing[:-1]}/beam-runners-flink-1.19-job-server.jar"
        # A port that nobody listens on.
        gone = gone.replace(nothing[:-1], "127.0.0.1:1")
        kind, told = _told(check, master, flink_job_server_jar=gone, jar_cache_dir=tmp_path / "cache")
    assert kind is UserFault
    assert f"can't be downloaded from {gone}" in told and "give its path with --flink_job_server_jar" in told


def test_without_java_the_remedy_is_to_install_it(check, tmp_path):
    with _cluster() as master:
        kind, told = _told(check, master, job_server_java_launcher=tmp_path / "nojava")
        assert kind is UserFault and "there is no program" in told and "apt-get install openjdk-17-jre-headless" in told
        kind, told = _told(check, master, job_server_java_launcher=_program(tmp_path / "java8", 'java version "1.8.0_292"'))
        assert kind is UserFault and '-version says: java version "1.8.0_292"' in told and "Java 11 or newer" in told


@pytest.mark.parametrize("answer", [b"<html>It works!</html>", {"errors": ["not found"]}, [1, 2]])
def test_an_address_where_no_cluster_answers_is_told(check, answer):
    kind, told = _told(check, "127.0.0.1:1")
    assert kind is UserFault
    assert "no Flink cluster answers at --flink_master=127.0.0.1:1 (Connection refused)" in told and "HOST:PORT of its REST" in told
    with _cluster(answers=dict.fromkeys(["/overview", "/taskmanagers", "/jobmanager/config"], answer)) as master:
        kind, told = _told(check, master)
    assert kind is UserFault and f"no Flink cluster answers at --flink_master={master}" in told


@pytest.mark.parametrize(
    ("free", "remedy"),
    [
        (
            1,
            "1 of its 4 slots free, and the job needs 3; it would wait without a word: wait for its other jobs, add TaskManagers, or give --parallelism=1 or less",
        ),
        (0, "0 of its 4 slots free, and the job needs 3; it would wait without a word: wait for its other jobs, or add TaskManagers"),
    ],
)
def test_a_job_that_would_wait_for_slots_is_not_submitted(check, free, remedy):
    with _cluster(free=free) as master:
        kind, told = _told(check, master, parallelism=3)
    assert kind is UserFault and told.endswith(remedy)


def test_a_cluster_that_is_too_small_or_empty_is_told(check):
    with _cluster() as master:
        assert _told(check, master, parallelism=9)[1].endswith(
            "needs 9; it would wait without a word: add TaskManagers, or give --parallelism=4 or less"
        )
    with _cluster(free=0, slots=0, managers=0) as master:
        assert _told(check, master)[1].endswith("needs 1; it would wait without a word: add TaskManagers")


def test_the_parallelism_of_a_job_that_says_none_is_that_of_the_cluster(check):
    # The job server would take 1, whatever the cluster's configuration says.
    with _cluster(settings={"parallelism.default": "2"}) as master:
        assert _words(check(master))["parallelism"] == "2"


def test_a_cluster_that_makes_its_task_managers_itself_may_have_none_yet(check):
    with _cluster(free=0, slots=0, managers=0, settings={"kubernetes.cluster-id": "mine"}) as master:
        # They will be elsewhere, and their workers can't be seen from here.
        job = check(master, environment_type="EXTERNAL", environment_config="localhost:1", parallelism=8)
        assert job.is_remote and _words(job)["parallelism"] == "8"


def test_a_standalone_cluster_of_the_kubernetes_operator_makes_none(check):
    settings = {"kubernetes.cluster-id": "scope3-flink", "execution.target": "remote"}
    with _cluster(free=1, slots=6, settings=settings) as master:
        assert "1 of its 6 slots free, and the job needs 4" in _told(check, master, parallelism=4)[1]


@pytest.mark.parametrize("status", [404, 409])
def test_a_job_that_ends_while_it_is_being_cancelled_is_cancelled(status):
    going_on = {"jobs": [{"jid": "0", "name": "acme", "state": "RUNNING"}]}
    with _cluster(answers={"/jobs/overview": going_on}, to_patch=status) as master:
        threading.Timer(0.5, going_on["jobs"].clear).start()
        cancel_jobs(master, "acme")


def test_a_cluster_that_does_not_cancel_is_told():
    going_on = {"jobs": [{"jid": "0", "name": "acme", "state": "RUNNING"}]}
    with _cluster(answers={"/jobs/overview": going_on}, to_patch=500) as master, pytest.raises(UserFault, match="Internal Server Error"):
        cancel_jobs(master, "acme")


def test_task_managers_elsewhere_need_workers_there(check):
    with _cluster(host=_ELSEWHERE) as master:
        kind, told = _told(check, master)
        assert kind is UsageFault and "--environment_type=LOOPBACK is for a cluster on this machine" in told and "scope3 workers" in told
        assert check(master, environment_type="EXTERNAL", environment_config="localhost:50000").is_remote


def test_workers_that_nobody_serves_are_told_where_they_can_be_seen(check):
    with _cluster() as master:
        kind, told = _told(check, master, environment_type="EXTERNAL", environment_config="127.0.0.1:1")
        assert kind is UserFault and told.endswith("(Connection refused); start them with: scope3 workers --port=1")


def test_a_job_server_of_the_users_own_that_does_not_answer_is_told(check):
    with _cluster() as master:
        for endpoint in ("127.0.0.1:1", "nowhere"):
            kind, told = _told(check, master, job_endpoint=endpoint)
            assert kind is UserFault and f"no job server answers at --job_endpoint={endpoint}" in told
        # One that does answer needs neither Java nor a jar here.
        words = _words(check(master, job_endpoint=master, flink_job_server_jar=None, job_server_java_launcher="nojava"))
        assert "flink_job_server_jar" not in words


def test_a_cluster_without_restarts_is_told_to_whoever_runs_it(check):
    with _cluster(settings={"restart-strategy.type": "none"}) as master:
        assert "restart-strategy.type: fixed-delay" in check(master).warning


def test_the_command_tells_it_in_one_line_and_leaves_no_trace(tmp_path, java):
    (tmp_path / "few.jsonl").write_text(json.dumps(make_record()) + "\n")
    flink = ["run", "--input", "few.jsonl", "--runner=FlinkRunner", f"--job_server_java_launcher={java}"]
    with _cluster(host=_ELSEWHERE) as master:
        external = [
            "--environment_type=EXTERNAL",
            "--environment_config=localhost:50000",
            f"--flink_job_server_jar={_job_server(tmp_path / 'a.jar', '1.19')}",
        ]
        for arguments, status, told in [
            ([f"--flink_master={master}"], 2, "--environment_type is missing"),
            (["--flink_master=127.0.0.1:1", "--environment_type=LOOPBACK"], 1, "no Flink cluster answers"),
            (
                [f"--flink_master={master}", *external],
                2,
                "--output embedded is a store on this machine, and TaskManagers of the cluster are on others",
            ),
            ([f"--flink_master={master}", *external, "--paralellism=2"], 2, "did you mean --parallelism?"),
        ]:
            done = scope3(*flink, *arguments, cwd=tmp_path)
            assert (done.returncode, done.stdout) == (status, ""), done
            assert done.stderr.startswith("scope3: ") and told in done.stderr and len(done.stderr.splitlines()) == 1
    assert not Path(tmp_path, ".scope3").exists()
