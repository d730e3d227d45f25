"""Category 15, investments: examples by hand, each method, share and warning of companies and projects.

Buildings, vehicles and countries: test_cat15_financed_objects.py. What is refused: test_cat15_refusals.py.
"""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.positions import ALL, COUNTRY, GRID, MONEY, PRODUCTS, RATES, REVENUE, loan, stake
from tests.records import make_factor

_REPORTED = {"company_scope1_t_co2e": 12_000, "company_scope2_t_co2e": 8_000}


def test_five_percent_of_what_a_listed_company_reports():
    # 5 million / enterprise value of 100 million = 5 % of 12,000 t + 8,000 t = 1,000 t. Scope 3 is told apart: 5 % of 60,000 t.
    result = result_of(stake(**_REPORTED, company_scope3_t_co2e=60_000, emissions_verified=True))
    assert (result["method"], result["tier"], result["pcaf_score"]) == ("pcaf_score_1_reported", 1, 1)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(1_000_000)
    assert (result["kg_co2e_upstream"], result["attribution_factor"]) == (0, pytest.approx(0.05))
    assert result["investee_scope3_kg_co2e"] == pytest.approx(3_000_000)
    assert (result["cv"], result["dqi_score"], result["warnings"]) == (pytest.approx(0.05), 95, [])
    assert result["factor_ids"] == ["record:company_scope1_t_co2e", "record:company_scope2_t_co2e"]


def test_a_loan_by_the_revenue_of_the_company():
    # 43,000,000 GBP of 2024 * 1.25 = 53,750,000 USD * 100 / 107.5 = 50,000,000 USD of 2022 * 0.18 kg = 9,000,000 kg; 10 % of it.
    result = result_of(loan(**REVENUE), ALL)
    assert (result["method"], result["tier"], result["pcaf_score"]) == ("pcaf_score_4_revenue", 3, 4)
    assert result["kg_co2e"] == pytest.approx(900_000)
    assert (result["cv"], result["attribution_factor"]) == (pytest.approx(0.35), pytest.approx(0.1))
    assert "W_ECONOMIC_ESTIMATE sector=heavy_industry" in result["warnings"]


_LISTED, _OTHER = {"evic": 200}, {"total_equity": 100, "total_debt": 300}
_BOTH = {**_LISTED, **_OTHER}


@pytest.mark.parametrize(
    ("asset_class", "listed", "known", "share"),
    [
        ("listed_equity", None, _BOTH, 0.5),
        ("corporate_bonds", None, _BOTH, 0.5),
        ("business_loans", None, _BOTH, 0.25),
        ("unlisted_equity", None, _BOTH, 0.25),
        # What the record says of the company goes before what its class says.
        ("listed_equity", False, _BOTH, 0.25),
        ("corporate_bonds", False, _BOTH, 0.25),
        ("business_loans", True, _BOTH, 0.5),
        ("unlisted_equity", True, _BOTH, 0.5),
        ("project_finance", None, _BOTH, 0.25),
        ("project_finance", True, _BOTH, 0.25),
        ("business_loans", None, {"total_equity": 0, "total_debt": 400}, 0.25),
        ("listed_equity", None, _OTHER, None),
        ("business_loans", None, _LISTED, None),
        # Equity alone is not known to be all.
        ("business_loans", None, {"total_equity": 400}, None),
    ],
)
def test_the_share_of_a_company_follows_its_class(asset_class, listed, known, share):
    # 100 of 200, or of 100 + 300, that emit 1 t.
    held = {"asset_class": asset_class, "issuer_listed": listed, "outstanding_amount": 100, "evic": None, **known}
    record = stake(**held, company_scope1_t_co2e=1, company_scope2_t_co2e=0)
    if share is None:
        letter = refusal_of(record)
        assert letter["code"] == "E_NO_TIER"
        assert "evic of a listed company, else total_equity and total_debt" in letter["message"]
        return
    result = result_of(record)
    assert (result["attribution_factor"], result["kg_co2e"]) == pytest.approx((share, 1000 * share))


