"""Small files, read and judged together."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from schemas.config import Config
from schemas.json_line import Malformed, parse_line
from schemas.names import normalise_name
from transforms.reading.chunks import TextChunk
from transforms.reading.csv_chunk import CsvFormat, CsvReader, csv_chunks
from transforms.reading.files import CSV, JSON_LINES, format_of
from transforms.reading.json_chunk import JsonChunkReader, json_chunks
from transforms.reading.mapping import Mapping
from transforms.reading.parsed import ParsedChunk
from transforms.reading.places import Piece, Places
from transforms.reading.records import JudgedChunk, judge_chunk
from transforms.reading.sources import check_names, opened_text, parsed_chunks
from transforms.reading.together import Together
from transforms.sinks.contract import Source


def judged_together(sources: Iterable[Source], mapping: Mapping, config: Config, names: dict[int, str]) -> Iterator[JudgedChunk]:
    """Yields the chunks of some small files in order, those of several files as one.

    Args:
        sources: the files.
        mapping: what their columns mean.
        config: options that decide what is valid.
        names: short names of the files by source_id.

    Raises:
        UserFault: a file as a whole can't be read.
    """
    reader = _Reader(mapping)
    for source in sources:
        for _ in reader.read(source, names.get(source.source_id) or PurePosixPath(source.source_uri).name):
            if reader.together.is_enough:
                yield judge_chunk(*reader.take(), mapping, config)
    if not reader.together.is_empty:
        yield judge_chunk(*reader.take(), mapping, config)


class _Reader:
    """Cuts files into chunks, and puts these together. Made where it is used: pyarrow's options do not pickle."""

    def __init__(self, mapping: Mapping) -> None:
        self.together = Together()
        self._mapping = mapping
        self._json = JsonChunkReader()
        self._csv: dict[tuple[bytes, CsvFormat], CsvReader] = {}

    def read(self, source: Source, name: str) -> Iterator[None]:
        """Takes a file, chunk by chunk."""
        kind = format_of(source.source_uri)
        if kind not in (CSV, JSON_LINES):
            for parsed in parsed_chunks(source, self._mapping):
                self.together.add(Piece(source.source_id, name, parsed.position, parsed.length), parsed)
                yield
            return
        with opened_text(source, self._mapping) as stream:
            if kind == CSV:
                text_format = self._mapping.format.csv_of(stream.head)
                for header, chunk in csv_chunks(stream, source.source_uri, text_format):
                    self.together.add_text(_piece(source, name, chunk), chunk, self._csv_reader(header, source.source_uri, text_format))
                    yield
                return
            for place, chunk in enumerate(json_chunks(stream)):
                if place == 0 and self._mapping.needed_columns:
                    self._mapping.check_members(_names(chunk, self._mapping.needed_columns), source.source_uri)
                self.together.add_text(_piece(source, name, chunk), chunk, self._json)
                yield

    def take(self) -> tuple[ParsedChunk, Places]:
        """Returns what was put together as one chunk, and begins anew."""
        joined, self.together = self.together.joined(), Together()
        return joined

    def _csv_reader(self, header: bytes, uri: str, text_format: CsvFormat) -> CsvReader:
        reader = self._csv.get((header, text_format))
        if reader is None:
            reader = self._csv[header, text_format] = CsvReader(header, uri, self._mapping.wanted_columns, text_format)
            check_names(reader.names, uri, self._mapping)
        return reader


def _piece(source: Source, name: str, chunk: TextChunk) -> Piece:
    return Piece(source.source_id, name, chunk.position, chunk.length)


def _names(chunk: TextChunk, needed: Iterable[str]) -> tuple[str, ...]:
    """Returns normalised names of members, of as many lines as it takes to find the needed ones."""
    missing = set(needed)
    found: dict[str, None] = {}
    for row in range(len(chunk.starts)):
        record = parse_line(chunk.record(row))
        names = [] if isinstance(record, Malformed) else [normalise_name(name) for name, value in record.items() if value is not None]
        found |= dict.fromkeys(names)
        missing.difference_update(names)
        if not missing:
            break
    return tuple(found)
