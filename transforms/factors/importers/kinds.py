"""Which publishers' files there are importers for, and the way from a file to a set."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from schemas.faults import UsageFault
from transforms.factors.check import check_rows
from transforms.factors.importers import country_grid, desnz, egrid, epa, epa_gases, epa_hub, money, naics, pact
from transforms.factors.importers.against_known import compare
from transforms.factors.importers.plausible import oddities
from transforms.factors.importers.published import Imported, Publication, Wanted, sha256_of, table_of
from transforms.factors.read import manifest_of, shipped_set, shipped_sets


@dataclass(frozen=True)
class Kind:
    """One publisher's file.

    Attributes:
        file: what the file is, and where it comes from.
        read: its importer.
        gwp: sets of potentials that --gwp may name.
        expires: whether figures expire, so that --year matters.
    """

    file: str
    read: Callable[[Path, Wanted], Imported]
    gwp: tuple[str, ...] = ()
    expires: bool = False


def _naics(path: Path, wanted: Wanted) -> Imported:
    listed = {key for key in shipped_set("epa-1.3").rows.column("key").to_pylist() if len(key) == 6}
    return naics.read(path, wanted, listed)


# Those for which the potential of each gas is known.
_OF_GASES = ("AR5", "AR6")

KINDS = {
    "epa": Kind(
        "EPA Supply Chain GHG Emission Factors, the CSV in CO2e; --gwp says on what an edition rests that is not known yet",
        epa.read,
        ("AR4", *_OF_GASES),
    ),
    "epa-gases": Kind("the same, the CSV by gas (byGHG); --gwp says which potentials are applied", epa_gases.read, gwp=_OF_GASES),
    "epa-hub": Kind("EPA GHG Emission Factors Hub, the workbook", epa_hub.read, gwp=_OF_GASES),
    "egrid": Kind("EPA eGRID, a CSV of subregions", egrid.read, gwp=_OF_GASES),
    "desnz": Kind("UK Government GHG Conversion Factors, the flat file, workbook or CSV", desnz.read),
    "country-grid": Kind("life-cycle intensity of electricity by country, Our World in Data after Ember, CSV", country_grid.read),
    "naics": Kind("NAICS editions to 2017, CSV of flowsa", _naics),
    "cpi": Kind(
        "US consumer prices, cu.data.1.AllItems of the Bureau of Labor Statistics as .txt, or CSV of annual averages", money.price_index
    ),
    "pact": Kind(
        "product footprints of suppliers, PACT version 3 or 2, JSON; --year says of which records' year they must be valid",
        pact.read,
        expires=True,
    ),
    "ecb": Kind("ECB euro reference rates, eurofxref-hist.csv, or CSV of annual means", money.exchange_rates),
}


class ReadSet(NamedTuple):
    """A set as it was read, checked and ready to be written.

    Attributes:
        publication, table: edition and rows.
        notes: what is to be known of the set, for its manifest.
        oddities: what somebody should look at.
    """

    publication: Publication
    table: pa.Table
    notes: tuple[str, ...]
    oddities: tuple[str, ...]


def read_set(kind: str, path: Path, wanted: Wanted) -> ReadSet:
    """Returns the set made from a publisher's file, with what is odd about it.

    Raises:
        UsageFault: potentials are asked for where the file gives none to choose, or a year where nothing expires.
        UserFault: the importer refuses the file, a row fails the checks of any factor set, or values differ
            from those known of the same edition.
    """
    one = KINDS[kind]
    if wanted.gwp is not None and wanted.gwp not in one.gwp:
        told = f"--gwp of a file of kind {kind} is {' or '.join(one.gwp)}"
        raise UsageFault(told if one.gwp else f"--gwp is for files that give each gas, which a file of kind {kind} does not; leave it out")
    if wanted.year is not None and not one.expires:
        raise UsageFault(f"--year is for figures that expire, and those of a file of kind {kind} do not; leave it out")
    imported = one.read(path, wanted)
    known_file = sha256_of(path) in {manifest_of(name)["file_sha256"] for name in shipped_sets()}
    publication = imported.publication if known_file else replace(imported.publication, retrieved_on=wanted.today)
    table = table_of(path, imported.rows, publication.retrieved_on)
    check_rows(publication.name, table.to_pylist())
    return ReadSet(publication, table, imported.notes, (*compare(publication, table), *oddities(publication.name, table)))
