"""Life-cycle intensity of electricity by country and year, Ember and Our World in Data."""

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from tests.factors.importers.files import EMBER, edited, rows_of, wanted
from transforms.factors.importers import country_grid
from transforms.factors.resolve import Resolver
from transforms.factors.table import FactorTable


@pytest.fixture(scope="module")
def made():
    return country_grid.read(EMBER, wanted())


def test_grams_become_kilograms_and_three_letters_two(made):
    rows = rows_of(made)
    # The file: DEU 2024 336.38 and GBR 2025 217.41 g CO2e per kWh.
    germany = rows["grid:electricity@DE/2024/ember-2026#life_cycle"]
    assert (germany["value"], germany["unit"], germany["licence"]) == (pytest.approx(0.33638, abs=1e-5), "kWh", "CC BY 4.0")
    assert rows["grid:electricity@GB/2025/ember-2026#life_cycle"]["value"] == pytest.approx(0.21741, abs=1e-5)
    # Namibia is no missing value, Kosovo has a code of its own.
    assert {"NA", "XK", "GLOBAL", "EU"} <= {row["region"] for row in made.rows}
    assert {row["boundary"] for row in made.rows} == {"life_cycle"}


def test_a_figure_of_0_is_no_clean_power(made):
    assert min(row["value"] for row in made.rows) > 0
    assert "22 figures of exactly 0 make no row" in made.notes[1]


def test_a_year_without_a_figure_takes_the_year_before():
    resolver = Resolver(FactorTable.load(["default"], Config()), Config())
    found = resolver.resolve("grid", "electricity", ("generation", "life_cycle"), "FR", 2026, unit="kWh")
    assert (found.lead.boundary, found.lead.region, found.lead.year) == ("life_cycle", "FR", 2025)


def test_a_figure_of_generation_goes_before_a_life_cycle_one():
    resolver = Resolver(FactorTable.load(["default"], Config()), Config())
    found = resolver.resolve("grid", "electricity", ("generation", "life_cycle"), "GB", 2025, unit="kWh")
    assert (found.lead.source_version, found.value) == ("desnz-2025", 0.177)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Carbon intensity of electricity per kWh", "carbon_intensity", "no column 'Carbon intensity of electricity per kWh'"),
        ("Afghanistan,AFG,2000,", "Afghanistan,AF,2000,", "line 28: 'AF' is no country code of ISO 3166-1 alpha-3"),
        ("Afghanistan,AFG,2000,", "Afghanistan,AFG,2000,9", "line 28: 9.* g CO2e per kWh of Afghanistan; a figure is from 0 to 3000"),
        ("Afghanistan,AFG,2000,", "Afghanistan,AFG,200,", "line 28: Year is '200', no year"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        country_grid.read(edited(tmp_path, EMBER, (old, new)), wanted())


def test_kilograms_are_not_taken_for_grams(tmp_path):
    header, *lines = EMBER.read_text(encoding="utf-8").splitlines()
    scaled = [",".join([*line.rsplit(",", 1)[:1], str(float(line.rsplit(",", 1)[1]) / 1000)]) for line in lines]
    (tmp_path / "kg.csv").write_text("\n".join([header, *scaled]), encoding="utf-8")
    with pytest.raises(UserFault, match="the mean of all figures is below 10; they are not in g CO2e per kWh"):
        country_grid.read(tmp_path / "kg.csv", wanted())
