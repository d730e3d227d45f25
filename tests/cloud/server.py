"""Google's services on the loopback, as far as a job needs them: tokens, Cloud Storage, Dataflow, Secret Manager.

The real clients talk to it, with real credentials of a service account that exists nowhere. It keeps all that arrives.
"""

import base64
import json
import re
import threading
import urllib.parse
from contextlib import suppress
from datetime import datetime, timezone
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import google_crc32c
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

BUCKET = "bucket"
# Any other name is one of the same bucket.
NO_BUCKET = "nowhere"
PROJECT, REGION = "my-project", "europe-west4"
JOB_ID = "2026-01-01_00_00_00-4711"


class GoogleServer(ThreadingHTTPServer):
    """Listens on a free port.

    Attributes:
        objects: content by name, of the one bucket.
        written: when each was written last.
        clock: what tells the time.
        secrets: content by name of a version, or the status that its reader gets.
        jobs: bodies of the requests that create a job.
        refuse_jobs: the status that such a request gets instead, None for none.
        refuse_secrets: statuses that the next readers of secrets get, one each.
        requests: method and path of each request, its headers and its body.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, bytes] = {}
        self.written: dict[str, datetime] = {}
        self.clock = partial(datetime.now, timezone.utc)
        self.secrets: dict[str, bytes | int] = {}
        self.jobs: list[dict[str, Any]] = []
        self.refuse_jobs: int | None = None
        self.refuse_secrets: list[int] = []
        self.requests: list[tuple[str, str, bytes]] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """Returns its address. The word localhost is what makes Beam speak HTTP to Dataflow."""
        return f"http://localhost:{self.server_port}"

    def environment(self, folder) -> dict[str, str]:
        """Returns the variables that lead the clients here; the key of the account is written into a folder."""
        key = rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        account = {
            "type": "service_account", "project_id": PROJECT, "private_key_id": "1", "private_key": pem.decode(),
            "client_email": f"tester@{PROJECT}.iam.gserviceaccount.com", "client_id": "1", "token_uri": f"{self.address}/token",
        }  # fmt: skip
        (folder / "account.json").write_text(json.dumps(account))
        return {
            "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
            "STORAGE_EMULATOR_HOST": self.address,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER": self.address,
            "NO_GCE_CHECK": "true",
        }

    def arrived(self) -> dict[str, bytes]:
        """Returns all that was ever sent here, by a name for messages."""
        return {f"{place}: {line}": head.encode() + body for place, (line, head, body) in enumerate(self.requests)}


class _Handler(BaseHTTPRequestHandler):
    server: GoogleServer
    protocol_version = "HTTP/1.1"
    # Else each answer waits for the client's acknowledgement of its head.
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Takes a client that goes away as one that is done."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Stays quiet."""

    def do_GET(self) -> None:
        self._take()
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if secret := re.fullmatch(r"/v1/(projects/.*):access", url.path):
            self._secret(secret[1])
        elif named := re.fullmatch(r"(/download)?/storage/v1/b/([^/]+)/o/(.+)", url.path):
            self._object(urllib.parse.unquote(named[3]), content=query.get("alt") == "media")
        elif url.path.endswith("/o"):
            prefix = query.get("prefix", "")
            names = sorted(name for name in self.server.objects if name.startswith(prefix))
            if "delimiter" in query:
                names = [name for name in names if query["delimiter"] not in name[len(prefix) :]]
            self._answer({"kind": "storage#objects", "items": [self._described(name) for name in names]})
        elif url.path.startswith(f"/{BUCKET}/"):
            self._object(urllib.parse.unquote(url.path.removeprefix(f"/{BUCKET}/")), content=True)
        elif url.path.startswith("/storage/v1/b/"):
            self._answer({"kind": "storage#bucket", "name": BUCKET, "location": "US", "projectNumber": "1"})
        else:
            self._error(404)

    def do_POST(self) -> None:
        body = self._take()
        path = urllib.parse.urlsplit(self.path).path
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        if path == "/token":
            self._answer({"access_token": "token", "expires_in": 3600, "token_type": "Bearer"})
        elif path.startswith("/upload/") and f"/b/{NO_BUCKET}/" in path:
            self._error(404)
        elif path.startswith("/upload/"):
            name = urllib.parse.quote(query.get("name") or json.loads(body)["name"], safe="")
            self._answer({}, headers={"Location": f"{self.server.address}/resume/{name}"})
        elif copied := re.fullmatch(rf"/storage/v1/b/{BUCKET}/o/([^/]+)/rewriteTo/b/{BUCKET}/o/([^/]+)", path):
            self._copy(*map(urllib.parse.unquote, copied.groups()))
        elif self.server.refuse_jobs is not None:
            self._error(self.server.refuse_jobs)
        else:
            job = json.loads(body)
            self.server.jobs.append(job)
            made = {"id": JOB_ID, "projectId": PROJECT, "location": REGION, "currentState": "JOB_STATE_PENDING"}
            self._answer(job | made | {"createTime": "2026-01-01T00:00:00Z"})

    def do_PUT(self) -> None:
        body = self._take()
        name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.removeprefix("/resume/"))
        self._keep(name, body)
        self._answer(self._described(name))

    def do_DELETE(self) -> None:
        self._take()
        name = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path.removeprefix(f"/storage/v1/b/{BUCKET}/o/"))
        if self.server.objects.pop(name, None) is None:
            self._error(404)
        else:
            self._send(b"", 204, {})

    def _keep(self, name: str, content: bytes) -> None:
        self.server.objects[name], self.server.written[name] = content, self.server.clock()

    def _copy(self, name: str, to: str) -> None:
        if name not in self.server.objects:
            self._error(404)
            return
        self._keep(to, self.server.objects[name])
        made = {"kind": "storage#rewriteResponse", "done": True, "resource": self._described(to)}
        self._answer(made | {"totalBytesRewritten": "1", "objectSize": "1"})

    def _take(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((f"{self.command} {self.path}", str(self.headers), body))
        return body

    def _secret(self, name: str) -> None:
        found = self.server.refuse_secrets.pop(0) if self.server.refuse_secrets else self.server.secrets.get(name, 404)
        if self.headers.get("Authorization", "").partition(" ")[0] != "Bearer":
            found = 401
        if isinstance(found, int):
            self._error(found)
        else:
            self._answer({"name": name, "payload": {"data": base64.b64encode(found).decode()}})

    def _object(self, name: str, content: bool) -> None:
        if name not in self.server.objects:
            self._error(404)
        elif content:
            self._part(self.server.objects[name])
        else:
            self._answer(self._described(name))

    def _part(self, content: bytes) -> None:
        """Sends the bytes that are asked for; a reader who asks beyond the end learns so that there are no more."""
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2] or len(content)) + 1) if asked else (0, len(content))
        if asked and first >= len(content):
            self._error(416)
        else:
            self._send(content[first:last], 206 if asked else 200, {"Content-Type": "application/octet-stream"})

    def _described(self, name: str) -> dict[str, Any]:
        content, written = self.server.objects[name], self.server.written.get(name) or self.server.clock()
        stamp = f"{written:%Y-%m-%dT%H:%M:%SZ}"
        crc32c = base64.b64encode(google_crc32c.value(content).to_bytes(4, "big")).decode()
        return {
            "kind": "storage#object", "bucket": BUCKET, "name": name, "size": str(len(content)), "crc32c": crc32c,
            "generation": "1", "timeCreated": stamp, "updated": stamp,
        }  # fmt: skip

    def _error(self, status: int) -> None:
        told = {400: "FAILED_PRECONDITION", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 503: "UNAVAILABLE"}
        self._answer({"error": {"code": status, "message": f"told by the server: {status}", "status": told.get(status, "UNKNOWN")}}, status)

    def _answer(self, body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(body).encode(), status, {"Content-Type": "application/json", **(headers or {})})

    def _send(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
