"""The manifests are held against the schemas of Kubernetes and of the Flink operator, and against what they are there for."""

import gzip
import json
import re
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest

from pipelines import flink_cluster
from pipelines.options import parse_run
from tests.deploy.files import DEPLOY, PROJECT, containers, manifest, manifests

_KUBERNETES = ("1.29", "1.33")
_FILES = sorted(str(path.relative_to(DEPLOY)) for path in DEPLOY.rglob("*.yaml"))
_OPERATOR = Path(__file__).parent / "data/flinkdeployments.flink.apache.org-v1.json.gz"


def _strict(schema):
    """Returns a schema that refuses what it does not name: a CustomResourceDefinition prunes it without a word."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _strict(value) for key, value in schema.items()}
    is_object = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if is_object and "additionalProperties" not in schema and "x-kubernetes-preserve-unknown-fields" not in schema:
        closed["additionalProperties"] = False
    if "x-kubernetes-int-or-string" in schema:
        return {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    return closed


def _operator_schema(version):
    """Returns the schema of a FlinkDeployment; its header is that of any object."""
    definition = json.loads(gzip.decompress(_OPERATOR.read_bytes()))
    (found,) = (one["schema"]["openAPIV3Schema"] for one in definition["spec"]["versions"] if one["name"] == version)
    schema = _strict(found)
    schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return schema


def _validate(document):
    if document["kind"] == "FlinkDeployment":
        jsonschema.validate(document, _operator_schema(document["apiVersion"].split("/")[1]))
        return
    for version in _KUBERNETES:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("path", _FILES)
def test_a_manifest_is_what_kubernetes_takes(path):
    documents = manifests(path)
    assert documents
    for document in documents:
        _validate(document)


def test_a_word_that_nobody_knows_is_found():
    wrong = manifest("kubernetes/cronjob.yaml", "CronJob")
    wrong["spec"]["concurencyPolicy"] = "Forbid"
    with pytest.raises(jsonschema.ValidationError, match="concurencyPolicy"):
        _validate(wrong)
    wrong = manifest("flink/cluster.yaml", "FlinkDeployment")
    wrong["spec"]["taskManager"]["podTemplate"]["spec"]["containers"][1]["argument"] = []
    with pytest.raises(jsonschema.ValidationError, match="argument"):
        _validate(wrong)


@pytest.mark.parametrize("path", [path for path in _FILES if containers(manifests(path))])
def test_our_containers_have_no_more_rights_than_they_need(path):
    ours = [one for one in containers(manifests(path)) if "/scope3/" in one.get("image", "")]
    assert ours
    for one in ours:
        security = one["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert {"cpu", "memory"} <= set(one["resources"]["requests"]) and "memory" in one["resources"]["limits"]
        assert any(mount["mountPath"] == "/tmp" for mount in one["volumeMounts"]), "nothing else can be written"


def _pod(job):
    return job["spec"]["jobTemplate"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("path", [path for path in _FILES if manifests(path)[0]["kind"] == "CronJob"])
def test_a_nightly_run_comes_alone_ends_in_time_and_does_not_repeat_a_hopeless_attempt(path):
    job = manifest(path, "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    inner = job["spec"]["jobTemplate"]["spec"]
    assert 0 < inner["activeDeadlineSeconds"] < 24 * 3600
    assert 0 < inner["backoffLimit"] <= 3
    failing = [rule["onExitCodes"] for rule in inner["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
    # 2 is wrong use, 3 a failed audit (pipelines/cli.py).
    assert failing == [{"containerName": "scope3", "operator": "In", "values": [2, 3]}]
    assert _pod(job)["restartPolicy"] == "Never", "else the policy is not allowed"
    assert _pod(job)["securityContext"]["runAsNonRoot"] is True


def test_the_volume_that_is_read_is_the_one_that_is_made():
    (claim,) = (
        one["persistentVolumeClaim"] for one in _pod(manifest("kubernetes/cronjob.yaml", "CronJob"))["volumes"] if one["name"] == "data"
    )
    assert claim == {"claimName": manifest("kubernetes/input.yaml", "PersistentVolumeClaim")["metadata"]["name"], "readOnly": True}


def test_the_volume_holds_as_many_records_as_the_pod_is_said_to_be_for():
    (size,) = re.fullmatch(
        r"(\d+)Gi", manifest("kubernetes/input.yaml", "PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"]
    ).groups()
    (millions,) = re.search(r"up to some (\d+) million records a night, one pod", (DEPLOY / "README.md").read_text()).groups()
    each = json.loads((PROJECT / "benchmarks/scale.json").read_text())["per_record"]["input_bytes"]
    assert int(millions) * 1e6 * each <= int(size) * 2**30


def test_a_run_that_is_stopped_has_the_time_to_cancel_its_job_and_to_say_so_in_the_store():
    assert _pod(manifest("flink/nightly.yaml", "CronJob"))["terminationGracePeriodSeconds"] >= flink_cluster._CANCELLING_SECONDS + 30


@pytest.mark.parametrize("path", [path for path in _FILES if manifests(path)[0]["kind"] == "CronJob"])
def test_the_command_of_a_nightly_run_is_one(path):
    (container,) = (one for one in _pod(manifest(path, "CronJob"))["containers"] if one["name"] == "scope3")
    command, *arguments = container["args"]
    assert command == "run"
    options = parse_run(arguments)
    mounts = [mount["mountPath"] for mount in container["volumeMounts"]]
    read = [*options.inputs, *filter(None, [options.mapping])]
    assert all("://" in one or one.startswith(tuple(mounts)) for one in read)
    environment = {one["name"]: one["valueFrom"] for one in container["env"]}
    # Kubernetes names a Job once, and all its attempts alike.
    assert options.run_id == "$(RUN_ID)"
    assert "job-name" in environment["RUN_ID"]["fieldRef"]["fieldPath"]
    assert "secretKeyRef" in environment["PGPASSWORD"]
