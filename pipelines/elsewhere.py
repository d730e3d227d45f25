"""What a job can't use when its workers are on other machines: each is refused before anything is submitted."""

from collections.abc import Iterable

from pipelines.endpoints import Endpoint
from schemas.faults import UsageFault
from transforms.reading.files import is_local
from transforms.sinks.connection import PostgresTarget, password_stood_in_url
from transforms.sinks.parquet_target import ParquetTarget

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_store(endpoint: Endpoint, workers: str) -> None:
    """Refuses a store of this machine.

    Args:
        endpoint: the store.
        workers: who would have to reach it, in words.

    Raises:
        UsageFault: the embedded store, a folder, or a server that is named by a socket or the loopback.
    """
    remedy = "name a server that all of them reach: --output=postgresql://USER@HOST:PORT/DATABASE"
    if endpoint.folder is not None:
        raise UsageFault(f"--output embedded is a store on this machine, and {workers} are on others; {remedy}")
    if isinstance(endpoint.target, ParquetTarget) and endpoint.target.is_local:
        raise UsageFault(
            f"--output {endpoint} is a folder of this machine, and {workers} are on others; name a bucket: --output=gs://BUCKET/FOLDER"
        )
    if isinstance(endpoint.target, PostgresTarget):
        words = endpoint.target.given
        hosts = [host for name in ("host", "hostaddr") for host in words.get(name, "").split(",") if host]
        if "service" not in words and (not hosts or any(host in _LOOPBACK or host.startswith("/") for host in hosts)):
            named = f"on {hosts[0]}" if hosts else "without a host"
            raise UsageFault(f"--output names a PostgreSQL {named}, which each of {workers} would look for on its own machine; {remedy}")


def check_inputs(patterns: Iterable[str], workers: str) -> None:
    """Refuses files of this machine.

    Raises:
        UsageFault: naming the first.
    """
    here = next((one for one in patterns if is_local(one) or one.startswith("file://")), None)
    if here is not None:
        raise UsageFault(f"--input {here!r} is a file of this machine, and {workers} are on others; copy it into a bucket: gs://BUCKET/...")


def check_password(endpoint: Endpoint, workers: str) -> None:
    """Refuses a password that stays here.

    Raises:
        UsageFault: it stood in the URL of the store.
    """
    if endpoint.folder is None and password_stood_in_url():
        raise UsageFault(
            f"the password in --output stays on this machine, and {workers} are elsewhere; take it out of the URL, store it in Secret "
            "Manager or in a file beside the workers, and name it with --password_secret (see scope3 run --help)"
        )
