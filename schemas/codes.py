"""The closed lists of the specification: dead-letter codes and warnings."""

from enum import Enum


class Code(str, Enum):
    """Dead-letter codes in the order in which they are tested: the first is the record's."""

    E_MALFORMED = "E_MALFORMED"
    E_REQUIRED = "E_REQUIRED"
    E_TYPE = "E_TYPE"
    E_ENUM = "E_ENUM"
    E_RANGE = "E_RANGE"
    E_INCONSISTENT = "E_INCONSISTENT"
    E_BOUNDARY = "E_BOUNDARY"
    E_UNIT = "E_UNIT"
    E_NO_TIER = "E_NO_TIER"
    E_NO_FACTOR = "E_NO_FACTOR"
    E_DUPLICATE = "E_DUPLICATE"

    @property
    def order(self) -> int:
        """Place in the order of tests, 0 first."""
        return _ORDER[self]


_ORDER = {code: place for place, code in enumerate(Code)}


class Stage(str, Enum):
    """The step of a run that refused a record."""

    PARSE = "parse"
    VALIDATE = "validate"
    FACTOR = "factor"
    CALCULATE = "calculate"
    AUDIT = "audit"
