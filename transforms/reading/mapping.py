"""What a user's columns mean: the mapping file, read and checked.

[columns]          our field = their column; "@position" makes an id of file name and position
[constants]        the same for every row that has no value of its own
[values.FIELD]     their value = ours
[lookup]           a table of theirs whose other columns are our fields
[skip]             rows that are no records: column = value, or a list of values
[format]           where the text is not UTF-8, comma, point
"""

import csv
import difflib
import io
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from schemas.columnar import known_columns
from schemas.faults import UserFault
from schemas.names import normalise_name
from transforms.factors.small_files import folder_of, path_in, read_small_file
from transforms.reading.text_format import Format, Section

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

POSITION = "@position"


def _text(value: object) -> str:
    """Returns a value of the mapping as a column of text would hold it: TOML has numbers, truths and dates too."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float, date)):
        return str(value)
    raise ValueError("write a text or a number")


def _texts(value: object) -> list[str]:
    return [_text(element) for element in value] if isinstance(value, list) else [_text(value)]


TextValue = Annotated[str, BeforeValidator(_text)]
Column = Annotated[str, AfterValidator(lambda name: name if name == POSITION else normalise_name(name))]


class Lookup(Section):
    """A table of theirs: rows are found by one column, the others are our fields.

    Attributes:
        file: path of the CSV file, relative to the mapping file.
        on: the column that the table and their data share.
        fields: names of our fields in the table; filled when the file is read.
        rows: value of `on` to the values of `fields`.
    """

    file: str
    on: Column
    fields: tuple[str, ...] = Field((), exclude=True)
    rows: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)


class Mapping(Section):
    """What a user's columns mean. Column names are normalised. Travels to workers whole, the lookup table with it.

    Attributes:
        columns: our field to their column.
        constants: our field to its value.
        values: our field to their value to ours.
        lookup: None without one.
        skip: their column to the values that mark a row as no record.
        format: how texts are written.
    """

    columns: dict[str, Column] = Field(default_factory=dict)
    constants: dict[str, TextValue] = Field(default_factory=dict)
    values: dict[str, dict[TextValue, TextValue]] = Field(default_factory=dict)
    lookup: Lookup | None = None
    skip: dict[Column, Annotated[list[str], BeforeValidator(_texts)]] = Field(default_factory=dict)
    format: Format = Field(default_factory=Format)

    @property
    def needed_columns(self) -> dict[str, str]:
        """Returns each column of theirs that the mapping names, and the section that names it."""
        needed = {column: "columns" for column in self.columns.values() if column != POSITION}
        if self.lookup:
            needed.setdefault(self.lookup.on, "lookup")
        return needed | {column: "skip" for column in self.skip if column not in needed}

    @property
    def wanted_columns(self) -> frozenset[str]:
        """Returns the names of all columns that are worth reading."""
        return known_columns() | self.needed_columns.keys()

    def check_columns(self, names: tuple[str, ...], file_uri: str) -> None:
        """Refuses a file that lacks a column of the mapping.

        Args:
            names: normalised names of the file's columns.
            file_uri: for the message.

        Raises:
            UserFault: names the column and the nearest one that the file has.
        """
        for column, section in self.needed_columns.items():
            if column not in names:
                raise UserFault(
                    f"[{section}] of the mapping names the column {column!r}, which {file_uri} lacks; {_nearest(column, names)}"
                )

    def check_members(self, names: tuple[str, ...], file_uri: str) -> None:
        """Refuses JSON lines of which the first lack a column of the mapping and have one of almost that name.

        A member that is missing need not be a mistake: where a record has no value, it may be left out.

        Args:
            names: normalised names of the members of the first records.
            file_uri: for the message.

        Raises:
            UserFault: names the column and the one that the file has.
        """
        strangers = [name for name in names if name not in self.needed_columns and name not in known_columns()]
        for column, section in self.needed_columns.items():
            near = difflib.get_close_matches(column, strangers, 1, 0.8)
            if column not in names and near:
                raise UserFault(
                    f"[{section}] of the mapping names {column!r}, which the first records of {file_uri} lack; did you mean {near[0]!r}?"
                )


NO_MAPPING = Mapping()


def load_mapping(path: str | Path) -> Mapping:
    """Returns the mapping of a TOML file.

    Raises:
        UserFault: the file can't be read, or says something that is unknown or wrong.
    """
    try:
        content = tomllib.loads(read_small_file(str(path)).decode("utf-8-sig"))
    except OSError as fault:
        raise UserFault(f"the mapping {path} can't be read: {fault.strerror}; name a file of yours with --mapping") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise UserFault(f"the mapping {path} is no TOML: {fault}; mend that place") from None
    return parse_mapping(content, folder_of(str(path)), str(path))


def parse_mapping(content: dict[str, Any], folder: str | Path, path: str = "mapping") -> Mapping:
    """Returns the mapping that a TOML document holds.

    Args:
        content: the document.
        folder: where the file of [lookup] is looked for.
        path: for messages.

    Raises:
        UserFault: something in it is unknown or wrong.
    """
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        raise UserFault(_what_is_wrong(error, content, path)) from None
    for section, fields in (("columns", mapping.columns), ("constants", mapping.constants), ("values", mapping.values)):
        for field in fields:
            _check_field(field, f"[{section}] of {path}")
    if mapping.lookup:
        lookup = _read_lookup(mapping.lookup, path_in(str(folder), mapping.lookup.file), mapping.format)
        mapping = mapping.model_copy(update={"lookup": lookup})
    return mapping


def _check_field(field: str, where: str) -> None:
    if field not in known_columns():
        raise UserFault(f"{where} has the field {field!r}, which no category knows; {_nearest(field, sorted(known_columns()))}")


def _read_lookup(lookup: Lookup, path: str, text_format: Format) -> Lookup:
    try:
        text = read_small_file(path).decode(text_format.encoding if text_format.encoding != "utf-8" else "utf-8-sig")
        table = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=text_format.delimiter) if row]
    except OSError as fault:
        raise UserFault(f"the table {path} of [lookup] can't be read: {fault.strerror}; mend file in [lookup]") from None
    except (UnicodeDecodeError, csv.Error) as fault:
        raise UserFault(f"the table {path} of [lookup] can't be read: {fault}; save it as CSV in UTF-8") from None
    names = [normalise_name(name) for name in table[0]] if table else []
    if lookup.on not in names:
        raise UserFault(f"the table {path} has no column {lookup.on!r}, by which [lookup] finds its rows; {_nearest(lookup.on, names)}")
    fields = [name for name in names if name != lookup.on]
    for field in fields:
        _check_field(field, f"the table {path} of [lookup]")
    key = names.index(lookup.on)
    rows: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(table[1:], 2):
        if len(row) != len(names):
            raise UserFault(f"record {number} of {path} has {len(row)} fields and the header {len(names)}; mend it")
        values = tuple(value.strip() for place, value in enumerate(row) if place != key)
        if rows.setdefault(row[key].strip(), values) != values:
            raise UserFault(f"{path} has two rows for {row[key].strip()!r} that differ; keep one of them")
    return lookup.model_copy(update={"fields": tuple(fields), "rows": rows})


def _what_is_wrong(error: ValidationError, content: dict[str, Any], path: str) -> str:
    fault = error.errors(include_url=False)[0]
    place = [str(part) for part in fault["loc"]]
    if fault["type"] == "extra_forbidden":
        known: list[str] = list(Mapping.model_fields)
        if len(place) > 1:
            known = ["file", "on"] if place[0] == "lookup" else list(Format.model_fields)
        where = f"[{place[0]}] of {path}" if len(place) > 1 else path
        return f"{where} has {place[-1]!r}, which means nothing here; {_nearest(place[-1], known)}"
    cause = fault.get("ctx", {}).get("error")
    return f"{path}: {'.'.join(place)} {'is wrong: ' if cause else ''}{cause or fault['msg']}"


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(list(known)[:20]) or 'none'}"
