"""What all importers share: a publisher's file, its digest, and the set made from it."""

import csv
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.factor import FACTOR_SCHEMA
from schemas.faults import UserFault

IMPORTER_VERSION = 1


@dataclass(frozen=True)
class Publication:
    """One edition of one publisher's file.

    Attributes:
        name: name of the set made from it, as `--factors` takes it.
        source, source_version: title, and the short form that stands in factor ids.
        licence, retrieved_on: on what terms it may be passed on, and when it was read.
        gwp: set of global warming potentials behind the figures, None for parameters.
    """

    name: str
    source: str
    source_version: str
    licence: str
    retrieved_on: str
    gwp: str | None = None


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Gives the lines of a publisher's CSV with their numbers, 2 for the first after the header.

    Raises:
        UserFault: a column is missing or was renamed.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise UserFault(f"{path.name} has no column {missing[0]!r}; its layout changed, so it needs an importer of its own")
        yield from ((reader.line_num, row) for row in reader)


def number(path: Path, line: int, column: str, text: str) -> float:
    """Returns a figure of the file.

    Raises:
        UserFault: a blank cell or no number: a missing figure is never 0.
    """
    try:
        return float(text)
    except ValueError:
        raise UserFault(f"{path.name}, line {line}: {column} is {text!r}, no number") from None


def factor_row(path: Path, publication: Publication, **columns: object) -> dict[str, object]:
    """Returns a row of the layout with the publisher's particulars and its factor_id."""
    row: dict[str, object] = {name: None for name in FACTOR_SCHEMA.names}
    row |= {
        "gwp": publication.gwp,
        "verified": True,
        "source": publication.source,
        "source_version": publication.source_version,
        "licence": publication.licence,
        "retrieved_on": publication.retrieved_on,
        "source_sha256": sha256_of(path),
        **columns,
    }
    row["factor_id"] = "{family}:{key}@{region}/{year}/{source_version}#{boundary}".format(**row)
    if row["family"] == "key_alias":
        row["factor_id"] = f"{row['factor_id']}:{row['basis']}"
    return row


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_set(publication: Publication, path: Path, rows: Sequence[Mapping[str, object]], folder: Path) -> str:
    """Writes a set as NAME.parquet with NAME.json, its manifest, and returns the set's digest.

    The digest is that of the rows, not of the Parquet file, whose bytes change with the library that writes it.

    Raises:
        UserFault: two rows have one factor_id.
    """
    ordered = sorted(rows, key=lambda row: str(row["factor_id"]))
    ids = [row["factor_id"] for row in ordered]
    doubled = [one for one, other in itertools.pairwise(ids) if one == other]
    if doubled:
        raise UserFault(f"{path.name} gives two rows for {doubled[0]}; the file lists a code twice")
    table = pa.Table.from_pylist(list(ordered), schema=FACTOR_SCHEMA)
    digest = set_digest(table)
    manifest = {
        "set": publication.name,
        "sha256": digest,
        "rows": table.num_rows,
        "source": publication.source,
        "edition": publication.source_version,
        "licence": publication.licence,
        "gwp": publication.gwp,
        "retrieved_on": publication.retrieved_on,
        "file": path.name,
        "file_sha256": sha256_of(path),
        "importer_version": IMPORTER_VERSION,
    }
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / f"{publication.name}.parquet", compression="zstd")
    (folder / f"{publication.name}.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return digest


def set_digest(table: pa.Table) -> str:
    """Returns the SHA-256 over the rows of a set, each as JSON with sorted keys."""
    digest = hashlib.sha256()
    for row in table.to_pylist():
        digest.update(json.dumps(row, sort_keys=True, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()
