"""EPA's Emission Factors Hub: figures of both editions worked by hand, every row of transport and waste, and what refuses a workbook."""

import csv

import pytest

from schemas.faults import UserFault
from tests.factors.importers.files import DATA, DESNZ_2025, EGRID_2022, EGRID_2023, HUB_2024, HUB_2025, edited_workbook, rows_of, wanted
from transforms.factors.importers import egrid, epa_hub


@pytest.fixture(scope="module")
def hubs():
    return {2025: rows_of(epa_hub.read(HUB_2025, wanted())), 2024: rows_of(epa_hub.read(HUB_2024, wanted()))}


def test_a_fuel_is_worked_by_hand(hubs):
    rows = hubs[2025]
    # 53.06 kg CO2, 1.0 g CH4 * 28, 0.10 g N2O * 265 per mmBtu, of the higher heating value.
    heat = rows["fuel:natural_gas@US/2025/epa-hub-2025#ttw:MMBtu:gross"]
    assert (heat["value"], heat["unit"], heat["basis"]) == (pytest.approx(53.06 + 0.028 + 0.0265, rel=1e-9), "MMBtu", "gross")
    # 8.78 kg CO2, 0.38 g CH4 * 28, 0.08 g N2O * 265 per gallon.
    petrol = rows["fuel:gasoline@US/2025/epa-hub-2025#ttw:US_gal"]
    assert petrol["value"] == pytest.approx(8.78 + (0.38 * 28 + 0.08 * 265) / 1000, rel=1e-9)
    assert rows["fuel:coal@US/2025/epa-hub-2025#ttw:short_ton"]["gwp"] == "AR5"


def test_what_grew_is_carbon_outside_the_total(hubs):
    rows = hubs[2025]
    # Ethanol: 5.75 kg CO2 per gallon that grew; 0.09 g CH4 * 28 and 0.01 g N2O * 265 count.
    assert rows["fuel:biomass_bioethanol@US/2025/epa-hub-2025#biogenic:US_gal"]["value"] == 5.75
    burnt = rows["fuel:biomass_bioethanol@US/2025/epa-hub-2025#ttw:US_gal"]["value"]
    assert burnt == pytest.approx((0.09 * 28 + 0.01 * 265) / 1000, rel=1e-9)


_FREIGHT = {"Medium- and Heavy-Duty Truck": ("all_hgv",), "Rail": ("freight_train",), "Waterborne Craft": ("inland_waterway",)}
_TRAVEL = {
    "Passenger Car": ("car_unknown",),
    "Motorcycle": ("motorcycle",),
    "Intercity Rail - National Average": ("train",),
    "Transit Rail (i.e. Subway, Tram)": ("subway", "light_rail"),
    "Bus": ("bus",),
}
_UNITS = {"vehicle-mile": "vehicle_mi", "passenger-mile": "passenger_mi", "short ton-mile": "short_ton_mi", "ton-mile": "short_ton_mi"}


@pytest.mark.parametrize("year", [2025, 2024])
def test_freight_and_travel_are_those_that_another_reader_took_out_of_the_workbook(hubs, year):
    expected = {}
    with open(DATA / f"scope3_transport_{year}.csv", newline="") as file:
        for line in csv.DictReader(file):
            # Letters of footnotes: "Passenger Car A", "Medium- and Heavy-Duty TruckC".
            name, unit = line["vehicle_type"].rstrip("ABCDE").rstrip(), _UNITS[line["unit"]]
            family, keys = ("freight", _FREIGHT) if line["table"] == "8" else ("travel_land", _TRAVEL)
            if line["table"] == "8" and unit != "short_ton_mi":
                continue
            kg = float(line["kg_co2_per_unit"]) + (float(line["g_ch4_per_unit"]) * 28 + float(line["g_n2o_per_unit"]) * 265) / 1000
            expected |= {(family, key): (pytest.approx(kg, abs=1e-9), unit) for key in keys.get(name, ())}
    rows = hubs[year].values()
    assert {
        (row["family"], row["key"]): (row["value"], row["unit"]) for row in rows if row["family"] in ("freight", "travel_land")
    } == expected
    assert len(expected) == 9


