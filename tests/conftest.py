"""What tests of several folders use."""

from collections.abc import Iterator

import pytest

from tests.cloud.server import GoogleServer
from tests.sinks.bigquery_emulator import Emulator, running_emulator, what_is_missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the tests of a file in one process, and those together that share a Flink cluster or Airflow's environment."""
    for item in items:
        folder = item.path.parent
        item.add_marker(pytest.mark.xdist_group(str(folder if folder.name in ("flink", "deploy") else item.path)))


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """Google's services on the loopback, empty."""
    server = GoogleServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def bigquery_emulator(tmp_path_factory) -> Iterator[Emulator]:
    """BigQuery on this machine, without any dataset."""
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    with running_emulator(tmp_path_factory.mktemp("bigquery")) as emulator:
        yield emulator
