"""What tests of several folders use."""

from collections.abc import Iterator

import pytest

from tests.cloud.server import GoogleServer


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """Google's services on the loopback, empty."""
    server = GoogleServer()
    yield server
    server.shutdown()
    server.server_close()
