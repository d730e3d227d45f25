"""Reads factor sets: the shipped ones, and a user's own from CSV, Parquet or JSON.

A row that can't be used refuses its whole set, with file, row and reason: a set that is half
loaded would give numbers that nobody expects.
"""

import csv
import difflib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import parsing
from schemas.codes import Code
from schemas.factor import FACTOR, FACTOR_SCHEMA
from schemas.families import CLASS_CVS, FAMILIES, SOURCE_CLASSES, SUPPLIER_PCF
from schemas.faults import UserFault
from schemas.names import normalise_name
from schemas.regions import REGION_ALIASES, REGIONS
from schemas.units import PARAMETER_UNITS, dimension
from transforms.factors.importers.published import set_digest
from transforms.factors.small_files import read_small_file

_SETS = Path(__file__).parent / "sets"

# Not the editions before (epa-1.2, desnz-2024, egrid-2022), and not epa-hub: it has no well-to-tank rows, so US freight and fuels
# would lose the upstream that they have from the foreign proxy. National figures go before Ember's life-cycle ones, and the
# conventions come last, after all that is published.
DEFAULT_SETS = ("epa-1.3", "us-cpi", "ecb-fx", "naics-editions", "desnz-2025", "egrid-2023", "ember-2026", "conventions")

_LICENCE = ("licence", "retrieved_on", "source_sha256")
_SHOWN_FAULTS = 5
_YEARS = re.compile(r"(19|20)[0-9]{2}/(19|20)[0-9]{2}")


@dataclass(frozen=True)
class FactorSet:
    """One set: its name, its rows in FACTOR_SCHEMA, and the digest of the rows."""

    name: str
    rows: pa.Table
    sha256: str

    @classmethod
    def of(cls, name: str, rows: pa.Table) -> "FactorSet":
        """Returns a set with the digest of its rows."""
        return cls(name, rows, set_digest(rows))


@cache
def shipped_sets() -> tuple[str, ...]:
    """Returns the names of the shipped sets."""
    return tuple(sorted(path.stem for path in _SETS.glob("*.parquet")))


def manifest_of(name: str) -> dict[str, Any]:
    """Returns what a shipped set says of itself: source, edition, licence, attribution, digests."""
    manifest: dict[str, Any] = json.loads((_SETS / f"{name}.json").read_text(encoding="utf-8"))
    return manifest


def shipped_set(name: str) -> FactorSet:
    """Returns a shipped set; its digest stands in its manifest."""
    rows = pq.read_table(_SETS / f"{name}.parquet", use_threads=False).cast(FACTOR_SCHEMA)
    return FactorSet(name, rows, manifest_of(name)["sha256"])


def read_factor_file(path: str) -> FactorSet:
    """Returns a user's own set; the file's ending says what it is: .csv, .parquet or .json.

    Raises:
        UserFault: no such file or set, another ending, or rows that can't be used.
    """
    file = PurePosixPath(path)
    if "://" not in path and not Path(path).exists():
        near = difflib.get_close_matches(path, [*shipped_sets(), "default"], 1)
        hint = f"did you mean {near[0]}?" if near else f"give a file, default, or one of {', '.join(shipped_sets())}"
        raise UserFault(f"--factors {path} is neither a file nor a shipped set; {hint}")
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".json": _read_json}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UserFault(f"--factors {path}: factor files end in {', '.join(readers)}; save it as one of these")
    try:
        rows = reader(path, read_small_file(path))
    except OSError as error:
        raise UserFault(f"--factors {path} can't be read: {error.strerror}; check its name and your access to it") from None
    except (UnicodeDecodeError, csv.Error, json.JSONDecodeError, pa.ArrowInvalid) as error:
        raise UserFault(f"--factors {path} can't be read: {error}") from None
    return FactorSet.of(file.name, check_rows(path, rows))


