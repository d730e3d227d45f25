"""One cluster, and one embedded store beside it, for all tests of this folder."""

import itertools

import pytest

from tests.flink.cluster import running_cluster
from tests.flink.job import Inputs, Jobs
from tests.flink.parts import get_parts, what_is_missing
from tests.pipelines.stores import Store
from transforms.sinks.embedded import embedded_server

_numbers = itertools.count()


@pytest.fixture(scope="session")
def parts():
    missing = what_is_missing()
    if missing:
        pytest.skip(missing)
    return get_parts()


@pytest.fixture(scope="session")
def cluster(parts, tmp_path_factory):
    with running_cluster(tmp_path_factory.mktemp("flink"), parts) as running:
        yield running


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with embedded_server(folder):
        yield folder


@pytest.fixture
def store(server_folder):
    return Store(server_folder, f"flink_{next(_numbers)}")


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    return Inputs(tmp_path_factory.mktemp("input"))


@pytest.fixture
def jobs(cluster, tmp_path):
    return Jobs(cluster, tmp_path)
