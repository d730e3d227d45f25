"""The password of a database, from Secret Manager through its real client, or from a file."""

import re
import socket

import pytest

from schemas.faults import UsageFault, UserFault
from transforms.sinks import password_secret
from transforms.sinks.password_secret import check_name, read_password

_NAME = "projects/my-project/secrets/database/versions/latest"
_PASSWORD = "sesame-Öffne/4711+dich"


@pytest.fixture(autouse=True)
def _account(google, tmp_path, monkeypatch):
    for name, value in google.environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_is_read_without_its_line_end(google, tmp_path, end):
    google.secrets[_NAME] = (_PASSWORD + end).encode()
    assert read_password(_NAME) == _PASSWORD
    (tmp_path / "password").write_bytes((_PASSWORD + end).encode())
    assert read_password(f"file:{tmp_path}/password") == _PASSWORD


def test_a_secret_that_was_changed_is_read_anew(google):
    google.secrets[_NAME] = b"old"
    assert read_password(_NAME) == "old"
    google.secrets[_NAME] = b"new"
    assert read_password(_NAME) == "new"


def test_a_fault_that_passes_is_waited_for(google):
    google.secrets[_NAME] = _PASSWORD.encode()
    google.refuse_secrets = [503, 429, 500]
    assert read_password(_NAME) == _PASSWORD
    assert sum(":access" in line for line, _, _ in google.requests) == 4


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (404, "there is no such secret or version; correct --password_secret"),
        (403, "there is no permission to read it; give the service account of the job roles/secretmanager.secretAccessor"),
        (400, "the version is disabled or destroyed"),
        (b"", "is empty; store the password there"),
        (b"\n", "is empty; store the password there"),
        (b"sesame-\xd6ffne", "is no text in UTF-8"),
        (b"sesame\0", "is no text in UTF-8"),
    ],
)
def test_each_fault_has_its_sentence(google, held, told):
    google.secrets[_NAME] = held
    with pytest.raises(UserFault, match=re.escape(told)) as fault:
        read_password(_NAME)
    assert str(fault.value).startswith(f"the secret {_NAME} ")
    # Nothing of what it holds, in no part of the fault.
    assert "sesame" not in repr(fault.value) and fault.value.__context__ is None


def test_a_secret_manager_that_never_answers_is_told(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", f"http://127.0.0.1:{probe.getsockname()[1]}")
        monkeypatch.setattr(password_secret, "PATIENCE_SECONDS", 0.5)
        with pytest.raises(UserFault, match="Secret Manager did not answer for 0 s"):
            read_password(_NAME)


def test_without_an_account_there_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(UserFault, match="there are no Google credentials here; run gcloud auth application-default login"):
        read_password(_NAME)


def test_a_secret_of_one_region_is_asked_for_there(monkeypatch):
    monkeypatch.delenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER")
    client = password_secret._client("projects/my-project/locations/europe-west4/secrets/database/versions/1")
    assert client.api_endpoint == "secretmanager.europe-west4.rep.googleapis.com"
    assert password_secret._client(_NAME).api_endpoint == "secretmanager.googleapis.com"


def test_a_file_that_can_not_be_read_is_told_with_its_machine(tmp_path):
    with pytest.raises(UserFault, match=f"the file {tmp_path}/none .* can't be read on {socket.gethostname()}: No such file"):
        read_password(f"file:{tmp_path}/none")
    (tmp_path / "empty").touch()
    with pytest.raises(UserFault, match="empty"):
        read_password(f"file:{tmp_path}/empty")


@pytest.mark.parametrize("name", ["sesame-4711", "file:relative/path", "projects/p/secrets/s", "projects/p/secrets/s/versions/", "file:"])
def test_what_is_no_name_is_refused_without_being_repeated(name):
    with pytest.raises(UsageFault, match="names no secret") as fault:
        check_name(name)
    assert name == "file:" or name not in str(fault.value)
