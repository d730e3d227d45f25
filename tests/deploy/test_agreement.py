"""The files name each other's parts: images, addresses, ports, secrets and versions are the same wherever they stand."""

import re

import pytest

from pipelines.cli import COMMANDS
from pipelines.options import parse_run
from schemas.version import ENGINE_VERSION
from tests.deploy.files import DEPLOY, PROJECT, containers, manifest, manifests
from tests.flink.cluster import OPENS
from tests.flink.parts import FLINK_VERSION

# Manifests, DAG and request.
_FILES = [path for path in DEPLOY.rglob("*") if path.suffix in (".yaml", ".json", ".py") and path.parent.name != "dataflow"]
_TEXTS = {str(path.relative_to(DEPLOY)): path.read_text(encoding="utf-8") for path in _FILES}
_README = (DEPLOY / "README.md").read_text(encoding="utf-8")


def _everywhere(pattern):
    """Returns what a pattern's group finds in all files."""
    return {found for text in _TEXTS.values() for found in re.findall(pattern, text)}


def _container(path, name):
    (found,) = (one for one in containers(manifests(path)) if one["name"] == name)
    return found


def test_our_images_carry_the_version_of_the_engine_and_are_those_that_are_built():
    images = _everywhere(r"[\w.-]+-docker\.pkg\.dev/[\w./:-]+")
    assert {image.rpartition(":")[2] for image in images} == {ENGINE_VERSION}
    for image in images:
        assert image in _README, "nobody is told to build it"
    assert _everywhere(r"templates/scope3-([\d.]+)\.json") == {ENGINE_VERSION}


def test_all_say_the_same_store_and_inventory():
    assert len(_everywhere(r"postgresql://[^\s\"',]+")) == 1
    assert len(_everywhere(r"inventory(?:=|\": \")([\w-]+)")) == 1
    assert len(_everywhere(r"[\w-]+\.iam\.gserviceaccount\.com")) == 1
    (output,) = _everywhere(r"postgresql://[^\s\"',]+")
    assert "sslmode=require" in output and output in _README


def test_the_secrets_that_are_used_are_those_that_are_made():
    of_kubernetes = _everywhere(r"secretKeyRef: \{name: ([\w-]+), key: password\}")
    of_google = _everywhere(r"projects/[\w-]+/secrets/([\w-]+)/versions")
    assert of_kubernetes == {re.search(r"kubectl create secret generic (\S+) --from-file=password=", _README)[1]}
    assert of_google == set(re.findall(r"gcloud secrets create (\S+) .*--data-file=password", _README))


@pytest.mark.parametrize("name", sorted(_TEXTS))
def test_no_password_stands_in_a_file(name):
    assert not re.search(r"postgresql://[^\s/@]*:[^\s/@]+@|password\s*[:=]\s*[\"']?\w*\d", _TEXTS[name], re.IGNORECASE)


def test_the_cluster_has_slots_to_spare_for_a_dead_taskmanager():
    spec = manifest("flink/cluster.yaml", "FlinkDeployment")["spec"]
    slots = int(spec["flinkConfiguration"]["taskmanager.numberOfTaskSlots"])
    arguments = _container("flink/nightly.yaml", "scope3")["args"]
    (parallelism,) = (int(one.partition("=")[2]) for one in arguments if one.startswith("--parallelism="))
    assert (spec["taskManager"]["replicas"] - 1) * slots >= parallelism
    assert spec["mode"] == "standalone", "else there are no slots before there is a job"
    assert int(spec["flinkConfiguration"]["restart-strategy.fixed-delay.attempts"]) >= 3


def test_the_job_finds_cluster_workers_and_job_server():
    cluster = manifest("flink/cluster.yaml", "FlinkDeployment")
    submitted = dict(one.removeprefix("--").split("=", 1) for one in _container("flink/nightly.yaml", "scope3")["args"] if "=" in one)
    server = dict(one.removeprefix("--").split("=", 1) for one in _container("flink/nightly.yaml", "job-server")["args"])
    # The operator names the service of the REST interface so.
    assert submitted["flink_master"] == server["flink-master"] == f"{cluster['metadata']['name']}-rest:8081"
    assert submitted["job_endpoint"] == f"{server['job-host']}:{server['job-port']}"
    command, port = _container("flink/cluster.yaml", "workers")["args"]
    assert command in COMMANDS
    assert submitted["environment_config"] == f"localhost:{port.removeprefix('--port=')}"


def test_versions_of_flink_and_beam_are_those_that_the_tests_run_on():
    spec = manifest("flink/cluster.yaml", "FlinkDeployment")["spec"]
    minor = ".".join(FLINK_VERSION.split(".")[:2])
    assert spec["flinkVersion"] == f"v{minor.replace('.', '_')}"
    assert spec["image"].startswith(f"flink:{FLINK_VERSION}-")
    beam = re.search(r"^apache-beam==(\S+)$", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)[1]
    assert _container("flink/nightly.yaml", "job-server")["image"] == f"apache/beam_flink{minor}_job_server:{beam}"


def test_java_opens_to_flink_what_it_needs_on_the_cluster_of_the_tests():
    settings = manifest("flink/cluster.yaml", "FlinkDeployment")["spec"]["flinkConfiguration"]
    assert settings["env.java.opts.all"].split() == OPENS


def test_workers_and_command_are_of_one_image():
    assert _container("flink/cluster.yaml", "workers")["image"] == _container("flink/nightly.yaml", "scope3")["image"]


def test_the_local_run_and_the_run_on_flink_differ_in_the_runner_alone():
    local, flink = (parse_run(_container(path, "scope3")["args"][1:]) for path in ("kubernetes/cronjob.yaml", "flink/nightly.yaml"))
    assert (local.local, flink.local) == (True, False)
    assert (local.endpoint, local.inventory, local.keep_runs) == (flink.endpoint, flink.inventory, flink.keep_runs)
