"""The shipped sets: made again from the publishers' files, and against figures that can be looked up."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from transforms.factors.check import check_rows
from transforms.factors.importers import epa
from transforms.factors.importers.published import set_digest
from transforms.factors.importers.shipped import FILES, make_sets
from transforms.factors.read import TITLES, naics_titles, shipped_set, shipped_sets

_DATA = Path(__file__).parents[1] / "data"
_SETS = Path(epa.__file__).parent.parent / "sets"


def _values(name):
    table = pq.read_table(_SETS / f"{name}.parquet")
    return {row["factor_id"]: row for row in table.to_pylist()}


def test_the_publishers_files_give_the_shipped_sets(tmp_path):
    made = make_sets(_DATA, tmp_path)
    assert sorted(made) == sorted(shipped_sets()) == sorted([*FILES, "conventions"])
    for name, digest in made.items():
        manifest = json.loads((_SETS / f"{name}.json").read_text())
        assert manifest["sha256"] == digest
        assert set_digest(pq.read_table(_SETS / f"{name}.parquet")) == digest
        assert (tmp_path / f"{name}.json").read_bytes() == (_SETS / f"{name}.json").read_bytes()

    assert json.loads((tmp_path / TITLES).read_text()) == naics_titles()
    assert naics_titles()["327310"] == "Cement Manufacturing"


@pytest.mark.parametrize("name", shipped_sets())
def test_a_shipped_set_passes_the_checks_of_a_users_own(name):
    rows = shipped_set(name).rows
    assert check_rows(name, rows.to_pylist()).equals(rows)


@pytest.mark.parametrize("sector", ["11", "22", "31", "5415"])
def test_the_mean_of_a_sector_is_that_of_its_six_digit_codes(sector):
    with open(_DATA / FILES["epa-1.3"][1], newline="") as file:
        values = [
            float(row["Supply Chain Emission Factors with Margins"])
            for row in csv.DictReader(file)
            if row["2017 NAICS Code"].startswith(sector)
        ]
    shipped = _values("epa-1.3")[f"eeio:{sector}@US/2022/epa-1.3#with_margins"]["value"]
    assert shipped == pytest.approx(sum(values) / len(values), abs=1e-6)


def test_a_code_carries_both_boundaries_and_its_model_sector():
    rows = _values("epa-1.3")
    # Soybean farming: .488 without margins, .532 with.
    assert rows["eeio:111110@US/2022/epa-1.3#without_margins"]["value"] == 0.488
    soybeans = rows["eeio:111110@US/2022/epa-1.3#with_margins"]
    assert (soybeans["value"], soybeans["gwp"], soybeans["correlation_group"]) == (0.532, "AR5", "eeio/1111A0")
    assert _values("epa-1.2")["eeio:111110@US/2021/epa-1.2#with_margins"]["gwp"] == "AR4"


def test_a_code_of_another_edition_finds_its_codes_of_2017():
    rows = _values("naics-editions")
    targets = sorted(row["basis"] for row in rows.values() if row["key"] == "eeio:516210")
    assert targets == ["515111", "515120", "515210", "519110", "519130"]
    # Software publishers: 513210 in 2022, 511210 in 2017.
    assert "key_alias:eeio:513210@GLOBAL/2022/editions#parameter:511210" in rows
    assert sorted(row["basis"] for row in rows.values() if row["key"] == "eeio:31-33") == ["31", "32", "33"]
    # 541612 is a code of 2017 too, so it is taken as that.
    assert not [row for row in rows.values() if row["key"] == "eeio:541612"]


def test_a_rate_is_in_usd_per_unit():
    assert _values("ecb-fx")["fx:EUR@GLOBAL/2024/ecb-fx#parameter"]["value"] == pytest.approx(1.08238, abs=1e-4)
    assert _values("us-cpi")["price_index:cpi@US/2024/us-cpi#parameter"]["value"] == 313.689
