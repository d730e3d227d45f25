"""The rules that one factor row has to keep by itself.

Source: calculation specification, 12.1 and 12.2.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas import parsing
from schemas.families import CLASS_CVS, FAMILIES, NO_ALIAS, SOURCE_CLASSES, SUPPLIER_PCF
from schemas.regions import GLOBAL
from schemas.units import DIMENSIONS, PARAMETER_UNITS, dimension

# The columns that the rules look at.
RULED = (
    *("family", "key", "boundary", "region", "year", "value", "unit", "basis", "price_year", "gwp"),
    *("cv", "cv_class", "pedigree", "source_class"),
)

# Nothing can be divided by these, and nothing is worth 0 dollars.
_NEVER_0 = ("fx", "price_index", "fuel_property", "key_alias")
_SHARES = ("treatment_split",)

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SPAN = re.compile(r"(19|20)[0-9]{2}/(19|20)[0-9]{2}")


def faults_of(row: Mapping[str, Any]) -> Iterator[str]:
    """Gives what is wrong with a typed row, each with its column first.

    Args:
        row: the columns RULED.
    """
    family = FAMILIES.get(row["family"])
    if family is None:
        near = difflib.get_close_matches(row["family"], FAMILIES, 1)
        yield f"family {row['family']!r} is not known; {f'did you mean {near[0]}?' if near else 'see scope3 schema'}"
        return
    if row["boundary"] not in family.boundaries:
        yield f"boundary {row['boundary']!r} is none of family {row['family']}: {', '.join(family.boundaries)}"
    yield from _unit_faults(row)
    yield from _value_faults(row)
    if row["family"] != "grid":
        try:
            parsing.region(row["region"])
        except parsing.Wrong as wrong:
            yield f"region {wrong.complaint}"
    for name in ("year", "price_year"):
        if row[name] is not None and not _FIRST_YEAR <= row[name] <= _LAST_YEAR:
            yield f"{name} is {row[name]}; it is from {_FIRST_YEAR} to {_LAST_YEAR}"
    if row["cv"] is not None and row["cv"] < 0:
        yield f"cv {row['cv']} is less than 0"
    if row["cv_class"] is not None and row["cv_class"] not in CLASS_CVS:
        yield f"cv_class {row['cv_class']!r} is not known"
    if row["source_class"] is not None and row["source_class"] not in SOURCE_CLASSES:
        yield f"source_class {row['source_class']!r} is none of {', '.join(SOURCE_CLASSES)}"
    if row["gwp"] not in (None, "AR4", "AR5", "AR6"):
        yield f"gwp {row['gwp']!r} is none of AR4, AR5, AR6"
    pedigree: Sequence[int] | None = row["pedigree"]
    if pedigree is not None and not (len(pedigree) == 5 and all(1 <= score <= 5 for score in pedigree)):
        yield f"pedigree {list(pedigree)} is no list of five scores from 1 to 5"
    if row["family"] == SUPPLIER_PCF and row["basis"] is not None and not _SPAN.fullmatch(row["basis"]):
        yield f"basis {row['basis']!r} is no span of years; write the first and the last, for example 2024/2027"
    if row["family"] == "key_alias":
        yield from _alias_faults(row)


def _unit_faults(row: Mapping[str, Any]) -> Iterator[str]:
    unit, family = row["unit"], FAMILIES[row["family"]]
    if dimension(unit) is None and unit not in PARAMETER_UNITS:
        yield f"unit {unit!r} is not known; {_unit_hint(unit)}"
        return
    kinds = ("share",) if row["boundary"] == "loss_share" else family.units
    if (dimension(unit) or unit) not in kinds:
        yield f"unit {unit!r} is none that a factor of family {row['family']} counts in: {', '.join(kinds)}"
    if unit == "USD" and row["price_year"] is None:
        yield "price_year is missing; without it dollars of any year would count as those of the factor"


def _unit_hint(unit: str) -> str:
    if unit.lower() in ("ton", "tons"):
        return "it names three masses: write t, short_ton or long_ton"
    known = {code.lower(): code for codes in DIMENSIONS.values() for code in codes} | {code: code for code in PARAMETER_UNITS}
    near = difflib.get_close_matches(unit.lower(), known, 1)
    return (
        f"did you mean {known[near[0]]}?" if near else f"write for example {', '.join(next(iter(codes)) for codes in DIMENSIONS.values())}"
    )


def _value_faults(row: Mapping[str, Any]) -> Iterator[str]:
    value = row["value"]
    if value < 0 and row["boundary"] != "avoided":
        yield f"value {value} is less than 0"
    if value == 0 and row["family"] in _NEVER_0:
        yield f"value is 0; a row of family {row['family']} is more than 0"
    if (row["boundary"] == "loss_share" or row["family"] in _SHARES) and value > 1:
        yield f"value {value} is more than 1; a share is from 0 to 1, not a percentage"


def _alias_faults(row: Mapping[str, Any]) -> Iterator[str]:
    family, colon, key = row["key"].partition(":")
    if not (colon and key and family in FAMILIES) or family in NO_ALIAS:
        yield f"key {row['key']!r} is no <family>:<key as given> of a family that has aliases"
    if not row["basis"]:
        yield "basis is missing; a key_alias has its target key there"
    if row["region"] != GLOBAL:
        yield f"region is {row['region']}; a key_alias holds everywhere: write {GLOBAL}"
