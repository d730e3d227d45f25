"""A user's own factors: every kind of file, every fault at once with row and column, and what is only told."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.config import Config
from schemas.factor import FACTOR, FACTOR_SCHEMA
from schemas.faults import UserFault
from tests.categories.answers import refusal_of, result_of
from tests.records import make_factor, make_record, make_spend
from tests.workbooks import workbook
from transforms.calculate_records import calculate_records
from transforms.factors.table import FactorTable

_LICENCE = {"licence": "own figures", "retrieved_on": "2026-01-01", "source_sha256": "0" * 64}
_HEADER = [column.name for column in FACTOR]


def own(family, key, boundary, value, unit, **changes):
    return {**make_factor(family, key, boundary, value, unit), **_LICENCE, **changes}


def steel(value=2.0, key="steel", **changes):
    return {**own("product", key, "cradle_to_gate", value, "kg", factor_id=f"product:{key}"), **changes}


def spend(key="331110", value=0.8, **changes):
    row = {"region": "US", "year": 2022, "price_year": 2022, "factor_id": f"eeio:{key}", **changes}
    return {**own("eeio", key, "with_margins", value, "USD"), **row}


def cells(row, header=_HEADER):
    """Returns a row as the cells of a sheet."""
    return [" ".join(map(str, row[name])) if isinstance(row.get(name), list) else row.get(name) for name in header]


def as_csv(rows, header=_HEADER):
    file = io.StringIO()
    csv.writer(file).writerows([header, *(["" if cell is None else cell for cell in cells(row, header)] for row in rows)])
    return file.getvalue()


@pytest.fixture
def load(tmp_path):
    """Returns what loads rows from a CSV file, before other sets."""

    def load(rows, *sets, header=_HEADER):
        (tmp_path / "own.csv").write_text(as_csv(rows, header), encoding="utf-8")
        return FactorTable.load([str(tmp_path / "own.csv"), *sets], Config())

    load.path = str(tmp_path / "own.csv")
    return load


@pytest.fixture
def refusal(load):
    """Returns what gives the lines of the refusal of rows, without the first, which names the file."""

    def refusal(rows, *sets, header=_HEADER):
        with pytest.raises(UserFault) as fault:
            load(rows, *sets, header=header)
        first, *lines = str(fault.value).splitlines()
        assert "own.csv is refused" in first or "another edition" in first
        return [line.strip() for line in lines]

    return refusal


@pytest.fixture
def doubts(load):
    """Returns what gives the doubts about rows, without the name of their file."""
    return lambda rows, *sets: [doubt.removeprefix("own.csv: ") for doubt in load(rows, *sets).doubts]


# --- kinds of file


def test_the_four_kinds_of_file_hold_the_same_factors(tmp_path):
    rows = [steel(pedigree=[1, 2, 3, 4, 5], cv=0.25, verified=True), spend(), steel(0.5, "wire", year=2024)]
    (tmp_path / "own.csv").write_text("\ufeff" + as_csv(rows), encoding="utf-8")
    (tmp_path / "own.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows, FACTOR_SCHEMA), tmp_path / "own.parquet")
    (tmp_path / "own.xlsx").write_bytes(workbook([_HEADER, *map(cells, rows)]))
    tables = [FactorTable.load([str(tmp_path / f"own.{kind}")], Config()) for kind in ("csv", "json", "parquet", "xlsx")]
    # The id of a set is the digest of its rows, whatever file they come from.
    assert len({table.sha256 for table in tables}) == 1
    found = tables[3].find("product", "steel")[0]
    assert (found.value, found.pedigree, found.cv, found.verified, found.year) == (2.0, (1, 2, 3, 4, 5), 0.25, True, 2025)
    assert tables[3].find("eeio", "331110")[0].price_year == 2022


def test_a_sheet_tells_rows_as_it_shows_them_and_errors_are_no_blanks(tmp_path):
    (tmp_path / "own.xlsx").write_bytes(
        workbook([_HEADER, [], cells(steel()), cells(steel(key="wire") | {"value": "=1/0"}), cells(steel(-1, "bar"))])
    )
    with pytest.raises(UserFault) as fault:
        FactorTable.load([str(tmp_path / "own.xlsx")], Config())
    first, formula, missing, negative = str(fault.value).splitlines()
    assert first.endswith("own.xlsx is refused as a whole; correct these:")
    assert formula.startswith("  row 4: value holds a formula that was never worked out")
    assert missing.startswith("  row 4: value is missing")
    assert negative == "  row 5: value -1.0 is less than 0"


def test_blank_lines_are_no_rows_and_the_order_of_columns_and_their_letters_are_free(load, tmp_path):
    header = [name.upper().replace("_", " ") for name in reversed(_HEADER)]
    text = as_csv([{name.upper().replace("_", " "): value for name, value in steel().items()}], header)
    (tmp_path / "spaced.csv").write_text(text + "\n" + "," * 21 + "\n")
    table = FactorTable.load([str(tmp_path / "spaced.csv")], Config())
    assert table.find("product", "steel")[0].value == 2.0
    assert table.doubts == ()


# --- faults


def test_all_faults_of_a_file_are_told_at_once_with_row_and_column(refusal):
    rows = [
        steel(),
        steel("1,85", "wire"),
        steel(None, "bar"),
        steel(key="rod", unit="ton", region="Germany", licence=None),
        spend(price_year=None),
        *(steel(key=f"plate {number}", licence="") for number in range(3)),
    ]
    lines = refusal(rows)
    assert lines[0].startswith("row 3: value is '1,85', no number; write it with a decimal point")
    assert lines[1].startswith("row 4: value is missing")
    assert "rows 5, 7 to 9: licence is missing (terms of use)" in lines
    assert "row 6: price_year is missing; without it dollars of any year would count as those of the factor" in lines
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([steel(), steel()], "row 3: factor_id product:steel stands twice, also in row 2"),
        (
            [steel(), steel(3.0, factor_id="another")],
            "row 3: the figure of the same family, key, boundary, region, year, unit and source stands twice, also in row 2",
        ),
        ([steel(unit="l per kg")], "row 2: unit 'l per kg' is not known; write for example kg, kWh, l"),
        ([steel(unit="KG")], "row 2: unit 'KG' is not known; did you mean kg?"),
        ([steel(unit="USD", price_year=2022)], "row 2: unit 'USD' is none that a factor of family product counts in: mass"),
        ([spend(unit="kg")], "row 2: unit 'kg' is none that a factor of family eeio counts in: money"),
        ([spend(price_year=22)], "row 2: price_year is 22; it is from 1900 to 2100"),
        ([own("grid", "electricity", "loss_share", 6.0, "share")], "row 2: value 6.0 is more than 1; a share is from 0 to 1"),
        ([own("fx", "EUR", "parameter", 0, "usd_per_unit")], "row 2: value is 0; a row of family fx is more than 0"),
        ([own("treatment_split", "landfill", "parameter", 40, "share")], "row 2: value 40.0 is more than 1; a share is from 0 to 1"),
        ([own("supplier_pcf", "urn:gtin:1", "cradle_to_gate", 1, "kg", basis="2024")], "row 2: basis '2024' is no span of years"),
        ([own("key_alias", "steel", "parameter", 1, "share", basis="wire", region="GLOBAL")], "row 2: key 'steel' is no <family>:<key"),
        ([own("key_alias", "product:a", "parameter", 1, "share", basis="steel")], "row 2: region is GB; a key_alias holds everywhere"),
        ([own("key_alias", "product:a", "parameter", 1, "share", region="GLOBAL")], "row 2: basis is missing; a key_alias has its target"),
        (
            [own("key_alias", "product:a", "parameter", 0, "share", basis="b", region="GLOBAL")],
            "row 2: value is 0; a row of family key_alias",
        ),
    ],
)
def test_a_row_that_would_give_a_wrong_number_refuses_the_file(refusal, rows, line):
    [told] = refusal(rows)
    assert told.startswith(line)


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        (
            [name for name in _HEADER if name not in ("value", "licence")],
            ["there is no column value (kg CO2e per unit, or a parameter in that unit)", "there is no column licence (terms of use)"],
        ),
        (
            [{"unit": "units"}.get(name, name) for name in _HEADER],
            ["there is no column unit (denominator, or the unit of a parameter); is it units?"],
        ),
        # Not needed, and lost without a word if nobody looked.
        (
            [{"price_year": "price_yr"}.get(name, name) for name in _HEADER],
            ["there is a column price_yr, which is not known; did you mean price_year?"],
        ),
        ([*_HEADER, "Value"], ["there are two columns value; keep one"]),
    ],
)
def test_a_column_that_is_missing_renamed_or_doubled_refuses_the_file(refusal, header, lines):
    assert refusal([steel()], header=header) == lines


def test_a_column_of_the_users_own_is_left_out_and_told(load):
    assert load([steel()], header=[*_HEADER, "remarks"]).doubts[0].endswith("nobody knows the columns remarks; they are left out")
    assert load([steel() | {"": 3}], header=[*_HEADER, ""]).doubts[0].endswith("nobody knows the columns without a name; they are left out")
    assert load([steel()], header=[*_HEADER, ""]).doubts == ()


@pytest.mark.parametrize(("name", "value"), [("value", {"a": 1}), ("value", [2.0]), ("key", {"b": [1]}), ("pedigree", [[1], 2, 3, 4, 5])])
def test_a_value_of_another_kind_is_a_fault_of_its_row(tmp_path, name, value):
    (tmp_path / "own.json").write_text(json.dumps([steel(), steel(key="bar") | {name: value}]))
    with pytest.raises(UserFault, match=f"row 2: {name} "):
        FactorTable.load([str(tmp_path / "own.json")], Config())


def test_a_file_with_semicolons_is_told_as_such(tmp_path):
    (tmp_path / "own.csv").write_text(as_csv([steel()]).replace(",", ";"))
    with pytest.raises(UserFault, match="columns are separated by commas"):
        FactorTable.load([str(tmp_path / "own.csv")], Config())


def test_a_line_with_more_cells_than_the_header_is_told_with_its_row(tmp_path):
    (tmp_path / "own.csv").write_text(as_csv([steel()]) + as_csv([steel(key="bar")]).splitlines()[1] + ",kg\n")
    with pytest.raises(UserFault, match="row 3: has 23 cells, and the header 22"):
        FactorTable.load([str(tmp_path / "own.csv")], Config())


def test_a_value_that_changed_under_the_same_edition_is_refused(load, refusal):
    shipped = FactorTable.load(["desnz-2025"], Config()).find("freight", "all_hgv")[0]
    row = {name: getattr(shipped, name) for name in _HEADER}
    assert load([row], "default").find("freight", "all_hgv")
    [line] = refusal([row | {"value": 0.5}], "default")
    assert line == f"{shipped.factor_id} is 0.5 per tonne_km (actual) in own.csv, and 0.10163 per tonne_km (actual) in desnz-2025"


def test_the_same_figure_per_another_unit_is_no_other_edition(load, refusal):
    row = steel(2000.0, unit="t", source_version="x")
    json_file = load.path.replace(".csv", ".json")
    with open(json_file, "w") as file:
        json.dump([row | {"value": 2.0, "unit": "kg"}], file)
    assert load([row], json_file).find("product", "steel")[0].unit == "t"
    assert len(refusal([row | {"value": 2000.1}], json_file)) == 1


def test_an_object_with_a_member_twice_is_refused(tmp_path):
    (tmp_path / "own.json").write_text(json.dumps([steel()]).replace('"value": 2.0', '"value": 2.0, "value": 20.0'))
    with pytest.raises(UserFault, match="the key 'value' stands twice in one object"):
        FactorTable.load([str(tmp_path / "own.json")], Config())


@pytest.mark.parametrize("kind", ["parquet", "json"])
def test_a_character_that_no_store_takes_is_refused(tmp_path, kind):
    rows = [steel(key="a\0b")]
    (tmp_path / "own.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows, FACTOR_SCHEMA), tmp_path / "own.parquet")
    with pytest.raises(UserFault, match=r"can't be stored|U\+0000"):
        FactorTable.load([str(tmp_path / f"own.{kind}")], Config())


def test_a_file_without_rows_is_told(load, tmp_path):
    assert load([]).doubts[0].endswith("own.csv holds no rows")
    (tmp_path / "none.json").write_text("[]")
    assert FactorTable.load([str(tmp_path / "none.json")], Config()).doubts[0].endswith("none.json holds no rows")


# --- doubts


def _products(*values):
    return [steel(value, f"part {number}") for number, value in enumerate(values)]


@pytest.mark.parametrize("odd", [185.0, 2.5e-3])
def test_a_lost_decimal_point_and_grams_for_kilograms_stand_apart(doubts, odd):
    [told] = doubts(_products(1.2, 2.1, 3.3, 0.9, 5.0, odd))
    assert told == f"far from the others of their family, is a decimal point lost? product:part 5 is {odd:.6g} per kg"
    # The same figure per tonne is none.
    rows = _products(1.2, 2.1, 3.3, 0.9, 5.0, odd * 1000 if odd < 1 else odd)
    assert doubts([*rows[:5], {**rows[5], "value": 1850.0, "unit": "t"}]) == []


def test_values_that_differ_by_nature_are_no_doubt(doubts):
    assert doubts(_products(0.01, 0.05, 0.2, 1.0, 4.0, 20.0, 90.0)) == []
    assert doubts(_products(1.0, 500.0)) == []


def test_a_value_far_from_the_known_one_of_its_key_is_told(doubts):
    [told] = doubts([own("freight", "all_hgv", "ttw", 101.63, "tonne_km", region="GB", source_version="mine", factor_id="mine")])
    assert "far from what is known" in told and "mine is 101.63" in told


def test_another_price_year_in_one_row_is_told(doubts):
    told = doubts([*(spend(f"33111{digit}", 0.8) for digit in range(5)), spend("331200", 0.8, price_year=2021)])
    assert told == ["price_year is 2022 in 5, 2021 in 1 of the rows of eeio, test; is one of them a slip?"]


def test_potentials_of_two_reports_in_one_set_are_told(doubts):
    [told] = doubts([steel(), steel(key="wire", gwp="AR4")])
    assert "rows rest on AR4 and AR5" in told


def test_an_alias_that_leads_nowhere_or_is_never_used_is_told(doubts):
    def alias(key, target):
        return own("key_alias", key, "parameter", 1.0, "share", region="GLOBAL", basis=target, gwp=None, factor_id=f"{key}>{target}")

    told = doubts(
        [steel(), alias("product:office chair", "furniture"), alias("product:steel", "steel"), alias("eeio:00001", "331110")], "default"
    )
    assert told == [
        "key_alias: no loaded set has product:furniture; what leads there finds no factor by its alias",
        "key_alias: product:steel is a key that has factors itself; they go first, and its alias is used only where they can't be",
    ]


# --- precedence, and codes of the user's own


def test_own_factors_go_before_the_shipped_ones_of_the_same_key_place_and_time(load):
    record = make_spend(spend_year=2022)
    shipped = result_of_table(record, FactorTable.load(["default"], Config()))
    mine = spend(value=9.0, source_version="mine", year=2022)
    assert result_of_table(record, load([mine], "default"))["factor_ids"] == ["eeio:331110"]
    # A figure of another place is no nearer for being one's own.
    elsewhere = spend(value=9.0, source_version="mine", region="DE")
    assert result_of_table(record, load([elsewhere], "default"))["factor_ids"] == shipped["factor_ids"]
    # Where the list names it last, it comes last.
    load([mine])
    table = FactorTable.load(["default", load.path], Config())
    assert result_of_table(record, table)["factor_ids"] == shipped["factor_ids"]


def result_of_table(record, table):
    [answer] = calculate_records([record], table)
    return answer["result"]


def test_commodity_codes_of_the_users_own_lead_to_shipped_factors(load):
    def alias(target, weight):
        factor_id = f"key_alias:eeio:20521@GLOBAL/2025/mine#parameter:{target}"
        return own("key_alias", "eeio:20521", "parameter", weight, "share", region="GLOBAL", basis=target, gwp=None, factor_id=factor_id)

    table = load([alias("334111", 3.0), alias("333318", 1.0)], "default")
    record = make_spend(naics_code="20521", spend_year=2022)
    one, other = (result_of_table(make_spend(naics_code=code, spend_year=2022), table)["kg_co2e"] for code in ("334111", "333318"))
    result = result_of_table(record, table)
    assert result["kg_co2e"] == pytest.approx((3 * one + other) / 4)
    assert "W_KEY_FALLBACK from=20521 to=333318,334111" in result["warnings"]


def test_a_factor_in_dollars_needs_a_year_of_its_prices_and_an_index_for_it():
    with pytest.raises(UserFault, match="price_year is missing"):
        result_of(make_spend(spend_year=2024), [{**spend(), "price_year": None}])
    letter = refusal_of(make_spend(spend_year=2024), [spend()])
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "spend_year")


def test_a_quantity_is_never_multiplied_with_a_factor_of_another_dimension():
    record = make_record(supplier_pcf=None, pcf_boundary=None, product_category="steel", quantity_unit="l")
    assert refusal_of(record, [steel()])["code"] == "E_UNIT"
