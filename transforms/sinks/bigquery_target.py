"""Where results lie in BigQuery, and how to get in.

    bigquery://PROJECT/DATASET?location=EU&labels=team:esg,stage:prod

Everything about the place stands in the URL, under the names that Google's own tools use; credentials never do. They
are the default ones of whoever connects, or those of a file that is named.
"""

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from schemas.faults import UsageFault

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

    from transforms.sinks.contract import Store

_PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
_DATASET = re.compile(r"\w{1,1024}", re.ASCII)
_LABEL = re.compile(r"[^\W\d_][\w-]{0,62}:[\w-]{0,63}")
_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_EXAMPLE = "bigquery://PROJECT/DATASET"
_MAX_EXPIRATION_DAYS = 36_500


@dataclass(frozen=True)
class BigQueryTarget:
    """A dataset; travels to workers.

    Attributes:
        project: its project, which also pays for the jobs.
        dataset: its name. It is made if it is not there.
        location: where the dataset is, for example EU or europe-west4; None where it is there already, or US for a new one.
        labels: put on jobs, on tables and on a new dataset.
        kms_key_name: key of Cloud KMS that encrypts the tables, None for Google's own.
        default_table_expiration_days: of a new dataset; None: tables stay.
        api_endpoint: another address of the service, for example a private one; `http://` only on the loopback, and
            then without credentials.
        credentials_file: credentials on the machines that connect; None for Google's application default credentials.
    """

    project: str
    dataset: str
    location: str | None = None
    labels: tuple[tuple[str, str], ...] = field(default=())
    kms_key_name: str | None = None
    default_table_expiration_days: int | None = None
    api_endpoint: str | None = None
    credentials_file: str | None = None

    @property
    def url(self) -> str:
        """Returns the URL that target_from_url reads as this target."""
        words = {name: getattr(self, name) for name in _PARAMETERS if name != "labels"}
        words["labels"] = ",".join(":".join(label) for label in self.labels)
        query = urlencode({name: value for name, value in words.items() if value}, safe="/:,", quote_via=quote)
        return f"bigquery://{self.project}/{self.dataset}{'?' if query else ''}{query}"

    @property
    def place(self) -> str:
        """Returns the dataset in words, for messages."""
        return f"BigQuery dataset {self.project}.{self.dataset}"

    def open(self) -> "Store":
        """Returns the store; opens no connection yet."""
        # Imported here: the store imports this module.
        from transforms.sinks.bigquery import BigQueryStore

        return BigQueryStore(self)

    def client(self) -> "Client":
        """Returns a client.

        Raises:
            google.auth.exceptions.GoogleAuthError: there are no credentials, or credentials_file can't be read.
        """
        # Imported here: it takes half a second, and most runs write elsewhere.
        from google.auth.credentials import AnonymousCredentials
        from google.auth.exceptions import DefaultCredentialsError
        from google.cloud.bigquery import Client

        options = {"api_endpoint": self.api_endpoint, "credentials_file": self.credentials_file}
        plain = self.api_endpoint is not None and self.api_endpoint.startswith("http:")
        credentials = AnonymousCredentials() if plain else None
        given = {name: value for name, value in options.items() if value is not None}
        try:
            return Client(self.project, credentials=credentials, client_options=given)
        except OSError as error:
            raise DefaultCredentialsError(str(error)) from error


_PARAMETERS = tuple(name for name in BigQueryTarget.__dataclass_fields__ if name not in ("project", "dataset"))


def target_from_url(url: str) -> BigQueryTarget:
    """Returns the target of a `bigquery://` URL.

    Raises:
        UsageFault: what can't be the name of a project or a dataset, a parameter that is not known, or a value that it can't have.
    """
    parts = urlsplit(url)
    # A project of an organisation of old is named domain:project; urlsplit would take that for a port.
    project, dataset = unquote(parts.netloc), unquote(parts.path.strip("/"))
    if not _PROJECT.fullmatch(project) or not _DATASET.fullmatch(dataset):
        wrong = f"project {project!r}" if not _PROJECT.fullmatch(project) else f"dataset {dataset!r}"
        raise UsageFault(
            f"--output names no BigQuery dataset: {wrong} can't be one; write {_EXAMPLE}, the dataset in letters, digits and underscores"
        )
    words = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in words:
        if name not in _PARAMETERS:
            near = difflib.get_close_matches(name, _PARAMETERS, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(_PARAMETERS)}"
            raise UsageFault(f"{_EXAMPLE} of --output takes no parameter {name!r}; {hint}")
    return BigQueryTarget(
        project,
        dataset,
        words.get("location") or None,
        _labels(words.get("labels", "")),
        _checked_key(words.get("kms_key_name")),
        _checked_days(words.get("default_table_expiration_days")),
        _checked_endpoint(words.get("api_endpoint")),
        words.get("credentials_file") or None,
    )


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    labels = []
    for label in filter(None, text.split(",")):
        if not _LABEL.fullmatch(label) or label != label.lower():
            raise UsageFault(
                f"labels in --output holds {label!r}; write labels=KEY:VALUE,KEY:VALUE in small letters, digits, - and _, the key beginning "
                "with a letter"
            )
        key, _, value = label.partition(":")
        labels.append((key, value))
    return tuple(labels)


def _checked_key(text: str | None) -> str | None:
    if text and not _KEY.fullmatch(text):
        raise UsageFault(f"kms_key_name in --output is {text!r}; write projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY")
    return text or None


def _checked_days(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_EXPIRATION_DAYS:
        raise UsageFault(
            f"default_table_expiration_days in --output is {text!r}; give a whole number of days from 1 to {_MAX_EXPIRATION_DAYS:,}"
        )
    return int(text)


def _checked_endpoint(text: str | None) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.hostname:
        return text
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return text
    raise UsageFault(
        f"api_endpoint in --output is {text!r}; write https://HOST (http:// only for an emulator on this machine, where no credentials are sent)"
    )
