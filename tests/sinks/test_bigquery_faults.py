"""What BigQuery can do to a run: lose an answer, be busy, refuse, forget, cancel. No row is doubled, none is lost unnoticed."""

from contextlib import closing
from dataclasses import replace

import pytest
from google.api_core.exceptions import BadRequest, Forbidden, TooManyRequests
from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

from schemas.faults import UserFault
from tests.sinks.bigquery_fake import Fault, in_state
from tests.sinks.reader import read
from tests.sinks.rows import chunk, dead_letter, make_run, result, rows, write
from transforms.sinks import bigquery_jobs
from transforms.sinks.bigquery_faults import explain, is_passing, reason_of
from transforms.sinks.bigquery_tables import Names
from transforms.sinks.bigquery_target import BigQueryTarget
from transforms.sinks.contract import State

KINDS = ("bigquery",)

RESULTS = [result("A", 0), result("B", 10)]


@pytest.fixture
def target(new_target, service) -> BigQueryTarget:
    return replace(new_target(), api_endpoint=service.address)


def _counts(report):
    return report.state, report.read, report.results, report.dead_letters, report.duplicates


def test_answers_that_are_lost_double_nothing(store, target, service):
    run = make_run()
    # Each is taken by the service, and the client hears nothing of it.
    service.faults = [
        Fault("POST", "_begin_0", lose=True),
        Fault("POST", "writing_", lose=True),
        Fault("POST", "/upload/", lose=True),
        Fault("POST", "_seal_0", lose=True),
        Fault("POST", "_finish_0", lose=True),
        Fault("POST", "_publish_0", lose=True),
    ]
    assert store.prepare(run)
    assert write(store, run, results=RESULTS, chunks=[chunk(2)]) == 6
    assert _counts(store.audit(run.key)) == (State.AUDITING, 2, 2, 0, 0)
    assert _counts(store.publish(run.key)) == (State.PUBLISHED, 2, 2, 0, 0)
    assert all(fault.times == 0 for fault in service.faults)
    assert read(target, "SELECT record_id FROM {current_results} ORDER BY 1") == [("A",), ("B",)]
    assert read(target, "SELECT count(*) FROM {sources}") == [(2,)]


def test_a_service_that_is_busy_or_away_is_asked_again(store, service):
    run = make_run()
    service.faults = [Fault("POST", part, 2, reason) for part, reason in (("SELECT", "rateLimitExceeded"), ("/upload/", "backendError"))]
    service.faults += [Fault("GET", "/tables/runs", 1, "backendError"), Fault("POST", "_publish_0", 1, "backendError")]
    assert store.prepare(run)
    write(store, run, results=RESULTS, chunks=[chunk(2)])
    store.audit(run.key)
    assert _counts(store.publish(run.key)) == (State.PUBLISHED, 2, 2, 0, 0)
    assert all(fault.times == 0 for fault in service.faults)


def test_a_job_that_fails_in_the_service_is_given_again_and_one_that_is_cancelled_is_told(store, service):
    run = make_run()

    def failed(reason):
        return in_state("DONE", errorResult={"reason": reason, "message": f"told: {reason}"}, errors=[])

    assert store.prepare(run)
    # The first answer of a load says that it failed; the rows of that job are there or not, and go in the audit.
    service.faults = [Fault("POST", "/upload/", change=failed("backendError"))]
    write(store, run, results=RESULTS, chunks=[chunk(2)])
    service.faults = [Fault("POST", "_census_0", change=failed("stopped"))]
    with pytest.raises(UserFault, match=r"somebody cancelled a job.*give the same command again"):
        store.audit(run.key)
    # Another attempt goes on from there.
    assert _counts(store.audit(run.key)) == (State.AUDITING, 2, 2, 0, 0)
    assert _counts(store.publish(run.key)) == (State.PUBLISHED, 2, 2, 0, 0)


def test_a_load_that_is_done_with_fewer_rows_stops_the_run(store, service):
    run = make_run()

    def short(job):
        job["status"] = {"state": "DONE", "errors": [{"reason": "invalid", "message": "a row was left out"}]}
        job["statistics"]["load"] = {"outputRows": "1"}

    store.prepare(run)
    service.faults = [Fault("POST", 'results"', change=short)]
    writer = store.writer(run.key)
    writer.write("results", rows("results", *RESULTS))
    with pytest.raises(UserFault, match="took 1 of 2 rows"):
        writer.flush()
    writer.close()


def test_refusals_are_told_in_a_sentence_and_nothing_is_half_published(store, target, service):
    run = make_run()
    store.prepare(run)
    write(store, run, results=RESULTS, chunks=[chunk(2)])
    store.audit(run.key)
    sentences = {
        "quotaExceeded": r"a quota of project test-\w+ is used up \(told by the service: quotaExceeded\); wait until it is refilled",
        "accessDenied": "grant the account roles/bigquery.dataEditor",
        "authError": "run gcloud auth application-default login",
    }
    for reason, told in sentences.items():
        service.faults = [Fault("POST", "_publish_", 1, reason)]
        with pytest.raises(UserFault, match=told):
            store.publish(run.key)
    assert read(target, "SELECT count(*) FROM {results}") == [(0,)]
    assert store.publish(run.key).state == State.PUBLISHED
    assert read(target, "SELECT count(*) FROM {results}") == [(2,)]


