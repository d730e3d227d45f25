"""Reading a user's own factors: what is taken as it is meant, and what refuses the set."""

import pytest

from schemas.config import Config
from schemas.faults import UserFault
from schemas.findings import Refusal
from schemas.records.judge import judge_record
from tests.records import make_factor, make_record
from transforms.factors.check import check_rows
from transforms.factors.read import FactorSet
from transforms.factors.table import FactorTable

_STEEL = make_factor("product", "steel", "cradle_to_gate", 2.0, "kg")


@pytest.mark.parametrize(("written", "code"), [("gb", "GB"), ("UK", "GB"), (" eu ", "EU"), ("global", "GLOBAL")])
def test_a_region_is_read_as_records_are(written, code):
    table = FactorTable.from_rows([{**_STEEL, "region": written}], Config())
    assert [row.region for row in table.find("product", "steel")] == [code]


@pytest.mark.parametrize("pedigree", ["3", "[1,2", 3, [1, 2, 3], "a b c d e"])
def test_a_pedigree_that_is_no_list_of_five_is_refused_with_its_row(pedigree):
    with pytest.raises(UserFault, match=r"factors is refused as a whole; correct these:\n  row 2: pedigree"):
        check_rows("factors", [_STEEL, {**_STEEL, "factor_id": "other", "pedigree": pedigree}], need_licence=False)


def test_a_row_that_stands_in_two_sets_is_that_of_the_earlier():
    first, second = (
        FactorSet.of(name, check_rows(name, [{**_STEEL, "licence": name}], need_licence=False)) for name in ("their terms", "our terms")
    )
    table = FactorTable.join([first, second], Config())
    assert [(row.licence, row.precedence) for row in table.find("product", "steel")] == [("their terms", 0)]


def test_two_members_of_an_element_that_become_one_name_are_refused():
    record = make_record(hybrid_components=[{"Kind": "other", "kind": "waste", "amount": 1}])
    verdict = judge_record(record, Config())
    assert isinstance(verdict, Refusal)
    assert verdict.findings[0].code.value == "E_MALFORMED"
