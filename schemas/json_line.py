"""JSON, a line or a file, read as strictly as a supplier's record deserves.

Python's own reader takes NaN, and of two equal keys it keeps the last; both would change a
record without a word. Source of the grammar: RFC 8259.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from schemas.names import normalise_name

# Longer integers are no quantity of anything; as float64 they are inf and fail the range check.
_LONGEST_INTEGER = 400


@dataclass(frozen=True)
class Malformed:
    """A line that is no record.

    Attributes:
        detail: what is wrong with it and where, for example `the key quantity stands twice`.
    """

    detail: str


class _Fault(ValueError):
    """Carries the detail out of the hooks of the json module."""


def parse_line(text: str | bytes) -> dict[str, Any] | Malformed:
    """Reads one JSON object.

    Args:
        text: the line, with or without its line end. Bytes are UTF-8.

    Returns:
        The object, as `parse_json` gives it, or what is wrong.
    """
    value = parse_json(text)
    if isinstance(value, (dict, Malformed)):
        return value
    return Malformed(f"the line holds {_kind(value)}, a record is an object in braces")


def parse_json(text: str | bytes) -> Any:
    """Reads one JSON value of any kind.

    Args:
        text: bytes are UTF-8.

    Returns:
        The value with all keys as they stand, numbers as int or float (a number beyond the
        range of float64 is inf), or as Malformed what is wrong: bytes that are no UTF-8, no JSON,
        two members of one name at any depth, a lone surrogate or U+0000.
    """
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        value = json.loads(decoded, object_pairs_hook=_members, parse_constant=_no_constant, parse_int=_integer)
        _check_names(value, named=True)
        # Only an escape can bring these in; a text without one needs no second look.
        if "\\u" in decoded or isinstance(text, str):
            _check_texts(value)
    except _Fault as fault:
        return Malformed(str(fault))
    except UnicodeDecodeError as fault:
        return Malformed(f"byte {fault.start} is not UTF-8")
    except json.JSONDecodeError as fault:
        return Malformed(f"no JSON at character {fault.pos + 1}: {fault.msg}")
    except RecursionError:
        return Malformed("objects or lists are nested too deep")
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Fault(f"the key {_twice([key for key, _ in pairs])!r} stands twice in one object")
    return members


def _check_names(value: Any, named: bool) -> None:
    """Refuses two names that become one; keys of maps (objects that are no list element) are values and may."""
    if isinstance(value, dict):
        if named:
            names = [normalise_name(key) for key in value]
            if len(set(names)) != len(names):
                raise _Fault(f"two members of one object are both named {_twice(names)!r}")
        for member in value.values():
            if isinstance(member, (dict, list)):
                _check_names(member, named=False)
    elif isinstance(value, list):
        for element in value:
            _check_names(element, named=True)


def _check_texts(value: Any) -> None:
    for text in _texts(value):
        if "\0" in text:
            raise _Fault("a text holds the character U+0000")
        if not text.isascii():
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                raise _Fault("a text holds half of a surrogate pair") from None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for element in value:
            yield from _texts(element)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise _Fault(f"{name} is no JSON number")


def _twice(keys: list[str]) -> str:
    return next(key for place, key in enumerate(keys) if key in keys[:place])


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else f"a {'text' if isinstance(value, str) else 'value'}"
