"""US EPA eGRID: electricity of the subregions of the US grid, and of the country.

    kg_co2e_per_kwh = (CO2 + CH4 * GWP(CH4) + N2O * GWP(N2O)) lb/MWh * 0.45359237 / 1000

Total output rates, never non-baseload, which are for savings and not for inventories. Combustion only, no
well-to-tank. Losses are a share of gross generation; Puerto Rico has none. Source: EPA, eGRID2023 (January 2025) and
eGRID2022, subregion output emission rates, as in table 6 of the Emission Factors Hub; a file of these columns.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from schemas.faults import UserFault
from schemas.gases import gwp
from transforms.factors.importers.cells import read_lines
from transforms.factors.importers.published import Imported, Publication, Row, Wanted, factor_row

_LB_PER_MWH = Decimal("0.45359237") / 1000

# How the file and the Hub name the row of the whole country.
_COUNTRY, _REGION = "US Average", "US"
_SUBREGION = re.compile(r"[A-Z]{4}")
_SUBREGIONS = 27

_NAMES = ("subregion", "co2_lb_per_mwh", "ch4_lb_per_mwh", "n2o_lb_per_mwh")
_LOSS = "grid_gross_loss_share"
_MOST_LB = 4000


class Rate(NamedTuple):
    """A line of the table: total output rates in lb per MWh, and the share of gross generation that is lost, as texts."""

    place: str
    subregion: str
    co2: str
    ch4: str
    n2o: str
    loss: str


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns the rows of a file of subregions.

    Raises:
        UserFault: another layout, a name without the year of the data, a subregion missing, doubled or unknown.
    """
    said = re.search(r"20\d\d", wanted.edition or path.name)
    if said is None:
        raise UserFault(f"{path.name} does not say which year it is of; say it: --edition egrid-2024 for example")
    year = int(said[0])
    publication = publication_of(year, wanted)
    rates = [
        Rate(place, cells["subregion"], cells["co2_lb_per_mwh"], cells["ch4_lb_per_mwh"], cells["n2o_lb_per_mwh"], cells.get(_LOSS, ""))
        for place, cells in read_lines(path, _NAMES)
    ]
    rows = list(rows_of(publication, year, rates))
    if len(rates) != _SUBREGIONS + 1:
        raise UserFault(f"{path.name} has {len(rates)} lines where {_SUBREGIONS} subregions and {_COUNTRY} are expected")
    return Imported(publication, rows, () if any(rate.loss for rate in rates) else ("The edition gives no losses, so no loss_share.",))


def publication_of(year: int, wanted: Wanted) -> Publication:
    """Returns the edition with data of a year."""
    gwp_set = wanted.gwp or "AR5"
    name = f"egrid-{year}" + ("" if gwp_set == "AR5" else f"-{gwp_set.lower()}")
    edition = Publication(
        name,
        f"EPA eGRID{year}, subregion output emission rates",
        name,
        "US Government work, public domain",
        "2026-11-28",
        gwp_set,
        attribution=f"US Environmental Protection Agency, eGRID{year}",
        basis="combustion at the power plants, without well-to-tank and losses, total output",
    )
    return wanted.named(edition)


def rows_of(publication: Publication, year: int, rates: Iterable[Rate]) -> Iterator[Row]:
    """Gives generation and loss_share of each subregion and of the country.

    Raises:
        UserFault: a subregion that is none or stands twice, a rate that is blank, no number or out of range.
    """
    seen = set()
    common = {"family": "grid", "key": "electricity", "year": year}
    for rate in rates:
        region = _REGION if rate.subregion == _COUNTRY else rate.subregion
        if region != _REGION and not _SUBREGION.fullmatch(region):
            raise UserFault(f"{rate.place}: {region!r} is no acronym of an eGRID subregion")
        if region in seen:
            raise UserFault(f"{rate.place}: {region} stands twice")
        seen.add(region)
        value = kg_co2e(rate.place, (rate.co2, rate.ch4, rate.n2o), str(publication.gwp)) * _LB_PER_MWH
        if not 0 < value < _MOST_LB * _LB_PER_MWH:
            raise UserFault(f"{rate.place}: {region} has {rate.co2} lb CO2 per MWh; a rate is above 0 and below {_MOST_LB}")
        yield factor_row(publication, **common, boundary="generation", region=region, value=_rounded(value), unit="kWh")
        if rate.loss:
            loss = _decimal(rate.place, rate.loss)
            if not 0 <= loss < 1:
                raise UserFault(f"{rate.place}: the loss of {region} is {rate.loss}; a share is from 0 to below 1, not a percentage")
            yield factor_row(publication, **common, boundary="loss_share", region=region, value=float(loss), unit="share", gwp=None)


def kg_co2e(place: str, amounts: tuple[str, str, str], gwp_set: str) -> Decimal:
    """Returns CO2, CH4 and N2O of one mass unit as CO2e; methane has one potential, as in EPA's tables.

    Args:
        place: for the message.
        amounts: the three, as the file writes them.
        gwp_set: AR5 or AR6.

    Raises:
        UserFault: a blank cell or no number.
    """
    potentials = (gwp(gas, gwp_set) for gas in ("co2", "ch4_non_fossil", "n2o"))
    return sum(
        (_decimal(place, amount) * Decimal(str(potential)) for amount, potential in zip(amounts, potentials, strict=True)), Decimal()
    )


def _decimal(place: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite():
        raise UserFault(f"{place}: {text!r} is no number; a missing figure is never 0")
    return found


def _rounded(value: Decimal) -> float:
    # Nine decimals of a kg per kWh are finer than the three of a lb per MWh.
    return float(round(value, 9))
