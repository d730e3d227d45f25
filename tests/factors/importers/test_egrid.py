"""EPA eGRID: electricity of the United States and of the subregions of its grid."""

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from tests.factors.importers.files import EGRID_2022, EGRID_2023, edited, rows_of, wanted
from transforms.factors.importers import egrid
from transforms.factors.resolve import Resolver
from transforms.factors.table import FactorTable


def test_the_average_of_the_country_is_worked_by_hand():
    rows = rows_of(egrid.read(EGRID_2023, wanted()))
    # (771.523 + 0.057 * 28 + 0.008 * 265) lb per MWh = 775.239 lb * 0.45359237 kg / 1000 kWh = 0.3516424953.
    average = rows["grid:electricity@US/2023/egrid-2023#generation"]
    assert average["value"] == pytest.approx(0.351642495, abs=1e-9)
    assert (average["unit"], average["gwp"], average["verified"]) == ("kWh", "AR5", True)
    assert rows["grid:electricity@US/2023/egrid-2023#loss_share"]["value"] == 0.042
    assert sum(row["boundary"] == "generation" for row in rows.values()) == 28


def test_an_edition_without_losses_gives_none():
    made = egrid.read(EGRID_2022, wanted())
    assert {row["boundary"] for row in made.rows} == {"generation"}
    assert made.notes == ("The edition gives no losses, so no loss_share.",)


def test_puerto_rico_has_no_loss_and_so_no_row_of_it():
    rows = rows_of(egrid.read(EGRID_2023, wanted()))
    assert "grid:electricity@PRMS/2023/egrid-2023#generation" in rows
    assert "grid:electricity@PRMS/2023/egrid-2023#loss_share" not in rows


def test_a_record_finds_its_subregion_and_else_the_country():
    resolver = Resolver(FactorTable.load(["default"], Config()), Config())
    for place, region in (("CAMX", "CAMX"), (None, "US")):
        found = resolver.resolve("grid", "electricity", ("generation", "life_cycle"), "US", 2024, unit="kWh", grid_region=place)
        assert (found.lead.region, found.lead.source_version, found.geographic) == (region, "egrid-2023", 1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("co2_lb_per_mwh", "co2", "no column 'co2_lb_per_mwh'"),
        ("AKGD,ASCC Alaska Grid,899.003", "AKGD,ASCC Alaska Grid,", "line 2: '' is no number; a missing figure is never 0"),
        ("899.003", "nan", "line 2: 'nan' is no number"),
        ("899.003", "899003", "line 2: AKGD has 899003 lb CO2 per MWh; a rate is above 0 and below 4000"),
        ("AKMS,", "AKGD,", "line 3: AKGD stands twice"),
        ("AKGD,", "Alaska,", "line 2: 'Alaska' is no acronym of an eGRID subregion"),
        (",0.041\n", ",4.1\n", "line 2: the loss of AKGD is 4.1; a share is from 0 to below 1, not a percentage"),
        (
            "AKMS,ASCC Miscellaneous,519.445,0.026,0.004,1548.607,0.067,0.012,0.041\n",
            "",
            "has 27 lines where 27 subregions and US Average are expected",
        ),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        egrid.read(edited(tmp_path, EGRID_2023, (old, new)), wanted())


def test_a_file_has_to_say_its_year(tmp_path):
    with pytest.raises(UserFault, match=r"rates\.csv does not say which year it is of; say it: --edition egrid-2024"):
        egrid.read(edited(tmp_path, EGRID_2023, name="rates.csv"), wanted())
