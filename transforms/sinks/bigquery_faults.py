"""What BigQuery's errors mean: which pass by themselves, and a sentence with the remedy for the others.

Source: BigQuery, Troubleshoot errors (table of reasons), https://cloud.google.com/bigquery/docs/error-messages
"""

import re

import requests
from google.api_core import exceptions
from google.auth import exceptions as auth

from schemas.faults import UserFault
from transforms.sinks.bigquery_target import BigQueryTarget

_TOO_FAST_REASONS = frozenset(["rateLimitExceeded", "jobRateLimitExceeded"])
_PASSING_REASONS = _TOO_FAST_REASONS | {"backendError", "internalError", "jobBackendError", "jobInternalError", "tableUnavailable"}
# A transaction that met another, or a statement of DML that waited behind too many others, may be given again. The
# last three are words of the emulator.
_MET_ANOTHER = re.compile(
    r"aborted due to concurrent update|due to concurrent update|Could not serialize access|too many DML statements outstanding|"
    r"Transaction conflict|Failed to commit|violates primary key constraint",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(r"was not found in location (\S+)")

# {place} is the dataset, {project} pays, {text} the service's own words.
_BY_REASON = {
    "accessDenied": "{place} does not let us do this ({text}); grant the account roles/bigquery.dataEditor on the dataset and "
    "roles/bigquery.jobUser on project {project}, and give the same command again",
    "billingNotEnabled": "project {project} has no billing, and BigQuery's sandbox knows no DML ({text}); enable billing for it",
    "billingTierLimitExceeded": "a query would cost more than project {project} allows ({text}); raise that limit and give the same command again",
    "blocked": "BigQuery has blocked project {project} for now ({text}); ask Google's support",
    "quotaExceeded": "a quota of project {project} is used up ({text}); wait until it is refilled or ask for more (IAM and Admin, Quotas), "
    "and give the same command again",
    "resourcesExceeded": "a query needs more than one may use ({text}); run it on a reservation with more slots, or split the input into more runs",
    "stopped": "somebody cancelled a job of this run ({text}); nothing was published, give the same command again",
    "policyViolation": "a rule of the organisation forbids this ({text}); ask its administrator",
    "kmsError": "the key that encrypts {place} can't be used ({text}); let BigQuery's service account use it "
    "(roles/cloudkms.cryptoKeyEncrypterDecrypter)",
}
_NO_CREDENTIALS = (
    "there are no credentials for {place} ({text}); run gcloud auth application-default login, set GOOGLE_APPLICATION_CREDENTIALS, or name "
    "a file with credentials_file in --output"
)
_REFUSED_CREDENTIALS = (
    "the credentials for {place} were refused or have expired ({text}); run gcloud auth application-default login, or renew the key, and "
    "give the same command again"
)
_TOO_FAST = (
    "{place} is given more at a time than BigQuery takes ({text}); let fewer workers write, or fewer runs at a time, and give the same "
    "command again"
)
_OTHERS = "others change the same tables of {place} all the time ({text}); give the same command again when their runs have ended"
_AWAY = "{place} can't be reached ({text}); check the network, a proxy, or api_endpoint in --output, and give the same command again"
_OTHER_LOCATION = "{place} is not, or no longer, in location {location}; give the location that it was made in, location=... in --output, or name another dataset"
_SETTING = (
    "BigQuery refuses what --output says of {place} ({text}); correct the project, the location, the labels or the kms_key_name, whose "
    "location must be the dataset's"
)
_NOT_THERE = "{text}; correct the project or the dataset in --output, or see whether somebody removed the table"


def reason_of(error: BaseException) -> str:
    """Returns BigQuery's reason for an error, empty where it gives none."""
    if not isinstance(error, exceptions.GoogleAPICallError):
        return ""
    return next((str(one["reason"]) for one in error.errors or [] if isinstance(one, dict) and one.get("reason")), "")


def has_words(error: BaseException) -> bool:
    """Says whether there is a sentence for BigQuery's reason, whatever was asked for."""
    return reason_of(error) in _BY_REASON


def is_too_fast(error: BaseException) -> bool:
    """Says whether more was asked than BigQuery takes at a time."""
    return reason_of(error) in _TOO_FAST_REASONS or isinstance(error, exceptions.TooManyRequests)


def met_another(error: BaseException) -> bool:
    """Says whether a change met another of the same rows, and was not done."""
    return isinstance(error, exceptions.BadRequest) and bool(_MET_ANOTHER.search(error.message))


def is_passing(error: BaseException) -> bool:
    """Says whether an error may heal by itself, so that asking again is worth it.

    True for a service that is away, too busy or limits our rate, and for a transaction that met another; False for
    everything that somebody has to mend, quotas of a day among it.
    """
    if isinstance(error, (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)):
        return True
    if isinstance(error, auth.GoogleAuthError):
        # Of a token that could not be fetched: the cause stands within, or behind.
        within = (error, error.__cause__, *error.args[:1])
        return error.retryable or any(isinstance(one, (auth.TransportError, requests.ConnectionError, requests.Timeout)) for one in within)
    if not isinstance(error, exceptions.GoogleAPICallError):
        return False
    reason = reason_of(error)
    if reason in _PASSING_REASONS or isinstance(error, (exceptions.ServerError, exceptions.TooManyRequests)):
        return reason not in _BY_REASON and not isinstance(error, exceptions.MethodNotImplemented)
    return met_another(error)


def explain(error: BaseException, target: BigQueryTarget, *, of_statement: bool = True) -> UserFault | None:
    """Returns the sentence for an error; None for a fault of our own.

    Args:
        of_statement: what was asked for is a job. Anything else is about the dataset and its tables, so that what can't be
            taken stands in the target.
    """
    if isinstance(error, UserFault):
        return error
    text = " ".join(_told_by(error).split())[:300] or type(error).__name__
    words = {"place": target.place, "project": target.project, "text": text.rstrip("."), "location": target.location}
    template = _template(error, words)
    if template is None and isinstance(error, exceptions.BadRequest) and not of_statement:
        template = _SETTING
    return None if template is None else UserFault(template.format(**words))


def _told_by(error: BaseException) -> str:
    """Returns the service's own words, without the address and the job that the client puts around them."""
    if isinstance(error, exceptions.GoogleAPICallError):
        told = [str(one["message"]) for one in error.errors or [] if isinstance(one, dict) and one.get("message")]
        return told[0] if told else error.message
    return str(error)


def _template(error: BaseException, words: dict) -> str | None:
    if isinstance(error, auth.GoogleAuthError) and is_passing(error):
        return _AWAY
    if isinstance(error, auth.DefaultCredentialsError):
        return _NO_CREDENTIALS
    if isinstance(error, (exceptions.Unauthorized, auth.GoogleAuthError)):
        return _REFUSED_CREDENTIALS
    elsewhere = _ELSEWHERE.search(words["text"]) if isinstance(error, exceptions.NotFound) and "Dataset" in words["text"] else None
    if elsewhere:
        words["location"] = elsewhere[1]
        return _OTHER_LOCATION
    reason = reason_of(error)
    if reason in _BY_REASON:
        return _BY_REASON[reason]
    if is_too_fast(error):
        return _TOO_FAST
    if met_another(error):
        return _OTHERS
    if is_passing(error):
        return _AWAY
    if isinstance(error, exceptions.Forbidden):
        return _BY_REASON["accessDenied"]
    # Within statements it comes as a fault of the statements.
    not_there = isinstance(error, exceptions.NotFound) or (isinstance(error, exceptions.BadRequest) and "Not found: " in words["text"])
    return _NOT_THERE if not_there else None