def _read_csv(path: str, content: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _read_parquet(path: str, content: bytes) -> list[dict[str, Any]]:
    return pq.read_table(pa.BufferReader(content)).to_pylist()


def _read_json(path: str, content: bytes) -> list[dict[str, Any]]:
    rows = json.loads(content.decode())
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise UserFault(f"--factors {path} holds no list of objects; write [{{...}}, {{...}}]")
    return rows


def check_rows(place: str, rows: Iterable[Mapping[str, Any]], need_licence: bool = True) -> pa.Table:
    """Returns rows in FACTOR_SCHEMA.

    Args:
        place: the file, for messages.
        rows: in the layout of the specification, values typed or as text.
        need_licence: whether licence, retrieved_on and source_sha256 must be given.

    Raises:
        UserFault: rows that can't be used, each with its number (the first row after a header is 1) and reason.
    """
    checked, faults, seen = [], [], set()
    groups: dict[str, dict[str, Any]] = {}
    for number, raw in enumerate(rows, 1):
        row, reasons = _check_row(raw, need_licence)
        if row["factor_id"] in seen:
            reasons.append(f"factor_id {row['factor_id']} stands twice")
        seen.add(row["factor_id"])
        first = groups.setdefault(row["correlation_group"] or row["factor_id"], row)
        reasons += [
            f"{name} differs from that of {first['factor_id']}, which is in the same correlation_group"
            for name in ("cv", "pedigree", "gwp")
            if row["correlation_group"] and first[name] != row[name]
        ]
        faults += [f"row {number}: {reason}" for reason in reasons]
        checked.append(row)
    if faults:
        more = f" (and {len(faults) - _SHOWN_FAULTS} more)" if len(faults) > _SHOWN_FAULTS else ""
        raise UserFault(f"--factors {place} is refused: {'; '.join(faults[:_SHOWN_FAULTS])}{more}")
    return pa.Table.from_pylist(checked, schema=FACTOR_SCHEMA)


def _check_row(raw: Mapping[str, Any], need_licence: bool) -> tuple[dict[str, Any], list[str]]:
    """Returns the typed row, and what is wrong with it."""
    given = {normalise_name(str(name)): value for name, value in raw.items() if name is not None}
    row: dict[str, Any] = {}
    reasons: list[str] = []
    for column in FACTOR:
        value = given.get(column.name)
        if not parsing.is_present(value):
            row[column.name] = "" if column.name in _LICENCE and not need_licence else None
            if column.name == "verified":
                row["verified"] = False
            elif column.required and row[column.name] is None:
                reasons.append(f"{column.name} is missing ({column.description})")
            continue
        try:
            row[column.name] = _parse(column.name, column.type, value)
        except parsing.Wrong as wrong:
            row[column.name] = None
            reasons.append(f"{column.name} {wrong.complaint}")
    if row["family"] == "building_energy" and row["correlation_group"] is None and row["key"] is not None:
        # The carriers of a type err together.
        row["correlation_group"] = f"building_energy/{row['key'].rpartition(':')[0]}"
    return row, reasons or list(_faults_of(row))


def _parse(name: str, kind: pa.DataType, value: object) -> object:
    if name == "pedigree":
        return _pedigree(value)
    if pa.types.is_floating(kind):
        return parsing.number(value)
    if pa.types.is_integer(kind):
        return parsing.integer(value)
    if pa.types.is_boolean(kind):
        return parsing.boolean(value)
    if name == "key":
        return parsing.code_text(value)
    if name == "region":
        # As records write it; a sub-national key of the family grid is no region, and stays.
        code = parsing.text(value).upper()
        return REGION_ALIASES.get(code, code if code in REGIONS else parsing.text(value))
    return parsing.text(value)


def _pedigree(value: object) -> list[int]:
    """Returns the scores of a list, a JSON list, or five numbers with blanks between."""
    try:
        scores = json.loads(value) if isinstance(value, str) and value.strip().startswith("[") else value
        parts = scores.split() if isinstance(scores, str) else scores
        return [parsing.integer(score) for score in cast(Iterable[object], parts)]
    except (TypeError, json.JSONDecodeError):
        raise parsing.Wrong(Code.E_TYPE, f"is {parsing.shown(value)}, no list of five scores; write for example [2, 3, 1, 1, 3]") from None


def _faults_of(row: Mapping[str, Any]) -> Iterable[str]:
    family = FAMILIES.get(row["family"])
    if family is None:
        near = difflib.get_close_matches(row["family"], FAMILIES, 1)
        yield f"family {row['family']!r} is not known; {f'did you mean {near[0]}?' if near else 'see scope3 schema'}"
        return
    if row["boundary"] not in family.boundaries:
        yield f"boundary {row['boundary']!r} is none of family {row['family']}: {', '.join(family.boundaries)}"
    if dimension(row["unit"]) is None and row["unit"] not in PARAMETER_UNITS:
        yield f"unit {row['unit']!r} is not known"
    if row["value"] < 0 and row["boundary"] != "avoided":
        yield f"value {row['value']} is less than 0"
    if row["boundary"] == "loss_share" and row["value"] >= 1:
        yield f"loss_share is {row['value']}, it must be below 1; a share is from 0 to 1, not a percentage"
    if row["family"] != "grid":
        try:
            parsing.region(row["region"])
        except parsing.Wrong as wrong:
            yield f"region {wrong.complaint}"
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
    if row["family"] == SUPPLIER_PCF and row["basis"] is not None and not _YEARS.fullmatch(row["basis"]):
        yield f"basis {row['basis']!r} is no span of years; write the first and the last, for example 2024/2027"
    if row["family"] == "key_alias" and not (row["value"] > 0 and row["basis"]):
        yield "a key_alias needs a weight above 0 and its target key as basis"
