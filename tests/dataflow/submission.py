"""Submits to the stand-in for Dataflow as a user does, and reads what arrived."""

import json
import os
import subprocess
import sys
from pathlib import Path

from apache_beam.portability.api import beam_runner_api_pb2

from tests.cloud.server import BUCKET, PROJECT, REGION
from tests.pipelines.command import scope3
from tests.records import make_record

PROJECT_FOLDER = Path(__file__).parents[2]
IMAGE = "europe-docker.pkg.dev/my-project/images/scope3:1"
OUTPUT = "postgresql://writer@db.internal/emissions"
SECRET = f"projects/{PROJECT}/secrets/database/versions/latest"

_CLOUD = [f"--project={PROJECT}", f"--region={REGION}", f"--temp_location=gs://{BUCKET}/temp", f"--sdk_container_image={IMAGE}"]
INPUT = [f"--input=gs://{BUCKET}/in/*.jsonl"]
RUNNER = ["--runner=DataflowRunner", *_CLOUD]


def put_records(google, count=3):
    """Puts a file of records into the bucket."""
    lines = "".join(json.dumps(make_record(record_id=f"R-{place}")) + "\n" for place in range(count))
    google.objects["in/few.jsonl"] = lines.encode()


def submit(google, folder, *arguments, environment=None):
    """Returns the finished process of `scope3 run` with these arguments and those that lead to the stand-in."""
    more = {**google.environment(folder), **(environment or {})}
    return scope3("run", *arguments, f"--dataflow_endpoint={google.address}", cwd=folder, environment=more)


def launch(google, folder, *arguments):
    """Returns the finished process of what the launcher of the flex template runs."""
    command = [sys.executable, str(PROJECT_FOLDER / "deploy/dataflow/launch.py"), *arguments, f"--dataflow_endpoint={google.address}"]
    environment = {**os.environ, **google.environment(folder)}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env=environment, check=False)


def pipeline_of(google):
    """Returns the pipeline that was uploaded."""
    (content,) = (content for name, content in google.objects.items() if name.endswith("/pipeline.pb"))
    return beam_runner_api_pb2.Pipeline.FromString(content)
