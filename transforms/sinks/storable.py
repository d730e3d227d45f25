"""What becomes of text that not every store can hold, the same in all of them."""

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc
import zstandard

# As many dead letters of an audit get their record: they come to Python one by one, and a file in which ids are no ids
# has as many as rows. The others keep their place in the source.
MOST_RAW = 1_000


def without_nul(rows: pa.RecordBatch) -> pa.RecordBatch:
    r"""Returns rows with U+0000 in texts as the six characters \u0000: PostgreSQL's text can't hold it, and a raw line may."""
    for place, column in enumerate(rows.columns):
        if pa.types.is_string(column.type) and pc.any(pc.match_substring(column, "\0")).as_py():
            rows = rows.set_column(place, rows.schema.field(place), pc.replace_substring(column, "\0", "\\u0000"))
    return rows


def records_in(block: bytes, positions: Collection[int]) -> dict[int, str]:
    """Returns the records at some positions of a block of the table `inputs`, as canonical JSON."""
    found = {}
    for line in zstandard.ZstdDecompressor().stream_reader(block).read().decode().split("\n"):
        position, _, record = line.partition("\t")
        if record and int(position) in positions:
            found[int(position)] = record
    return found
