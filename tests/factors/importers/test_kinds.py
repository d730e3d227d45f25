"""What all importers share: an edition is compared with the one that is known, oddities are told, and the manifest says where rows come from."""

import csv
import json

import pytest

from schemas.faults import UsageFault, UserFault
from tests.factors.importers.files import CPI, DATA, ECB_YEARS, EGRID_2023, EPA_1_2, EPA_1_3, HUB_2025, edited, wanted
from transforms.factors.check import check_rows
from transforms.factors.importers.kinds import KINDS, read_set
from transforms.factors.importers.plausible import oddities
from transforms.factors.importers.published import IMPORTER_VERSION, sha256_of, write_set
from transforms.factors.importers.shipped import FILES
from transforms.factors.read import manifest_of, shipped_set, shipped_sets


@pytest.mark.parametrize("name", [name for name, (_, file) in FILES.items() if not file.endswith(".xlsx")])
def test_the_publishers_file_gives_the_rows_that_are_known_and_no_fault(name):
    kind, file = FILES[name]
    made = read_set(kind, DATA / file, wanted())
    assert made.publication.name == name
    assert made.table.equals(shipped_set(name).rows)


def test_all_kinds_have_a_shipped_set_or_are_its_other_file():
    # A footprint is its supplier's, so none is shipped.
    assert set(KINDS) == {kind for kind, _ in FILES.values()} | {"epa-gases", "pact"}


def test_a_value_that_changed_is_not_the_same_edition(tmp_path):
    changed = edited(tmp_path, EPA_1_3, (",0.532,", ",0.533,"))
    with pytest.raises(
        UserFault, match=r"not the edition epa-1.3 that is known: eeio:111110@US/2022/epa-1.3#with_margins is 0.533, known as 0.532"
    ):
        read_set("epa", changed, wanted())
    # Under a name of its own it is welcome.
    made = read_set("epa", changed, wanted("epa-1.3-revised"))
    assert made.publication.name == "epa-1.3-revised"
    assert made.table.column("retrieved_on").unique().to_pylist() == ["2026-11-28"]


def test_a_row_that_is_gone_is_not_the_same_edition(tmp_path):
    line = "CUUR0000SA0,2001,177.1\n"
    with pytest.raises(UserFault, match="price_index:cpi@US/2001/us-cpi#parameter is gone"):
        read_set("cpi", edited(tmp_path, CPI, (line, "")), wanted())


def test_a_year_more_is_the_same_series_and_told(tmp_path):
    longer = edited(tmp_path, CPI)
    with open(longer, "a") as file:
        file.write("CUUR0000SA0,2026,333.1\n")
    made = read_set("cpi", longer, wanted(today="2027-01-20"))
    assert made.table.num_rows == 37
    assert "1 rows are new beside the known us-cpi: price_index:cpi@US/2026/us-cpi#parameter" in made.oddities


def test_a_doubled_code_refuses_the_file(tmp_path):
    doubled = edited(tmp_path, EPA_1_3, ("\n111120,", "\n111110,"))
    with pytest.raises(UserFault, match=r"gives two rows for eeio:111110@US/2022/epa-1.3#with_margins; the file lists a code twice"):
        read_set("epa", doubled, wanted())


def test_a_lost_decimal_point_is_told(tmp_path):
    lost = edited(tmp_path, EPA_1_3, (",0.532,", ",532,"))
    [told] = read_set("epa", lost, wanted("epa-next")).oddities
    begin = "far from what is known, is a decimal point lost? eeio:111110@US/2022/epa-next#with_margins is 532, 1,000 times what is known of 2022; "
    # The means that it is part of: 11111, 1111, 111, and 11 with 64 codes.
    assert told.startswith(begin) and told.endswith(" and 2 more")


def test_grams_for_kilograms_refuse_the_file(tmp_path):
    with open(EPA_1_3, newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        line |= {name: str(float(line[name]) * 1000) for name in line if name.startswith(("Supply", "Margins"))}
    grams = tmp_path / "grams.csv"
    with open(grams, "w", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)
    with pytest.raises(UserFault, match="half of the values are 1,000 times those known of the same keys; their unit must be another one"):
        read_set("epa", grams, wanted("epa-next"))


def test_a_year_that_is_missing_from_a_series_is_told():
    [told] = read_set("ecb", ECB_YEARS, wanted()).oddities
    assert told.startswith("fx:ISK has no 2008, 2009") and told.endswith("an amount of such a year becomes a dead letter")


def test_two_sets_of_potentials_are_told():
    assert "rows rest on AR4 and AR5; a record that uses both carries W_GWP_MIXED" in read_set("epa-hub", HUB_2025, wanted()).oddities


def test_one_clean_grid_is_no_fault_of_units():
    [row] = [
        row
        for row in shipped_set("egrid-2023").rows.to_pylist()
        if row["factor_id"].startswith("grid:electricity@US/") and row["value"] > 0.1
    ]
    hydropower = row | {"factor_id": "grid:electricity@US/2023/mine#generation", "source_version": "mine", "value": 0.004}
    [told] = oddities("mine", check_rows("mine", [hydropower]))
    assert "is 0.004, 0.0114 times what is known of 2023" in told


def test_a_figure_that_became_0_is_told():
    rows = [row | {"value": 0.0} if row["key"] == "all_hgv" else row for row in shipped_set("desnz-2025").rows.to_pylist()]
    [told] = oddities("desnz-2026", check_rows("desnz-2026", rows))
    assert "freight:all_hgv@GB/2025/desnz-2025#ttw is 0, 0 times what is known of 2025" in told


@pytest.mark.parametrize(
    ("kind", "path", "gwp", "told"),
    [
        ("cpi", CPI, "AR5", "--gwp is for files that give each gas, which a file of kind cpi does not; leave it out"),
        ("egrid", EGRID_2023, "AR4", "--gwp of a file of kind egrid is AR5 or AR6"),
    ],
)
def test_potentials_are_for_files_that_give_each_gas(kind, path, gwp, told):
    with pytest.raises(UsageFault, match=told):
        read_set(kind, path, wanted(None, gwp))


def test_a_manifest_says_where_the_rows_come_from(tmp_path):
    made = read_set("epa", EPA_1_2, wanted())
    digest = write_set(made.publication, EPA_1_2, made.table, made.notes, tmp_path / "epa-1.2.parquet")
    manifest = json.loads((tmp_path / "epa-1.2.json").read_text())
    assert manifest == manifest_of("epa-1.2")
    assert manifest["file_sha256"] == sha256_of(EPA_1_2) == "792fbce179b10539c04b70e94ac71a634853b0bae4027b513c55672f96cacb36"
    assert (manifest["sha256"], manifest["gwp"], manifest["importer_version"]) == (digest, "AR4", IMPORTER_VERSION)
    assert "doi:10.23719/1528686" in manifest["attribution"]


_FREE = {
    "Apache-2.0; Open Government Licence v3.0",
    "CC BY 4.0",
    "Open Government Licence v3.0",
    "US Government facts; MIT, (c) US EPA",
    "US Government work, public domain",
    "free reuse with the source named",
}


def test_nothing_is_shipped_whose_licence_forbids_it():
    assert {manifest_of(name)["licence"] for name in shipped_sets()} == _FREE
