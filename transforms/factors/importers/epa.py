"""US EPA Supply Chain GHG Emission Factors: kg CO2e per USD at purchaser prices, by NAICS 2017 code.

Codes of 2 to 5 digits get the unweighted mean of their six-digit codes; they serve records
whose code EPA does not list. Source: EPA, doi:10.23719/1531143 (v1.3), doi:10.23719/1528686 (v1.2).
"""

import math
from collections import defaultdict
from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers.published import Publication, factor_row, number, read_rows

_LICENCE = "US Government work, public domain"
_SOURCE = "EPA Supply Chain GHG Emission Factors"

V1_3 = Publication("epa-1.3", f"{_SOURCE} v1.3", "epa-1.3", _LICENCE, "2026-11-25", "AR5")
V1_2 = Publication("epa-1.2", f"{_SOURCE} v1.2", "epa-1.2", _LICENCE, "2026-11-25", "AR4")

_PRICE_YEAR = {V1_3: 2022, V1_2: 2021}
_CODE = "2017 NAICS Code"
_SECTOR = "Reference USEEIO Code"
_BOUNDARIES = {
    "with_margins": "Supply Chain Emission Factors with Margins",
    "without_margins": "Supply Chain Emission Factors without Margins",
}

# The published figures have three decimals; a mean with six loses nothing and reads well.
_MEAN_DECIMALS = 6


def rows_of(path: Path, publication: Publication) -> list[dict[str, object]]:
    """Returns the rows of a CO2e file.

    Raises:
        UserFault: another layout or edition, a blank or negative figure, a code that is not six digits.
    """
    price_year = _PRICE_YEAR[publication]
    unit = f"kg CO2e/{price_year} USD, purchaser price"
    rows: list[dict[str, object]] = []
    below: dict[tuple[str, str], list[float]] = defaultdict(list)
    common = {"family": "eeio", "region": "US", "year": price_year, "unit": "USD", "price_year": price_year}
    for line, cells in read_rows(path, [_CODE, "GHG", "Unit", _SECTOR, *_BOUNDARIES.values()]):
        code = cells[_CODE].strip()
        if not (len(code) == 6 and code.isdigit()):
            raise UserFault(f"{path.name}, line {line}: {code!r} is no six-digit NAICS code")
        if (cells["GHG"], cells["Unit"]) != ("All GHGs", unit):
            raise UserFault(f"{path.name}, line {line}: {cells['GHG']}, {cells['Unit']} where All GHGs, {unit} is expected")
        # Several model sectors behind one code: the group is all of them, in the file's order.
        group = "eeio/" + "+".join(part.strip() for part in cells[_SECTOR].split(","))
        for boundary, column in _BOUNDARIES.items():
            value = number(path, line, column, cells[column])
            if value < 0:
                raise UserFault(f"{path.name}, line {line}: {column} is {value}, less than 0")
            rows.append(factor_row(path, publication, **common, key=code, boundary=boundary, value=value, correlation_group=group))
            for digits in range(2, 6):
                below[code[:digits], boundary].append(value)
    for (parent, boundary), values in below.items():
        mean = round(math.fsum(values) / len(values), _MEAN_DECIMALS)
        rows.append(factor_row(path, publication, **common, key=parent, boundary=boundary, value=mean))
    return rows
