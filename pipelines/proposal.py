"""A mapping to begin with, guessed from the names of columns alone. It is shown to a person, and never applied."""

import difflib
import json
from collections.abc import Collection, Iterator

from schemas.columnar import known_columns
from schemas.records.fields import fields_of
from schemas.records.header import Header

# What programs call our fields, in their reports and exports.
_CALLED = {
    "record_id": ("id", "transaction number", "transaction id", "document no", "document number", "invoice number", "line id", "voucher"),
    "supplier_id": ("supplier number", "supplier no", "vendor id", "vendor no", "vendor number", "creditor id"),
    "supplier_name": (
        "supplier",
        "suppliers",
        "vendor",
        "vendor name",
        "creditor",
        "payee",
        "recipient name",
        "contractor",
        "merchant",
        "entity name",
    ),
    "product_name": ("description", "product", "item", "article", "material", "expense type", "purpose", "commodity description"),
    "spend_amount": ("amount", "amount paid", "net amount", "net value", "value", "total", "cost", "obligation", "amount obligated"),
    "spend_currency": ("currency", "curr"),
    "activity_year": ("year", "fiscal year", "date", "posting date", "invoice date", "booking date", "date signed"),
    "region": ("country", "country code", "supplier country", "vendor country"),
    "naics_code": ("naics", "principal naics code", "industry code"),
    "quantity": ("qty", "amount of units"),
    "quantity_unit": ("unit", "uom", "unit of measure"),
}

# Names that are less alike than this are not guessed.
_ALIKE = 0.8


def proposal(columns: Collection[str]) -> Iterator[str]:
    """Gives the lines of a mapping for a table that has none of the fields which every record needs, nothing for any other.

    Args:
        columns: normalised names of the table.
    """
    required = [field.name for field in fields_of(Header) if field.required]
    if set(required) <= set(columns):
        return
    guessed = _guesses(columns)
    if not guessed:
        return
    yield "[columns]"
    for field, column in guessed.items():
        doubt = '  # if several rows may share it: "@position"' if field == "record_id" else ""
        yield f"{field} = {json.dumps(column, ensure_ascii=False)}{doubt}"
    if "record_id" not in guessed:
        yield "# No column looks like an id; this makes one of the place in the file."
        yield 'record_id = "@position"'
    yield "[constants]"
    yield '# What is the same for every row, for example category = 1, region = "DE", spend_currency = "EUR".'
    lacking = [name for name in required if name not in guessed and name not in columns and name != "record_id"]
    if lacking:
        yield f"# Every record needs {', '.join(lacking)}, and no column looks like {'it' if len(lacking) == 1 else 'them'}."
    dated = guessed.get("activity_year", "")
    if "date" in dated and "year" not in dated:
        yield "[format]"
        yield '# How dates are written where it is not 2025-12-31, for example date = "%d/%m/%Y".'


def _guesses(columns: Collection[str]) -> dict[str, str]:
    """Returns the column of theirs that is most like each of our fields, in the order of the fields; each column once."""
    own = {name for name in columns if name in known_columns()}
    pairs = [
        (score, field, column)
        for field in sorted(known_columns() - own)
        for column in columns
        if column not in own and (score := _likeness(column, field)) >= _ALIKE
    ]
    found: dict[str, str] = {}
    for _, field, column in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if field not in found and column not in found.values():
            found[field] = column
    order = list(_CALLED)
    return dict(sorted(found.items(), key=lambda pair: (order.index(pair[0]) if pair[0] in order else len(order), pair[0])))


def _likeness(column: str, field: str) -> float:
    """Returns how alike a column's name and the names of a field are, 0 to 1."""
    whole = difflib.SequenceMatcher(None, column, field).ratio()
    words = column.split("_")
    called = [name.split() for name in _CALLED.get(field, ())]
    # The more words are the same, the better; each other word may make it another thing.
    shared = [0.8 + 0.06 * len(name) - 0.03 * (len(words) - len(name)) for name in called if set(name) <= set(words)]
    return min(max([whole, *shared]), 1.0)
