"""What of the tests of all stores is tried on the emulator of BigQuery each time. See conftest.py."""

from tests.sinks.test_steps import test_a_job_writes_audits_and_publishes  # noqa: F401
from tests.sinks.test_store_runs import (
    test_a_run_without_a_sign_of_life_is_abandoned_and_can_be_replaced,  # noqa: F401
    test_every_verb_may_be_said_again,  # noqa: F401
    test_of_two_commands_with_one_run_id_one_begins,  # noqa: F401
)
from tests.sinks.test_store_totals import test_terms_of_a_hybrid_record_err_with_other_records  # noqa: F401

KINDS = ("bigquery",)
