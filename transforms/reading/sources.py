"""One file as judged chunks, whatever its format."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from schemas.config import Config
from schemas.faults import UserFault
from transforms.reading.chunks import Stream
from transforms.reading.csv_chunk import read_csv
from transforms.reading.files import CSV, PARQUET, decompressed, format_of, opened
from transforms.reading.json_chunk import read_json_lines
from transforms.reading.mapping import Mapping
from transforms.reading.parquet import read_parquet
from transforms.reading.parsed import ParsedChunk
from transforms.reading.records import JudgedChunk, judge_chunk
from transforms.sinks.contract import Source


def judged_chunks(source: Source, mapping: Mapping, config: Config) -> Iterator[JudgedChunk]:
    """Yields the chunks of a file in order, each of its records accepted or refused.

    Raises:
        UserFault: the file as a whole can't be read: damaged, a header that is none, a column that the mapping names and it lacks.
    """
    name = PurePosixPath(source.source_uri).name
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
        stream = decompressed(source, handle)
        if kind == CSV:
            for names, chunk in read_csv(stream, uri, mapping.wanted_columns, mapping.format.csv):
                mapping.check_columns(names, uri)
                yield chunk
            return
        yield from read_json_lines(_Lines(stream, uri))


class _Lines:
    """A stream that is refused if it is one JSON list instead of lines."""

    def __init__(self, stream: Stream, uri: str) -> None:
        self._stream, self._uri, self._begun = stream, uri, False

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if not self._begun and data:
            self._begun = True
            if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
                raise UserFault(f"{self._uri} holds a JSON list; write one record a line, for example with: jq -c '.[]' FILE > FILE.jsonl")
        return data
