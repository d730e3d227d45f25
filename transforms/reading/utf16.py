"""Text in UTF-16, which Excel calls "Unicode text" and PowerShell writes, given as UTF-8.

Records are cut, and their positions counted, in the UTF-8: they are those of the same file saved as UTF-8 with its mark of
three bytes. A half of a pair of surrogates that stands alone stays what it is, so that it costs its own line and no other.
"""

import codecs

from transforms.reading.chunks import Stream
from transforms.reading.recognise import Peeked

_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
# As that of UTF-16 begins.
_MARK_OF_UTF32 = b"\xff\xfe\0\0"


def as_utf8(text: Peeked) -> Peeked:
    """Returns a stream that begins with the mark of UTF-16 as UTF-8, and any other as it is.

    Raises:
        EOFError: when the stream is read, and ends within a character.
    """
    encoding = _MARKS.get(text.head[:2])
    return text if encoding is None or text.head.startswith(_MARK_OF_UTF32) else Peeked(_Utf16(text, encoding))


class _Utf16:
    """Bytes of UTF-8. The mark becomes that of UTF-8."""

    def __init__(self, text: Stream, encoding: str) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._waiting = b""

    def read(self, size: int, /) -> bytes:
        while not self._waiting:
            data = self._text.read(size)
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeDecodeError:
                raise EOFError("its last character is not complete") from None
            if not data:
                return b""
            # At most half as much again.
            self._waiting = text.encode("utf-8", "surrogatepass")
        read, self._waiting = self._waiting[:size], self._waiting[size:]
        return read
