"""The flex template: its metadata are those of the options, and its launcher describes the same job."""

import json
import re

import pytest
from google.cloud.dataflow_v1beta3.types import TemplateMetadata

from pipelines.cli import main
from pipelines.flex_template import run_arguments
from pipelines.options import parse_run, run_parser
from schemas.config import Config
from schemas.faults import UsageFault
from tests.cloud.server import BUCKET, PROJECT, REGION
from tests.dataflow.submission import IMAGE, OUTPUT, PROJECT_FOLDER, SECRET, launch, pipeline_of, put_records

_FILE = PROJECT_FOLDER / "deploy/dataflow/metadata.json"
PARAMETERS = {one["name"]: one for one in json.loads(_FILE.read_text())["parameters"]}

# What the launcher adds by itself.
_OF_LAUNCHER = [
    "--runner=DataflowRunner", f"--project={PROJECT}", f"--region={REGION}", f"--temp_location=gs://{BUCKET}/temp",
    f"--staging_location=gs://{BUCKET}/staging", "--job_name=nightly", f"--template_location=gs://{BUCKET}/staging/template_launches/1/job_object",
    '--labels={\n   "goog-dataflow-provided-template-type" : "flex"\n}\n', f"--sdk_container_image={IMAGE}",
]  # fmt: skip


def test_the_file_is_what_the_options_say(capsys):
    assert main(["schema", "--format=flex_template"]) == 0
    if capsys.readouterr().out != _FILE.read_text():
        pytest.fail(
            "an option has changed; run: ./run_local.sh schema --format=flex_template > deploy/dataflow/metadata.json", pytrace=False
        )


def test_the_file_has_the_layout_of_dataflow():
    # Google's own declaration of it; a field that it does not know is refused.
    parsed = TemplateMetadata.from_json(_FILE.read_text(), ignore_unknown_fields=False)
    assert parsed.name and parsed.description and len(parsed.parameters) == len(PARAMETERS) > 20
    for one in parsed.parameters:
        assert re.fullmatch(r"[a-zA-Z][\w-]*", one.name) and one.label and one.help_text and one.param_type and one.regexes
    assert [one.name for one in parsed.parameters if not one.is_optional] == ["input", "output", "sdk_container_image"]


def test_every_option_of_a_run_is_a_parameter():
    ours = {name.removeprefix("--") for name in run_parser().option_names() if name.startswith("--")} - {"help", "quiet"}
    assert ours <= set(PARAMETERS) and set(Config.model_fields) <= set(PARAMETERS)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("input", ["gs://b/in/*.csv", "gs://b/a.csv 'gs://b/b c.csv'", "postgresql://u@h:5432/d?table=a.t&sslmode=require", "bigquery://p/d/t?key=id",
                   "\"postgresql://h/d?query=SELECT * FROM t WHERE mail = 'a@b'&key=id\" gs://b/a.csv", f"postgres://u@h/d?table=t&password_secret={SECRET}"],
         ["in/a.csv", "/in/a.csv", "", "postgresql://u:pass@h/d?table=t", "postgresql://u@h/d?table=t&password=pass", "postgresql://u:pass@h/d",
          "gs://b/a.csv postgresql://u:pass@h/d?table=t", "'postgresql://u:pass@h/d?query=SELECT 1&key=id'", "gs://b/a.csv in/a.csv"]),
        ("output", [OUTPUT, "postgresql://h:5432/d?sslmode=verify-full&sslrootcert=/x", "postgresql://?service=e", "bigquery://p/d"],
         ["embedded", "postgresql://u:pass@h/d", "postgresql://u@h/d?password=pass", "postgresql://u@h/d?sslmode=require&password=pass"]),
        ("password_secret", [SECRET, "file:/run/secrets/database"], ["pass", "projects/p/secrets/s", "file:run"]),
        ("mapping", ["gs://b/mine.toml"], ["mine.toml"]),
        ("sdk_container_image", [IMAGE, f"{IMAGE.split(':')[0]}@sha256:{'0' * 64}"], ["scope3", "a b/c"]),
        ("batch_size", ["1000"], ["many", "-1", "1.5"]),
        ("max_dead_letter_share", ["0.5", "1"], ["half", "-1"]),
        ("credit_notes", ["net", "reject"], ["nett", "net "]),
        ("pcaf_cv", ["0.1 0.2 0.3 0.4 0.5"], ["a b"]),
        ("source_priority", ["grid=a,b fuel=c"], ["grid"]),
        ("inventory", ["acme 2026"], [" ", ""]),
    ],
)  # fmt: skip
def test_a_pattern_takes_what_is_right_and_nothing_else(name, good, bad):
    (pattern,) = PARAMETERS[name]["regexes"]
    assert [one for one in good if not re.search(pattern, one)] == []
    assert [one for one in bad if re.search(pattern, one)] == []


