"""What all importers share: an edition of a publication, the rows made from its file, and the set that they become."""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.factor import FACTOR_SCHEMA
from schemas.faults import UserFault

IMPORTER_VERSION = 2

Row = dict[str, object]


@dataclass(frozen=True)
class Publication:
    """One edition of one publisher's file.

    Attributes:
        name: name of the set made from it, as `--factors` takes it.
        source, source_version: title, and the short form that stands in factor ids.
        licence: on what terms it may be passed on.
        retrieved_on: when the file that is shipped was read, ISO 8601.
        gwp: set of global warming potentials behind the figures, None for parameters.
        attribution: what the licence asks to be said of the source.
        basis: what the figures cover, where that is not plain from their boundaries.
    """

    name: str
    source: str
    source_version: str
    licence: str
    retrieved_on: str
    gwp: str | None = None
    attribution: str = field(kw_only=True)
    basis: str = field(default="", kw_only=True)


class Wanted(NamedTuple):
    """What the user says of a file beside the file.

    Attributes:
        edition: name for an edition that is not known here; None where the file tells.
        gwp: set of potentials to be applied, for files that give each gas.
        today: date, ISO 8601; no year that has not ended has a mean.
        year: of the records that will use it, for files whose figures expire; None for this year.
    """

    edition: str | None
    gwp: str | None
    today: str
    year: int | None = None

    def named(self, publication: Publication) -> Publication:
        """Returns the publication as the edition that the user names, where one is named."""
        if self.edition is None or self.edition == publication.name:
            return publication
        return replace(publication, name=self.edition, source_version=self.edition)


class Imported(NamedTuple):
    """What an importer makes of a file.

    Attributes:
        publication: the edition.
        rows: in the layout of schemas.factor.
        notes: sentences on what was left out, or is odd.
    """

    publication: Publication
    rows: list[Row]
    notes: tuple[str, ...] = ()


def number(place: str, column: str, text: str) -> float:
    """Returns a figure of the file.

    Args:
        place: file and line, for the message.
        column, text: of the cell.

    Raises:
        UserFault: a blank cell or no number: a missing figure is never 0.
    """
    try:
        return float(text)
    except ValueError:
        raise UserFault(f"{place}: {column} is {text!r}, no number") from None


def year_of(place: str, column: str, text: str) -> int:
    """Returns a year of the file.

    Raises:
        UserFault: no whole number from 1900 to 2100.
    """
    if text.isascii() and text.isdigit() and 1900 <= int(text) <= 2100:
        return int(text)
    raise UserFault(f"{place}: {column} is {text!r}, no year from 1900 to 2100")


def factor_row(publication: Publication, **columns: object) -> Row:
    """Returns a row of the layout with the publisher's particulars and its factor_id; what is the file's own comes with the set."""
    row: Row = {name: None for name in FACTOR_SCHEMA.names}
    row |= {
        "gwp": publication.gwp,
        "verified": True,
        "source": publication.source,
        "source_version": publication.source_version,
        "licence": publication.licence,
        **columns,
    }
    row["factor_id"] = "{family}:{key}@{region}/{year}/{source_version}#{boundary}".format(**row)
    if row["family"] == "key_alias":
        row["factor_id"] = f"{row['factor_id']}:{row['basis']}"
    return row


def tell_units_apart(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows; those that differ only in unit or basis say it in their factor_id."""
    counted: dict[object, set[tuple[object, object]]] = {}
    for row in rows:
        counted.setdefault(row["factor_id"], set()).add((row["unit"], row["basis"]))
    return [
        row | {"factor_id": ":".join(str(part) for part in (row["factor_id"], row["unit"], row["basis"]) if part)}
        if len(counted[row["factor_id"]]) > 1
        else row
        for row in rows
    ]


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table_of(path: Path, rows: Sequence[Mapping[str, object]], retrieved_on: str) -> pa.Table:
    """Returns the rows of a set in order of their ids, with the digest of the file they come from and the date of its reading.

    Raises:
        UserFault: two rows have one factor_id.
    """
    ordered = sorted(rows, key=lambda row: str(row["factor_id"]))
    for one, other in itertools.pairwise(ordered):
        if one["factor_id"] == other["factor_id"]:
            raise UserFault(f"{path.name} gives two rows for {one['factor_id']}; the file lists a code twice")
    of_file = {"source_sha256": sha256_of(path), "retrieved_on": retrieved_on}
    return pa.Table.from_pylist([{**row, **of_file} for row in ordered], schema=FACTOR_SCHEMA)


def write_set(publication: Publication, path: Path, table: pa.Table, notes: Sequence[str], output: Path) -> str:
    """Writes a set as Parquet and its manifest beside it, with the ending .json; returns the set's digest.

    The digest is that of the rows, not of the Parquet file, whose bytes change with the library that writes it.

    Args:
        publication, path: edition and file that the rows come from.
        table: as `table_of` returns it.
        notes: what is to be known of the set.
        output: ends in .parquet.
    """
    digest = set_digest(table)
    manifest = {
        "set": publication.name,
        "sha256": digest,
        "rows": table.num_rows,
        "source": publication.source,
        "edition": publication.source_version,
        "licence": publication.licence,
        "attribution": publication.attribution,
        "basis": publication.basis,
        "gwp": publication.gwp,
        "retrieved_on": publication.retrieved_on,
        "file": path.name,
        "file_sha256": sha256_of(path),
        "importer_version": IMPORTER_VERSION,
        "notes": list(notes),
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, output, compression="zstd")
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    output.with_suffix(".json").write_text(text, encoding="utf-8")
    return digest


def set_digest(table: pa.Table) -> str:
    """Returns the SHA-256 over the rows of a set, each as JSON with sorted keys."""
    digest = hashlib.sha256()
    # json.dumps would make an encoder for each row.
    encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
    for row in table.to_pylist():
        digest.update(encode(row).encode())
        digest.update(b"\n")
    return digest.hexdigest()
