"""Packed text without its packing.

A file may hold several gzip or bzip2 members or zstd frames, one behind the other: `cat a.gz b.gz` and parallel packers
make such files. Whatever else stands behind one is damage, and not the end. No more is unpacked than is asked for.
"""

import bz2
import gzip
from typing import IO, cast

import pyarrow as pa

from transforms.reading.chunks import Stream
from transforms.reading.recognise import BZIP2, GZIP, Peeked

_READ_BYTES = 1 << 15


def unpacked(packed: Peeked, packing: str) -> Stream:
    """Returns the bytes that were packed.

    Args:
        packed: a file as it is stored.
        packing: GZIP, BZIP2 or ZSTD.

    Raises:
        EOFError, OSError, zlib.error: when the stream is read, and the file is damaged or was cut off.
    """
    if packing == GZIP:
        return gzip.GzipFile(fileobj=cast(IO[bytes], packed))
    if packing == BZIP2:
        return _Bzip2(packed)
    # zstandard's own reader takes a file that was cut off for one that has ended.
    stream: Stream = pa.CompressedInputStream(pa.PythonFile(packed, mode="r"), packing)
    return stream


class _Bzip2:
    """Bytes of bzip2 members. The library's own reader takes whatever stands behind one for its end, and leaves it out."""

    def __init__(self, packed: Stream) -> None:
        self._packed = packed
        self._member = bz2.BZ2Decompressor()

    def read(self, size: int, /) -> bytes:
        while True:
            more = b""
            if self._member.eof:
                more = self._member.unused_data or self._packed.read(_READ_BYTES)
                if not more:
                    return b""
                self._member = bz2.BZ2Decompressor()
            elif self._member.needs_input:
                more = self._packed.read(_READ_BYTES)
                if not more:
                    raise EOFError("its last part is not complete")
            data = self._member.decompress(more, size)
            if data:
                return data
