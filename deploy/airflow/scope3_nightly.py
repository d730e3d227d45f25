"""A run each night on Dataflow, from Cloud Composer with Airflow 3: launches the flex template, then asks the store.

Copy this file into the DAG folder. The names below are examples; deploy/README.md tells what they stand for, and how the
connection `scope3_store` is made: to the database of `output`, as a role that may read its table `runs`.
"""

from datetime import datetime, timedelta, timezone

from airflow.providers.common.sql.operators.sql import SQLCheckOperator
from airflow.providers.google.cloud.operators.dataflow import DataflowStartFlexTemplateOperator
from airflow.sdk import DAG

PROJECT = "acme-carbon"
REGION = "europe-west4"
TEMPLATE = "gs://acme-scope3/templates/scope3-0.1.0.json"
IMAGE = "europe-west4-docker.pkg.dev/acme-carbon/scope3/scope3-dataflow:0.1.0"

# The same in each attempt of one night: a second attempt replaces a failed run, waits for none and doubles none. It is
# the name of the job too, and Dataflow refuses a second job of a name while the first goes on.
RUN_ID = "scope3-nightly-{{ dag_run.run_after.strftime('%Y%m%d-%H%M%S') }}"

LAUNCH = {
    "jobName": RUN_ID,
    "containerSpecGcsPath": TEMPLATE,
    "parameters": {
        "input": "gs://acme-scope3/input/2026/*.csv",
        "output": "postgresql://scope3@postgres.acme.internal:5432/scope3?sslmode=require",
        "password_secret": "projects/acme-carbon/secrets/scope3-postgres/versions/latest",
        "inventory": "acme-2026",
        "keep_runs": "7",
        "sdk_container_image": IMAGE,
        "run_id": RUN_ID,
    },
    "environment": {
        "serviceAccountEmail": "scope3-worker@acme-carbon.iam.gserviceaccount.com",
        "tempLocation": "gs://acme-scope3/temp",
        "stagingLocation": "gs://acme-scope3/staging",
        "machineType": "n2-standard-4",
        "maxWorkers": 4,
        "subnetwork": "regions/europe-west4/subnetworks/scope3",
        "ipConfiguration": "WORKER_IP_PRIVATE",
    },
}

with DAG(
    dag_id="scope3_nightly",
    description="Scope 3 emissions of the year so far",
    schedule="30 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=8),
    tags=["scope3"],
):
    launch = DataflowStartFlexTemplateOperator(
        task_id="launch",
        project_id=PROJECT,
        location=REGION,
        body={"launchParameter": LAUNCH},
        append_job_name=False,
        deferrable=True,
        retries=2,
        retry_delay=timedelta(minutes=10),
    )
    # What the store says decides, whatever became of the job: a job can end well and its run fail the audit, and the
    # attempt after one that was published is refused.
    published = SQLCheckOperator(
        task_id="published",
        conn_id="scope3_store",
        sql=f"SELECT count(*) FROM scope3.runs WHERE run_id = '{RUN_ID}' AND state IN ('published', 'superseded')",
        trigger_rule="all_done",
        retries=2,
        retry_delay=timedelta(minutes=1),
    )
    launch >> published
