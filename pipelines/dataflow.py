"""A job on Dataflow: checked here, submitted, and left to itself.

Nobody waits for it and nobody here touches the store: the job prepares, audits and publishes its run by itself, so the
machine that submits needs neither the database nor its password. The same code runs inside the launcher of a flex template,
which gives --template_location: then Beam writes the job's description there, and the launcher starts it.

Beam tells of a missing option late or with a stack trace, waits half a minute for credentials that are not there, and makes
a bucket of its own where --temp_location can't be used. So these are looked at first.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import apache_beam as beam
import google.auth
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, SetupOptions, StandardOptions, WorkerOptions
from apache_beam.options.pipeline_options_validator import PipelineOptionsValidator
from apache_beam.runners.dataflow.dataflow_runner import DataflowPipelineResult
from apache_beam.runners.dataflow.internal.apiclient import DataflowJobAlreadyExistsError
from google.api_core.exceptions import Conflict, Forbidden, GoogleAPICallError, NotFound, ServerError, TooManyRequests, Unauthorized
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request

from pipelines.elsewhere import check_inputs, check_password, check_store, needs_environment
from pipelines.options import RunOptions
from pipelines.scope3 import Job, build
from schemas.faults import UsageFault, UserFault
from schemas.version import ENGINE_VERSION

# What Beam leaves to the service, by destination in WorkerOptions. Four processes of Python have room in 16 GB several times
# over, and 16 processes write more than most databases take: whoever has a larger one raises the number of workers.
DEFAULTS = {
    "autoscaling_algorithm": "--autoscaling_algorithm=THROUGHPUT_BASED",
    "max_num_workers": "--max_num_workers=4",
    "machine_type": "--machine_type=n2-standard-4",
    "use_public_ips": "--no_use_public_ips",
}

# The first that fits.
_REMEDIES: dict[type[GoogleAPICallError], str] = {
    Forbidden: "give your account roles/dataflow.developer, and roles/iam.serviceAccountUser on the workers' account",
    Unauthorized: "run gcloud auth application-default login",
    NotFound: "correct --project and --region",
    Conflict: "wait for the job of that name, or give another --job_name",
    TooManyRequests: "wait until other jobs have ended, or let the quota be raised",
    ServerError: "nothing runs; try again in some minutes",
    GoogleAPICallError: "see whether the options of the workers fit the project",
}

_LONGEST_JOB_NAME = 63
_WHERE = "Dataflow's workers"


@dataclass(frozen=True)
class Submitted:
    """A job that Dataflow has taken.

    Attributes:
        job_id: Dataflow's name for it, None where the launcher of a template starts it.
        project, region: where it runs.
        described_in: where its description was written for the launcher, None where the job was started.
    """

    job_id: str | None
    project: str
    region: str
    described_in: str | None

    @property
    def page(self) -> str:
        """Returns the address of the page that shows the job."""
        return f"https://console.cloud.google.com/dataflow/jobs/{self.region}/{self.job_id}?project={self.project}"


def check_dataflow(options: RunOptions) -> list[str]:
    """Looks at the options before anything is read or submitted; returns the arguments for Beam, with our defaults.

    Raises:
        UsageFault: an option is missing, can't be used, or names what Dataflow's workers can't reach.
        UserFault: there are no credentials.
    """
    beam_options = PipelineOptions(list(options.beam_arguments))
    cloud, workers = beam_options.view_as(GoogleCloudOptions), beam_options.view_as(WorkerOptions)
    setup = beam_options.view_as(SetupOptions)
    for name, example in (("project", "my-project"), ("region", "europe-west4"), ("temp_location", "gs://my-bucket/temp")):
        if not getattr(cloud, name):
            raise UsageFault(f"--{name} is missing; a job on Dataflow needs it, for example --{name}={example}")
    image = workers.sdk_container_image or workers.worker_harness_container_image
    if not (image or setup.setup_file or setup.extra_packages):
        raise UsageFault(
            f"--sdk_container_image is missing: Beam's own image lacks this package; name the image made from deploy/Dockerfile, with "
            f"scope3-calculator {ENGINE_VERSION} in it"
        )
    check_store(options.endpoint, _WHERE)
    check_inputs(options.inputs, _WHERE)
    check_password(options.endpoint, options.inputs, _WHERE)
    if needs_environment(options.endpoint, options.inputs) and "PGPASSWORD" in os.environ:
        raise UsageFault(
            f"PGPASSWORD is set here, and {_WHERE} don't get it; name the password's secret with --password_secret, or unset PGPASSWORD "
            "if the server asks for none"
        )
    # Nothing of ours is defined in __main__, and all of Beam is in the image.
    added = ["--no_save_main_session", *(["--sdk_location=container"] if image and setup.sdk_location == "default" else [])]
    arguments = [*options.beam_arguments, *added, *(text for name, text in DEFAULTS.items() if getattr(workers, name) is None)]
    _check_values(PipelineOptions(arguments))
    if not cloud.no_auth:
        _check_credentials(cloud)
    return arguments


def _check_values(options: PipelineOptions) -> None:
    """Refuses what Beam would refuse with a stack trace, or use in another way than it is meant."""
    cloud, workers = options.view_as(GoogleCloudOptions), options.view_as(WorkerOptions)
    if options.view_as(StandardOptions).streaming or cloud.update:
        raise UsageFault("--streaming and --update are for jobs without an end; leave them out, this one ends with its files")
    if urlsplit(cloud.dataflow_endpoint).hostname == "localhost":
        # Beam sends jobs to a stand-in on this machine, but calls its address wrong.
        cloud.dataflow_endpoint = GoogleCloudOptions.DATAFLOW_ENDPOINT
    validator = PipelineOptionsValidator(options, None)
    for name in ("temp_location", "staging_location"):
        place = getattr(cloud, name)
        if place and validator.validate_gcs_path(cloud, name):
            raise UsageFault(f"--{name} {place} is no place in Cloud Storage; give a bucket in --region, for example gs://my-bucket/temp")
    checks = (
        validator.validate_cloud_options(cloud),
        validator.validate_num_workers(workers),
        validator.validate_worker_region_zone(workers),
        validator.validate_sdk_container_image_options(workers),
    )
    told = next((text for found in checks for text in found), None)
    if told is not None:
        raise UsageFault(f"Beam can't send such a job to Dataflow: {told}")
    setup = options.view_as(SetupOptions)
    named = {"setup_file": [setup.setup_file], "requirements_file": [setup.requirements_file], "extra_packages": setup.extra_packages or []}
    lost = next(((name, path) for name, paths in named.items() for path in paths if path and not Path(path).is_file()), None)
    if lost is not None:
        raise UsageFault(
            f"--{lost[0]} {lost[1]} is no file of this machine; leave it out, the image of deploy/Dockerfile has all that is needed"
        )


def _check_credentials(cloud: GoogleCloudOptions) -> None:
    try:
        credentials, _ = google.auth.default(scopes=cloud.gcp_oauth_scopes)
        credentials.refresh(Request())
        return
    except GoogleAuthError as error:
        told = _first_line(error)
    raise UserFault(
        f"there are no Google credentials that work ({told}); run gcloud auth application-default login, or name a key file in "
        "GOOGLE_APPLICATION_CREDENTIALS"
    )


def submit(job: Job, arguments: Sequence[str]) -> Submitted:
    """Sends a job; returns when Dataflow has taken it.

    Args:
        job: what is to be done.
        arguments: for Beam, as check_dataflow returns them.

    Raises:
        UserFault: Dataflow or its bucket refused it; nothing runs then.
    """
    options = PipelineOptions(list(arguments))
    cloud = options.view_as(GoogleCloudOptions)
    if not cloud.job_name:
        cloud.job_name = _job_name(job.run.run_id)
    try:
        pipeline = beam.Pipeline(options=options)
        build(pipeline, job)
        result = cast(DataflowPipelineResult, pipeline.run())
    except GoogleAPICallError as error:
        remedy = next(text for kind, text in _REMEDIES.items() if isinstance(error, kind))
        # Without the request that it is the answer to.
        told = f"{re.sub(r'^POST [^ ]+: ', '', _first_line(error.message or error))}; {remedy}"
    except DataflowJobAlreadyExistsError:
        told = f"a job named {cloud.job_name} runs already; wait for it, or give another --job_name"
    except GoogleAuthError as error:
        told = f"{_first_line(error)}; run gcloud auth application-default login"
    except OSError as error:
        # What Beam says of a bucket, with the remedy.
        told = _first_line(error)
    else:
        described_in = None if result.has_job else cloud.template_location
        return Submitted(result.job_id() if result.has_job else None, cloud.project, cloud.region, described_in)
    raise UserFault(f"Dataflow did not take the job: {told}")


def _job_name(run_id: str) -> str:
    """Returns a name for the job in Dataflow's letters, which ends as the id of the run does."""
    letters = re.sub(r"[^a-z0-9]+", "-", run_id.lower())
    return f"scope3-{letters[-(_LONGEST_JOB_NAME - len('scope3-')) :].strip('-')}".strip("-")


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
