"""Life-cycle carbon intensity of electricity by country and year: Ember, processed by Our World in Data.

    kg_co2e_per_kwh = g_co2e_per_kwh / 1000

Gross generation in the country: imports, transmission and distribution losses are left out, upstream methane and
building of the plants are in. So the boundary is life_cycle, and no well-to-tank part may be added to it. Source: Our
World in Data, chart "Carbon intensity of electricity generation", after Ember, Yearly Electricity Data (2026). Values
of earlier years are revised with each vintage. Values of exactly 0 (22 of small territories) say that nothing is
known of a fuel, not that the power is clean: they make no row.
"""

from dataclasses import replace
from pathlib import Path

from schemas.faults import UserFault
from schemas.regions import EU, GLOBAL, REGIONS
from transforms.factors.importers.cells import read_lines
from transforms.factors.importers.iso_codes import ALPHA_2
from transforms.factors.importers.published import Imported, Publication, Wanted, factor_row, number, year_of

_SOURCE = "Ember, Yearly Electricity Data, processed by Our World in Data"
_CITED = "Ember, Yearly Electricity Data, with processing by Our World in Data, CC BY 4.0"

EMBER = Publication(
    "ember-2026",
    f"{_SOURCE} (2026)",
    "ember-2026",
    "CC BY 4.0",
    "2026-11-28",
    attribution="Ember, Yearly Electricity Data (2026), with processing by Our World in Data, CC BY 4.0",
    basis="life cycle of domestic gross generation, without transmission and distribution losses",
)

_VALUE = "Carbon intensity of electricity per kWh"
# Our World in Data's own codes of what is a region here; the Union stands twice, this one has a code.
_OWN = {"OWID_KOS": "XK", "OWID_WRL": GLOBAL, "OWID_EU27": EU}

# g per kWh: nothing burns more than the worst lignite several times over, and a file in kg stays below 2.
_MOST, _LEAST_MEAN = 3000.0, 10.0


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns a row a country and year; groups of countries other than the EU and the world are left out.

    Raises:
        UserFault: another layout, a country code that is not known, figures that are no g per kWh.
    """
    publication = EMBER
    if wanted.edition is not None and wanted.edition != EMBER.name:
        publication = replace(
            EMBER, name=wanted.edition, source=f"{_SOURCE} ({wanted.edition})", source_version=wanted.edition, attribution=_CITED
        )
    common = {"family": "grid", "key": "electricity", "boundary": "life_cycle", "unit": "kWh"}
    rows, values, groups, zeros = [], [], set(), []
    for place, cells in read_lines(path, ["Entity", "Code", "Year", _VALUE]):
        region = _region(place, cells["Code"])
        if region is None:
            groups.add(cells["Entity"])
            continue
        grams = number(place, _VALUE, cells[_VALUE])
        if not 0 <= grams <= _MOST:
            raise UserFault(f"{place}: {grams} g CO2e per kWh of {cells['Entity']}; a figure is from 0 to {_MOST:g}")
        year = year_of(place, "Year", cells["Year"])
        if grams == 0:
            zeros.append(f"{cells['Code']} {year}")
            continue
        values.append(grams)
        rows.append(factor_row(publication, **common, region=region, year=year, value=round(grams / 1000, 9), gwp=None))
    if not values or sum(values) / len(values) < _LEAST_MEAN:
        raise UserFault(
            f"{path.name}: the mean of all figures is below {_LEAST_MEAN:g}; they are not in g CO2e per kWh, as this importer expects"
        )
    notes = [f"{len(groups)} groups of countries are left out; the EU and the world are kept."]
    if zeros:
        notes.append(f"{len(zeros)} figures of exactly 0 make no row: {', '.join(zeros[:3])} ...")
    return Imported(publication, rows, tuple(notes))


def _region(place: str, code: str) -> str | None:
    if code in _OWN:
        return _OWN[code]
    if not code or code.startswith("OWID_"):
        return None
    region = ALPHA_2.get(code)
    if region is None or region not in REGIONS:
        raise UserFault(f"{place}: {code!r} is no country code of ISO 3166-1 alpha-3")
    return region
