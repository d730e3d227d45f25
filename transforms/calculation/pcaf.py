"""Financed emissions: which share of what is financed counts, and how sure a score is.

    AF = outstanding_amount / evic                          listed companies
    AF = outstanding_amount / (total_equity + total_debt)   other companies, projects
    AF = outstanding_amount / property_value_at_origination
    AF = outstanding_amount / vehicle_value_at_origination, 1 where it is unknown
    AF = outstanding_amount in USD / ppp_gdp                countries

AF is 1 at most. Source: PCAF, Global GHG Accounting and Reporting Standard, part A (2022), chapter 5; calculation
specification, 14.15 and 5.3 (intervals by score).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import Method
from schemas.records.batch import Fields
from schemas.records.cat15_investments import CORPORATE, REAL_ESTATE, is_listed
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.said import said, said_value
from transforms.calculation.spend import Prices, worth
from transforms.calculation.term import Term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_KG_PER_T = 1000.0

# The whole of something is financed, but for the last digits of a quotient.
_WHOLE = 1 + 1e-9

# Scores up to this one are figures of one company, and err alone.
_OWN_FIGURES = 2


@dataclass(frozen=True)
class Attribution:
    """The shares of n positions.

    Attributes:
        factor: float64[n], AF, 1 at most; NaN where a denominator is missing.
        corporate, real_estate, vehicles, sovereign: bool[n], the group of the asset class.
        memo: result columns of all methods that use the factor, float64[n], NaN where there is none.
        said: warnings of all methods that use it, string[n].
    """

    factor: Floats
    corporate: Bools
    real_estate: Bools
    vehicles: Bools
    sovereign: Bools
    memo: Mapping[str, Floats]
    said: Sequence[pa.Array]

    @property
    def known(self) -> Bools:
        """Returns bool[n], of which positions the share is known."""
        return ~np.isnan(self.factor)


def price_of_position(fields: Fields) -> Prices:
    """Returns in which currency and prices of which year the outstanding amounts are."""
    year = pc.cast(pc.utf8_slice_codeunits(fields.texts("value_date"), 0, 4), pa.int64())
    return Prices(fields.texts("currency"), pc.coalesce(year, fields.integers("activity_year")), "currency", "value_date")


def attribution(resolver: Resolver, terms: Terms, fields: Fields) -> Attribution:
    """Returns the shares of positions."""
    asset_class = fields.texts("asset_class")

    def is_one_of(*classes: str) -> Bools:
        return pc.is_in(asset_class, pa.array(classes)).to_numpy(zero_copy_only=False)

    companies, projects, estate = is_one_of(*CORPORATE), is_one_of("project_finance"), is_one_of(*REAL_ESTATE)
    vehicles, sovereign = is_one_of("motor_vehicle_loans"), is_one_of("sovereign_debt")
    listed = is_listed(fields)
    capital = fields.numbers("total_equity") + fields.numbers("total_debt")
    outstanding = fields.numbers("outstanding_amount")
    denominator = np.select(
        [companies & listed, companies | projects, estate, vehicles, sovereign],
        [
            fields.numbers("evic"),
            capital,
            fields.numbers("property_value_at_origination"),
            fields.numbers("vehicle_value_at_origination"),
            fields.numbers("ppp_gdp"),
        ],
        np.nan,
    )
    assumed = vehicles & np.isnan(denominator)
    share = np.where(assumed, 1.0, outstanding * np.where(sovereign, _dollars(resolver, terms, fields, sovereign), 1.0) / denominator)
    factor = np.minimum(share, 1.0)
    with_land = _KG_PER_T * factor * fields.numbers("country_emissions_with_lulucf_t_co2e")
    memo = {
        "attribution_factor": factor,
        "investee_scope3_kg_co2e": _KG_PER_T * factor * fields.numbers("company_scope3_t_co2e"),
        "lulucf_kg_co2e": np.where(sovereign, with_land, np.nan),
    }
    warnings = [said_value("W_AF_CAPPED af=", share, share > _WHOLE), said("W_AF_ASSUMED", assumed)]
    return Attribution(factor, companies | projects, estate, vehicles, sovereign, memo, warnings)


def _dollars(resolver: Resolver, terms: Terms, fields: Fields, wanted: Bools) -> Floats:
    """Returns the worth of a unit of currency in US dollars of the same year, float64[n]; 1 where there is no rate: the method says so."""
    if not wanted.any():
        return np.ones(fields.rows)

    def make(currency: str | None, year: int) -> Term:
        money = worth(resolver, currency, year, "currency")
        return Term(1.0 if money.failure else money.usd_per_unit, part=True)

    prices = price_of_position(fields)
    term = terms.find("worth of a position", [prices.currency, prices.year], wanted, make)
    terms.grow()
    return np.where(wanted, terms.kg_per_unit[term], 1.0)


def score_of(method: Method) -> int:
    """Returns the PCAF score of a method: the digit in its label."""
    return next(int(part) for part in method.label.split("_") if part.isdigit())


def factor_cv_of(method: Method, config: Config) -> float:
    """Returns the cv of the method's factor: 0 where the figure is the company's own."""
    score = score_of(method)
    return 0.0 if score <= _OWN_FIGURES else config.pcaf_cv[score - 1]


def scored(
    method: Method,
    shares: Attribution,
    config: Config,
    attempt: Attempt,
    *,
    attributed: bool = True,
    told: Sequence[pa.Array] = (),
) -> Attempt:
    """Returns an attempt with the interval, the memo columns and the warnings that its score and its share give it.

    Args:
        attempt: term or parts; a single term has its cv from `factor_cv_of`.
        attributed: the share enters.
        told: further warnings, string[n].
    """
    n, score = len(shares.factor), score_of(method)
    memo = {"pcaf_score": np.full(n, float(score)), **(shares.memo if attributed else {})}
    parts = attempt.parts
    if parts is not None:
        cv = factor_cv_of(method, config)
        parts = replace(parts, activity_cv=np.zeros(len(parts.row)), own_cv=np.full(len(parts.row), cv))
    activity_cv = config.pcaf_cv[score - 1] if score <= _OWN_FIGURES else 0.0
    warnings = (*attempt.said, *(shares.said if attributed else ()), *told)
    return replace(
        attempt, activity_cv=np.full(n, activity_cv), parts=parts, joint=parts is not None, said=warnings, memo={**attempt.memo, **memo}
    )


def lifetime(fields: Fields, kg_co2e: Floats) -> Mapping[str, Floats]:
    """Returns the emissions over the life of a project whose initial sponsor the company is."""
    years = np.where(fields.flags("initial_sponsor"), fields.numbers("project_life_years"), np.nan)
    return {"lifetime_kg_co2e": kg_co2e * years}


def sum_of(method: Method, complete: Bools, parts: Parts) -> Attempt:
    """Returns an attempt whose amounts are sums."""
    return Attempt(method, complete, np.zeros(len(complete)), parts=parts)


def amount_of(method: Method, complete: Bools, term: np.ndarray, quantity: Floats) -> Attempt:
    """Returns an attempt of one term each."""
    return Attempt(method, complete, np.zeros(len(complete)), term, quantity)
