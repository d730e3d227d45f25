"""A server of buckets as a process of its own: DuckDB keeps the interpreter to itself while it waits for files.

python -m tests.sinks.bucket_server s3|gs
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cloud.server import BUCKET, GoogleServer


@contextmanager
def bucket_server(kind: str) -> Iterator[tuple[str, str]]:
    """Gives scheme with bucket, and the settings by which Arrow finds the server; stops it at the end."""
    with subprocess.Popen([sys.executable, "-m", __name__, kind], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            if kind == "gs":
                # Arrow takes these where there is no account.
                yield f"gs://anonymous@{BUCKET}", f"scheme=http&endpoint_override=127.0.0.1:{port}&retry_limit_seconds=5"
            else:
                yield f"s3://{BUCKET}", f"region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{port}"
        finally:
            process.terminate()


def _serve(kind: str) -> None:
    if kind == "gs":
        print(GoogleServer().server_port, flush=True)
    else:
        # Imported here: it takes a second.
        import boto3
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        port = server.get_host_and_port()[1]
        keys = {"aws_access_key_id": "tester", "aws_secret_access_key": "tester"}
        boto3.client("s3", "us-east-1", endpoint_url=f"http://127.0.0.1:{port}", **keys).create_bucket(Bucket=BUCKET)
        print(port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    _serve(sys.argv[1])
