"""The DAG is read by Airflow itself, in an environment of its own, and its check runs on a real store."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, PROJECT, launch_request, manifest

_HERE = Path(__file__).parent
_LOCK = _HERE / "airflow_requirements.txt"
_FOLDER = PROJECT / ".scope3/airflow"


@pytest.fixture(scope="module")
def airflow_python():
    """Returns the Python of an environment with Airflow and Google's provider, made once; 20 s without a cache."""
    if sys.version_info < (3, 11):
        pytest.skip("Airflow's provider for Beam needs Python 3.11")
    python, stamp = _FOLDER / "bin/python", _FOLDER / "made"
    if not stamp.exists() or stamp.read_text() != _LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", _FOLDER], check=True)
        uv = Path(sys.executable).parent / "uv"
        install = [uv, "pip", "install", "-q", "--python", python] if uv.exists() else [python, "-m", "pip", "install", "-q"]
        subprocess.run([*install, "-r", _LOCK], check=True)
        stamp.write_text(_LOCK.read_text())
    return python


@pytest.fixture(scope="module")
def dag(airflow_python, tmp_path_factory):
    """Returns the DAG as Airflow reads it, for the night of 2026-01-02."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [airflow_python, _HERE / "read_dag.py", DEPLOY / "airflow/scope3_nightly.py"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_night_is_launched_once_and_then_looked_for_in_the_store(dag):
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)
    assert dag["schedule"] == manifest("kubernetes/cronjob.yaml", "CronJob")["spec"]["schedule"]
    assert list(dag["tasks"]) == ["launch", "published"]
    assert dag["tasks"]["published"]["after"] == ["launch"]
    assert dag["tasks"]["published"]["trigger_rule"] == "all_done"


def test_each_attempt_of_a_night_is_the_same_run(dag):
    launch = dag["tasks"]["launch"]
    assert launch["retries"] > 0
    sent = launch["fields"]["body"]["launchParameter"]
    assert sent["parameters"]["run_id"] == sent["jobName"] == "scope3-nightly-20260102-013000"
    # Dataflow's rule for the name of a job.
    assert re.fullmatch(r"[a-z]([-a-z0-9]{0,1022}[a-z0-9])?", sent["jobName"])


def test_but_for_the_run_it_sends_what_the_scheduler_sends(dag):
    sent, scheduled = dag["tasks"]["launch"]["fields"]["body"]["launchParameter"], launch_request()["launchParameter"]
    sent["parameters"].pop("run_id")
    assert sent | {"jobName": ""} == scheduled | {"jobName": ""}


def test_the_check_sees_a_run_that_was_published_and_no_other(dag, nights):
    query = dag["tasks"]["published"]["fields"]["sql"]
    assert nights.failed in query
    assert nights.rows(query) == [(0,)]
    assert nights.rows(query.replace(nights.failed, nights.published)) == [(1,)]
    assert nights.rows(query.replace(nights.failed, "another")) == [(0,)]
