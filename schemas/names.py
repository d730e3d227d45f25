"""Names of columns and of members of list elements, as they are compared; and what no text may hold."""

import re

# U+0000, and halves of a character that stand alone: no store takes them.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def normalise_name(name: str) -> str:
    """Returns a column's name trimmed and in lower case, each blank or hyphen an underscore.

    >>> normalise_name(" Supplier PCF")
    'supplier_pcf'
    """
    return name.strip().lower().replace(" ", "_").replace("-", "_")
