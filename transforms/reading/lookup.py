"""A table of theirs whose other columns are our fields, for example from accounts to NAICS codes and categories."""

import io
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import PrivateAttr

from schemas import parsing
from schemas.faults import UserFault
from transforms.factors.whole_files import read_whole_file
from transforms.factors.workbook import SheetRow, sheet_rows
from transforms.reading.csv_chunk import read_csv
from transforms.reading.mapping_values import field_fault, nearest
from transforms.reading.parsed import name_columns
from transforms.reading.recognise import Peeked
from transforms.reading.text_format import Column, Format, Section
from transforms.reading.utf16 import as_utf8


class Lookup(Section):
    """Rows are found by one column, the others are our fields.

    Attributes:
        file: path of the table, relative to the mapping file.
        on: the column that the table and their data share.
    """

    file: str
    on: Column
    _fields: tuple[str, ...] = PrivateAttr(())
    _rows: dict[str, tuple[str, ...]] = PrivateAttr(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        """Returns the names of our fields in the table; none before it is read."""
        return self._fields

    @property
    def rows(self) -> dict[str, tuple[str, ...]]:
        """Returns the values of `fields` by the value of `on`."""
        return self._rows

    def with_table(self, fields: tuple[str, ...], rows: dict[str, tuple[str, ...]]) -> "Lookup":
        """Returns the section with what its table holds."""
        lookup = self.model_copy()
        lookup._fields, lookup._rows = fields, rows
        return lookup


class _Table(NamedTuple):
    """A table as texts.

    Attributes:
        names: normalised names of its columns.
        rows: as many texts each as there are names.
        faults: sentences on rows that are none.
    """

    names: tuple[str, ...]
    rows: list[tuple[str, ...]]
    faults: list[str]


def read_lookup(lookup: Lookup, path: str, text_format: Format) -> tuple[Lookup, list[str]]:
    """Returns [lookup] with its table, and what is wrong with the table: sentences, none if it is right.

    Args:
        lookup: as the mapping has it.
        path: of the table, CSV or a workbook, of which the first sheet is read.
        text_format: how the data are written, and the table too.
    """
    read = _workbook if path.lower().endswith((".xlsx", ".xlsm")) else _csv
    try:
        names, table, faults = read(path, text_format)
    except OSError as error:
        return lookup, [f"the table {path} of [lookup] can't be read: {error.strerror}; mend file in [lookup]"]
    except UserFault as error:
        return lookup, [f"the table {path} of [lookup] can't be read: {error}"]
    if lookup.on not in names:
        return lookup, [f"the table {path} has no column {lookup.on!r}, by which [lookup] finds its rows; {nearest(lookup.on, names)}"]
    key = names.index(lookup.on)
    fields = names[:key] + names[key + 1 :]
    faults += [f"the table {path} of [lookup] {fault}" for field in fields if (fault := field_fault(field))]
    rows: dict[str, tuple[str, ...]] = {}
    for row in table:
        values = tuple(value.strip() for place, value in enumerate(row) if place != key)
        if rows.setdefault(row[key].strip(), values) != values:
            faults.append(f"{path} has two rows for {row[key].strip()!r} that differ; keep one of them")
    return lookup.with_table(fields, rows), faults


def _csv(path: str, text_format: Format) -> _Table:
    text = as_utf8(Peeked(io.BytesIO(read_whole_file(path))))
    # The data may have lines above their header; a table has none.
    written = text_format.model_copy(update={"lines_above_header": 0}).csv_of(text.head)
    table = _Table((), [], [])
    for names, chunk in read_csv(text, path, None, written):
        table = table._replace(names=names)
        for part in chunk.parts:
            table.rows.extend(zip(*(column.to_pylist() for column in part.columns.values()), strict=True))
        table.faults.extend(f"{path} has the line {parsing.shown(bad.raw)}: {bad.detail}; mend it" for bad in chunk.malformed)
    return table


def _workbook(path: str, text_format: Format) -> _Table:
    # A sheet of the data's workbook would be meant by its name; that of a table is its first.
    sheet = sheet_rows(io.BytesIO(read_whole_file(path)), path, decimal=text_format.decimal)
    rows = [(row.number, [cell or "" for cell in row.cells]) for row in _whole(sheet)]
    header = rows[0][1] if rows else []
    places = name_columns(header, path)
    # A sheet leaves out blank cells at the end of a row.
    table = [tuple((cells + [""] * len(header))[place] for place in places.values()) for _, cells in rows[1:]]
    faults = [
        f"row {number} of {path} has {len(cells)} cells and the header {len(header)}; mend it"
        for number, cells in rows[1:]
        if len(cells) > len(header)
    ]
    return _Table(tuple(places), table, faults)


def _whole(rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
    """Yields rows of which every cell has a value."""
    for row in rows:
        if row.faults:
            raise UserFault(f"row {row.number} {next(iter(row.faults.values()))}; mend it")
        yield row
