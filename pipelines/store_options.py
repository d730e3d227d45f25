"""Options that say which store is meant."""

import argparse

from transforms.sinks.connection import DEFAULT_SCHEMA


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Adds `--output` and `--schema`."""
    group = parser.add_argument_group("store")
    group.add_argument(
        "--output",
        metavar="STORE",
        default="embedded",
        help="embedded (a PostgreSQL in .scope3/postgres, nothing to set up), embedded:DIR, or postgresql://USER@HOST:PORT/DATABASE; "
        "the password may stand in PGPASSWORD, ~/.pgpass or a service file (default: embedded)",
    )
    group.add_argument(
        "--schema", metavar="NAME", default=DEFAULT_SCHEMA, help=f"PostgreSQL schema that holds the tables (default: {DEFAULT_SCHEMA})"
    )
