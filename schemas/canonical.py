"""Canonical JSON of single values, for hashes of options and factor rows.

Source: RFC 8785 (JSON Canonicalization Scheme).
"""

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_EXPONENT_FROM, _EXPONENT_BELOW = 1e21, 1e-6


def canonical_text(value: Any) -> str:
    """Returns the canonical JSON of a value whose keys are ASCII.

    Raises:
        ValueError: NaN or an infinity, which JSON has none of.
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{canonical_text(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(canonical_text, value)) + "]"
    if isinstance(value, float):
        return ecmascript_number(value)
    return json.dumps(value, ensure_ascii=False)


def ecmascript_number(value: float) -> str:
    """Returns a number as ECMAScript writes it: digits from 1e-6 up to 1e21, an exponent elsewhere.

    Raises:
        ValueError: NaN or an infinity.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    if value == 0:
        return "0"
    if _EXPONENT_BELOW <= abs(value) < _EXPONENT_FROM:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent):+d}"
