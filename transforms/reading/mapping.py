"""What a user's columns mean: the mapping file, read and checked.

[columns]          our field = their column; "@position" makes an id of file name and position
[constants]        the same for every row that has no value of its own
[values.FIELD]     their value = ours
[lookup]           a table of theirs whose other columns are our fields
[skip]             rows that are no records: column = value, or a list of values
[format]           where the text is not UTF-8, comma, point, or the table not the first sheet
"""

import copy
import difflib
import itertools
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from pydantic import BeforeValidator, Field, ValidationError

from schemas.columnar import known_columns
from schemas.faults import UserFault
from transforms.factors.whole_files import folder_of, path_in, read_whole_file
from transforms.reading.lookup import Lookup, read_lookup
from transforms.reading.mapping_values import field_fault, nearest, value_fault
from transforms.reading.text_format import POSITION, Column, Format, Section
from transforms.reading.written import as_we_write

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# What pydantic finds, in our words.
_KINDS = {"string_type": "write a text in quotes", "int_type": "write a whole number", "greater_than_equal": "write 0 or more"}


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
            UserFault: names each such column and the nearest one that the file has.
        """
        lacking = [
            f"[{section}] of the mapping names the column {column!r}, which {file_uri} lacks; {nearest(column, names)}"
            for column, section in self.needed_columns.items()
            if column not in names
        ]
        if lacking:
            raise UserFault("\n".join(lacking))

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
        content = tomllib.loads(read_whole_file(str(path)).decode("utf-8-sig"))
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
        UserFault: names all that is unknown or wrong in it.
    """
    faults: list[str] = []
    try:
        mapping = Mapping.model_validate(content)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        faults = [_said(fault, path) for fault in errors]
        # The rest is checked too: who mends a mapping wants to know all that is wrong with it.
        mapping = Mapping.model_validate(_without(content, [fault["loc"] for fault in errors]))
    for section, fields in (("columns", mapping.columns), ("constants", mapping.constants), ("values", mapping.values)):
        faults += [f"[{section}] of {path} {fault}" for field in fields if (fault := field_fault(field))]
    if mapping.lookup:
        lookup, wrong = read_lookup(mapping.lookup, path_in(str(folder), mapping.lookup.file), mapping.format)
        mapping, faults = mapping.model_copy(update={"lookup": lookup}), faults + wrong
    faults += _value_faults(mapping, path)
    if faults:
        count = f"{path} has {len(faults)} faults; mend them\n  " if len(faults) > 1 else ""
        raise UserFault(count + "\n  ".join(faults))
    return mapping


def _value_faults(mapping: Mapping, path: str) -> list[str]:
    """Returns what is wrong with values of the mapping and of its table, each once."""
    given = {*mapping.columns, *(mapping.lookup.fields if mapping.lookup else ())}
    category = None if "category" in given else mapping.constants.get("category")
    found = [(f"[constants] of {path}", field, value) for field, value in mapping.constants.items()]
    found += [(f"[values.{field}] of {path}", field, value) for field, values in mapping.values.items() for value in values.values()]
    if mapping.lookup:
        for field, column in zip(mapping.lookup.fields, zip(*mapping.lookup.rows.values(), strict=True), strict=False):
            theirs = mapping.values.get(field, {})
            ours = as_we_write(field, pa.array(column, pa.string()), mapping.format).to_pylist()
            values = dict.fromkeys(theirs.get(one, other) for one, other in zip(column, ours, strict=True))
            found += [(f"the table {mapping.lookup.file} of [lookup]", field, value) for value in values]
    known = [(where, field, value) for where, field, value in found if field_fault(field) is None]
    return [f"{where} {fault}" for where, field, value in known if (fault := value_fault(field, value, category))]


def _without(content: dict[str, Any], places: Iterable[tuple[int | str, ...]]) -> dict[str, Any]:
    """Returns a document without what stands at some places."""
    left = copy.deepcopy(content)
    for place in places:
        inner: Any = left
        for part, following in itertools.zip_longest(place, place[1:]):
            if not isinstance(inner, dict) or part not in inner:
                break
            if not isinstance(inner[part], dict) or following not in inner[part]:
                del inner[part]
                break
            inner = inner[part]
    return left


def _said(fault: "ErrorDetails", path: str) -> str:
    place = [str(part) for part in fault["loc"]]
    where = f"[{'.'.join(place[:-1])}] of {path}" if len(place) > 1 else path
    if fault["type"] == "extra_forbidden":
        known = {1: list(Mapping.model_fields), 2: ["file", "on"] if place[0] == "lookup" else list(Format.model_fields)}
        return f"{where} has {place[-1]!r}, which means nothing here; {nearest(place[-1], known[len(place)])}"
    if fault["type"] == "missing":
        return f"{where} lacks {place[-1]}; write it"
    if fault["type"] in ("dict_type", "model_type"):
        return f"{path} has {place[-1]!r} where a section is meant; write [{'.'.join(place)}] and below it one line for each"
    cause = fault.get("ctx", {}).get("error")
    return f"{where}: {place[-1]} is wrong: {cause or _KINDS.get(fault['type'], fault['msg'])}"
