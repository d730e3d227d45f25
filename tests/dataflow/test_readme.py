"""What the README says of Dataflow is what is submitted."""

import re
import shlex

from pipelines.dataflow import DEFAULTS
from tests.cloud.server import JOB_ID
from tests.dataflow.submission import launch, put_records, submit
from tests.dataflow.test_flex_template import PARAMETERS
from tests.readme_tables import README

_SECTION = README.read_text(encoding="utf-8").split("\n## On Dataflow\n")[1].split("\n## ")[0]


def _command(start):
    text = re.search(rf"^    {re.escape(start)}.*(?:(?<=\\)\n.*)*", _SECTION, re.MULTILINE)[0]
    return shlex.split(text.replace("\\\n", " "))


def _put_files(google):
    put_records(google)
    google.objects["2026/a.csv"] = google.objects["a.csv"] = google.objects["b.csv"] = b"record_id,category,product\nR-1,1,steel\n"
    google.objects["mine.toml"] = b'[columns]\nproduct_name = "product"\n'


def test_the_command_submits(google, tmp_path):
    _put_files(google)
    done = submit(google, tmp_path, *_command("scope3 run")[2:])
    assert (done.returncode, done.stderr) == (0, "")
    assert JOB_ID in done.stdout and len(google.jobs) == 1
    secret = "projects/acme/secrets/emissions-db/versions/latest"
    assert f"scope3 runs --output=postgresql://writer@10.0.0.5/emissions --password_secret={secret}" in done.stdout


def test_the_defaults_are_those_of_the_table():
    told = dict(re.findall(r"^\| `(--\w+)`(?:, `--\w+`)* \| `?([\w-]+)[` ]", _SECTION, re.MULTILINE))
    given = [text.partition("=") for text in DEFAULTS.values()]
    assert len(given) == 4
    assert {option: value or "given" for option, _, value in given}.items() <= told.items()


def test_the_parameters_of_the_template_are_taken(google, tmp_path):
    _put_files(google)
    command = _command("gcloud dataflow flex-template run")
    (text,) = (one.removeprefix("--parameters=^;^") for one in command if one.startswith("--parameters="))
    parameters = dict(one.split("=", 1) for one in text.split(";"))
    assert {name for name, one in PARAMETERS.items() if not one["isOptional"]} <= set(parameters) <= set(PARAMETERS)
    assert all(re.search(PARAMETERS[name]["regexes"][0], value) for name, value in parameters.items())
    own = ["--runner=DataflowRunner", "--project=acme", "--region=europe-west4", "--temp_location=gs://acme-temp/dataflow"]
    done = launch(google, tmp_path, *(f"--{name}={value}" for name, value in parameters.items()), *own)
    assert (done.returncode, done.stderr) == (0, "") and len(google.jobs) == 1