def test_more_than_the_whole_counts_as_the_whole():
    result = result_of(stake(**_REPORTED, evic=4_000_000))
    assert (result["kg_co2e"], result["attribution_factor"]) == (pytest.approx(20_000_000), 1)
    assert result["warnings"] == ["W_AF_CAPPED af=1.25"]


def test_the_last_digits_of_a_quotient_are_not_more_than_the_whole():
    # 0.1 + 0.2 is 0.30000000000000004, and .3 the outstanding amount; the other way round is 1.0000000000000002.
    for outstanding, evic in ((0.3, 0.1 + 0.2), (0.1 + 0.2, 0.3)):
        result = result_of(stake(**_REPORTED, outstanding_amount=outstanding, evic=evic))
        assert (result["attribution_factor"], result["warnings"]) == (pytest.approx(1), [])
    assert codes_of(result_of(stake(**_REPORTED, outstanding_amount=1.00001, evic=1))) == ["W_AF_CAPPED"]


def test_a_scope_that_is_not_given_counts_nothing_and_is_told():
    for given, kg in (("company_scope1_t_co2e", 600_000), ("company_scope2_t_co2e", 400_000)):
        result = result_of(stake(**{given: _REPORTED[given]}))
        assert (result["kg_co2e"], result["warnings"]) == (pytest.approx(kg), [f"W_SCOPE_MISSING given={given}"])
    # A 0 is given, and not missing.
    nothing = result_of(stake(company_scope1_t_co2e=0, company_scope2_t_co2e=0))
    assert (nothing["kg_co2e"], nothing["std_kg"], nothing["cv"], nothing["warnings"]) == (0, 0, None, [])


def test_figures_that_nobody_verified_have_the_second_score():
    for verified in (None, False):
        result = result_of(stake(**_REPORTED, emissions_verified=verified))
        assert (result["method"], result["pcaf_score"]) == ("pcaf_score_2_reported", 2)
        assert (result["cv"], result["dqi_score"]) == (pytest.approx(0.15), 85)


def test_energy_of_a_company_is_one_term():
    # 10 % of 100,000 kWh * 0.177 + 50,000 kWh * 0.18296 + 1 kg R-32 at 677 + 300 kg: 10 % of 27,825 kg, and cv .15 of all of it.
    used = {"electricity_kwh": 1e5, "natural_gas_kwh": 5e4, "refrigerant_leak_kg": {"hfc_32": 1}, "process_kg_co2e": 300}
    result = result_of(loan(**used), ALL)
    assert (result["method"], result["tier"], result["pcaf_score"]) == ("pcaf_score_2_energy", 2, 2)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(2_782.5)
    assert result["kg_co2e_upstream"] == pytest.approx(0.1 * (1e5 * 0.0684 + 5e4 * 0.03021))
    assert (result["cv"], result["dqi_score"], result["warnings"]) == (pytest.approx(0.15), 85, [])
    # The error is that of this company alone: nothing of it is shared by way of a factor.
    assert set(result["factor_cvs"]) == {0}


def test_energy_without_upstream_factors_says_so():
    result = result_of(loan(electricity_kwh=1000), GRID[:1])
    assert (result["kg_co2e_upstream"], result["warnings"]) == (0, ["W_NO_UPSTREAM key=electricity"])


def test_output_of_a_company_in_other_units_than_the_factors():
    # 10 % of 10,000 kg * 0.6 + 5 t * 1,800: 10 % of 15,000 kg. One term whose factor is shared by all that make cement.
    result = result_of(loan(production=PRODUCTS), ALL)
    assert (result["method"], result["tier"], result["pcaf_score"]) == ("pcaf_score_3_production", 2, 3)
    assert (result["kg_co2e"], result["cv"]) == (pytest.approx(1_500), pytest.approx(0.25))
    assert result["warnings"] == ["W_PHYSICAL_ESTIMATE"]
    assert sorted(result["factor_cvs"]) == [0, pytest.approx(0.25)]
    assert sorted(result["factor_kg_co2e"]) == [0, pytest.approx(1_500)]