def test_a_publication_that_is_cut_off_in_the_middle_shows_nothing(store, target):
    run = make_run()
    store.prepare(run)
    write(store, run, results=RESULTS, dead_letters=[dead_letter(20)], chunks=[chunk(3)])
    store.audit(run.key)
    # The transaction comes to this table when it has inserted results and dead letters.
    jobs = bigquery_jobs.Jobs(target)
    jobs.ask(lambda client: client.delete_table(Names(target).of(run.launch).sealed("inputs")))
    jobs.close()
    with pytest.raises(UserFault, match=r"Not found: Table.*_inputs.*somebody removed the table"):
        store.publish(run.key)
    for table in ("results", "dead_letters", "inventories"):
        assert read(target, f"SELECT count(*) FROM {{{table}}}") == [(0,)]
    assert store.summary("first").audit.state == State.AUDITING


def test_a_staging_table_that_vanished_is_told(store, target):
    run = make_run()
    store.prepare(run)
    jobs = bigquery_jobs.Jobs(target)
    jobs.ask(lambda client: client.delete_table(Names(target).of(run.launch).writing("results")))
    jobs.close()
    writer = store.writer(run.key)
    writer.write("results", rows("results", *RESULTS))
    with pytest.raises(UserFault, match=r"table .*_results of run 'first' is gone.*give the same command again"):
        writer.flush()
    writer.close()


def test_a_setting_that_bigquery_refuses_is_told(target, service):
    service.faults = [Fault("POST", "/datasets", 1, "invalid")]
    elsewhere = replace(target, location="EUROPE").open()
    with pytest.raises(
        UserFault, match=r"refuses what --output says of .*\(told by the service: invalid\); correct the project, the location"
    ):
        elsewhere.prepare(make_run())
    elsewhere.close()


def test_another_location_than_the_datasets_is_told(store, target, service):
    store.prepare(make_run())
    service.faults = [Fault("GET", f"/datasets/{target.dataset}?", 1, change=lambda dataset: dataset.update(location="EU"))]
    other = BigQueryTarget(target.project, target.dataset, location="US", api_endpoint=target.api_endpoint).open()
    with pytest.raises(UserFault, match="is in location EU, and --output says location=US"):
        other.runs()
    other.close()


def test_credentials_that_are_missing_or_expired_are_told():
    target = BigQueryTarget("acme-data", "emissions")
    assert "gcloud auth application-default login" in str(explain(DefaultCredentialsError("no file"), target))
    assert "have expired" in str(explain(RefreshError("token is too old"), target))
    assert not is_passing(RefreshError("token is too old"))
    told = r"there are no credentials for BigQuery dataset acme-data\.emissions .*key\.json"
    with (
        closing(bigquery_jobs.Jobs(replace(target, credentials_file="/nowhere/key.json"), 0.0)) as jobs,
        pytest.raises(UserFault, match=told),
    ):
        jobs.has_dataset()


@pytest.mark.parametrize(
    "fault",
    [
        RefreshError("no answer", retryable=True),
        RefreshError(TransportError("no route to oauth2.googleapis.com")),
        TransportError("no route to oauth2.googleapis.com"),
    ],
)
def test_a_token_that_can_not_be_fetched_for_the_moment_is_no_refusal(fault):
    assert is_passing(fault)
    assert "can't be reached" in str(explain(fault, BigQueryTarget("acme-data", "emissions")))


def test_what_has_nothing_to_do_with_credentials_is_not_called_that():
    for fault in (TimeoutError(), OSError(28, "No space left on device")):
        assert explain(fault, BigQueryTarget("acme-data", "emissions")) is None


def test_limits_and_meetings_have_words_of_their_own():
    target = BigQueryTarget("acme-data", "emissions")
    limit = TooManyRequests("Exceeded rate limits: too many table update operations", errors=[{"reason": "rateLimitExceeded"}])
    assert "is given more at a time than BigQuery takes (Exceeded rate limits" in str(explain(limit, target))
    meeting = BadRequest("Transaction is aborted due to concurrent update against table acme-data.emissions.runs")
    assert "others change the same tables of BigQuery dataset acme-data.emissions all the time" in str(explain(meeting, target))


def test_a_quota_of_a_day_is_not_waited_for_and_a_limit_of_the_rate_is():
    faults = {reason: Forbidden("no", errors=[{"reason": reason}]) for reason in ("quotaExceeded", "rateLimitExceeded", "accessDenied")}
    assert {reason: is_passing(fault) for reason, fault in faults.items()} == {
        "quotaExceeded": False,
        "rateLimitExceeded": True,
        "accessDenied": False,
    }
    assert reason_of(faults["quotaExceeded"]) == "quotaExceeded"
