"""Looks at the names of a table's columns: whether they are names at all, and none is misspelt, whose values nobody would miss."""

import difflib
from functools import lru_cache

from schemas import parsing
from schemas.columnar import known_columns
from schemas.faults import UserFault
from transforms.reading.mapping import Mapping

# Of two names as long as these a letter or two may differ: regoin is .83 like region. Columns of real exports that mean
# something else come up to .82: naics_description and waste_description.
_ALIKE = 0.83
_SHOWN = 10


def check_spelling(names: tuple[str, ...], uri: str, mapping: Mapping) -> None:
    """Refuses a table of which no field claims any column, or with one that has almost the name of a field which the table lacks.

    Args:
        names: normalised names of the table's columns.
        uri: of the file.
        mapping: what the columns mean.

    Raises:
        UserFault: names the column and the field.
    """
    if not mapping.wanted_columns.intersection(names):
        # In quotes: what stands there may be anything, line breaks too.
        shown = ", ".join(map(parsing.shown, names[:_SHOWN])) or "nothing"
        raise UserFault(
            f"no field claims any column of {uri}, where the names should stand there is {shown}; "
            "say in a mapping which column is which field, and lines_above_header in [format] if the names stand further down"
        )
    looked_up = mapping.lookup.fields if mapping.lookup else ()
    given = {*names, *mapping.columns, *mapping.constants, *looked_up}
    strangers = tuple(name for name in names if name and name not in known_columns() and name not in mapping.needed_columns)
    pair = _first_pair(strangers, frozenset(known_columns() - given))
    if pair:
        raise UserFault(
            f"{uri} has the column {pair[0]!r}, which no field claims; did you mean {pair[1]!r}? "
            "Correct its name, or name it in [columns] of a mapping; if it holds something else, give it another name"
        )


# Kept, as the many files of one export have the same columns.
@lru_cache
def _first_pair(strangers: tuple[str, ...], fields: frozenset[str]) -> tuple[str, str] | None:
    """Returns the first of some names that is almost one of the fields, with that field."""
    known = sorted(fields)
    pairs = ((name, near[0]) for name in strangers if (near := difflib.get_close_matches(name, known, 1, _ALIKE)))
    return next(pairs, None)
