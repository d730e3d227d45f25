"""EPA's Supply Chain factors: the CO2e files, what refuses them, and the file by gas with another set of potentials."""

import pytest

from schemas.faults import UserFault
from tests.factors.importers.files import EPA_1_2, EPA_1_3, EPA_GASES, edited, rows_of, wanted
from transforms.factors.importers import epa, epa_gases
from transforms.factors.read import shipped_set

_SOYBEANS = '111110,"Soybean Farming","All GHGs","kg CO2e/2022 USD, purchaser price"'


def test_an_edition_is_told_by_the_year_of_its_dollars():
    for path, name, gwp, year in ((EPA_1_3, "epa-1.3", "AR5", 2022), (EPA_1_2, "epa-1.2", "AR4", 2021)):
        made = epa.read(path, wanted())
        assert (made.publication.name, made.publication.gwp) == (name, gwp)
        assert {(row["price_year"], row["year"], row["gwp"]) for row in made.rows} == {(year, year, gwp)}
        assert len({row["key"] for row in made.rows if len(row["key"]) == 6}) == 1016


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "Supply Chain Emission Factors with Margins",
            "SEF with margins",
            "no column 'Supply Chain Emission Factors with Margins'.*'SEF with margins'",
        ),
        (",0.532,", ",,", r"line 2: Supply Chain Emission Factors with Margins is '', no number"),
        (",0.532,", ",n/a,", "line 2: .* is 'n/a', no number"),
        (",0.532,", ",-0.532,", "line 2: .* is -0.532; a figure is 0 or more"),
        (",0.532,", ",nan,", "line 2: .* is nan; a figure is 0 or more"),
        ("\n111120,", "\n11112,", "line 3: '11112' is no six-digit NAICS code"),
        (_SOYBEANS, _SOYBEANS.replace("kg CO2e", "g CO2e"), "line 2: the unit is 'g CO2e/2022 USD, purchaser price'"),
        (_SOYBEANS, _SOYBEANS.replace("2022 USD", "2022 EUR"), "line 2: the unit is 'kg CO2e/2022 EUR, purchaser price'"),
        (_SOYBEANS, _SOYBEANS.replace("2022", "2021"), "line 3: 111120 is in USD of 2022, the lines before in USD of 2021"),
        (_SOYBEANS, _SOYBEANS.replace("All GHGs", "Methane"), "line 2: Methane in kg CO2e where All GHGs"),
    ],
)
def test_a_damaged_file_is_refused_with_line_and_reason(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        epa.read(edited(tmp_path, EPA_1_3, (old, new)), wanted())


def test_an_edition_that_is_not_known_has_to_be_named_and_to_say_its_potentials(tmp_path):
    text = EPA_1_3.read_text().replace("2022 USD", "2025 USD")
    (tmp_path / "next.csv").write_text(text)
    with pytest.raises(UserFault, match=r"USD of 2025; known are 2022 \(epa-1.3\), 2021 \(epa-1.2\).*--edition epa-1.4"):
        epa.read(tmp_path / "next.csv", wanted())
    with pytest.raises(UserFault, match="does not say on which potentials it rests"):
        epa.read(tmp_path / "next.csv", wanted("epa-1.4"))
    made = epa.read(tmp_path / "next.csv", wanted("epa-1.4", "AR6"))
    assert "eeio:111110@US/2025/epa-1.4#with_margins" in rows_of(made)
    assert {row["gwp"] for row in made.rows} == {"AR6"}
    # Whose DOI it has is not known.
    assert "doi" not in made.publication.attribution


def test_co2e_does_not_change_its_potentials():
    with pytest.raises(UserFault, match="is CO2e on AR5, and its gases are not known; for AR6 import the publisher's file by gas"):
        epa.read(EPA_1_3, wanted(None, "AR6"))


@pytest.fixture(scope="module")
def by_gas():
    return {gwp: epa_gases.read(EPA_GASES, wanted(None, gwp)) for gwp in ("AR5", "AR6")}


def test_the_gases_with_the_potentials_of_ar5_are_the_published_co2e(by_gas):
    published = {row["key"]: row["value"] for row in shipped_set("epa-1.3").rows.to_pylist() if row["boundary"] == "with_margins"}
    summed = {row["key"]: row["value"] for row in by_gas["AR5"].rows if row["boundary"] == "with_margins"}
    assert summed.keys() == published.keys()
    # The gases have three digits each: no more than 0.0043 kg per USD are lost.
    assert max(abs(summed[key] - value) for key, value in published.items()) < 0.0044


def test_another_set_of_potentials_gives_other_factors(by_gas):
    rows = rows_of(by_gas["AR6"])
    soybeans = rows["eeio:111110@US/2022/epa-1.3-gases-ar6#with_margins"]
    # kg per USD: 0.172 CO2, 4.82e-4 CH4 * 27, 1.30e-3 N2O * 273, 8.44e-4 unspecified, and fluorinated gases: 4.57e-9 * 14600
    # + 3.45e-10 * 8690 + 1.11e-8 * 7380 + 7.20e-8 * 771 + 2.05e-9 * 12400 + 1.08e-7 * 3740 + 1.76e-7 * 1530
    # + 1.43e-9 * 17400 + 2.99e-8 * 5810 + 1.04e-9 * 10000 + 2.98e-9 * 10200 + 8.04e-10 * 8620 + 2.48e-10 * 9290 + 4.48e-9 * 24300.
    fluorinated = 6.672e-5 + 3.0e-6 + 8.192e-5 + 5.551e-5 + 2.542e-5 + 4.0392e-4 + 2.6928e-4
    fluorinated += 2.488e-5 + 1.7372e-4 + 1.04e-5 + 3.04e-5 + 6.93e-6 + 2.3e-6 + 1.0886e-4
    assert soybeans["value"] == pytest.approx(0.172 + 0.013014 + 0.3549 + 8.44e-4 + fluorinated, abs=2e-6)
    assert (soybeans["gwp"], by_gas["AR6"].publication.name) == ("AR6", "epa-1.3-gases-ar6")
    # Counted apart from the importer. The largest share is that of 515210: 0.0165 of 0.094 kg per USD.
    assert by_gas["AR6"].notes[1] == (
        "HFCs and PFCs, unspecified stay in kg CO2e of AR5, as published: more than 1 % of 385 of 1016 codes, 17 % at most."
    )


_METHANE = '111110,"Soybean Farming","Methane","kg/2022 USD, purchaser price","3.31e-04","1.51e-04","4.82e-04","1111A0"\n'
_UNSPECIFIED = '111110,"Soybean Farming","HFCs and PFCs, unspecified","kg CO2e/'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (_METHANE, "", "111110 has no line for Methane; a missing gas is not 0"),
        (_METHANE, _METHANE * 2, "line 11: Methane of 111110 stands twice"),
        ('"Methane"', '"Methane (fossil)"', r"line 10: the gas 'Methane \(fossil\)' has no potential here; leaving it out"),
        (_UNSPECIFIED, _UNSPECIFIED.replace("kg CO2e", "kg"), "line 8: .* is in kg where kg CO2e is expected .EPA's v1.2 has this fault"),
    ],
)
def test_no_gas_is_left_out(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        epa_gases.read(edited(tmp_path, EPA_GASES, (old, new)), wanted())
