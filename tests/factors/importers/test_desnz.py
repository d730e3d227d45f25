"""The importer of the UK Government conversion factors: what a row is made of, and what refuses a file."""

import csv
from pathlib import Path

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from transforms.factors.importers import desnz
from transforms.factors.importers.published import Wanted
from transforms.factors.read import shipped_set
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Unresolved
from transforms.factors.table import FactorTable

_FILE = Path(__file__).parents[1] / "data/desnz_2025_flat.csv"
_WORKBOOK = _FILE.with_name("ghg-conversion-factors-2025-flat-format.xlsx")


def _read(path, edition=None):
    return desnz.read(path, Wanted(edition, None, "2026-11-28")).rows


@pytest.fixture(scope="module")
def rows():
    return {row["factor_id"]: row for row in shipped_set("desnz-2025").rows.to_pylist()}


@pytest.fixture(scope="module")
def resolver():
    config = Config()
    return Resolver(FactorTable.load(["default"], config), config)


def _changed(tmp_path, change):
    """Writes the file with its lines changed; a line that becomes None is left out."""
    with open(_FILE, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        lines = [changed for line in reader if (changed := change(line)) is not None]
    path = tmp_path / "flat.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames)
        writer.writeheader()
        writer.writerows(lines)
    return path


def test_a_row_says_what_it_is_and_where_it_comes_from(rows):
    row = rows["grid:electricity@GB/2025/desnz-2025#generation"]
    assert (row["value"], row["unit"], row["year"], row["gwp"], row["verified"]) == (0.177, "kWh", 2025, "AR5", True)
    assert row["licence"] == "Open Government Licence v3.0"
    assert row["source"] == "UK Government GHG Conversion Factors for Company Reporting (DESNZ, 2025)"
    assert row["source_sha256"] == "8bfdb45b81ec4a88e3bdf4584637330f62e6bd09ce1940e654c5d7b7f736de94"


def test_a_unit_and_a_basis_stand_in_an_id_where_only_they_differ(rows):
    gas = {
        row_id.partition("#ttw")[2]: row["value"]
        for row_id, row in rows.items()
        if row_id.startswith("fuel:natural_gas@") and "#ttw" in row_id
    }
    assert gas == {":m3": 2.06672, ":kWh:gross": 0.18296, ":kWh:net": 0.2027}
    assert "freight:all_hgv@GB/2025/desnz-2025#ttw" in rows


def test_a_tonne_of_the_file_is_a_thousand_kg(rows):
    # The file: 3087.94462 per tonne of diesel, 4.68568 per tonne of glass to recycling.
    assert rows["fuel:diesel@GB/2025/desnz-2025#ttw:kg"]["value"] == 3.08794462
    assert rows["waste:glass:recycling@GB/2025/desnz-2025#treatment"]["value"] == 0.00468568


def test_a_blank_cell_is_no_row_and_a_published_0_is_one(rows):
    assert "waste:batteries:landfill@GB/2025/desnz-2025#treatment" in rows
    assert "waste:batteries:incineration_with_energy_recovery@GB/2025/desnz-2025#treatment" not in rows
    assert "hotel:stay@AR/2025/desnz-2025#direct" not in rows
    assert rows["travel_land:bicycle@GB/2025/desnz-2025#ttw"]["value"] == 0.0


def test_a_figure_of_0_is_not_a_blank_cell(tmp_path):
    def no_emissions(line):
        return line | {"factor": "0"} if line["level_3"] == "Argentina" else line

    made = _read(_changed(tmp_path, no_emissions), "desnz-2025")
    assert [row["value"] for row in made if row["family"] == "hotel" and row["region"] == "AR"] == [0.0]


def test_losses_in_the_grid_are_upstream_of_an_electric_car(rows):
    # .03663 generated; .00384 lost on the way, .01049 well-to-tank. "Business travel- land" prints .04047 = .03663 + .00384.
    assert rows["travel_land:car_electric@GB/2025/desnz-2025#ttw"]["value"] == 0.03663
    assert rows["travel_land:car_electric@GB/2025/desnz-2025#wtt"]["value"] == 0.01433


def test_coefficients_of_a_load_give_back_the_figures_they_come_from(rows):
    # Articulated over 33 t: .09612 half laden, .05988 full.
    a, b = (rows[f"freight_load:artic_over_33t@GB/2025/desnz-2025#ttw_{name}"]["value"] for name in "ab")
    assert a / 0.5 + b == pytest.approx(0.09612, abs=1e-9)
    assert a / 1.0 + b == pytest.approx(0.05988, abs=1e-9)


def test_the_edition_before_gives_its_own_figures():
    former = {row["factor_id"]: row["value"] for row in shipped_set("desnz-2024").rows.to_pylist()}
    assert former["grid:electricity@GB/2024/desnz-2024#generation"] == 0.20705
    assert former["travel_air:long:average@GB/2024/desnz-2024#ttw_rf"] == 0.26128


def test_the_workbook_and_its_sheet_as_csv_give_the_same_rows():
    assert _read(_WORKBOOK) == _read(_FILE)


def test_a_csv_that_is_not_known_has_to_say_its_year(tmp_path):
    other = _changed(tmp_path, lambda line: line)
    with pytest.raises(UserFault, match=r"flat\.csv does not say its year.*--edition desnz-2026"):
        _read(other)
    assert _read(other, "desnz-2025") == _read(_FILE)


def test_an_edition_is_not_taken_for_another(tmp_path):
    copy = _changed(tmp_path, lambda line: line)
    with pytest.raises(UserFault, match=r"flat\.csv has no line .*combustion.*another edition"):
        _read(copy, "desnz-2024")
    with pytest.raises(UserFault, match="the edition of 2022; editions before 2023 rest on other potentials"):
        _read(copy, "desnz-2022")


def test_a_line_that_is_gone_refuses_the_file(tmp_path):
    without = _changed(tmp_path, lambda line: None if line["level_3"] == "Freight train" else line)
    with pytest.raises(UserFault, match=r"flat\.csv has no line freighting goods \| rail \| freight train \| tonne\.km \| kg co2e"):
        _read(without, "desnz-2025")


def test_a_figure_that_is_no_number_refuses_the_file(tmp_path):
    # Electricity generated: line 3,061 of the file.
    def text(line):
        return line | {"factor": "n/a"} if line["id"] == "7_400_4000_5_1" else line

    with pytest.raises(UserFault, match=r"flat\.csv, line 3061: factor is 'n/a', no number"):
        _read(_changed(tmp_path, text), "desnz-2025")


def test_two_lines_with_the_same_labels_refuse_the_file(tmp_path):
    def doubled(line):
        return line | {"level_3": "Natural gas"} if line["level_3"] == "CNG" else line

    with pytest.raises(UserFault, match=r"flat\.csv, line \d+: fuels \| gaseous fuels \| natural gas .* stands twice"):
        _read(_changed(tmp_path, doubled), "desnz-2025")


@pytest.mark.parametrize(
    ("unit", "basis", "direct", "upstream"),
    # The file, Natural gas: .18296 and .03021 gross, .2027 and .03347 net, 2.06672 and .3366 per m3; 1 MWh is 1,000 kWh.
    [("kWh", "gross", 0.18296, 0.03021), ("kWh", "net", 0.2027, 0.03347), ("m3", None, 2.06672, 0.3366), ("MWh", "gross", 182.96, 30.21)],
)
def test_a_fuel_is_found_in_the_unit_and_basis_of_the_record(resolver, unit, basis, direct, upstream):
    found = resolver.resolve("fuel", "natural_gas", "ttw", "GB", 2025, unit=unit, basis=basis, also=("wtt",))
    assert (found.value, found.also["wtt"]) == pytest.approx((direct, upstream), rel=1e-12)


def test_gas_by_mass_needs_a_density(resolver):
    assert isinstance(resolver.resolve("fuel", "natural_gas", "ttw", "GB", 2025, unit="kg"), Unresolved)
    assert resolver.resolve("fuel", "lpg", "ttw", "GB", 2025, unit="t").value == pytest.approx(2939.36095, rel=1e-12)


def test_the_upstream_of_electricity_comes_with_it(resolver):
    # .0459 + .01853 + .00397 = .0684 kg per kWh.
    found = resolver.resolve(
        "grid", "electricity", "generation", "GB", 2025, unit="kWh", also=("wtt_generation", "td_generation", "wtt_td")
    )
    assert sum(found.also.values()) == pytest.approx(0.0684, rel=1e-12)
    assert not found.missing
