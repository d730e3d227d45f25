"""Stands before a server of buckets and answers 503 in its place when it is told to."""

import http.client
import re
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_AWAY = "/away"


def be_away(port: int, pattern: str) -> None:
    """Lets a proxy refuse all requests in whose method and path a pattern is found; none where it is empty."""
    told = http.client.HTTPConnection("127.0.0.1", port)
    told.request("POST", _AWAY, pattern)
    assert told.getresponse().status == 204
    told.close()


class FaultProxy(ThreadingHTTPServer):
    """Listens on a free port and asks another one.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind, self.away_for = port, ""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: FaultProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Stays quiet."""

    def _pass_on(self) -> None:
        body = self._body()
        if self.path == _AWAY:
            self.server.away_for = body.decode()
            self._answer(204, {}, b"")
        elif self.server.away_for and re.search(self.server.away_for, f"{self.command} {self.path}"):
            self._answer(503, {}, b"")
        else:
            asked = http.client.HTTPConnection("127.0.0.1", self.server.behind)
            asked.request(self.command, self.path, body, self._kept(self.headers))
            got = asked.getresponse()
            self._answer(got.status, dict(got.getheaders()), got.read())
            asked.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _pass_on

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    @staticmethod
    def _kept(headers: Mapping[str, str]) -> dict[str, str]:
        """Returns the headers that are not about this connection."""
        own = ("content-length", "transfer-encoding", "connection", "expect")
        return {name: value for name, value in headers.items() if name.lower() not in own}

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(content))
        for name, value in {**self._kept(headers), "Content-Length": length}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
