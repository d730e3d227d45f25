"""Cuts a large file into ranges that several workers read: of bytes of text, or of rows of Parquet.

Each begins with a record. Which bytes are a record does not depend on the ranges, so the records are those of one reading.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from transforms.reading.chunks import LONGEST_RECORD_BYTES
from transforms.reading.csv_chunk import csv_chunks
from transforms.reading.files import JSON_LINES, PARQUET, WORKBOOK, format_of, is_local
from transforms.reading.mapping import Mapping
from transforms.reading.parquet import row_groups
from transforms.reading.recognise import Peeked
from transforms.reading.sources import opened_parquet, opened_text
from transforms.reading.tables import is_table
from transforms.sinks.contract import WHOLE, Source

# What is read of a part beside its own is little: the first bytes of the file, and of CSV the header. From a bucket each of
# them comes with the 16 MiB behind.
_PART_BYTES, _PART_BYTES_IN_BUCKET = 32 << 20, 128 << 20
# Of all files of a run. A worker on Flink looks at each that is left to it with every bundle.
_MOST_PARTS = 1_000

_PIECE_BYTES = 1 << 16
_SCAN_BYTES = LONGEST_RECORD_BYTES


def part_bytes_of(sources: Sequence[Source]) -> int:
    """Returns about how large a part of a file is, for all inputs of a run."""
    sizes = {source.source_uri: source.size_bytes for source in sources if not is_table(source.source_uri)}
    return max(_PART_BYTES if all(map(is_local, sizes)) else _PART_BYTES_IN_BUCKET, sum(sizes.values()) // _MOST_PARTS)


def ranges_of(source: Source, mapping: Mapping, part_bytes: int) -> tuple[tuple[int, int], ...]:
    """Returns ranges of bytes or rows of a file, rising, that are all of it; none of a file that is read as a whole.

    Args:
        source: a file. Text that is neither packed nor UTF-16 can be read from any record on, Parquet from any row group.
        mapping: how text is written.
        part_bytes: of a range, about; of Parquet at least.

    Raises:
        UserFault: the file can't be read, or is something else.
    """
    uri, size = source.source_uri, source.size_bytes
    kind = format_of(uri)
    if kind == WORKBOOK or size < 2 * part_bytes:
        return ()
    if kind == PARQUET:
        with opened_parquet(source) as handle:
            return _ranges(_row_groups(row_groups(handle, uri), part_bytes))
    with opened_text(source, mapping) as stream:
        if stream.stored is None:
            return ()
        return _ranges(_lines(stream, size, part_bytes) if kind == JSON_LINES else _records(stream, uri, mapping, part_bytes))


def _ranges(begins: Iterable[int]) -> tuple[tuple[int, int], ...]:
    return tuple(pairwise([0, *begins, WHOLE[1]]))


def _row_groups(groups: Iterable[tuple[int, int]], part_bytes: int) -> Iterator[int]:
    """Yields where row groups begin, one in each part."""
    held = last = 0
    for begin, stored_bytes in groups:
        # A row group may have no rows.
        if held >= part_bytes and begin > last:
            yield begin
            held, last = 0, begin
        held += stored_bytes


def _lines(stream: Peeked, size: int, part_bytes: int) -> Iterator[int]:
    """Yields where lines begin, one in each part, without reading what lies between."""
    begin = 0
    for place in range(part_bytes, size, part_bytes):
        if place <= begin:
            continue
        # A line may begin here.
        begin = place - 1
        stream.go_to(begin)
        while piece := stream.read(_PIECE_BYTES):
            end = piece.find(b"\n")
            if end >= 0:
                begin += end + 1
                break
            begin += len(piece)
        if begin >= size:
            return
        yield begin


def _records(stream: Peeked, uri: str, mapping: Mapping, part_bytes: int) -> Iterator[int]:
    """Yields where records of CSV begin, one in each part. Whether a line end is one of a record, all quotes before it tell."""
    text_format = mapping.format.csv_of(stream.head)
    chunks = csv_chunks(stream, uri, text_format, _SCAN_BYTES)
    # It begins with the header, or above.
    next(chunks, None)
    begin = 0
    for _, chunk in chunks:
        if chunk.position - begin >= part_bytes:
            begin = chunk.position
            yield begin
