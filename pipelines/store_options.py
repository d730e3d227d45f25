"""Options that say which store is meant."""

import argparse

from pipelines.endpoints import Endpoint, parse_output
from transforms.sinks.connection import DEFAULT_SCHEMA


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--output`, `--schema` and `--password_secret`."""
    group = parser.add_argument_group("store")
    group.add_argument(
        "--output",
        metavar="STORE",
        default="embedded",
        help="embedded (a PostgreSQL in .scope3/postgres, nothing to set up), embedded:DIR, postgresql://USER@HOST:PORT/DATABASE, whose "
        "password may stand in PGPASSWORD, ~/.pgpass or a service file, bigquery://PROJECT/DATASET (behind it, as in a URL, location, labels, "
        "kms_key_name, default_table_expiration_days, api_endpoint, credentials_file), or for Parquet files a folder, gs://BUCKET/FOLDER or "
        "s3://BUCKET/FOLDER (default: embedded)",
    )
    group.add_argument(
        "--schema", metavar="NAME", default=DEFAULT_SCHEMA, help=f"PostgreSQL schema that holds the tables (default: {DEFAULT_SCHEMA})"
    )
    group.add_argument(
        "--password_secret",
        metavar="NAME",
        help="where the password is, if not in the environment of whoever connects: projects/PROJECT/secrets/SECRET/versions/latest "
        "of Google Secret Manager, or file:/PATH on the machines that connect; only the name travels",
    )


def endpoint_of(arguments: argparse.Namespace, max_connections: int | None = None) -> Endpoint:
    """Returns the store that these options mean.

    Raises:
        UsageFault: as parse_output.
    """
    return parse_output(arguments.output, arguments.schema, max_connections, arguments.password_secret)
