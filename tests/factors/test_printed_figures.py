"""The shipped sets against the figures that the calculation specification prints.

`data/printed_figures.csv` holds them as printed in its sections 12.5, 12.6, 13.2, 14.2, 14.4 to 14.7, 14.11 and 14.12.
"""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from transforms.factors.read import DEFAULT_SETS, shipped_set

_COLUMNS = ("key", "boundary", "region", "unit", "basis")


def _printed():
    found = defaultdict(dict)
    with open(Path(__file__).parent / "data/printed_figures.csv", newline="") as file:
        for row in csv.DictReader(file):
            found[row["set"], row["family"]][tuple(row[name] or None for name in _COLUMNS)] = float(row["printed"])
    return found


def _shipped(name, family):
    rows = (row for row in shipped_set(name).rows.to_pylist() if row["family"] == family)
    return {tuple(row[column] for column in _COLUMNS): row["value"] for row in rows}


_PRINTED = _printed()
_ALL_PRINTED = [place for place in _PRINTED if place[0] != "epa-1.3"]


@pytest.mark.parametrize(("name", "family"), _ALL_PRINTED)
def test_a_printed_figure_is_the_shipped_one(name, family):
    printed, shipped = _PRINTED[name, family], _shipped(name, family)
    assert {place: shipped.get(place) for place in printed} == printed


def test_a_printed_figure_of_the_sectors_is_the_shipped_one_rounded():
    shipped = _shipped("epa-1.3", "eeio")
    printed = _PRINTED["epa-1.3", "eeio"]
    assert {place: shipped[place] for place in printed} == pytest.approx(printed, abs=0.5e-3)


@pytest.mark.parametrize(("name", "family"), _ALL_PRINTED)
def test_nothing_is_shipped_beside_what_is_printed_but_fuels_in_other_units(name, family):
    more = set(_shipped(name, family)) - set(_PRINTED[name, family])
    if family == "fuel":
        # Keys and boundaries are those printed, apart from their unit.
        known = {place[:3] for place in _PRINTED[name, family]}
        assert {place[:3] for place in more} <= known
    else:
        assert not more


def test_all_families_are_compared():
    for name in ("desnz-2025", "conventions"):
        families = {row["family"] for row in shipped_set(name).rows.to_pylist()}
        assert families == {family for other, family in _PRINTED if other == name}
    # A line that is lost from the list would go unseen otherwise.
    assert sum(map(len, _PRINTED.values())) == 418


def test_the_sets_of_a_run_end_with_the_conventions():
    # What is published goes before what only this project says, and one figure of a country before a life-cycle one.
    assert DEFAULT_SETS[-4:] == ("desnz-2025", "egrid-2023", "ember-2026", "conventions")
    assert not {"desnz-2024", "epa-1.2", "egrid-2022", "epa-hub-2025", "epa-hub-2024"} & set(DEFAULT_SETS)


def test_no_convention_passes_for_verified():
    rows = shipped_set("conventions").rows.to_pylist()
    assert not [row["factor_id"] for row in rows if row["verified"]]
    assert {row["source_version"] for row in rows} == {"placeholder", "analogy", "ipcc-2006"}
    (barge,) = (row for row in rows if row["family"] == "freight")
    assert (barge["factor_id"], barge["cv"], barge["gwp"]) == ("freight:inland_waterway@GLOBAL/2025/placeholder#ttw", 0.3, None)


@pytest.mark.parametrize("region", ["US", "GB", "GLOBAL"])
def test_the_treatments_of_a_region_are_all_of_its_waste(region):
    shares = [value for place, value in _shipped("conventions", "treatment_split").items() if region in place]
    assert len(shares) == 3
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)


def test_what_is_burnt_without_recovery_is_collected_first():
    # Fossil carbon as kg CO2 per kg of waste, defaults of IPCC 2006; collection and transport .00468568.
    burnt = {place[0]: value for place, value in _shipped("conventions", "waste").items() if "incineration" in place[0].split(":")}
    for waste, carbon in (("paper_cardboard", 0.0152), ("plastic", 2.75), ("textiles", 0.293), ("rubber", 0.413), ("nappies", 0.103)):
        assert burnt[f"{waste}:incineration"] == pytest.approx(carbon + 0.00468568, abs=1e-12)
