"""Takes lines of JSON one at a time, and makes columns of them where Arrow has a type for their values."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.json_line import Malformed, parse_line
from schemas.names import normalise_name
from transforms.reading.chunks import TextChunk
from transforms.reading.parsed import BadLine, OddRecord, storable_text

Rows = npt.NDArray[np.int64]
Record = dict[str, object]

# Beyond it, a double does not tell which integer was written.
EXACT_INTEGERS = 2**53


def read_lines(chunk: TextChunk, rows: Rows) -> tuple[list[tuple[Rows, pa.Table]], list[OddRecord], list[BadLine]]:
    """Reads some lines of a chunk.

    Args:
        chunk: JSON lines.
        rows: which of its lines.

    Returns:
        Tables with the rows they hold, one for each set of column types; records that no column can hold; bad lines.
    """
    positions = chunk.positions
    odd: list[OddRecord] = []
    malformed: list[BadLine] = []
    alike: dict[frozenset[tuple[str, str]], list[tuple[int, Record]]] = {}
    for row in rows.tolist():
        line = chunk.record(row)
        position = int(positions[row])
        record = parse_line(line)
        if isinstance(record, Malformed):
            malformed.append(BadLine(position, storable_text(line), record.detail))
            continue
        named = members_of(record)
        kinds = frozenset((name, _kind(value)) for name, value in named.items())
        if any(kind == "odd" for _, kind in kinds):
            odd.append(OddRecord(position, storable_text(line), named))
        else:
            alike.setdefault(kinds, []).append((row, named))
    tables = []
    for group in alike.values():
        table = _table([record for _, record in group])
        if table is not None:
            tables.append((np.array([row for row, _ in group], np.int64), table))
        else:
            odd += [OddRecord(int(positions[row]), storable_text(chunk.record(row)), record) for row, record in group]
    return tables, odd, malformed


def members_of(record: Mapping[str, object]) -> Record:
    """Returns the values of a record by normalised name; members without a value or a name are left out."""
    return {normalise_name(name): value for name, value in record.items() if value is not None and normalise_name(name)}


def join_tables(tables: Sequence[tuple[Rows, pa.Table]]) -> list[tuple[Rows, pa.Table]]:
    """Puts tables together whose columns have types that go together; each result has its rows in rising order."""
    groups: list[list[tuple[Rows, pa.Table]]] = []
    joined: list[pa.Table] = []
    for rows, table in tables:
        for place, other in enumerate(joined):
            try:
                joined[place] = pa.concat_tables([other, table], promote_options="permissive")
            except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
                continue
            groups[place].append((rows, table))
            break
        else:
            joined.append(table)
            groups.append([(rows, table)])
    result = []
    for table, group in zip(joined, groups, strict=True):
        rows = np.concatenate([rows for rows, _ in group])
        if len(group) > 1:
            order = np.argsort(rows)
            rows, table = rows[order], table.take(pa.array(order))
        result.append((rows, table))
    return result


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "number" if abs(value) <= EXACT_INTEGERS else "odd"
    if isinstance(value, float):
        # A number beyond the range of float64 is inf; the scalar judge says so with the number as it stands.
        return "number" if abs(value) != float("inf") else "odd"
    if isinstance(value, (list, dict)):
        # Arrow would make 0.0 of false beside a number, and lose the digits of long integers.
        members = value if isinstance(value, list) else value.values()
        return "odd" if any(_kind(member) in ("boolean", "odd") for member in members) else type(value).__name__
    return type(value).__name__


def _table(records: list[Record]) -> pa.Table | None:
    """Returns records as a table, None if a list or map of theirs has no Arrow type."""
    names = dict.fromkeys(name for record in records for name in record)
    try:
        columns = {name: pa.array([record.get(name) for record in records]) for name in names}
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return None
    # A table without columns has no rows; a column without a name is left out later.
    return pa.table(columns or {"": pa.nulls(len(records))})
