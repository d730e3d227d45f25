"""Where the records of a CSV file end, by RFC 4180.

A quote opens a field only at the field's start; an inch sign inside an unquoted field is text,
so counting quotes alone would be wrong. Where all quotes of a buffer are of the plain kind
their count does tell, and the borders are found without a loop; otherwise the quoted parts are
walked one by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.reading.chunks import Borders, without_blank_lines
from transforms.reading.parsed import Positions

Octets = npt.NDArray[np.uint8]

_QUOTE, _RETURN, _FEED = (ord(sign) for sign in '"\r\n')


@dataclass(frozen=True)
class CsvBorders:
    """Finds the records of a buffer that begins with a record.

    A line feed, a carriage return, or both, outside of quotes, end a record.

    Attributes:
        delimiter: one ASCII character.
    """

    delimiter: str = ","

    def __call__(self, data: bytes, at_end: bool) -> Borders:
        """Returns the borders of the buffer's records; a record whose quote is not closed in the buffer is not whole."""
        octets = np.frombuffer(data, np.uint8)
        # A return at the end of the buffer may be followed by a feed that is not here yet.
        ends, widths = _line_ends(octets[:-1] if not at_end and data.endswith(b"\r") else octets)
        quotes = np.flatnonzero(octets == _QUOTE)
        open_from = len(data)
        if len(quotes):
            inside, open_from = self._quoted(data, octets, quotes, ends)
            ends, widths = ends[~inside], widths[~inside]
        complete = int(ends[-1] + widths[-1]) if len(ends) else 0
        starts = np.concatenate([[0], ends[:-1] + widths[:-1]]).astype(np.int64) if len(ends) else ends
        if at_end and complete < len(data) and open_from == len(data):
            starts, ends, complete = np.append(starts, complete), np.append(ends, len(data)), len(data)
        blanks = b" \r".replace(self.delimiter.encode(), b"")
        return Borders(*without_blank_lines(data, starts, ends, blanks), complete)

    def _quoted(self, data: bytes, octets: Octets, quotes: Positions, places: Positions) -> tuple[npt.NDArray[np.bool_], int]:
        """Says which places are inside quotes, and where a quote opens that is not closed, else the buffer's length."""
        around = np.concatenate([[_FEED], octets, [_FEED]]).astype(np.uint8)
        border = np.zeros(256, bool)
        border[[ord(self.delimiter), _RETURN, _FEED]] = True
        opens = border[around[quotes]]
        border[_QUOTE] = True
        if border[around[quotes[0::2]]].all() and border[around[quotes[1::2] + 2]].all():
            # Each quote opens a field at its start, closes one at its end, or is one of a pair inside quotes.
            open_from = int(quotes[-1]) if len(quotes) % 2 else len(data)
            return np.searchsorted(quotes, places) % 2 == 1, open_from
        edges = np.array(list(_quoted_parts(data, quotes[opens])), np.int64)
        open_from = int(edges[-1]) if len(edges) % 2 else len(data)
        return np.searchsorted(edges, places, side="right") % 2 == 1, open_from


def _quoted_parts(data: bytes, opening: Positions) -> Iterator[int]:
    """Yields where quoted parts begin and end, in turns; `opening` are the quotes that open one unless they are inside another."""
    end = -1
    for begin in opening.tolist():
        if begin < end:
            continue
        yield begin
        closing = data.find(b'"', begin + 1)
        while closing >= 0 and data.startswith(b'"', closing + 1):
            closing = data.find(b'"', closing + 2)
        if closing < 0:
            return
        end = closing + 1
        yield end


def _line_ends(octets: Octets) -> tuple[Positions, Positions]:
    """Returns where line ends begin, and their widths: 1, or 2 for return and feed."""
    feeds = np.flatnonzero(octets == _FEED).astype(np.int64)
    returns = np.flatnonzero(octets == _RETURN).astype(np.int64)
    if not len(returns):
        return feeds, np.ones(len(feeds), np.int64)
    paired = octets[np.maximum(feeds, 1) - 1] == _RETURN
    paired &= feeds > 0
    alone = returns[octets[np.minimum(returns + 1, len(octets) - 1)] != _FEED]
    begins = np.concatenate([feeds - paired, alone])
    widths = np.concatenate([1 + paired.astype(np.int64), np.ones(len(alone), np.int64)])
    order = np.argsort(begins, kind="stable")
    return begins[order], widths[order]


def split_record(record: str, delimiter: str) -> list[str]:
    """Returns the fields of a record. Text behind a closing quote belongs to its field, as it stands.

    Args:
        record: one record as `CsvBorders` found it, without its line end.
        delimiter: one character.
    """
    if '"' not in record:
        return record.split(delimiter)
    fields: list[str] = []
    place = 0
    while True:
        text = ""
        if record.startswith('"', place):
            closing = record.find('"', place + 1)
            while closing >= 0 and record.startswith('"', closing + 1):
                closing = record.find('"', closing + 2)
            closing = closing if closing >= 0 else len(record)
            text = record[place + 1 : closing].replace('""', '"')
            place = closing + 1
        end = record.find(delimiter, place)
        if end < 0:
            fields.append(text + record[place:])
            return fields
        fields.append(text + record[place:end])
        place = end + 1
