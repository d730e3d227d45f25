"""scope3 run --runner=DataflowRunner, against a stand-in for Dataflow that keeps what arrives."""

import re

import pytest

from tests.cloud.server import JOB_ID
from tests.dataflow.submission import IMAGE, INPUT, OUTPUT, RUNNER, SECRET, pipeline_of, put_records, submit
from tests.secrets.search import places_of

_PASSWORD = "sesame-Öffne/4711+dich"


def test_the_job_is_submitted_and_nobody_waits_for_it(google, tmp_path):
    put_records(google)
    done = submit(google, tmp_path, *INPUT, *RUNNER, f"--output={OUTPUT}", "--schema=own", "--run_id=acme 2026/1")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Run acme 2026/1 is submitted to Dataflow as job {JOB_ID}, project my-project, europe-west4." in done.stdout
    assert f"https://console.cloud.google.com/dataflow/jobs/europe-west4/{JOB_ID}?project=my-project" in done.stdout
    assert f"scope3 runs --output={OUTPUT} --schema=own" in done.stdout
    # One request made the job, and it was the last: nothing asks how it goes on.
    assert [line for line, _, _ in google.requests if "/v1b3/" in line] == [google.requests[-1][0]]
    assert google.requests[-1][0].startswith("POST /v1b3/projects/my-project/locations/europe-west4/jobs")
    (job,) = google.jobs
    assert job["name"] == "scope3-acme-2026-1"
    (workers,) = job["environment"]["workerPools"]
    (image,) = workers["sdkHarnessContainerImages"]
    assert image["containerImage"] == IMAGE
    # What the defaults of the README say.
    assert workers["autoscalingSettings"] == {"algorithm": 2, "maxNumWorkers": 4}
    assert workers["machineType"] == "n2-standard-4"
    assert workers["ipConfiguration"] == 2
    assert "flexResourceSchedulingGoal" not in job["environment"] and "serviceAccountEmail" not in job["environment"]
    assert {"use_runner_v2", "use_portable_job_submission"} <= set(job["environment"]["experiments"])
    options = job["environment"]["sdkPipelineOptions"]["options"]
    assert options["sdk_location"] == "container" and options["save_main_session"] is False
    # All of our code is in the image: only the list of what is installed here goes along.
    assert [one["name"] for one in workers["packages"]] == ["submission_environment_dependencies.txt"]
    names = {one.unique_name for one in pipeline_of(google).components.transforms.values()}
    steps = [
        "PrepareRun",
        "ReadSupplierRecords",
        "BatchRecords",
        "CalculateEmissions",
        "WriteReadings",
        "WriteResults",
        "AuditRun",
        "PublishRun",
    ]
    assert [step for step in steps if not any(name.startswith(step) for name in names)] == []


def test_options_of_the_workers_stand_before_our_defaults(google, tmp_path):
    put_records(google)
    given = [
        "--max_num_workers=20", "--worker_machine_type=e2-standard-2", "--use_public_ips", "--flexrs_goal=COST_OPTIMIZED",
        "--service_account_email=worker@my-project.iam.gserviceaccount.com", "--subnetwork=regions/europe-west4/subnetworks/own",
        "--default_sdk_harness_log_level=WARNING", "--job_name=nightly", "--number_of_worker_harness_threads=2", "--experiments=own",
        "--label=team=climate",
    ]  # fmt: skip
    done = submit(google, tmp_path, *INPUT, *RUNNER, f"--output={OUTPUT}", *given)
    assert (done.returncode, done.stderr) == (0, "")
    (job,) = google.jobs
    environment = job["environment"]
    (workers,) = environment["workerPools"]
    assert job["name"] == "nightly" and job["labels"] == {"team": "climate"}
    assert workers["autoscalingSettings"] == {"algorithm": 2, "maxNumWorkers": 20}
    assert (workers["machineType"], workers["ipConfiguration"], workers["numThreadsPerWorker"]) == ("e2-standard-2", 1, 2)
    assert workers["subnetwork"] == "regions/europe-west4/subnetworks/own"
    assert environment["serviceAccountEmail"] == "worker@my-project.iam.gserviceaccount.com"
    assert environment["flexResourceSchedulingGoal"] == 2 and "own" in environment["experiments"]
    assert environment["sdkPipelineOptions"]["options"]["default_sdk_harness_log_level"] == "WARNING"


def test_the_password_stays_where_it_is_and_its_name_travels(google, tmp_path):
    put_records(google)
    google.secrets[SECRET] = _PASSWORD.encode()
    # Here too, for other programs of this machine.
    here = {"PGPASSWORD": _PASSWORD}
    done = submit(google, tmp_path, *INPUT, *RUNNER, f"--output={OUTPUT}", f"--password_secret={SECRET}", environment=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"--password_secret={SECRET}" in done.stdout
    sent = {**google.arrived(), **google.objects, "output": (done.stdout + done.stderr).encode()}
    # The submission did not even read it.
    assert not [line for line, _, _ in google.requests if "/secrets/" in line]
    assert places_of(_PASSWORD, sent) == []
    # The search does see what stands in the steps: the name of the secret.
    assert any(re.search(r"pipeline.pb", place) for place in places_of(SECRET, sent))


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (403, "give your account roles/dataflow.developer"),
        (409, "wait for the job of that name, or give another --job_name"),
    ],
)
def test_what_dataflow_refuses_is_told_in_a_sentence(google, tmp_path, status, remedy):
    put_records(google)
    google.refuse_jobs = status
    done = submit(google, tmp_path, *INPUT, *RUNNER, f"--output={OUTPUT}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"scope3: Dataflow did not take the job: told by the server: {status}; {remedy}")
    assert len(done.stderr.splitlines()) == 1
