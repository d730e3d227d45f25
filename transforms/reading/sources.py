"""One file as judged chunks, whatever its format."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from schemas.config import Config
from schemas.faults import UserFault
from transforms.reading.chunks import Stream
from transforms.reading.csv_chunk import read_csv
from transforms.reading.files import CSV, PARQUET, WORKBOOK, decompressed, format_of, opened
from transforms.reading.json_chunk import read_json_lines
from transforms.reading.mapping import Mapping
from transforms.reading.parquet import read_parquet
from transforms.reading.parsed import ParsedChunk
from transforms.reading.records import JudgedChunk, judge_chunk
from transforms.reading.workbook import read_workbook
from transforms.sinks.contract import Source


def judged_chunks(source: Source, mapping: Mapping, config: Config, name: str | None = None) -> Iterator[JudgedChunk]:
    """Yields the chunks of a file in order, each of its records accepted or refused.

    Args:
        source: the file.
        mapping: what its columns mean.
        config: options that decide what is valid.
        name: short name of the file, for ids that are made of it and a position; the last part of its uri if None.

    Raises:
        UserFault: the file as a whole can't be read: damaged, a header that is none, a column that the mapping names and it lacks.
    """
    name = name or PurePosixPath(source.source_uri).name
    for chunk in _parsed(source, mapping):
        yield judge_chunk(chunk, source.source_id, name, mapping, config)


def _parsed(source: Source, mapping: Mapping) -> Iterator[ParsedChunk]:
    uri = source.source_uri
    kind = format_of(uri)
    with opened(source) as handle:
        if kind == PARQUET:
            for names, chunk in read_parquet(handle, uri, mapping.wanted_columns):
                mapping.check_columns(names, uri)
                yield chunk
            return
        if kind == WORKBOOK:
            for names, chunk in read_workbook(handle, uri, mapping.wanted_columns, mapping.format):
                mapping.check_columns(names, uri)
                yield chunk
            return
        stream = decompressed(source, handle)
        if kind == CSV:
            for names, chunk in read_csv(stream, uri, mapping.wanted_columns, mapping.format.csv):
                mapping.check_columns(names, uri)
                yield chunk
            return
        for place, chunk in enumerate(read_json_lines(_Lines(stream, uri), uri)):
            if place == 0:
                mapping.check_members(_names(chunk), uri)
            yield chunk


def _names(chunk: ParsedChunk) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in (*(p.columns for p in chunk.parts), *(odd.values for odd in chunk.odd)) for name in part))


class _Lines:
    """A stream that is refused if it is one JSON document instead of lines."""

    def __init__(self, stream: Stream, uri: str) -> None:
        self._stream, self._uri, self._begun = stream, uri, False

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if not self._begun and data:
            self._begun = True
            text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
            if text.startswith(b"[") or text.split(b"\n", 1)[0].rstrip() == b"{":
                held = "a JSON list" if text.startswith(b"[") else "a JSON object of several lines"
                remedy = "jq -c '.[]' FILE > FILE.jsonl" if text.startswith(b"[") else "jq -c . FILE > FILE.jsonl"
                raise UserFault(f"{self._uri} holds {held}; write one record a line, for example with: {remedy}")
        return data
