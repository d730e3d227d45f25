"""US EPA GHG Emission Factors Hub: fuels, electricity, heat, transport, travel and waste in the United States.

    kg CO2e = kg CO2 + (g CH4 * GWP(CH4) + g N2O * GWP(N2O)) / 1000

Combustion only (tank-to-wheel): the Hub gives no well-to-tank factors, so these rows have no upstream. Units are the
publisher's. Source: EPA Center for Corporate Climate Leadership, Emission Factors Hub (15 January 2025 and
13 February 2024), tables 1 and 6 to 10. Of the others nothing is taken: tables 2 to 5 give CO2 apart from CH4 and N2O,
by model year; vehicle-miles of freight, aircraft and air travel have no counterpart here, because EPA cuts
flights at 300 and 2,300 miles.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from schemas.faults import UserFault
from transforms.factors.importers import egrid
from transforms.factors.importers.epa_hub_file import Hub, TableRow
from transforms.factors.importers.published import Imported, Publication, Row, Wanted, factor_row, number, tell_units_apart

# Fuels of the calculation, by EPA's name; all others are taken under a key made from their name.
_FUELS = {
    "Natural Gas": ("natural_gas",),
    "Distillate Fuel Oil No. 2": ("distillate_fuel_oil_no_2", "diesel", "diesel_mineral", "gas_oil"),
    "Residual Fuel Oil No. 6": ("residual_fuel_oil_no_6", "fuel_oil"),
    "Motor Gasoline": ("gasoline", "gasoline_mineral"),
    "Kerosene": ("burning_oil",),
    "Liquefied Petroleum Gases (LPG)": ("lpg",),
    "Mixed (Industrial Sector)": ("coal",),
    "Wood and Wood Residuals": ("biomass_wood",),
    "Other Biomass Gases": ("biomass_biogas",),
    "Biodiesel (100%)": ("biomass_biofuel",),
    "Ethanol (100%)": ("biomass_bioethanol",),
}
_FUEL_UNITS = {"short ton": "short_ton", "scf": "ft3", "gallon": "US_gal"}
_FUEL_TITLES = ("Fuel Type", "Heat Content (HHV)", *("CO2 Factor", "CH4 Factor", "N2O Factor") * 2)

_FREIGHT = {"Medium- and Heavy-Duty Truck": "all_hgv", "Rail": "freight_train", "Waterborne Craft": "inland_waterway"}
_TRAVEL = {
    "Passenger Car": ("car_unknown",),
    "Motorcycle": ("motorcycle",),
    "Intercity Rail - National Average": ("train",),
    "Transit Rail (i.e. Subway, Tram)": ("subway", "light_rail"),
    "Bus": ("bus",),
}
_MOVED = ("Vehicle Type", "CO2 Factor (kg CO2 / unit)", "CH4 Factor (g CH4 / unit)", "N2O Factor (g N2O / unit)", "Units")
_MOVED_UNITS = {
    "vehicle-mile": "vehicle_mi",
    "passenger-mile": "passenger_mi",
    # Both are short tons; the word came with the edition of 2025.
    "short ton-mile": "short_ton_mi",
    "ton-mile": "short_ton_mi",
}

_WASTES = {
    "Mixed MSW": ("household_residual", "commercial_industrial"),
    "Food Waste": ("food",),
    "Yard Trimmings": ("garden",),
    "Mixed Organics": ("mixed_organic",),
    "Mixed Paper (general)": ("paper_cardboard",),
    "Dimensional Lumber": ("wood",),
    "Mixed Plastics": ("plastic",),
    "Mixed Metals": ("metal",),
    "Glass": ("glass",),
    "Mixed Electronics": ("electronic",),
    "Tires": ("rubber",),
    "Drywall": ("plasterboard",),
    "Concrete": ("aggregates_concrete",),
    "Structural Steel": ("construction_metal",),
    "Fiberglass Insulation": ("insulation",),
}
_TREATMENTS = ("recycling", "landfill", "incineration_with_energy_recovery", "composting", "anaerobic_digestion")
_WASTE_TITLES = ("Material", "RecycledA", "LandfilledB", "CombustedC", "CompostedD", "Anaerobically Digested (Dry Digestate with Curing)")
_WASTE_GWP = "AR4"

_DECIMALS = 9
_SOURCE = "EPA GHG Emission Factors Hub"


def read(path: Path, wanted: Wanted) -> Imported:
    """Returns the rows of a workbook.

    Raises:
        UserFault: another layout, unit or edition, a fuel or vehicle that is gone, a figure that is no number.
    """
    hub = Hub(path)
    publication = _publication(hub.year, wanted)
    rows = [*_fuels(hub, publication), *_grid(hub, publication), *_heat(hub, publication)]
    rows += [*_moved(hub, publication), *_wastes(hub, publication)]
    notes = (
        "Combustion only: no well-to-tank rows, so a result has no upstream (W_NO_UPSTREAM).",
        f"Waste rests on {_WASTE_GWP}, all else on {publication.gwp}; a record that uses both carries W_GWP_MIXED.",
        "Not taken: tables 2 to 5, vehicle-miles of freight, air freight and air travel (other hauls), light-duty trucks, commuter rail, "
        "and of table 9 the materials that records have no name for.",
    )
    return Imported(publication, tell_units_apart(rows), notes)


def _publication(year: int, wanted: Wanted) -> Publication:
    gwp_set = wanted.gwp or "AR5"
    name = f"epa-hub-{year}" + ("" if gwp_set == "AR5" else f"-{gwp_set.lower()}")
    edition = Publication(
        name,
        f"{_SOURCE} ({year})",
        name,
        "US Government work, public domain",
        "2026-11-28",
        gwp_set,
        attribution=f"US Environmental Protection Agency, Center for Corporate Climate Leadership, Emission Factors Hub ({year})",
        basis="combustion only, without well-to-tank, United States; waste as in WARM, without avoided emissions",
    )
    return wanted.named(edition)


def _row(hub: Hub, publication: Publication, family: str, key: str, boundary: str, unit: str, value: Decimal, **more: object) -> Row:
    columns: Row = {"family": family, "key": key, "boundary": boundary, "region": "US", "year": hub.year, "unit": unit}
    return factor_row(publication, **{**columns, "value": float(round(value, _DECIMALS)), **more})


def _together(row: TableRow, cells: tuple[str, ...], publication: Publication) -> Decimal:
    """Returns kg CO2, g CH4 and g N2O as kg CO2e."""
    grams = egrid.kg_co2e(row.place, ("0", cells[1], cells[2]), str(publication.gwp))
    return egrid.kg_co2e(row.place, (cells[0], "0", "0"), str(publication.gwp)) + grams / 1000


def _fuels(hub: Hub, publication: Publication) -> Iterator[Row]:
    unit, biogenic, seen = "", False, set()
    for row in hub.rows(1, _FUEL_TITLES):
        if not row.name:
            # The units of the rows below: mmBtu per X, three per mmBtu, three per X.
            unit = row.cells[0].removeprefix("mmBtu per ")
            if unit not in _FUEL_UNITS or row.cells[1:7] != _fuel_units("mmBtu") + _fuel_units(unit):
                raise UserFault(f"{row.place}: the units of table 1 are {' | '.join(row.cells)}, not those that this importer knows")
            continue
        if not any(row.cells):
            biogenic = row.name.startswith("Biomass")
            continue
        seen.add(row.name)
        for key in _FUELS.get(row.name, (_key(row.name),)):
            for cells, counted, basis in ((row.cells[1:4], "MMBtu", "gross"), (row.cells[4:7], _FUEL_UNITS[unit], None)):
                # Pulping liquors are given per heat only.
                if any(cells):
                    burnt = ("0", *cells[1:]) if biogenic else cells
                    yield _row(hub, publication, "fuel", key, "ttw", counted, _together(row, burnt, publication), basis=basis)
                    if biogenic:
                        stored = _together(row, (cells[0], "0", "0"), publication)
                        yield _row(hub, publication, "fuel", key, "biogenic", counted, stored, basis=basis)
    _all_there(hub, 1, set(_FUELS) - seen)


def _fuel_units(unit: str) -> tuple[str, ...]:
    return f"kg CO2 per {unit}", f"g CH4 per {unit}", f"g N2O per {unit}"


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _grid(hub: Hub, publication: Publication) -> Iterator[Row]:
    titles = ("eGRID Subregion Acronym", "eGRID Subregion Name", *("CO2 Factor", "CH4 Factor", "N2O Factor") * 2)
    units = ("", "", "(lb CO2 / MWh)", "(lb CH4 / MWh)", "(lb N2O / MWh)")
    rates = []
    for row in hub.rows(6, titles, units):
        # The last column, of losses, came with the edition of 2025.
        _, co2, ch4, n2o, *_rest = row.cells
        rates.append(egrid.Rate(row.place, row.name, co2, ch4, n2o, row.cells[7] if len(row.cells) > 7 else ""))
    yield from egrid.rows_of(publication, hub.year, rates)


def _heat(hub: Hub, publication: Publication) -> Iterator[Row]:
    header = ("", "CO2 Factor (kg CO2 / mmBtu)", "CH4 Factor (g CH4 / mmBtu)", "N2O Factor (g N2O / mmBtu)")
    for row in hub.rows(7, header):
        yield _row(hub, publication, "heat", "heat_steam", "generation", "MMBtu", _together(row, row.cells[:3], publication))


def _moved(hub: Hub, publication: Publication) -> Iterator[Row]:
    """Gives freight per short ton-mile, and travel."""
    seen = set()
    for table, family, names in ((8, "freight", {name: (key,) for name, key in _FREIGHT.items()}), (10, "travel_land", _TRAVEL)):
        for row in hub.rows(table, _MOVED):
            unit = _MOVED_UNITS.get(row.cells[3])
            if unit is None:
                raise UserFault(f"{row.place}: the unit of {row.name} is {row.cells[3]!r}, none of {', '.join(_MOVED_UNITS)}")
            if table == 8 and unit != "short_ton_mi":
                continue
            for key in names.get(row.name, ()):
                seen.add(row.name)
                basis = "actual" if table == 8 else None
                yield _row(hub, publication, family, key, "ttw", unit, _together(row, row.cells[:3], publication), basis=basis)
        _all_there(hub, table, set(names) - seen)


def _wastes(hub: Hub, publication: Publication) -> Iterator[Row]:
    seen = set()
    for row in hub.rows(9, ("", "Metric Tons CO2e / Short Ton Material"), _WASTE_TITLES):
        for key in _WASTES.get(row.name, ()):
            seen.add(row.name)
            for treatment, cell in zip(_TREATMENTS, row.cells[: len(_TREATMENTS)], strict=True):
                if cell != "NA":
                    tonnes = Decimal(str(number(row.place, treatment, cell)))
                    yield _row(hub, publication, "waste", f"{key}:{treatment}", "treatment", "short_ton", tonnes * 1000, gwp=_WASTE_GWP)
    _all_there(hub, 9, set(_WASTES) - seen)


def _all_there(hub: Hub, table: int, gone: set[str]) -> None:
    if gone:
        raise UserFault(
            f"table {table} of the Hub of {hub.year} has no {', '.join(sorted(gone))}; it was renamed, and a factor would be lost"
        )
