"""NAICS editions: codes of another edition lead to the codes of 2017 that the factors list."""

import pytest

from schemas.faults import UserFault
from tests.factors.importers.files import NAICS, edited, wanted
from transforms.factors.importers import naics
from transforms.factors.importers.kinds import read_set
from transforms.factors.read import shipped_set


def test_the_file_gives_the_shipped_set():
    assert read_set("naics", NAICS, wanted()).table.equals(shipped_set("naics-editions").rows)


def test_only_codes_that_the_factors_list_are_targets():
    rows = naics.read(NAICS, wanted(), {"452210", "454110"}).rows
    department_stores = {row["basis"]: row["value"] for row in rows if row["key"] == "eeio:455110"}
    assert department_stores == {"452210": 1.0, "454110": 1.0}
    assert {row["basis"] for row in rows if not row["key"].startswith(("eeio:31-", "eeio:44-", "eeio:48-"))} <= {"452210", "454110"}


def test_a_renamed_column_refuses_the_file(tmp_path):
    with pytest.raises(UserFault, match="no column 'NAICS_2022_Code'"):
        naics.read(edited(tmp_path, NAICS, ("NAICS_2022_Code", "NAICS_2022")), wanted(), {"452210"})
