"""Where the password of a database is, and how it is read there: only the name travels, the password never does.

    projects/P/secrets/S/versions/V    Google Secret Manager, also projects/P/locations/L/secrets/S/versions/V
    file:/run/secrets/database         a file on the machine that connects

It is read where a connection is opened, and kept there for a minute: writers that take turns open many. One that was refused is
read anew, so a password that is changed needs no new job.
"""

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.faults import UsageFault, UserFault

if TYPE_CHECKING:
    from google.cloud.secretmanager import SecretManagerServiceClient

_FILE = "file:"
_SECRET = re.compile(r"projects/[a-z0-9][a-z0-9.:-]*/(?:locations/([a-z0-9-]+)/)?secrets/[\w-]{1,255}/versions/[\w-]+", re.ASCII)
PATTERN = rf"{_SECRET.pattern}|{_FILE}/.+"

# The variable by which gcloud too is told of another address, for example that of a private endpoint.
_ENDPOINT = "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"

# How long Secret Manager may be away or too busy before we give up; a call is answered within a second.
PATIENCE_SECONDS = 60.0
_CALL_SECONDS = 10.0

_KEPT_SECONDS = 60.0
# Of this process: the password of a secret, and when it was read.
_kept: dict[str, tuple[str, float]] = {}


def check_name(name: str) -> str:
    """Returns the name of a secret, if it is one.

    Raises:
        UsageFault: it is none. The message does not repeat it: somebody may have given the password itself.
    """
    if re.fullmatch(PATTERN, name):
        return name
    raise UsageFault(
        "--password_secret names no secret; it takes the name of one, never the password: "
        "projects/PROJECT/secrets/SECRET/versions/latest of Secret Manager, or file:/ABSOLUTE/PATH on the machines that connect"
    )


def needs_cloud(name: str | None) -> bool:
    """Says whether reading the secret needs the libraries of the cloud."""
    return name is not None and not name.startswith(_FILE)


def recent_password(name: str, *, anew: bool = False) -> str:
    """Returns the password that a secret held within the last minute, or holds now. See read_password."""
    password, read_at = _kept.get(name, ("", 0.0))
    if anew or not password or time.monotonic() - read_at > _KEPT_SECONDS:
        password = read_password(name)
        _kept[name] = (password, time.monotonic())
    return password


def read_password(name: str) -> str:
    """Returns the password that a secret holds, without the line end that editors and `echo` leave behind it.

    A fault of Secret Manager that passes by itself is waited for, a minute at most.

    Raises:
        UserFault: it can't be read, or holds no password. No message repeats what it holds.
    """
    content = _read_file(name) if name.startswith(_FILE) else _read_secret(name)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = None
    # Raised outside the handler: Python's own error quotes the content.
    if text is None or "\0" in text:
        raise UserFault(f"{_named(name)} is no text in UTF-8; store the password there as text")
    password = text.removesuffix("\n").removesuffix("\r")
    if not password:
        raise UserFault(f"{_named(name)} is empty; store the password there")
    return password


def _named(name: str) -> str:
    return f"the file {name.removeprefix(_FILE)} of --password_secret" if name.startswith(_FILE) else f"the secret {name}"


def _read_file(name: str) -> bytes:
    try:
        return Path(name.removeprefix(_FILE)).read_bytes()
    except OSError as error:
        told = error.strerror or str(error)
    raise UserFault(f"{_named(name)} can't be read on {os.uname().nodename}: {told}; put it there, readable by the user who runs the job")


def _read_secret(name: str) -> bytes:
    """Returns what Secret Manager holds, or the sentence why not."""
    # Imported here: it takes a second, and most jobs have no such secret.
    import requests
    from google.api_core import exceptions, retry
    from google.auth import exceptions as auth

    try:
        attempts = retry.Retry(predicate=_is_passing, initial=0.2, maximum=5.0, timeout=PATIENCE_SECONDS)
        answer: Any = _client(name).access_secret_version(name=name, retry=attempts, timeout=_CALL_SECONDS)
        return bytes(answer.payload.data)
    except auth.DefaultCredentialsError:
        why = "there are no Google credentials here; run gcloud auth application-default login, or give the job a service account"
    except exceptions.NotFound:
        why = "there is no such secret or version; correct --password_secret, or create it with gcloud secrets create"
    except (exceptions.Forbidden, exceptions.Unauthorized):
        why = "there is no permission to read it; give the service account of the job roles/secretmanager.secretAccessor on this secret"
    except exceptions.BadRequest as error:
        why = f"the version is disabled or destroyed ({_said(error)}); enable it, or name another"
    except exceptions.RetryError as error:
        cause = error.cause
        why = f"Secret Manager did not answer for {PATIENCE_SECONDS:.0f} s ({_said(cause or error)}); see whether this machine reaches it"
    except (exceptions.GoogleAPICallError, auth.GoogleAuthError, requests.exceptions.RequestException) as error:
        why = f"{_said(error)}; see whether this machine reaches Secret Manager, and with which account"
    raise UserFault(f"{_named(name)} can't be read: {why}")


def _client(name: str) -> "SecretManagerServiceClient":
    from google.cloud import secretmanager

    found = _SECRET.fullmatch(name)
    location = found[1] if found else None
    # A secret of one region is served by that region alone.
    endpoint = os.environ.get(_ENDPOINT) or (f"secretmanager.{location}.rep.googleapis.com" if location else None)
    # Plain HTTP: a channel of gRPC would not survive where a runner forks its workers.
    return secretmanager.SecretManagerServiceClient(
        transport="rest", client_options={"api_endpoint": endpoint.rstrip("/")} if endpoint else None
    )


def _is_passing(error: Exception) -> bool:
    """Says whether a call may succeed when it is made again."""
    import requests
    from google.api_core import exceptions, retry

    more = (exceptions.BadGateway, exceptions.GatewayTimeout, requests.exceptions.Timeout)
    return bool(retry.if_transient_error(error)) or isinstance(error, more)


def _said(error: BaseException) -> str:
    """Returns the first line of an error, without the request that it was the answer to."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"^\d{3} GET \S+: ", "", first)
