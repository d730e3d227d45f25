"""Names of columns and of members of list elements, as they are compared."""


def normalise_name(name: str) -> str:
    """Returns a column's name trimmed and in lower case, each blank or hyphen an underscore.

    >>> normalise_name(" Supplier PCF")
    'supplier_pcf'
    """
    return name.strip().lower().replace(" ", "_").replace("-", "_")