@pytest.mark.parametrize("year", [2025, 2024])
def test_waste_is_in_kg_per_short_ton_and_on_ar4(hubs, year):
    with open(DATA / f"scope3_waste_{year}.csv", newline="") as file:
        printed = {line["material"]: line for line in csv.DictReader(file)}
    rows = {row["key"]: row for row in hubs[year].values() if row["family"] == "waste"}
    # Metric tons per short ton.
    for key, material, column in (
        ("household_residual:landfill", "Mixed MSW", "landfilled"),
        ("food:composting", "Food Waste", "composted"),
        ("paper_cardboard:recycling", "Mixed Paper (general)", "recycled"),
        ("plastic:incineration_with_energy_recovery", "Mixed Plastics", "combusted"),
        ("garden:anaerobic_digestion", "Yard Trimmings", "anaerobic_dry_cured"),
    ):
        row = rows[key]
        assert (row["value"], row["unit"], row["gwp"]) == (pytest.approx(float(printed[material][column]) * 1000), "short_ton", "AR4"), key
    # NA in the workbook.
    assert "plastic:composting" not in rows and printed["Mixed Plastics"]["composted"] == ""


@pytest.mark.parametrize(("year", "path"), [(2025, EGRID_2023), (2024, EGRID_2022)])
def test_the_grid_of_the_hub_is_that_of_egrid(hubs, year, path):
    of_hub = {(row["region"], row["boundary"]): row["value"] for row in hubs[year].values() if row["family"] == "grid"}
    assert of_hub == {(row["region"], row["boundary"]): row["value"] for row in egrid.read(path, wanted()).rows}


def test_other_potentials_are_applied_to_all_but_waste():
    rows = rows_of(epa_hub.read(HUB_2025, wanted(None, "AR6")))
    # 53.06 kg CO2, 1.0 g CH4 * 27, 0.10 g N2O * 273.
    assert rows["fuel:natural_gas@US/2025/epa-hub-2025-ar6#ttw:MMBtu:gross"]["value"] == pytest.approx(53.06 + 0.027 + 0.0273, rel=1e-9)
    assert {row["gwp"] for row in rows.values() if row["family"] == "waste"} == {"AR4"}
    assert {row["gwp"] for row in rows.values() if row["family"] not in ("waste", "grid")} == {"AR6"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "<t>short ton-mile</t>",
            "<t>long ton-mile</t>",
            r"line 425: the unit of Medium- and Heavy-Duty Truck is 'long ton-mile', none of",
        ),
        (
            "<t>Motor Gasoline</t>",
            "<t>Gasoline</t>",
            "table 1 of the Hub of 2025 has no Motor Gasoline; it was renamed, and a factor would be lost",
        ),
        ("Waterborne Craft", "Barges", "table 8 of the Hub of 2025 has no Waterborne Craft"),
        ("Mixed Plastics", "Plastics, mixed", "table 9 of the Hub of 2025 has no Mixed Plastics"),
        ("mmBtu per scf", "mmBtu per 1,000 scf", "line .*: the units of table 1 are"),
        ("Vehicle Type", "Vehicle", "Table 8 has no header Vehicle Type .*; its columns or units changed"),
        ("<v>265</v>", "<v>298</v>", "counts CH4 as 28 and N2O as 298; this importer knows the editions on AR5"),
        ("Last Modified: January 15, 2025", "January 2025", "does not say when it was last modified"),
    ],
)
def test_a_workbook_that_changed_is_refused(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        epa_hub.read(edited_workbook(tmp_path, HUB_2025, old, new), wanted())


def test_another_workbook_is_no_hub():
    with pytest.raises(UserFault, match=r"ghg-conversion-factors-2025-flat-format.xlsx has no sheet.*Emission Factors Hub"):
        epa_hub.read(DESNZ_2025, wanted())
