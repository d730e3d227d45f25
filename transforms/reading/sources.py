"""One file or table as judged chunks, whatever its format."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import PurePosixPath
from typing import IO

from schemas.config import Config
from transforms.reading.csv_chunk import csv_chunks, read_csv
from transforms.reading.files import CSV, JSON_LINES, WORKBOOK, decompressed, format_of, opened
from transforms.reading.inputs import read_table
from transforms.reading.json_chunk import read_json_lines
from transforms.reading.mapping import Mapping
from transforms.reading.parquet import read_parquet
from transforms.reading.parsed import ParsedChunk, was_changed
from transforms.reading.places import Piece, Places
from transforms.reading.recognise import HEAD_BYTES, Peeked, check_csv, check_json_lines, check_parquet, check_text
from transforms.reading.records import JudgedChunk, judge_chunk
from transforms.reading.spelling import check_spelling
from transforms.reading.tables import is_table
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
    for chunk in parsed_chunks(source, mapping):
        yield judge_chunk(chunk, Places([Piece(source.source_id, name, chunk.position, chunk.length)]), mapping, config)


def parsed_chunks(source: Source, mapping: Mapping) -> Iterator[ParsedChunk]:
    """Yields the chunks of a file in order, whose columns are those that are meant; raises what judged_chunks raises."""
    uri = source.source_uri
    if not _is_lines(uri):
        yield from _checked(_table_chunks(source, mapping), uri, mapping)
        return
    begin, _ = source.span
    with opened_text(source, mapping) as stream:
        if begin:
            _go_on(stream, source)
        for place, chunk in enumerate(read_json_lines(stream, span=source.span)):
            # A mapping means the file, whose other parts are as good.
            if place == 0 and not begin:
                mapping.check_members(_names(chunk), uri)
            yield chunk


def column_names(source: Source, mapping: Mapping) -> tuple[str, ...]:
    """Returns the normalised names of the columns, whatever they are; none of JSON lines and of a file without a header.

    Raises:
        UserFault: the header can't be read.
    """
    if _is_lines(source.source_uri):
        return ()
    with closing(_table_chunks(source, mapping)) as chunks:
        return next((names for names, _ in chunks), ())


def _is_lines(uri: str) -> bool:
    return not is_table(uri) and format_of(uri) == JSON_LINES


def _table_chunks(source: Source, mapping: Mapping) -> Generator[tuple[tuple[str, ...], ParsedChunk], None, None]:
    """Yields the names of all columns with each chunk of a table."""
    uri, wanted = source.source_uri, mapping.wanted_columns
    if is_table(uri):
        yield from read_table(source, wanted)
        return
    kind = format_of(uri)
    if kind == CSV:
        with opened_text(source, mapping) as stream:
            text_format, header = mapping.format.csv_of(stream.head), None
            if source.span[0]:
                header, _ = next(csv_chunks(stream, uri, text_format), (None, None))
                _go_on(stream, source)
            yield from read_csv(stream, uri, wanted, text_format, span=source.span, header=header)
        return
    if kind == WORKBOOK:
        with opened(source) as handle:
            yield from read_workbook(handle, uri, wanted, mapping.format)
        return
    with opened_parquet(source) as handle:
        yield from read_parquet(handle, uri, wanted, span=source.span)


@contextmanager
def opened_text(source: Source, mapping: Mapping) -> Iterator[Peeked]:
    """Gives the text of a CSV file or of JSON lines.

    Raises:
        UserFault: it can't be read, or is something else.
    """
    uri = source.source_uri
    kind = format_of(uri)
    with opened(source) as handle:
        stream = decompressed(source, handle)
        if source.ranges and stream.stored is None:
            raise was_changed(uri)
        check_text(stream.head, uri, kind)
        if kind == CSV:
            check_csv(stream.head, uri)
        else:
            check_json_lines(stream.head, uri, mapping.wanted_columns)
        yield stream


@contextmanager
def opened_parquet(source: Source) -> Iterator[IO[bytes]]:
    """Gives a Parquet file.

    Raises:
        UserFault: it can't be read, or is something else.
    """
    with opened(source) as handle:
        check_parquet(handle.read(HEAD_BYTES), source.source_uri)
        handle.seek(0)
        yield handle


def _go_on(stream: Peeked, source: Source) -> None:
    """Goes to where a range of the file begins.

    Raises:
        UserFault: no line ends there.
    """
    stream.go_to(source.span[0] - 1)
    if stream.read(1) not in (b"\n", b"\r"):
        raise was_changed(source.source_uri)


def check_names(names: tuple[str, ...], uri: str, mapping: Mapping) -> None:
    """Refuses a table whose columns are not those that are meant.

    Raises:
        UserFault: it lacks one that the mapping names, none is known, or one is misspelt.
    """
    mapping.check_columns(names, uri)
    check_spelling(names, uri, mapping)


def _checked(chunks: Iterable[tuple[tuple[str, ...], ParsedChunk]], uri: str, mapping: Mapping) -> Iterator[ParsedChunk]:
    for place, (names, chunk) in enumerate(chunks):
        if place == 0:
            check_names(names, uri, mapping)
        yield chunk


def _names(chunk: ParsedChunk) -> tuple[str, ...]:
    """Returns normalised names of members that have a value in any line: small_files finds the same in the lines themselves."""
    names = [name for part in chunk.parts for name, column in part.columns.items() if column.null_count < len(column)]
    return tuple(dict.fromkeys([*names, *(name for odd in chunk.odd for name in odd.values)]))
