"""What Cloud Scheduler sends is what Dataflow's own messages can hold, and what `scope3 run` takes."""

import copy
import json
import re

import pytest
from google.cloud import dataflow_v1beta3
from google.protobuf.json_format import ParseError

from pipelines.options import parse_run
from tests.deploy.files import DEPLOY, launch_request


def _read(request):
    return dataflow_v1beta3.LaunchFlexTemplateRequest.from_json(json.dumps(request))


def test_the_body_is_a_request_of_dataflow():
    read = _read(launch_request()).launch_parameter
    assert read.environment.ip_configuration == dataflow_v1beta3.WorkerIPAddressConfiguration.WORKER_IP_PRIVATE
    assert read.container_spec_gcs_path.startswith("gs://") and read.parameters["input"]


def test_a_word_that_dataflow_does_not_know_is_found():
    wrong = copy.deepcopy(launch_request())
    wrong["launchParameter"]["environment"]["maxWorker"] = 4
    with pytest.raises(ParseError, match="maxWorker"):
        _read(wrong)


def test_the_parameters_are_options_of_scope3_run():
    parameters = launch_request()["launchParameter"]["parameters"]
    options = parse_run(["--runner=DataflowRunner", *(f"--{name}={value}" for name, value in parameters.items())])
    assert all(one.startswith("gs://") for one in options.inputs)
    # Without it each night is a run of its own.
    assert options.run_id is None


def test_the_template_takes_the_parameters():
    described = json.loads((DEPLOY / "dataflow/metadata.json").read_text(encoding="utf-8"))["parameters"]
    given = dict(launch_request()["launchParameter"]["parameters"])
    for one in described:
        value = given.pop(one["name"], None)
        assert value is not None or one.get("isOptional"), f"{one['name']} is missing"
        for pattern in one.get("regexes", []) if value is not None else []:
            assert re.fullmatch(pattern, value), (one["name"], value)
    assert given == {}, "the template does not know these"


def test_no_password_is_sent():
    text = json.dumps(launch_request())
    assert "password=" not in text.lower()
    assert launch_request()["launchParameter"]["parameters"]["password_secret"].startswith("projects/")
