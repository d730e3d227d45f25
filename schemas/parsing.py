"""Values as people send them, read one at a time: the authority on what a value means.

The columnar judge reads whole columns at once and comes back here for each distinct value, or
for each value that looks odd, so both give the same answer.

Source: calculation specification, 1.2 and 3.1.
"""

import datetime
import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from schemas.codes import Code
from schemas.regions import REGION_ALIASES, REGIONS

Parser = Callable[[object], object]

# A decimal number without thousands separators; Python's float() would take 1_000 and digits of other scripts.
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_NUMBER = re.compile(NUMBER)
_NO_QUANTITY = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_CODE_WITH_POINT = re.compile(r"([0-9]+)\.0")
_NAICS = re.compile(r"[0-9]{2,6}")
_SECTOR_RANGES = ("31-33", "44-45", "48-49")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Source: calculation specification, 12.6.
FUEL_ALIASES = {
    "petrol": "gasoline",
    "gasoil": "gas_oil",
    "kerosene": "burning_oil",
    "methane": "natural_gas",
    "mains_gas": "natural_gas",
    "steam": "heat_steam",
    "district_heating": "heat_steam",
    "power": "electricity",
}

# Integers beyond it are not exact in JSON.
_LARGEST_INTEGER = 2**53
_SHOWN_CHARACTERS = 80


class Wrong(ValueError):
    """A value that can't be taken.

    Attributes:
        code: E_TYPE, E_ENUM or E_RANGE.
        complaint: what follows the field's name in the message.
    """

    def __init__(self, code: Code, complaint: str) -> None:
        super().__init__(complaint)
        self.code, self.complaint = code, complaint


def shown(value: object) -> str:
    """Returns a value as it is repeated in a message: short, texts in quotes."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


def is_present(value: object) -> bool:
    """Says whether a value counts as given: not null, no blank text, no empty list or map. 0 and false are given."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != [] and value != {}


def text(value: object) -> str:
    """Returns a text trimmed and in Unicode's form NFC; a number without fraction is its digits."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.strip())
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (float, Decimal)) and value == value and abs(value) != math.inf and value == int(value):
        return str(int(value))
    raise Wrong(Code.E_TYPE, f"is {shown(value)}, no text; put it in quotes")


def code_text(value: object) -> str:
    """Returns a code: a text, without the `.0` that spreadsheets add to digits."""
    found = text(value)
    pointed = _CODE_WITH_POINT.fullmatch(found)
    return pointed[1] if pointed else found


def naics(value: object) -> str:
    """Returns a NAICS code of 2 to 6 digits, or one of the three sectors that span several."""
    found = code_text(value)
    if _NAICS.fullmatch(found) or found in _SECTOR_RANGES:
        return found
    raise Wrong(Code.E_TYPE, f"is {shown(value)}, no NAICS code; write 2 to 6 digits, for example 331110")


def number(value: object) -> float:
    """Returns a finite number; texts have a decimal point, an exponent if need be, no thousands separators."""
    if isinstance(value, str):
        stripped = value.strip()
        if _NO_QUANTITY.fullmatch(stripped):
            raise Wrong(Code.E_RANGE, f"is {shown(value)}, no quantity; write a number or leave it blank")
        if not _NUMBER.fullmatch(stripped):
            raise Wrong(Code.E_TYPE, f"is {shown(value)}, no number; write it with a decimal point and no other sign, for example 1234.5")
        found = float(stripped)
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
    else:
        raise Wrong(Code.E_TYPE, f"is {shown(value)}, no number")
    if not math.isfinite(found):
        raise Wrong(Code.E_RANGE, f"is {shown(value)}, no quantity; write a number or leave it blank")
    return found


def integer(value: object) -> int:
    """Returns a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_INTEGER:
        return value
    found = number(value)
    if found != int(found):
        raise Wrong(Code.E_TYPE, f"is {shown(value)}, no whole number")
    if abs(found) > _LARGEST_INTEGER:
        raise Wrong(Code.E_RANGE, f"is {shown(value)}, beyond {_LARGEST_INTEGER}")
    return int(found)


def boolean(value: object) -> bool:
    """Returns true or false, also from these words."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else None
    if word in ("true", "false"):
        return word == "true"
    raise Wrong(Code.E_TYPE, f"is {shown(value)}; write true or false")


def region(value: object) -> str:
    """Returns a region code in upper case."""
    found = text(value).upper()
    found = REGION_ALIASES.get(found, found)
    if found not in REGIONS:
        raise Wrong(Code.E_ENUM, f"is {shown(value)}, no region; write the two letters of ISO 3166, for example DE, or EU or GLOBAL")
    return found


def currency(value: object) -> str:
    """Returns a currency code in upper case."""
    found = text(value).upper()
    if not (len(found) == 3 and found.isascii() and found.isalpha()):
        raise Wrong(Code.E_ENUM, f"is {shown(value)}, no currency; write the three letters of ISO 4217, for example EUR")
    return found


def date(value: object) -> str:
    """Returns a date as `YYYY-MM-DD`."""
    found = text(value)
    try:
        if _DATE.fullmatch(found):
            return datetime.date.fromisoformat(found).isoformat()
    except ValueError:
        pass
    raise Wrong(Code.E_TYPE, f"is {shown(value)}, no date; write it as YYYY-MM-DD, for example 2025-03-31")


def fuel(value: object) -> str:
    """Returns the key of a fuel: lower case, its aliases resolved. Any key may have a factor, so none is wrong."""
    found = text(value).lower().replace(" ", "_").replace("-", "_")
    return FUEL_ALIASES.get(found, found)


def choice(choices: Sequence[str], aliases: Mapping[str, str]) -> Parser:
    """Returns the parser of an enumeration; its `choices` attribute names the members."""

    def parse(value: object) -> str:
        found = text(value).lower().replace(" ", "_").replace("-", "_")
        found = aliases.get(found, found)
        if found not in choices:
            near = difflib.get_close_matches(found, choices, 1)
            hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(choices)}"
            raise Wrong(Code.E_ENUM, f"is {shown(value)}, which is not in its list; {hint}")
        return found

    return parse
