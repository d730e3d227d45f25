"""What `--input` names: files, and tables or queries of a database."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from transforms.reading.files import find_sources, is_local
from transforms.reading.parsed import ParsedChunk
from transforms.reading.tables import BIGQUERY, POSTGRES, is_table, parse_table
from transforms.sinks.contract import Source
from transforms.sinks.password_secret import needs_cloud

# By kind of database: imported when the first one is named.
_READERS = {
    POSTGRES: ("transforms.reading.postgres_table", "find_postgres", "read_postgres"),
    BIGQUERY: ("transforms.reading.bigquery_table", "find_bigquery", "read_bigquery"),
}


def find_inputs(inputs: Sequence[str]) -> tuple[Source, ...]:
    """Returns the files, tables and queries of some inputs, each once, numbered in the order of their names.

    Raises:
        UserFault: an input that is not there, can't be looked up, or can't be read.
    """
    tables = [parse_table(one) for one in inputs if is_table(one)]
    patterns = [one for one in inputs if not is_table(one)]
    found = {one.source_uri: one for one in (find_sources(patterns) if patterns else ())}
    for table in tables:
        module, find, _ = _READERS[table.kind]
        source = getattr(importlib.import_module(module), find)(table)
        found[source.source_uri] = source
    return tuple(replace(found[uri], source_id=place) for place, uri in enumerate(sorted(found)))


def read_table(source: Source, wanted: frozenset[str]) -> Iterator[tuple[tuple[str, ...], ParsedChunk]]:
    """Yields the names of the columns of a table or query with each chunk of it.

    Raises:
        UserFault: it can't be read.
    """
    table = parse_table(source.source_uri)
    module, _, read = _READERS[table.kind]
    yield from getattr(importlib.import_module(module), read)(source, table, wanted)


def is_of_cloud(text: str) -> bool:
    """Says whether reading an input needs the libraries of the cloud."""
    if not is_table(text):
        return not is_local(text)
    table = parse_table(text)
    return table.kind != POSTGRES or needs_cloud(table.password_secret)
