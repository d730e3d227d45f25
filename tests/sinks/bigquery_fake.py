"""BigQuery with faults: stands before the emulator, hands on what it is asked, and now and then does what the service does."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

_STATUS = {
    "accessDenied": 403,
    "quotaExceeded": 403,
    "rateLimitExceeded": 403,
    "authError": 401,
    "backendError": 503,
    "notFound": 404,
    "invalid": 400,
}


@dataclass
class Fault:
    """What is done to requests instead of handing them on.

    Attributes:
        method, part: of requests that it is about: `part` stands in the path, or in the body.
        times: how many of them.
        reason: answer with this error at once.
        lose: hand the request on, and hang up instead of answering.
        seconds: swallow the request, and hang up after so long.
        change: hand the request on, and answer with what this makes of the answer.
    """

    method: str
    part: str
    times: int = 1
    reason: str | None = None
    lose: bool = False
    seconds: float = 0.0
    change: Callable[[dict[str, Any]], Any] | None = None


class FaultyBigQuery(ThreadingHTTPServer):
    """Listens on a free port.

    Attributes:
        faults: the first that is about a request, and not used up, is done to it.
        requests: method, path and body of each request.
    """

    daemon_threads = True

    def __init__(self, emulator: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.emulator = emulator
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, bytes]] = []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """Returns its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, method: str, path: str, body: bytes) -> Fault | None:
        """Returns the fault for a request."""
        with self.lock:
            self.requests.append((method, path, body))
            for fault in self.faults:
                if fault.times and fault.method == method and (fault.part in path or fault.part.encode() in body):
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def faulty_bigquery(emulator: str) -> Iterator[FaultyBigQuery]:
    """Gives one that listens, and ends it.

    Args:
        emulator: address of the emulator behind it.
    """
    server = FaultyBigQuery(emulator)
    yield server
    server.shutdown()
    server.server_close()


def in_state(state: str, **status: Any) -> Callable[[dict[str, Any]], None]:
    """Returns what makes of a job one in a state, `RUNNING` or `DONE`."""

    def change(job: dict[str, Any]) -> None:
        job["status"] = {"state": state, **status}

    return change


class _Handler(BaseHTTPRequestHandler):
    server: FaultyBigQuery
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Takes a client that goes away as one that is done."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Stays quiet."""

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.take(self.command, self.path, body)
        if fault is not None and fault.seconds:
            time.sleep(fault.seconds)
            self.close_connection = True
            return
        if fault is not None and fault.reason is not None:
            status = _STATUS[fault.reason]
            told = {"reason": fault.reason, "message": f"told by the service: {fault.reason}", "domain": "global"}
            self._answer(status, json.dumps({"error": {"code": status, "message": told["message"], "errors": [told]}}).encode())
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "accept-encoding")}
        found = requests.request(self.command, self.server.emulator + self.path, data=body, headers=headers, timeout=120)
        if fault is not None and fault.lose:
            self.close_connection = True
            return
        content = found.content
        if fault is not None and fault.change is not None:
            changed = json.loads(content)
            content = json.dumps(fault.change(changed) or changed).encode()
        self._answer(found.status_code, content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
