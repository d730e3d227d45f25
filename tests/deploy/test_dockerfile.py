"""The Dockerfile is read by a parser and a linter; no image can be built without a registry of images."""

import re
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser

from tests.deploy.files import DEPLOY, PROJECT

_DOCKERFILE = DEPLOY / "Dockerfile"


@pytest.fixture(scope="module")
def stages():
    """Returns the instructions by stage, as (instruction, value); those before the first FROM under None."""
    parser = DockerfileParser(fileobj=BytesIO(_DOCKERFILE.read_bytes()), env_replace=False)
    found, stage = {None: []}, None
    for one in parser.structure:
        if one["instruction"] == "FROM":
            stage = one["value"].split(" AS ")[1]
            found[stage] = []
        if one["instruction"] != "COMMENT":
            found[stage].append((one["instruction"], one["value"]))
    return found


def _values(instructions, name):
    return [value for instruction, value in instructions if instruction == name]


def _requirement(name):
    return re.search(rf"^{name}==(\S+)$", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)[1]


def _copied(stages, stage):
    """Returns what a stage copies from the project."""
    sources = [value.split()[:-1] for value in _values(stages[stage], "COPY") if not value.startswith("--from=")]
    return [name for names in sources for name in names]


def test_the_linter_finds_nothing():
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, "--failure-threshold=style", _DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_base_is_pinned_and_can_be_pinned_by_digest(stages):
    arguments = dict(value.split("=", 1) for value in _values(stages[None], "ARG"))
    for image in arguments.values():
        assert re.fullmatch(r"[\w./-]+:(?!latest)[\w.-]*\d[\w.-]*", image), image
    bases = {value.split()[0] for stage in stages.values() for value in _values(stage, "FROM")}
    assert bases == {f"${{{name}}}" for name in arguments} | {"runtime"}


def test_versions_are_those_of_the_requirements(stages):
    arguments = dict(value.split("=", 1) for value in _values(stages[None], "ARG"))
    python = re.match(r"python:(\d+)\.(\d+)\.", arguments["PYTHON_IMAGE"])
    assert arguments["BEAM_IMAGE"] == f"apache/beam_python{python[1]}.{python[2]}_sdk:{_requirement('apache-beam')}"
    assert f"python{python[1]}{python[2]}-template-launcher-base:" in arguments["LAUNCHER_IMAGE"]


def test_what_is_built_by_default_does_not_run_as_root(stages):
    last = list(stages)[-1]
    assert last == "scope3"
    (user,) = _values(stages[last], "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, so that runAsNonRoot can be checked without the image"
    assert _values(stages[last], "ENTRYPOINT") == ['["scope3"]']


def test_no_step_writes_down_the_day_on_which_it_runs(stages):
    # pip, compileall and useradd do, and take this in its place; it reaches a stage that declares it.
    for name in ("build", "scope3"):
        instructions = [
            instruction for instruction, value in stages[name] if instruction == "RUN" or value.startswith("SOURCE_DATE_EPOCH=")
        ]
        assert instructions[0] == "ARG" and "RUN" in instructions


def test_the_image_for_dataflow_starts_as_dataflow_wants(stages):
    # The service starts a worker with the entry point of the image and its own arguments, and a launcher by its path.
    assert _values(stages["dataflow"], "ENTRYPOINT") == ['["/opt/apache/beam/boot"]']
    copied = _values(stages["dataflow"], "COPY")
    assert "--from=beam /opt/apache/beam /opt/apache/beam" in copied
    environment = " ".join(_values(stages["dataflow"], "ENV"))
    started = re.search(r"FLEX_TEMPLATE_PYTHON_PY_FILE=(\S+)", environment)[1]
    assert f"deploy/dataflow/launch.py {started}" in copied


def test_the_launcher_hands_its_arguments_to_scope3_run():
    command = [sys.executable, DEPLOY / "dataflow/launch.py", "--runner=DataflowRunner", "--input=gs://bucket/*.csv", "--batch_size=none"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--batch_size: none is no whole number" in done.stderr


def test_no_secret_can_come_into_an_image(stages):
    for stage in stages.values():
        for name in ("ENV", "ARG"):
            assert not re.search(r"pass|secret|token|key", " ".join(_values(stage, name)), re.IGNORECASE)
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*", "what is not named stays out"
    named = {line.removeprefix("!") for line in rules if line.startswith("!")}
    copied = {name for stage in stages for name in _copied(stages, stage)}
    assert {name for name in copied if not any(name == one or name.startswith(f"{one}/") for one in named)} == set()
    assert {one for one in named if not any(name == one or name.startswith(f"{one}/") for name in copied)} == set(), "named, but not used"


def test_what_the_build_copies_is_all_that_the_package_needs(stages, tmp_path):
    for name in _copied(stages, "build"):
        files = [PROJECT / name] if (PROJECT / name).is_file() else [path for path in (PROJECT / name).rglob("*") if path.is_file()]
        assert files, name
        for path in files:
            if "__pycache__" not in path.parts:
                copy = tmp_path / "source" / path.relative_to(PROJECT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, tmp_path / "source"]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        (entry_points,) = (packed.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    assert "scope3 = pipelines.cli:main" in entry_points
    for package in ("pipelines", "schemas", "transforms"):
        kept = [path for path in (PROJECT / package).rglob("*") if path.suffix in (".py", ".parquet", ".json", ".csv")]
        assert {str(path.relative_to(PROJECT)) for path in kept} <= names
