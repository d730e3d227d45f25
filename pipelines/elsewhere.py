"""What a job can't use when its workers are on other machines: each is refused before anything is submitted."""

from collections.abc import Sequence

from pipelines.endpoints import Endpoint
from schemas.faults import UsageFault
from transforms.reading.files import is_local
from transforms.reading.postgres_table import target_of
from transforms.reading.tables import POSTGRES, Table, is_table, parse_table
from transforms.sinks.bigquery_target import BigQueryTarget
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
    if isinstance(endpoint.target, BigQueryTarget) and (endpoint.target.api_endpoint or "").startswith("http://"):
        raise UsageFault(
            f"--output names an emulator of BigQuery on this machine, and {workers} are on others; leave api_endpoint out, or name one "
            "that all of them reach"
        )
    if isinstance(endpoint.target, PostgresTarget):
        _check_host(endpoint.target, workers, remedy)


def _check_host(target: PostgresTarget, workers: str, remedy: str) -> None:
    words = target.given
    hosts = [host for name in ("host", "hostaddr") for host in words.get(name, "").split(",") if host]
    if "service" not in words and (not hosts or any(host in _LOOPBACK or host.startswith("/") for host in hosts)):
        named = f"on {hosts[0]}" if hosts else "without a host"
        raise UsageFault(f"{target.option} names a PostgreSQL {named}, which each of {workers} would look for on its own machine; {remedy}")


def check_inputs(patterns: Sequence[str], workers: str) -> None:
    """Refuses files and databases of this machine.

    Raises:
        UsageFault: naming the first.
    """
    for table in _postgres_tables(patterns):
        _check_host(target_of(table), workers, "name a server that all of them reach: --input=postgresql://USER@HOST/DATABASE?table=...")
    here = next((one for one in patterns if is_local(one) or one.startswith("file://")), None)
    if here is not None:
        raise UsageFault(f"--input {here!r} is a file of this machine, and {workers} are on others; copy it into a bucket: gs://BUCKET/...")


def check_password(endpoint: Endpoint, patterns: Sequence[str], workers: str) -> None:
    """Refuses a password that stays here.

    Raises:
        UsageFault: it stood in the URL of the store or of an input.
    """
    tables = _postgres_tables(patterns)
    if (endpoint.folder is None or tables) and password_stood_in_url():
        where = "--input or --output" if tables else "--output"
        how = "--password_secret, of an input with &password_secret=" if tables else "--password_secret"
        raise UsageFault(
            f"the password in {where} stays on this machine, and {workers} are elsewhere; take it out of the URL, store it in Secret "
            f"Manager or in a file beside the workers, and name it with {how} (see scope3 run --help)"
        )


def needs_environment(endpoint: Endpoint, patterns: Sequence[str]) -> bool:
    """Says whether a password may have to come from the environment of whoever connects."""
    finds_itself = isinstance(endpoint.target, PostgresTarget) and endpoint.password_secret is None
    return finds_itself or any(table.password_secret is None for table in _postgres_tables(patterns))


def _postgres_tables(patterns: Sequence[str]) -> list[Table]:
    tables = [parse_table(one) for one in patterns if is_table(one)]
    return [table for table in tables if table.kind == POSTGRES]