def test_a_list_comes_in_one_value():
    given = list(
        run_arguments(["--input=gs://b/a.csv 'gs://b/b c.csv'", "--factors=gs://b/own.csv default", f"--output={OUTPUT}", "--mapping="])
    )
    options = parse_run(given)
    assert options.inputs == ("gs://b/a.csv", "gs://b/b c.csv")
    assert options.factors == ("gs://b/own.csv", "default")
    assert options.mapping is None
    with pytest.raises(UsageFault, match="--input holds a quote that does not end"):
        list(run_arguments(["--input=gs://b/'a.csv"]))


def test_options_of_the_launcher_alone_are_told_and_left_out(capsys):
    given = ["--inventory=a", "--requirements_cache_of_launcher=x", "--use_public_ips=false", "--enable_streaming_engine=true"]
    assert list(run_arguments(given)) == ["--inventory=a", "--no_use_public_ips", "--enable_streaming_engine"]
    assert "--requirements_cache_of_launcher of the launcher means nothing here" in capsys.readouterr().err


def test_the_launcher_writes_the_job_where_it_is_asked_to(google, tmp_path):
    put_records(google)
    google.objects["conf/mine.toml"] = b'[columns]\nproduct_name = "product"\n[lookup]\nfile = "table.csv"\non = "supplier"\n'
    google.objects["conf/table.csv"] = b"supplier,supplier_name\n1,Acme\n"
    google.objects["conf/own.csv"] = (PROJECT_FOLDER / "examples/own_factors.csv").read_bytes()
    given = [
        f"--input=gs://{BUCKET}/in/*.jsonl gs://{BUCKET}/in/few.jsonl", f"--output={OUTPUT}", f"--password_secret={SECRET}",
        f"--mapping=gs://{BUCKET}/conf/mine.toml", f"--factors=gs://{BUCKET}/conf/own.csv default", "--inventory=acme", "--run_id=",
    ]  # fmt: skip
    done = launch(google, tmp_path, *given, *_OF_LAUNCHER)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"is described in gs://{BUCKET}/staging/template_launches/1/job_object, from where the launcher" in done.stdout
    # The launcher starts the job from this description; nothing was started here.
    assert google.jobs == []
    job = json.loads(google.objects["staging/template_launches/1/job_object"])
    assert job["name"] == "nightly" and job["labels"] == {"goog-dataflow-provided-template-type": "flex"}
    assert job["environment"]["workerPools"][0]["workerHarnessContainerImage"] == IMAGE
    assert any(one.unique_name.startswith("PublishRun") for one in pipeline_of(google).components.transforms.values())


def test_a_fault_of_a_parameter_ends_the_launch_with_a_sentence(google, tmp_path):
    done = launch(google, tmp_path, f"--input=gs://{BUCKET}/in/*.jsonl", "--output=postgresql://u:pass-4711@db.internal/d", *_OF_LAUNCHER)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("scope3: the password in --output stays on this machine") and "pass-4711" not in done.stderr
    assert google.requests == []