def test_a_position_alone_counts_by_assets_and_knows_no_share():
    # 8,600,000 GBP of 2024 * 1.25 * 100 / 107.5 = 10,000,000 USD of 2022 * 0.09 kg.
    known = {"currency": "GBP", "value_date": "2024-12-31", "sector": "heavy_industry", "company_scope3_t_co2e": 5}
    result = result_of(loan(outstanding_amount=8_600_000, total_equity=1e6, total_debt=1e6, **known), ALL)
    assert (result["method"], result["pcaf_score"], result["kg_co2e"]) == ("pcaf_score_5_assets", 5, pytest.approx(900_000))
    # More than the whole is financed, and that does not matter here.
    assert (result["attribution_factor"], result["investee_scope3_kg_co2e"]) == (None, None)
    assert (result["cv"], codes_of(result)) == (
        pytest.approx(0.5),
        ["W_ECONOMIC_ESTIMATE", "W_LOW_DQI", "W_REGION_FALLBACK", "W_YEAR_FALLBACK"],
    )


def test_a_position_by_the_turnover_of_its_sector_where_no_assets_are_loaded():
    # 10,000,000 USD of 2022 * 1.5 USD of revenue per USD of assets * 0.18 kg.
    known = {"currency": "GBP", "value_date": "2024-12-31", "sector": "heavy_industry", "evic": None}
    without = [row for row in ALL if row["family"] != "sector_assets"]
    result = result_of(stake(outstanding_amount=8_600_000, **known), without)
    assert (result["method"], result["pcaf_score"], result["kg_co2e"]) == ("pcaf_score_5_turnover", 5, pytest.approx(2_700_000))
    assert "W_TIER_FALLBACK from=pcaf_score_5_assets reason=E_NO_FACTOR" in result["warnings"]
    # The share of turnover is a parameter, the factor of revenue leads.
    assert [name.partition(":")[0] for name in result["factor_ids"]] == [
        "fx",
        "price_index",
        "price_index",
        "sector_revenue",
        "sector_turnover",
    ]
    assert result["factor_kg_co2e"] == [0, 0, 0, pytest.approx(2_700_000), 0]


def test_a_better_method_without_a_factor_is_told():
    result = result_of(loan(production=[{"key": "glass", "amount": 1, "unit": "t"}], **REVENUE), ALL)
    assert result["method"] == "pcaf_score_4_revenue"
    assert "W_TIER_FALLBACK from=pcaf_score_3_production reason=E_NO_FACTOR" in result["warnings"]


def test_methods_go_from_the_best_score_down():
    # A company of which all is known, that loses one thing after the other.
    everything = {**_REPORTED, "electricity_kwh": 1000, "production": PRODUCTS, **REVENUE, "value_date": "2024-06-30"}
    lost = [
        ((), "pcaf_score_2_reported"),
        (tuple(_REPORTED), "pcaf_score_2_energy"),
        (("electricity_kwh",), "pcaf_score_3_production"),
        (("production",), "pcaf_score_4_revenue"),
        (("company_revenue",), "pcaf_score_5_assets"),
    ]
    for names, method in lost:
        everything |= dict.fromkeys(names)
        assert result_of(loan(**everything), ALL)["method"] == method


def test_the_score_alone_sets_the_interval():
    # Neither the row's own cv, nor its pedigree, nor that it is of another year and region.
    row = make_factor("production", "cement", "scope12", 0.6, "kg", cv=0.9, year=2010, region="GLOBAL")
    graded = make_factor("production", "cement", "scope12", 0.6, "kg", pedigree=[4, 4, 5, 5, 5], source_class="proxy")
    for factor in (row, graded):
        assert result_of(loan(production=PRODUCTS[:1]), [factor])["cv"] == pytest.approx(0.25)
    money = make_factor("sector_revenue", "heavy_industry", "scope12", 0.18, "USD", cv=0.9, pedigree=[4, 4, 5, 5, 5], **MONEY)
    result = result_of(loan(**REVENUE), [money, *RATES])
    assert result["cv"] == pytest.approx(0.35)
    # Nor the row of a sector's turnover, nor that of its revenue.
    turnover = make_factor("sector_turnover", "heavy_industry", "parameter", 1.5, "share", cv=0.8, year=2010, gwp=None)
    held = loan(sector="heavy_industry", currency="USD", value_date="2022-01-01")
    assert result_of(held, [money, turnover])["cv"] == pytest.approx(0.5)
    # Quality does follow the pedigree: means of (4, 4, 2022 for 2025: 2, GLOBAL for GB: 4, 5) are 3.8, P = 34; T = 30.
    assert (result["pedigree_mean"], result["dqi_score"]) == (pytest.approx(3.8), pytest.approx((0.5 * 34 + 0.2 * 30) / 0.7))


