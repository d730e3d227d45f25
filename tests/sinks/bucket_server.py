"""A server of buckets as a process of its own: DuckDB keeps the interpreter to itself while it waits for files.

python -m tests.sinks.bucket_server s3|gs [proxy]
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cloud.server import BUCKET, GoogleServer
from tests.sinks.fault_proxy import FaultProxy


@contextmanager
def bucket_server(kind: str, *options: str) -> Iterator[tuple[str, str, int]]:
    """Gives scheme with bucket, the settings by which Arrow finds the server, and its port; stops it at the end.

    Args:
        kind: s3 or gs.
        options: proxy, where it is to be away for a while. See fault_proxy.be_away.
    """
    with subprocess.Popen(
        [sys.executable, "-m", __name__, kind, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            if kind == "gs":
                # Arrow takes these where there is no account.
                yield (
                    f"gs://anonymous@{BUCKET}",
                    f"scheme=http&endpoint_override=127.0.0.1:{port}&retry_limit_seconds={1 if options else 5}",
                    port,
                )
            else:
                yield f"s3://{BUCKET}", f"region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{port}", port
        finally:
            process.terminate()


def _serve(kind: str, *options: str) -> None:
    if kind == "gs":
        port = GoogleServer().server_port
    else:
        # Imported here: it takes a second.
        import boto3
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        port = server.get_host_and_port()[1]
        keys = {"aws_access_key_id": "tester", "aws_secret_access_key": "tester"}
        boto3.client("s3", "us-east-1", endpoint_url=f"http://127.0.0.1:{port}", **keys).create_bucket(Bucket=BUCKET)
    print(FaultProxy(port).server_port if options else port, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    _serve(*sys.argv[1:])
