"""A table of theirs whose other columns are our fields, for example from accounts to NAICS codes and categories."""

import csv
import io
from collections.abc import Iterable

from pydantic import Field

from schemas.faults import UserFault
from schemas.names import normalise_name
from transforms.factors.small_files import read_small_file
from transforms.factors.workbook import sheet_rows
from transforms.reading.mapping_values import field_fault, nearest
from transforms.reading.text_format import Column, Format, Section

_Numbered = Iterable[tuple[int, list[str]]]


class Lookup(Section):
    """Rows are found by one column, the others are our fields.

    Attributes:
        file: path of the table, relative to the mapping file.
        on: the column that the table and their data share.
        fields: names of our fields in the table; filled when the file is read.
        rows: value of `on` to the values of `fields`.
    """

    file: str
    on: Column
    fields: tuple[str, ...] = Field((), exclude=True)
    rows: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)


def read_lookup(lookup: Lookup, path: str, text_format: Format) -> tuple[Lookup, list[str]]:
    """Returns [lookup] with its table, and what is wrong with the table: sentences, none if it is right.

    Args:
        lookup: as the mapping has it.
        path: of the table, CSV or a workbook, of which the first sheet is read.
        text_format: how the data are written, and the table too.
    """
    try:
        table = list(_workbook(path, text_format) if path.lower().endswith((".xlsx", ".xlsm")) else _csv(path, text_format))
    except OSError as error:
        return lookup, [f"the table {path} of [lookup] can't be read: {error.strerror}; mend file in [lookup]"]
    except UserFault as error:
        return lookup, [f"the table {path} of [lookup] can't be read: {error}"]
    except (UnicodeDecodeError, csv.Error) as error:
        return lookup, [f"the table {path} of [lookup] can't be read: {error}; save it as CSV in UTF-8"]
    names = [normalise_name(name) for name in table[0][1]] if table else []
    if lookup.on not in names:
        return lookup, [f"the table {path} has no column {lookup.on!r}, by which [lookup] finds its rows; {nearest(lookup.on, names)}"]
    key = names.index(lookup.on)
    fields = names[:key] + names[key + 1 :]
    faults = [f"the table {path} of [lookup] {fault}" for field in fields if (fault := field_fault(field))]
    rows: dict[str, tuple[str, ...]] = {}
    for number, row in table[1:]:
        if len(row) != len(names):
            faults.append(f"record {number} of {path} has {len(row)} fields and the header {len(names)}; mend it")
            continue
        values = tuple(value.strip() for place, value in enumerate(row) if place != key)
        if rows.setdefault(row[key].strip(), values) != values:
            faults.append(f"{path} has two rows for {row[key].strip()!r} that differ; keep one of them")
    return lookup.model_copy(update={"fields": tuple(fields), "rows": rows}), faults


def _csv(path: str, text_format: Format) -> _Numbered:
    text = read_small_file(path).decode(text_format.encoding if text_format.encoding != "utf-8" else "utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=text_format.delimiter)
    return ((number, row) for number, row in enumerate((row for row in rows if row), 1))


def _workbook(path: str, text_format: Format) -> _Numbered:
    width = 0
    # A sheet of the data's workbook would be meant by its name; that of a table is its first.
    for row in sheet_rows(io.BytesIO(read_small_file(path)), path, decimal=text_format.decimal):
        if row.faults:
            raise UserFault(f"row {row.number} {next(iter(row.faults.values()))}; mend it")
        cells = [cell or "" for cell in row.cells]
        width = width or len(cells)
        # A sheet leaves out blank cells at the end of a row.
        yield row.number, cells + [""] * (width - len(cells))
