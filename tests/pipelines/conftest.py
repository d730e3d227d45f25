"""One embedded server for all tests of this folder: it starts once, and each test has a schema of its own."""

import itertools

import pytest

from tests.pipelines.stores import Store
from transforms.sinks.embedded import embedded_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with embedded_server(folder):
        yield folder


@pytest.fixture
def store(server_folder):
    return Store(server_folder, f"test_{next(_numbers)}")
