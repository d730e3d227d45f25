"""How a factor is found: the order of relaxation on small tables made by hand, and the printed figures on the shipped set."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.codes import Code
from schemas.config import Config
from schemas.factor import FACTOR_SCHEMA
from schemas.faults import UserFault
from tests.records import make_factor, make_record
from transforms.calculate_records import RecordCalculator
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved
from transforms.factors.row import FactorRow
from transforms.factors.table import FactorTable


def _steel(value, **changes):
    return make_factor("product", "steel", "cradle_to_gate", value, changes.pop("unit", "kg"), **changes)


def _eeio(key, value, **changes):
    return make_factor("eeio", key, "with_margins", value, "USD", **{"region": "US", "year": 2022, "price_year": 2022, **changes})


def _alias(family, key, target, weight=1.0):
    return make_factor("key_alias", f"{family}:{key}", "parameter", weight, "share", region="GLOBAL", basis=target, gwp=None)


def _resolver(*rows, **options):
    config = Config(**options)
    return Resolver(FactorTable.from_rows(rows, config), config)


def _ask(rows, key="steel", region="GB", year=2025, unit="kg", family="product", boundary="cradle_to_gate", also=(), **options):
    return _resolver(*rows, **options).resolve(family, key, boundary, region, year, unit=unit, also=also)


def _found(*arguments, **keywords):
    found = _ask(*arguments, **keywords)
    assert isinstance(found, Resolved), found
    return found


def _codes(found):
    return {text.partition(" ")[0] for text in found.warnings}


# --- region


@pytest.mark.parametrize(
    ("loaded", "region", "value", "score", "warning"),
    [
        ({"DE": 1, "EU": 2, "GLOBAL": 4, "US": 5}, "DE", 1, 1, None),
        ({"EU": 2, "GLOBAL": 4, "US": 5}, "DE", 2, 2, "W_REGION_FALLBACK from=DE to=EU"),
        ({"GLOBAL": 4, "US": 5}, "DE", 4, 4, "W_REGION_FALLBACK from=DE to=GLOBAL"),
        ({"US": 5}, "DE", 5, 5, "W_FOREIGN_PROXY from=DE to=US"),
        # Japan is in no bloc, and the EU stands for its members only.
        ({"EU": 2, "GLOBAL": 4}, "JP", 4, 4, "W_REGION_FALLBACK from=JP to=GLOBAL"),
        ({"EU": 2, "GLOBAL": 4}, "EU", 2, 1, None),
        # What is asked for is what is there: no fallback.
        ({"GLOBAL": 4, "US": 5}, "GLOBAL", 4, 1, None),
        ({"US": 5}, "GLOBAL", 5, 5, "W_FOREIGN_PROXY from=GLOBAL to=US"),
        ({"US": 5}, "US", 5, 1, None),
    ],
)
def test_the_nearest_region_is_taken(loaded, region, value, score, warning):
    rows = [_steel(figure, region=place) for place, figure in loaded.items()]
    found = _found(rows, region=region, foreign_proxy={"product": "US"})
    assert (found.value, found.geographic) == (value, score)
    assert found.warnings == (() if warning is None else (warning,))


@pytest.mark.parametrize(
    ("region", "year", "member"), [("HR", 2012, False), ("HR", 2013, True), ("GB", 2020, True), ("GB", 2021, False), ("NO", 2025, False)]
)
def test_the_union_stands_for_who_was_its_member_in_the_year(region, year, member):
    found = _ask([_steel(2, region="EU")], region=region, year=year)
    assert isinstance(found, Resolved) == member


def test_another_country_never_stands_in_unless_an_option_names_it():
    assert isinstance(_ask([_steel(2, region="FR")], region="DE"), Unresolved)
    assert isinstance(_ask([_eeio("33", 2)], family="eeio", key="33", boundary="with_margins", unit="USD", foreign_proxy={}), Unresolved)
    grid = make_factor("grid", "electricity", "generation", 0.2, "kWh")
    assert isinstance(_ask([grid], family="grid", key="electricity", boundary="generation", region="DE", unit="kWh"), Unresolved)
    with pytest.raises(ValueError, match="takes a foreign proxy"):
        Config(foreign_proxy={"grid": "GB"})


def test_a_part_of_a_grid_goes_before_its_country():
    rows = [
        make_factor("grid", "electricity", "generation", value, "kWh", region=place) for place, value in (("US-CAMX", 0.2), ("US", 0.4))
    ]
    resolver = _resolver(*rows)
    found = resolver.resolve("grid", "electricity", "generation", "US", 2025, unit="kWh", grid_region="US-CAMX")
    assert (found.value, found.geographic) == (0.2, 1)
    assert resolver.resolve("grid", "electricity", "generation", "US", 2025, unit="kWh", grid_region="US-ERCT").value == 0.4


# --- year


@pytest.mark.parametrize(
    ("years", "wanted", "taken", "score"),
    [
        ([2020, 2025, 2030], 2025, 2025, 1),
        # The latest row that is not later, though 2026 would be nearer.
        ([2020, 2026], 2025, 2020, 2),
        ([2030, 2027], 2025, 2027, 1),
        ([2023], 2025, 2023, 1),
        ([2022], 2025, 2022, 2),
        ([2020], 2025, 2020, 2),
        ([2019], 2025, 2019, 3),
        ([2016], 2025, 2016, 3),
        ([2015], 2025, 2015, 4),
        ([2011], 2025, 2011, 4),
        ([2010], 2025, 2010, 5),
        ([2040], 2025, 2040, 5),
    ],
)
def test_the_year_and_its_score(years, wanted, taken, score):
    found = _found([_steel(year, year=year) for year in years], year=wanted)
    assert (found.value, found.temporal) == (taken, score)
    assert found.warnings == (() if score == 1 else (f"W_YEAR_FALLBACK delta={abs(wanted - taken)}",))


# --- order of relaxation


def test_a_near_region_of_another_year_goes_before_the_right_year_elsewhere():
    found = _found([_steel(1, year=2010), _steel(2, region="GLOBAL")])
    assert (found.value, found.temporal, found.geographic) == (1, 5, 1)


def test_a_fine_key_anywhere_and_at_any_time_goes_before_a_coarse_one():
    rows = [_eeio("331110", 1, region="GLOBAL", year=2005), _eeio("3311", 2, region="DE", year=2025)]
    found = _found(rows, family="eeio", key="331110", boundary="with_margins", unit="USD", region="DE")
    assert (found.value, found.geographic, found.temporal, found.technological) == (1, 4, 5, 1)


def test_an_alias_goes_before_a_parent_and_after_the_key_itself():
    rows = [_eeio("3311", 2), _eeio("511210", 3), _alias("eeio", "331110", "511210")]
    keywords = {"family": "eeio", "key": "331110", "boundary": "with_margins", "unit": "USD", "region": "US", "year": 2022}
    assert _found(rows, **keywords).value == 3
    assert _found([*rows, _eeio("331110", 1)], **keywords).value == 1


def test_an_alias_serves_only_the_key_that_is_looked_up_first():
    rows = [_alias("eeio", "3311", "511210"), _eeio("511210", 3), _eeio("33", 2)]
    found = _found(rows, family="eeio", key="331110", boundary="with_margins", unit="USD", region="US", year=2022)
    assert (found.value, found.technological) == (2, 5)


@pytest.mark.parametrize(("key", "score"), [("331110", 1), ("33111", 2), ("3311", 3), ("331", 4), ("33", 5)])
def test_the_score_follows_the_digits_of_the_row(key, score):
    keywords = {"family": "eeio", "boundary": "with_margins", "unit": "USD", "region": "US", "year": 2022}
    assert _found([_eeio(key, 1)], key=key, **keywords).technological == score
    parent = _found([_eeio(key, 1)], key="331110", **keywords)
    assert parent.technological == score
    assert parent.warnings == (() if key == "331110" else (f"W_KEY_FALLBACK from=331110 to={key}",))


def test_a_key_has_no_parent_outside_of_naics():
    assert isinstance(_ask([make_factor("product", "33", "cradle_to_gate", 1, "kg")], key="331110"), Unresolved)


# --- source, unit, boundary


def test_the_earlier_set_of_the_list_goes_first_unless_an_option_says_otherwise(tmp_path):
    paths = []
    for name, value in (("first", 1.0), ("second", 2.0)):
        row = {**_steel(value, source_version=name), "licence": "any", "retrieved_on": "2025-01-01", "source_sha256": "0"}
        paths.append(tmp_path / f"{name}.json")
        paths[-1].write_text(json.dumps([row]))

    def value_with(order, **options):
        config = Config(**options)
        table = FactorTable.load([str(path) for path in order], config)
        return Resolver(table, config).resolve("product", "steel", "cradle_to_gate", "GB", 2025, unit="kg").value

    assert value_with(paths) == 1.0
    assert value_with(paths[::-1]) == 2.0
    assert value_with(paths, source_priority={"product": ["second"]}) == 2.0


def test_of_rows_alike_the_equal_unit_goes_first_and_then_the_smallest_id():
    rows = [_steel(2000.0, unit="t", source_version="a"), _steel(3.0, source_version="c"), _steel(4.0, source_version="b")]
    assert _found(rows).value == 4.0
    assert _found(rows, unit="t").value == 2000.0
    # 1 lb is .00045359237 t, and .45359237 kg of the row with the smaller id.
    assert _found(rows, unit="lb").value == pytest.approx(2000 * 0.00045359237)


def test_a_boundary_or_basis_that_differs_is_no_match():
    keywords = {"family": "fuel", "key": "natural_gas", "unit": "kWh"}
    rows = [make_factor("fuel", "natural_gas", "ttw", value, "kWh", basis=basis) for basis, value in (("gross", 0.18), ("net", 0.2))]
    assert isinstance(_ask(rows, boundary="wtt", **keywords), Unresolved)
    resolver = _resolver(*rows)
    assert resolver.resolve("fuel", "natural_gas", "ttw", "GB", 2025, unit="kWh", basis="net").value == 0.2
    assert resolver.resolve("fuel", "natural_gas", "ttw", "GB", 2025, unit="MWh", basis="gross").value == pytest.approx(180.0)


def test_only_a_unit_in_the_way_is_told_as_such():
    found = _ask([_steel(2.0)], unit="l")
    assert isinstance(found, Unresolved)
    assert (found.code, found.detail) == (Code.E_UNIT, "the factor for 'steel' is per kg, and l does not convert into that")
    assert _ask([_steel(2.0)], key="gold").code is Code.E_NO_FACTOR
    assert _ask([_steel(2.0, region="FR")]).code is Code.E_NO_FACTOR


def test_a_volume_reaches_energy_through_density_and_calorific_value():
    oil = make_factor("product", "oil", "cradle_to_gate", 0.3, "kWh")
    density = make_factor("fuel_property", "oil", "parameter", 0.8, "kg_per_l", gwp=None)
    heat = make_factor("fuel_property", "oil", "parameter", 12.0, "kwh_per_kg", region="GLOBAL", year=2020, gwp=None)
    found = _found([oil, density, heat], key="oil", unit="l")
    # 1 l is .8 kg, that is 9.6 kWh, at .3 kg each.
    assert found.value == pytest.approx(2.88)
    # The worst scores of all rows count: the calorific value is of GLOBAL and five years old.
    assert (found.geographic, found.temporal) == (4, 2)
    assert _codes(found) == {"W_UNIT_CONVERTED", "W_REGION_FALLBACK", "W_YEAR_FALLBACK"}
    assert {row.factor_id for row in found.rows} == {row["factor_id"] for row in (oil, density, heat)}
    assert isinstance(_ask([oil, density], key="oil", unit="l"), Unresolved)


def test_a_net_calorific_row_is_never_reached_through_a_gross_value():
    oil = make_factor("product", "oil", "cradle_to_gate", 0.3, "kWh", basis="net")
    heat = make_factor("fuel_property", "oil", "parameter", 12.0, "kwh_per_kg", gwp=None)
    assert _ask([oil, heat], key="oil", unit="kg").code is Code.E_UNIT


def test_a_further_boundary_comes_from_where_the_first_came():
    ttw = make_factor("freight", "truck", "ttw", 0.1, "tonne_km")
    here = make_factor("freight", "truck", "wtt", 0.02, "tonne_km")
    keywords = {"family": "freight", "key": "truck", "boundary": "ttw", "unit": "tonne_km", "also": ("wtt",)}
    found = _found([ttw, here], **keywords)
    assert (found.also, found.missing) == ({"wtt": 0.02}, ())
    elsewhere = [
        {**here, "year": 2024, "factor_id": "a"},
        {**here, "source_version": "b", "factor_id": "b"},
        {**here, "region": "DE", "factor_id": "c"},
    ]
    found = _found([ttw, *elsewhere], **keywords)
    assert (found.also, found.missing) == ({"wtt": 0.0}, ("wtt",))


# --- aliases


def test_targets_of_an_alias_are_weighted_and_the_worst_scores_count():
    rows = [
        make_factor("product", "copper", "cradle_to_gate", 4000.0, "t", region="EU", year=2021),
        make_factor("product", "zinc", "cradle_to_gate", 2.5, "kg", region="DE"),
        _alias("product", "brass", "copper", 3.0),
        _alias("product", "brass", "zinc", 1.0),
    ]
    found = _found(rows, key="brass", region="DE")
    # (3 * 4 + 1 * 2.5) / 4.
    assert found.value == pytest.approx(3.625)
    assert (found.geographic, found.temporal, found.technological) == (2, 2, 2)
    assert found.lead.key == "copper"
    assert "W_KEY_FALLBACK from=brass to=copper,zinc" in found.warnings
    assert _codes(found) == {"W_KEY_FALLBACK", "W_REGION_FALLBACK", "W_YEAR_FALLBACK"}
    assert len(found.rows) == 4


def test_one_target_is_as_good_as_the_key():
    found = _found([_steel(2.0), _alias("product", "iron", "steel")], key="iron")
    assert (found.value, found.technological) == (2.0, 1)


def test_an_alias_with_a_target_that_is_not_there_is_no_alias():
    rows = [_steel(2.0), _alias("product", "alloy", "steel"), _alias("product", "alloy", "gold")]
    assert isinstance(_ask(rows, key="alloy"), Unresolved)


def test_targets_of_different_price_years_are_not_mixed():
    rows = [_eeio("31", 1), _eeio("32", 2, price_year=2021), _alias("eeio", "31-33", "31"), _alias("eeio", "31-33", "32")]
    keywords = {"family": "eeio", "boundary": "with_margins", "unit": "USD", "region": "US", "year": 2022}
    assert isinstance(_ask(rows, key="31-33", **keywords), Unresolved)


def test_an_alias_leads_to_no_other_alias():
    rows = [_steel(2.0), _alias("product", "a", "b"), _alias("product", "b", "steel")]
    assert isinstance(_ask(rows, key="a"), Unresolved)


def test_exchange_rates_and_indices_are_of_their_year_and_take_no_alias():
    rate = make_factor("fx", "EUR", "parameter", 1.1, "usd_per_unit", region="GLOBAL", year=2024, gwp=None)
    resolver = _resolver(rate)
    assert resolver.exact("fx", "EUR", 2024).value == 1.1
    assert resolver.exact("fx", "EUR", 2025) is None
    with pytest.raises(UserFault, match="key 'fx:XEU' is no <family>:<key as given> of a family that has aliases"):
        _resolver(rate, _alias("fx", "XEU", "EUR"))


def test_dollars_are_deflated_with_an_index_of_the_us_from_one_source():
    def index(year, value, **changes):
        return make_factor("price_index", "cpi", "parameter", value, "index", **{"region": "US", "year": year, "gwp": None, **changes})

    us = [index(2022, 292.6), index(2024, 313.7)]
    # Another source counts from 100, and has one of the two years only.
    other = index(2022, 100, source_version="other")
    pair = _resolver(other, *us).exact_pair("price_index", "cpi", (2022, 2024))
    assert [row.value for row in pair] == [292.6, 313.7]
    british = [index(2022, 100, region="GB"), index(2024, 200, region="GB")]
    assert _resolver(*british).exact_pair("price_index", "cpi", (2022, 2024)) is None


def test_what_was_asked_in_one_unit_is_answered_in_another():
    resolver = _resolver(_steel(2.0))
    for unit, value in (("kg", 2.0), ("t", 2000.0), ("lb", 0.90718474), ("kg", 2.0)):
        assert resolver.resolve("product", "steel", "cradle_to_gate", "GB", 2025, unit=unit).value == pytest.approx(value)


# --- loading


_LICENCE = {"licence": "any", "retrieved_on": "2025-01-01", "source_sha256": "0"}


def _write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FACTOR_SCHEMA.names)
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": ""}, "value is missing"),
        ({"value": "n/a"}, "value is 'n/a', no number"),
        ({"value": "NaN"}, "value is 'NaN', no quantity"),
        ({"value": "-1"}, "less than 0"),
        ({"unit": "ton"}, "unit 'ton' is not known"),
        ({"family": "products"}, "did you mean product?"),
        ({"boundary": "gate"}, "boundary 'gate' is none of family product: cradle_to_gate"),
        ({"region": "Germany"}, "region is 'Germany'"),
        ({"year": "2025.5"}, "year is '2025.5', no whole number"),
        ({"cv": "-.1"}, "cv -0.1 is less than 0"),
        ({"cv_class": "metal"}, "cv_class 'metal' is not known"),
        ({"source_class": "guess"}, "source_class 'guess' is none of"),
        ({"gwp": "AR3"}, "gwp 'AR3' is none of AR4, AR5, AR6"),
        ({"pedigree": "1 2 3 4 6"}, "no list of five scores from 1 to 5"),
        ({"pedigree": "1 2 3"}, "no list of five scores from 1 to 5"),
        ({"licence": ""}, "licence is missing"),
        ({"retrieved_on": ""}, "retrieved_on is missing"),
        ({"source_sha256": ""}, "source_sha256 is missing"),
        ({"factor_id": ""}, "factor_id is missing"),
        ({"factor_id": "product:steel@GB/2025/test#cradle_to_gate"}, "stands twice, also in row 2"),
        ({"correlation_group": "metals", "cv": ".2"}, "cv differs from that of row 2, which is in the same correlation_group"),
        ({"correlation_group": "metals", "gwp": "AR6"}, "gwp differs from that of"),
    ],
)
def test_a_row_that_is_no_factor_refuses_its_file_with_row_and_reason(tmp_path, changes, reason):
    good = {**_steel(2.0, correlation_group="metals"), **_LICENCE}
    bad = {**make_factor("product", "iron", "cradle_to_gate", 1.0, "kg"), **_LICENCE, **changes}
    path = _write_csv(tmp_path / "own.csv", [good, bad])
    with pytest.raises(UserFault) as told:
        FactorTable.load([path], Config())
    [first, line] = str(told.value).splitlines()
    assert first == f"{path} is refused as a whole; correct these:"
    # The header is row 1.
    assert line.startswith("  row 3: ") and reason in line


def test_a_file_that_is_not_there_or_of_no_known_kind_is_told(tmp_path):
    with pytest.raises(UserFault, match=r"did you mean epa-1\.3"):
        FactorTable.load(["epa-13"], Config())
    (tmp_path / "own.xlsx").write_bytes(b"")
    with pytest.raises(UserFault, match="no Excel workbook"):
        FactorTable.load([str(tmp_path / "own.xlsx")], Config())
    (tmp_path / "own.ods").write_bytes(b"")
    with pytest.raises(UserFault, match=r"factor files end in \.csv, \.xlsx, \.parquet, \.json"):
        FactorTable.load([str(tmp_path / "own.ods")], Config())
    (tmp_path / "own.json").write_text("[1, 2]")
    with pytest.raises(UserFault, match="no list of objects"):
        FactorTable.load([str(tmp_path / "own.json")], Config())
    (tmp_path / "broken.json").write_text("[{")
    with pytest.raises(UserFault, match="can't be read"):
        FactorTable.load([str(tmp_path / "broken.json")], Config())


def test_the_three_kinds_of_file_hold_the_same_factors(tmp_path):
    rows = [{**_steel(2.0, pedigree=[1, 2, 3, 4, 5], cv=0.25, price_year=None), **_LICENCE}, {**_eeio("331110", 0.8), **_LICENCE}]
    as_text = [{name: "" if value is None else "1 2 3 4 5" if name == "pedigree" else value for name, value in row.items()} for row in rows]
    (tmp_path / "own.json").write_text(json.dumps(rows))
    pq.write_table(pa.Table.from_pylist(rows, FACTOR_SCHEMA), tmp_path / "own.parquet")
    paths = [_write_csv(tmp_path / "own.csv", as_text), str(tmp_path / "own.json"), str(tmp_path / "own.parquet")]
    digests = {FactorTable.load([path], Config()).sha256 for path in paths}
    assert len(digests) == 1
    found = FactorTable.load(paths[:1], Config()).find("product", "steel")[0]
    assert (found.value, found.pedigree, found.cv, found.verified, found.price_year) == (2.0, (1, 2, 3, 4, 5), 0.25, True, None)


def test_a_code_that_a_spreadsheet_took_for_a_number_is_the_code():
    table = FactorTable.from_rows([{**_eeio("331110", 1.0), "key": "331110.0"}, {**_eeio("33", 2.0), "key": 33}], Config())
    assert table.has("eeio", "331110")
    assert table.has("eeio", "33")


def test_rows_that_nobody_checked_are_left_out_where_an_option_says_so():
    rows = [_steel(2.0, verified=False), _steel(3.0, region="GLOBAL")]
    assert _found(rows).value == 2.0
    assert _found(rows, allow_unverified=False).value == 3.0
    # A row that does not say is not checked.
    silent = {name: value for name, value in _steel(2.0).items() if name != "verified"}
    assert isinstance(_ask([silent], allow_unverified=False), Unresolved)


def test_a_table_travels_to_workers_as_it_is():
    rows = [
        _steel(2.0, pedigree=[1, 2, 3, 4, 5], cv_class="metals", correlation_group="g"),
        _eeio("331110", 0.8),
        _alias("product", "a", "steel"),
    ]
    table = FactorTable.from_rows(rows, Config())
    again = FactorTable.from_bytes(table.to_bytes())
    assert (again.sha256, again.sets) == (table.sha256, table.sets)
    for family, key in (("product", "steel"), ("eeio", "331110"), ("key_alias", "product:a")):
        one, other = table.find(family, key)[0], again.find(family, key)[0]
        assert {name: getattr(one, name) for name in one.__slots__} == {name: getattr(other, name) for name in other.__slots__}
        assert one.sha256 == other.sha256
    assert again.find("product", "gold") == ()


def test_the_sets_of_a_table_travel_with_it_in_their_order():
    for names in (["default"], ["us-cpi", "epa-1.2"], []):
        table = FactorTable.load(names, Config())
        again = FactorTable.from_bytes(table.to_bytes())
        assert again.sets == table.sets
        assert again.sha256 == table.sha256
    assert [name for name, _ in FactorTable.load(["us-cpi", "epa-1.2"], Config()).sets] == ["us-cpi", "epa-1.2"]


# --- the printed figures


@pytest.fixture(scope="module")
def shipped():
    return Resolver(FactorTable.load(["default"], Config()), Config())


_SECTORS = {
    **{"11": 0.727, "21": 0.432, "22": 0.5665, "23": 0.226, "31": 0.42, "32": 0.531, "33": 0.232, "42": 0.12, "44": 0.128, "45": 0.115},
    **{"48": 0.558, "49": 0.237, "51": 0.073, "52": 0.078, "53": 0.147, "54": 0.09, "55": 0.084, "56": 0.333, "61": 0.116, "62": 0.134},
    **{"71": 0.14, "72": 0.15, "81": 0.105},
}


@pytest.mark.parametrize(("sector", "mean"), _SECTORS.items())
def test_the_mean_of_each_sector_is_the_printed_one(shipped, sector, mean):
    found = shipped.resolve("eeio", sector, "with_margins", "US", 2022, unit="USD")
    # Printed with three decimals, or four.
    assert found.value == pytest.approx(mean, abs=5e-4)
    assert (found.technological, found.price_year, found.lead.gwp) == (5, 2022, "AR5")


@pytest.mark.parametrize(
    ("code", "value"), [("236220", 0.224), ("333249", 0.185), ("336111", 0.24), ("334111", 0.058), ("337214", 0.24), ("111110", 0.532)]
)
def test_the_code_that_stands_for_a_class_of_assets_has_the_printed_factor(shipped, code, value):
    found = shipped.resolve("eeio", code, "with_margins", "US", 2022, unit="USD")
    assert (found.value, found.technological, found.warnings) == (value, 1, ())


@pytest.mark.parametrize(("code", "used"), [("221111", "221"), ("2211", "221"), ("814110", "81"), ("92", None), ("921110", None)])
def test_a_sector_that_the_publisher_left_out_falls_back_or_has_none(shipped, code, used):
    found = shipped.resolve("eeio", code, "with_margins", "US", 2022, unit="USD")
    if used is None:
        assert (found.code, found.detail) == (
            Code.E_NO_FACTOR,
            f"no loaded factor of family eeio for '{code}' in US or what stands in for it",
        )
    else:
        assert found.warnings == (f"W_KEY_FALLBACK from={code} to={used}",)


def test_an_older_edition_of_the_codes_finds_its_successors(shipped):
    found = shipped.resolve("eeio", "516210", "with_margins", "US", 2022, unit="USD")
    # The mean of .079, .079, .094, .064 and .067.
    assert found.value == pytest.approx(0.0766)
    assert (found.technological, len(found.rows)) == (2, 10)
    whole = shipped.resolve("eeio", "31-33", "with_margins", "US", 2022, unit="USD")
    # The mean of .42, .531 and .232, unrounded in the set.
    assert whole.value == pytest.approx((0.42 + 0.531 + 0.232) / 3, abs=5e-4)
    assert whole.technological == 5


def test_only_rows_that_are_asked_for_become_objects_however_many_there_are(monkeypatch):
    rows = [make_factor("product", f"P{number:05d}", "cradle_to_gate", number + 1.0, "kg") for number in range(3_000)]
    table = FactorTable.from_rows(rows, Config())
    made = []
    from_mapping = FactorRow.from_mapping
    monkeypatch.setattr(FactorRow, "from_mapping", lambda row: made.append(row["key"]) or from_mapping(row))
    resolver = Resolver(table, Config())
    for key in ("P00000", "P01234", "P02999", "P00000"):
        assert resolver.resolve("product", key, "cradle_to_gate", "GB", 2025, unit="kg").value == int(key[1:]) + 1.0
    # Before the first, behind the last, and between.
    for key in ("A", "Q", "P012340", ""):
        assert isinstance(resolver.resolve("product", key, "cradle_to_gate", "GB", 2025, unit="kg"), Unresolved)
    assert made == ["P00000", "P01234", "P02999"]


def test_a_key_is_found_whatever_letters_it_has():
    keys = ["Ärmel", "zinc", "Zinc", "鉄", "a b", "a", "a:b", "\U0001f600", "\uffee"]
    table = FactorTable.from_rows([make_factor("product", key, "cradle_to_gate", 1.0, "kg") for key in keys], Config())
    assert [row.key for key in keys for row in table.find("product", key)] == keys
    assert set(table.keys_of("product")) == set(keys)
    assert (table.families(), table.keys_of("grid")) == (["product"], [])


def test_a_key_is_asked_for_once_however_many_records_and_batches_have_it(monkeypatch):
    rows = [make_factor("product", f"P{number}", "cradle_to_gate", number + 1.0, "kg") for number in range(3)]
    bought = {"supplier_pcf": None, "pcf_boundary": None, "quantity": 10}
    records = [make_record(record_id=f"R-{number}", product_category=f"P{number % 3}", **bought) for number in range(500)]
    asked = []
    resolve = Resolver.resolve
    monkeypatch.setattr(
        Resolver, "resolve", lambda self, family, key, *rest, **more: asked.append(key) or resolve(self, family, key, *rest, **more)
    )
    calculator = RecordCalculator(FactorTable.from_rows(rows, Config()), Config())
    for _ in range(2):
        results = [answer["result"]["kg_co2e"] for answer in calculator.calculate(records)]
        assert results == [10.0 * (number % 3 + 1) for number in range(500)]
    assert sorted(asked) == ["P0", "P1", "P2"]
