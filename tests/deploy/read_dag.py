"""Run with Airflow's own Python: reads a DAG file as Airflow does, and prints as JSON what a night of it would do."""

import json
import sys
from datetime import datetime, timezone

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.api.datamodels._generated import DagRun


def main() -> None:
    """Prints the DAG with its fields rendered for the night of 2026-01-02."""
    bag = DagBag(sys.argv[1], safe_mode=False)
    if bag.import_errors:
        sys.exit("\n".join(bag.import_errors.values()))
    (dag,) = bag.dags.values()
    dag.validate()
    # Only what templates may use.
    context = {"dag_run": DagRun.model_construct(run_after=datetime(2026, 1, 2, 1, 30, tzinfo=timezone.utc))}
    tasks = {}
    for task in dag.tasks:
        task.render_template_fields(context)
        tasks[task.task_id] = {
            "fields": {name: getattr(task, name) for name in task.template_fields},
            "after": sorted(task.upstream_task_ids),
            "retries": task.retries,
            "trigger_rule": str(task.trigger_rule.value),
        }
    settings = {name: getattr(dag, name) for name in ("dag_id", "catchup", "max_active_runs")}
    print(json.dumps({**settings, "schedule": dag.schedule, "tasks": tasks}, default=str))


if __name__ == "__main__":
    main()
