"""Exchange rates and the price index: both files of each publisher, what refuses them, and what a record of a year without one becomes."""

import csv

import pytest

from schemas.faults import UserFault
from tests.factors.importers.files import CPI, ECB_DAYS, ECB_YEARS, edited, rows_of, wanted
from transforms.calculate_records import calculate_records
from transforms.factors.importers import money
from transforms.factors.read import shipped_set


def test_the_means_of_the_days_are_the_annual_means():
    # 512 days of the publisher's own file, 2008 and 2024.
    found = {(row["key"], row["year"]): row["value"] for row in money.exchange_rates(ECB_DAYS, wanted()).rows}
    known = {(row["key"], row["year"]): row["value"] for row in shipped_set("ecb-fx").rows.to_pylist() if row["year"] in (2008, 2024)}
    assert found.keys() == known.keys()
    assert found == pytest.approx(known, rel=1e-6, abs=0.5e-10)


def test_a_rate_is_worked_from_the_days_by_hand():
    with open(ECB_DAYS, newline="") as file:
        days = [line for line in csv.DictReader(file) if line["Date"].startswith("2024")]
    dollars, pounds = (sum(float(day[code]) for day in days) / len(days) for code in ("USD", "GBP"))
    rows = rows_of(money.exchange_rates(ECB_DAYS, wanted()))
    assert rows["fx:GBP@GLOBAL/2024/ecb-fx#parameter"]["value"] == pytest.approx(dollars / pounds, rel=1e-12)
    assert rows["fx:EUR@GLOBAL/2024/ecb-fx#parameter"]["value"] == pytest.approx(dollars, rel=1e-12)


def test_a_currency_that_left_within_the_year_has_no_rate_for_it():
    # The Icelandic krona was quoted until 9 December 2008: 242 of 256 days are 94.5 %.
    keys = {(row["key"], row["year"]) for row in money.exchange_rates(ECB_DAYS, wanted()).rows}
    assert ("ISK", 2008) not in keys and ("ISK", 2024) in keys
    # Croatia's kuna had gone by 2024, and no rate of another year takes its place.
    assert ("HRK", 2008) in keys and ("HRK", 2024) not in keys


def test_a_year_that_has_not_ended_or_is_not_whole_has_no_rate(tmp_path):
    assert {row["year"] for row in money.exchange_rates(ECB_DAYS, wanted(today="2024-12-31")).rows} == {2008}
    lines = ECB_DAYS.read_text().splitlines(keepends=True)
    (tmp_path / "part.csv").write_text("".join(lines[:91]))
    with pytest.raises(UserFault, match=r"part\.csv holds no whole year of at least 250 days; take eurofxref-hist\.csv"):
        money.exchange_rates(tmp_path / "part.csv", wanted())


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (ECB_DAYS, ",GBP,", ",GBX,", r"line 2: 'GBX' is no currency of ISO 4217; pence and cents \(GBX, GBp\) have no code"),
        (ECB_DAYS, ",GBP,", ",XBT,", "line 2: 'XBT' is no currency of ISO 4217"),
        (ECB_DAYS, "Date,USD", "Date,US dollar", "no column 'USD'"),
        (ECB_DAYS, "2024-12-31,1.0389", "2024-12-31,", "line 2: USD is '', no number"),
        (ECB_DAYS, "2024-12-31,1.0389", "2024-12-31,0", "line 2: USD is 0; it must be more than 0"),
        (ECB_DAYS, "2024-12-31,", "2024-12-30,", "line 3: 2024-12-30 stands twice"),
        (ECB_YEARS, "usd_per_unit", "rate", "no column 'usd_per_unit'"),
        (ECB_YEARS, "AUD,", "GBp,", "line 2: 'GBp' is no currency of ISO 4217"),
    ],
)
def test_a_damaged_file_of_rates_is_refused(tmp_path, path, old, new, told):
    with pytest.raises(UserFault, match=told):
        money.exchange_rates(edited(tmp_path, path, (old, new)), wanted())


def test_the_annual_average_is_taken_from_a_file_of_months(tmp_path):
    # The publisher's layout: padded, tabs between, M13 is the average; other series stand beside.
    (tmp_path / "cu.data.1.AllItems.txt").write_text(
        "series_id                      \tyear\tperiod\t       value\tfootnote_codes\n"
        "CUSR0000SA0      \t2025\tM12\t     326.031\t\n"
        "CUUR0000SA0      \t2025\tM11\t     324.122\t\n"
        "CUUR0000SA0      \t2025\tM12\t     324.054\t\n"
        "CUUR0000SA0      \t2025\tM13\t     321.943\t\n"
        "CUUR0000SA0      \t2026\tM01\t     325.252\t\n"
    )
    rows = money.price_index(tmp_path / "cu.data.1.AllItems.txt", wanted()).rows
    assert [(row["factor_id"], row["value"]) for row in rows] == [("price_index:cpi@US/2025/us-cpi#parameter", 321.943)]
    assert rows == [row for row in money.price_index(CPI, wanted()).rows if row["year"] == 2025]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("index_1982_84_100", "index", "no column 'index_1982_84_100'"),
        ("130.7", "", "index_1982_84_100 is '', no number"),
        ("130.7", "-130.7", "index_1982_84_100 is -130.7; it must be more than 0"),
    ],
)
def test_a_damaged_file_of_the_index_is_refused(tmp_path, old, new, told):
    with pytest.raises(UserFault, match=told):
        money.price_index(edited(tmp_path, CPI, (old, new)), wanted())


def test_another_series_is_not_taken_for_consumer_prices(tmp_path):
    other = CPI.read_text().replace("CUUR0000SA0", "WPU00000000")
    (tmp_path / "ppi.csv").write_text(other)
    with pytest.raises(UserFault, match="holds no annual average of the series CUUR0000SA0"):
        money.price_index(tmp_path / "ppi.csv", wanted())


@pytest.mark.parametrize(
    ("currency", "year", "field"),
    [
        ("GBX", 2024, "spend_currency"),  # pence
        ("HRK", 2024, "spend_currency"),  # retired at the end of 2022
        ("RUB", 2023, "spend_currency"),  # not quoted since 2022
        ("XYZ", 2024, "spend_currency"),  # none
        ("EUR", 1998, "spend_currency"),  # before it was
        ("USD", 2026, "spend_year"),  # a year that has not ended has no index
    ],
)
def test_an_amount_without_a_rate_or_index_becomes_a_dead_letter(currency, year, field):
    record = {"record_id": "R", "category": 1, "region": "US", "activity_year": 2024, "product_name": "software", "naics_code": "541511"}
    record |= {"spend_amount": 100.0, "spend_currency": currency, "spend_year": year}
    [answer] = calculate_records([record])
    letter = answer["dead_letter"]
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", field), letter