def test_cvs_of_the_scores_can_be_set():
    cvs = {"pcaf_cv": (0.01, 0.02, 0.03, 0.04, 0.06)}
    positions = [
        (stake(**_REPORTED, emissions_verified=True), 0.01),
        (stake(**_REPORTED), 0.02),
        (loan(electricity_kwh=5, process_kg_co2e=1), 0.02),
        (loan(production=PRODUCTS), 0.03),
        (loan(**REVENUE), 0.04),
        (loan(sector="heavy_industry", currency="USD", value_date="2022-01-01"), 0.06),
        (stake(**COUNTRY), 0.02),
    ]
    for record, cv in positions:
        assert result_of(record, ALL, **cvs)["cv"] == pytest.approx(cv)


def test_dollars_are_assumed_only_where_an_amount_becomes_dollars():
    # A share is a quotient of two amounts in whatever currency.
    assert "W_CURRENCY_ASSUMED" not in codes_of(result_of(stake(**_REPORTED)))
    priced = {"revenue_year": 2022, "value_date": "2022-06-30", "currency": None}
    assert "W_CURRENCY_ASSUMED" in codes_of(result_of(loan(**{**REVENUE, **priced}), ALL))
    assert "W_CURRENCY_ASSUMED" in codes_of(result_of(loan(sector="heavy_industry", **priced), ALL))
    assert codes_of(result_of(stake(**COUNTRY))) == ["W_CURRENCY_ASSUMED"]
    assert codes_of(result_of(stake(**COUNTRY, currency="USD"))) == []


def test_the_sector_is_read_from_the_description():
    # Keywords are the keys of loaded factors, with blanks.
    record = loan(portfolio_company_description="Heavy industry, mostly", currency="USD", value_date="2022-12-31")
    result = result_of(record, ALL)
    assert result["method"] == "pcaf_score_5_assets"
    assert {"W_CLASSIFIED field=sector value=heavy_industry confidence=1.00", "W_ECONOMIC_ESTIMATE sector=heavy_industry"} < {
        *result["warnings"]
    }
    assert refusal_of(record, ALL, classify_free_text=False)["code"] == "E_NO_TIER"
    assert refusal_of(record, RATES)["code"] == "E_NO_TIER"
    assert refusal_of(record | {"portfolio_company_description": "Industry of heavy goods"}, ALL)["code"] == "E_NO_TIER"
    # What needs no sector reads none, and a sector that is given is not read.
    assert "W_CLASSIFIED" not in codes_of(result_of(record | _REPORTED, ALL))
    assert "W_CLASSIFIED" not in codes_of(result_of(record | {"sector": "heavy_industry"}, ALL))


def test_the_life_of_a_project_is_told_to_its_initial_sponsor():
    # 5 million of 50 million: 10 % of 300 t a year, for 25 years.
    project = {"asset_class": "project_finance", "evic": None, "total_equity": 2e7, "total_debt": 3e7}
    record = stake(**project, company_scope1_t_co2e=300, company_scope2_t_co2e=0, project_life_years=25)
    sponsored = result_of(record | {"initial_sponsor": True})
    assert (sponsored["kg_co2e"], sponsored["lifetime_kg_co2e"]) == (pytest.approx(30_000), pytest.approx(750_000))
    for other in (None, False):
        assert result_of(record | {"initial_sponsor": other})["lifetime_kg_co2e"] is None
