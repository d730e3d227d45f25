"""What a file holds by its first bytes, whatever its name says."""

import io
import re
from typing import IO

from schemas.faults import UserFault
from schemas.names import normalise_name
from transforms.reading.chunks import UTF8_MARK, Stream

# As many bytes as any of the looks below takes.
HEAD_BYTES = 4_096

GZIP, BZIP2, ZSTD = "gzip", "bzip2", "zstd"
# Of zstd the second is a skippable frame; parallel packers begin with one.
_PACKED = (
    (GZIP, re.compile(rb"\x1f\x8b\x08")),
    (BZIP2, re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")),
    (ZSTD, re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")),
)

_WRITE_TEXT = "save its table as CSV, JSON lines or Parquet"
_UNPACK = "unpack it, and name what is in it"
# First bytes, what they begin, and what to do.
_SIGNS = (
    (b"PAR1", "a Parquet file", "give it a name that ends in .parquet"),
    (b"PK\x03\x04", "a workbook or another zip archive", "let the name of a workbook end in .xlsx, and unpack another archive"),
    (b"PK\x05\x06", "an empty zip archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "a workbook of the old kind (.xls)", _WRITE_TEXT),
    (b"%PDF-", "a PDF", _WRITE_TEXT),
    (b"{\\rtf", "a text document (RTF)", _WRITE_TEXT),
    (b"ARROW1", "an Arrow or Feather file", "write it as Parquet"),
    (b"Obj\x01", "an Avro file", "write it as Parquet"),
    (b"ORC", "an ORC file", "write it as Parquet"),
    (b"SQLite format 3\0", "a SQLite database", _WRITE_TEXT),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf", "a 7z archive", _UNPACK),
)
_MARKUP = re.compile(rb"\s*<(!doctype|html|head|body|table|\?xml)", re.IGNORECASE)
_UTF16 = re.compile(rb"\xff\xfe|\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]")


class Peeked(io.RawIOBase):
    """A stream of which the first bytes are known before it is read.

    Attributes:
        head: HEAD_BYTES bytes, or all of a shorter stream.
        stored: the file, where the stream is one as it is stored; None of what is unpacked or decoded.
    """

    def __init__(self, stream: Stream, stored: IO[bytes] | None = None) -> None:
        super().__init__()
        self._stream, self.stored = stream, stored
        parts, held = [], 0
        while held < HEAD_BYTES and (part := stream.read(HEAD_BYTES - held)):
            parts.append(part)
            held += len(part)
        self.head = self._ahead = b"".join(parts)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not self._ahead:
            return self._stream.read(size)
        data, self._ahead = (self._ahead, b"") if size < 0 else (self._ahead[:size], self._ahead[size:])
        return data

    def go_to(self, position: int) -> None:
        """Goes on with another byte of a file that is read as it is stored."""
        assert self.stored is not None
        self.stored.seek(position)
        self._ahead = b""


def packing_of(head: bytes) -> str | None:
    """Returns GZIP, BZIP2 or ZSTD where the first bytes of a file say so."""
    return next((name for name, sign in _PACKED if sign.match(head)), None)


def is_text(head: bytes) -> bool:
    """Says whether the first bytes of a file hold no sign that no table of text holds."""
    return not re.search(rb"[\0-\x08\x0e-\x1a]", head)


def is_known(head: bytes) -> bool:
    """Says whether a file that begins with these bytes may be text, or is something else that is known."""
    return is_text(head) or _other_than_text(head) is not None


def _other_than_text(head: bytes) -> tuple[str, str] | None:
    """Returns what a file is that begins with these bytes and what to do, None where it may be text in UTF-8 or alike."""
    if _MARKUP.match(head.removeprefix(UTF8_MARK)):
        return "an HTML or XML page", "save the table in it as CSV"
    if _UTF16.match(head):
        # With one it was read as UTF-8 before it came here.
        return "UTF-16 without a byte order mark", "save it as UTF-8"
    if packing_of(head):
        return "packed twice", "unpack it once"
    for sign, what, remedy in _SIGNS:
        # Letters and digits alone may be the name of a column.
        if head.startswith(sign) and not (sign.isalnum() and is_text(head)):
            return what, remedy
    return None


def check_text(head: bytes, uri: str, kind: str) -> None:
    """Refuses a file that is no text.

    Args:
        head: its first bytes without compression, HEAD_BYTES of them or the whole file.
        uri: of the file.
        kind: what its name says it is, for the message.

    Raises:
        UserFault: says what it is, and what to do.
    """
    found = _other_than_text(head)
    if found is not None:
        what, remedy = found
        raise UserFault(f"{uri} is {what} and no {kind}; {remedy}")


def check_parquet(head: bytes, uri: str) -> None:
    """Refuses a file that begins as no Parquet file does.

    Raises:
        UserFault: says what it is, and what to do.
    """
    if not head:
        raise UserFault(f"{uri} is empty and no Parquet file; get it again")
    if not head.startswith(b"PAR1"):
        what, remedy = _other_than_text(head) or ("something else", "let its name say what it is")
        raise UserFault(f"{uri} is {what} and no Parquet file; {remedy}")


def check_csv(head: bytes, uri: str) -> None:
    """Refuses JSON under the name of CSV.

    Raises:
        UserFault: says so.
    """
    if re.match(rb'\s*\[?\s*\{\s*"', head.removeprefix(UTF8_MARK)):
        raise UserFault(f"{uri} is JSON and no CSV; write one record a line, and let its name end in .jsonl")


def check_json_lines(head: bytes, uri: str, known: frozenset[str]) -> None:
    """Refuses one JSON document, and CSV, under the name of JSON lines.

    Args:
        head, uri: as for check_text.
        known: normalised names of columns.

    Raises:
        UserFault: says so, and what to do.
    """
    text = head.removeprefix(UTF8_MARK).lstrip()
    if text.startswith(b"["):
        raise UserFault(f"{uri} holds a JSON list; write one record a line, for example with: jq -c '.[]' FILE > FILE.jsonl")
    first = text.split(b"\n", 1)[0].rstrip()
    if first == b"{":
        raise UserFault(f"{uri} holds a JSON object of several lines; write one record a line, for example with: jq -c . FILE > FILE.jsonl")
    names = {normalise_name(name.strip('" ')) for name in re.split(r"[,;\t|]", first.decode("utf-8", "replace"))}
    if not first.startswith(b"{") and names & known:
        raise UserFault(f"{uri} is CSV and no JSON lines; let its name end in .csv")
