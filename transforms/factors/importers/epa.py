"""US EPA Supply Chain GHG Emission Factors: kg CO2e per USD at purchaser prices, by NAICS 2017 code.

Codes of 2 to 5 digits get the unweighted mean of their six-digit codes; they serve records
whose code EPA does not list. Source: EPA, doi:10.23719/1531143 (v1.3), doi:10.23719/1528686 (v1.2).
The files that list each gas are read by `epa_gases`.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault
from transforms.factors.importers.cells import read_lines
from transforms.factors.importers.published import Imported, Publication, Row, Wanted, factor_row, number

_LICENCE = "US Government work, public domain"
_SOURCE = "EPA Supply Chain GHG Emission Factors"
_CITED = "US Environmental Protection Agency, Supply Chain Greenhouse Gas Emission Factors"
_BASIS = "cradle to point of sale (with margins) or of production, per USD at purchaser prices, United States"

V1_3 = Publication(
    "epa-1.3", f"{_SOURCE} v1.3", "epa-1.3", _LICENCE, "2026-11-25", "AR5", attribution=f"{_CITED} v1.3, doi:10.23719/1531143", basis=_BASIS
)
V1_2 = Publication(
    "epa-1.2", f"{_SOURCE} v1.2", "epa-1.2", _LICENCE, "2026-11-25", "AR4", attribution=f"{_CITED} v1.2, doi:10.23719/1528686", basis=_BASIS
)

# An edition is told by the year of its dollars.
EDITIONS = {2022: V1_3, 2021: V1_2}

_CODE = "2017 NAICS Code"
_TITLE = "2017 NAICS Title"
_SECTOR = "Reference USEEIO Code"
BOUNDARIES = {
    "with_margins": "Supply Chain Emission Factors with Margins",
    "without_margins": "Supply Chain Emission Factors without Margins",
}
_UNIT = re.compile(r"(kg|kg CO2e)/(\d{4}) USD, purchaser price")

# The published figures have three decimals; a mean with six loses nothing and reads well.
_MEAN_DECIMALS = 6


class Line(NamedTuple):
    """A line of a file, of one code and gas.

    Attributes:
        place: file and line.
        gas, mass: what is counted and in what: kg of the gas, or kg CO2e.
        price_year: of the dollars.
        group: model sectors behind the code; several are one group, in the file's order.
        values: by boundary.
    """

    place: str
    code: str
    gas: str
    mass: str
    price_year: int
    group: str
    values: dict[str, float]


def lines_of(path: Path) -> Iterator[Line]:
    """Gives the lines of a file.

    Raises:
        UserFault: another layout or unit, dollars of two years, a blank or negative figure, a code that is not six digits.
    """
    first = None
    for place, cells in read_lines(path, [_CODE, "GHG", "Unit", _SECTOR, *BOUNDARIES.values()]):
        code = cells[_CODE]
        if not (len(code) == 6 and code.isdigit()):
            raise UserFault(f"{place}: {code!r} is no six-digit NAICS code")
        unit = _UNIT.fullmatch(cells["Unit"])
        if unit is None:
            raise UserFault(f"{place}: the unit is {cells['Unit']!r} where kg or kg CO2e per USD of a year, purchaser price, is expected")
        price_year = int(unit[2])
        first = first or price_year
        if price_year != first:
            raise UserFault(f"{place}: {code} is in USD of {price_year}, the lines before in USD of {first}; a file has one edition")
        values = {boundary: number(place, column, cells[column]) for boundary, column in BOUNDARIES.items()}
        for boundary, value in values.items():
            if not 0 <= value < math.inf:
                raise UserFault(f"{place}: {BOUNDARIES[boundary]} is {value}; a figure is 0 or more")
        group = "eeio/" + "+".join(part.strip() for part in cells[_SECTOR].split(","))
        yield Line(place, code, cells["GHG"], unit[1], price_year, group, values)


def titles_of(path: Path) -> dict[str, str]:
    """Returns the title of each code of a file.

    Raises:
        UserFault: another layout.
    """
    return {cells[_CODE]: cells[_TITLE] for _, cells in read_lines(path, [_CODE, _TITLE])}


def publication_of(path: Path, price_year: int, wanted: Wanted) -> Publication:
    """Returns the edition with dollars of a year.

    Raises:
        UserFault: it is not known here and has no name.
    """
    known = EDITIONS.get(price_year)
    if wanted.edition is None and known is not None:
        return known
    if wanted.edition is None:
        years = ", ".join(f"{year} ({one.name})" for year, one in EDITIONS.items())
        raise UserFault(
            f"{path.name} is in USD of {price_year}; known are {years}. To take another edition, name it: --edition epa-1.4 for example"
        )
    if known is not None and known.name == wanted.edition:
        return known
    base = known or replace(V1_3, gwp=None, attribution=_CITED)
    return replace(base, name=wanted.edition, source=f"{_SOURCE}, {wanted.edition}", source_version=wanted.edition)


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns the rows of a CO2e file.

    Raises:
        UserFault: as `lines_of`; a file by gas; an edition without a known set of potentials.
    """
    codes: list[tuple[str, str, dict[str, float]]] = []
    publication = None
    price_year = 0
    for line in lines_of(path):
        if (line.gas, line.mass) != ("All GHGs", "kg CO2e"):
            raise UserFault(f"{line.place}: {line.gas} in {line.mass} where All GHGs in kg CO2e is expected")
        if publication is None:
            price_year = line.price_year
            publication = publication_of(path, price_year, wanted)
        codes.append((line.code, line.group, line.values))
    if publication is None:
        raise UserFault(f"{path.name} has a header and no lines")
    if publication.gwp is None and wanted.gwp is None:
        raise UserFault(f"{path.name} does not say on which potentials it rests; say it: --gwp AR5 for example")
    if wanted.gwp is not None and wanted.gwp != (publication.gwp or wanted.gwp):
        raise UserFault(
            f"{path.name} is CO2e on {publication.gwp}, and its gases are not known; for {wanted.gwp} import the publisher's file by gas"
        )
    publication = replace(publication, gwp=publication.gwp or wanted.gwp)
    return Imported(publication, rows_of(publication, price_year, codes))


def rows_of(publication: Publication, price_year: int, codes: list[tuple[str, str, dict[str, float]]]) -> list[Row]:
    """Returns a row for each six-digit code and boundary, and for each coarser code their mean.

    Args:
        codes: code, correlation group and values by boundary.
    """
    rows: list[Row] = []
    below: dict[tuple[str, str], list[float]] = defaultdict(list)
    common = {"family": "eeio", "region": "US", "year": price_year, "unit": "USD", "price_year": price_year}
    for code, group, values in codes:
        for boundary, value in values.items():
            rows.append(factor_row(publication, **common, key=code, boundary=boundary, value=value, correlation_group=group))
            for digits in range(2, 6):
                below[code[:digits], boundary].append(value)
    for (parent, boundary), found in below.items():
        mean = round(math.fsum(found) / len(found), _MEAN_DECIMALS)
        rows.append(factor_row(publication, **common, key=parent, boundary=boundary, value=mean))
    return rows
