"""The commands of deploy/README.md: ours run, those of gcloud and kubectl are read by these, and the files are there."""

import json
import re
import shlex
import shutil
import subprocess

import psycopg
import pytest

from pipelines.cli import main
from tests.deploy.conftest import OWNER_PASSWORD
from tests.deploy.files import DEPLOY, PROJECT, launch_request, manifest
from tests.pipelines.command import scope3

_README = (DEPLOY / "README.md").read_text(encoding="utf-8")
# Indented lines are commands; one may go on after a backslash.
_LINES = [line.strip() for line in re.sub(r" \\\n +", " ", _README).splitlines() if line.startswith("    ")]


def _commands(program):
    found = [shlex.split(line, comments=True)[1:] for line in _LINES if line.startswith(f"{program} ")]
    assert found, program
    return found


def test_the_files_that_are_named_are_there():
    named = set(re.findall(r"(?:deploy|examples)/[\w./-]+\.\w+", _README)) | {
        f"deploy/{name}" for name in re.findall(r"\]\(([\w./]+)\)", _README)
    }
    assert len(named) >= 10
    assert [name for name in sorted(named) if not (PROJECT / name).exists()] == []


def test_no_name_of_the_examples_is_left_when_all_were_replaced(tmp_path):
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (replacing,) = (line for line in _LINES if line.startswith("grep "))
    subprocess.run(["bash", "-c", replacing], check=True, cwd=tmp_path)
    for path in sorted((tmp_path / "deploy").rglob("*.*")):
        left = re.findall(r"(?<!/)\bacme\b[\w.-]*|europe-west4\S*", path.read_text(encoding="utf-8")) if path.suffix != ".md" else []
        assert left == [], path


def test_a_password_with_signs_makes_a_url_that_holds_it(tmp_path):
    (making,) = (line for line in _LINES if line.endswith("> connection)"))
    subprocess.run(["bash", "-c", making], input="a%40%2Fb%25\n", text=True, check=True, cwd=tmp_path)
    found = psycopg.conninfo.conninfo_to_dict((tmp_path / "connection").read_text())
    assert (found["user"], found["password"], found["dbname"]) == ("scope3_reader", "a@/b%", "scope3")


def test_nothing_is_used_before_it_is_made():
    made = [shlex.join(arguments) for arguments in _commands("gcloud")]

    def place(pattern):
        return next(place for place, command in enumerate(made) if re.search(pattern, command))

    assert place("services enable .*artifactregistry") < place("artifacts repositories create")
    assert place("services enable .*compute") < place("compute networks create") < place("--network=acme-network")
    assert place("storage buckets create gs://acme-scope3") < place("storage buckets add-iam-policy-binding gs://acme-scope3")


def test_our_commands_do_what_is_said(nights, capfd, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", OWNER_PASSWORD)
    assert re.findall(r"scope3 publish (\S+)", _README) == [nights.published]
    assert nights.published.startswith(manifest("kubernetes/cronjob.yaml", "CronJob")["metadata"]["name"])
    for arguments in _commands("scope3"):
        assert sum(one.startswith("--output=postgresql://") for one in arguments) == 1
        local = [f"--output={nights.output}" if one.startswith("--output=") else one for one in arguments]
        assert main(local) == 0, arguments
    printed = capfd.readouterr().out
    assert re.search(rf"{nights.published} +acme-2026 +published", printed)
    assert re.search(rf"{nights.failed} +acme-2026 +failed", printed)
    assert "E_NO_FACTOR" in printed and f"{nights.published} is published." in printed


def test_the_look_before_anything_else_finds_the_example_in_order():
    for command, *arguments in _commands("./run_local.sh"):
        done = scope3(command, *arguments, cwd=PROJECT)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_query_of_the_alarm_finds_a_run_of_today(nights):
    (query,) = re.findall(r"^    (SELECT run_id FROM scope3\.inventories .*;)$", _README, re.MULTILINE)
    assert nights.rows(query) == [(nights.published,)]


def test_the_reader_sees_what_was_published_after_the_grants_and_changes_nothing(nights):
    assert nights.rows("SELECT run_id, count(*) > 900 FROM scope3.current_results GROUP BY 1") == [(nights.published, True)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        nights.rows("DELETE FROM scope3.runs RETURNING 1")


def _names(node):
    """Returns the names of all arguments in gcloud's description of a command."""
    if isinstance(node, dict):
        yield from [node["name"]] if "name" in node else []
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _names(one)


def test_gcloud_knows_its_commands_and_their_options(tmp_path):
    if shutil.which("gcloud") is None:
        pytest.skip("this machine has no gcloud")
    commands = [{"command_string": f"gcloud {shlex.join(arguments)}"} for arguments in _commands("gcloud")]
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    lint = ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={tmp_path}/commands.json"]
    found = json.loads(subprocess.run(lint, capture_output=True, text=True, check=True).stdout)
    assert len(found) == len(commands)
    for one in found:
        assert one["success"], (one["command_string"], one["error_message"])
        given = {name.removeprefix("--") for name in one["command_args"] if name.startswith("--")}
        assert given - set(_names(one["args_structure"])) == set(), one["command_string"]


def test_the_launch_by_hand_is_the_nightly_one_with_other_files():
    (words,) = _commands("gcloud dataflow flex-template run")
    flags = dict(one.removeprefix("--").split("=", 1) for one in words if one.startswith("--") and "=" in one)
    given = dict(one.split("=", 1) for one in flags["parameters"].removeprefix("^;^").split(";"))
    request = launch_request()["launchParameter"]
    nightly = dict(request["parameters"])
    del nightly["keep_runs"]
    assert given | {"input": ""} == nightly | {"input": ""}
    patterns = {one["name"]: one["regexes"][0] for one in json.loads((DEPLOY / "dataflow/metadata.json").read_text())["parameters"]}
    assert all(re.search(patterns[name], value) for name, value in given.items())
    environment = request["environment"]
    for name, field in {
        "service-account-email": "serviceAccountEmail",
        "subnetwork": "subnetwork",
        "temp-location": "tempLocation",
        "staging-location": "stagingLocation",
        "worker-machine-type": "machineType",
        "max-workers": "maxWorkers",
    }.items():
        assert flags[name] == str(environment[field])
    assert "--disable-public-ips" in words and environment["ipConfiguration"] == "WORKER_IP_PRIVATE"
    assert flags["template-file-gcs-location"] == request["containerSpecGcsPath"]


def test_kubectl_makes_what_the_manifests_name(tmp_path):
    if shutil.which("kubectl") is None:
        pytest.skip("this machine has no kubectl")
    (tmp_path / "password").write_text("sesame")
    made = set()
    for arguments in _commands("kubectl"):
        if arguments[0] == "create" and arguments[1] in ("secret", "configmap", "serviceaccount"):
            local = [one.replace("examples/", f"{PROJECT}/examples/") for one in arguments]
            command = ["kubectl", *local, "--dry-run=client", "--output=json"]
            one = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout)
            made.add((one["kind"], one["metadata"]["name"], *sorted(one.get("data", {}))))
    assert made == {
        ("Secret", "scope3-postgres", "password"),
        ("ConfigMap", "scope3-mapping", "mapping.toml"),
        ("ServiceAccount", "scope3"),
    }
    used = (DEPLOY / "kubernetes/cronjob.yaml").read_text() + (DEPLOY / "flink/nightly.yaml").read_text()
    assert "configMap: {name: scope3-mapping}" in used and "/mapping/mapping.toml" in used and "serviceAccountName: scope3" in used
