"""Category 4, upstream transportation and distribution: transport, hubs and storage that the company pays for.

    1 fuel      direct = fuel_amount * allocation_share * EF[fuel, ttw];  upstream: the same with wtt
    2 legs      direct = weight_tonnes * d' * EF[freight, ttw];  upstream: the same with wtt (transforms/calculation/legs.py)
    3 sites     direct = energy_direct * site_allocation_share;  upstream = energy_upstream * site_allocation_share
    4 hubs      direct = hub_quantity * EF[hub]
    5 spend     direct = spend_amount * FX / price index * EF[eeio, naics_code or the code that stands for the mode]

The total is direct and upstream. Source: ISO 14083:2023; GHG Protocol, Technical Guidance for Calculating Scope 3
Emissions (2013), category 4; calculation specification, 14.4. Which NAICS code stands for a mode is a convention.
"""

import numpy as np

from schemas.arrays import Bools, Floats
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.legs import legs
from transforms.calculation.shipping import by_fuel, by_hub, by_site, is_leg
from transforms.calculation.spend import Prices, amounts, boundary_of, dollar_factor, in_dollars, spend_based
from transforms.calculation.term import Term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_FUEL, _LEG, _SITE, _HUB, _SPEND = METHODS[4]

# The NAICS code of a mode by its first word, and how far it is from what was bought.
_MODE_CODES = {"road": "484121", "rail": "482111", "sea": "483111", "inland": "483111", "air": "481112"}
_MODE_SCORE = 2


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes."""
    amount, credit = amounts(fields)
    return [
        by_fuel(resolver, terms, fields, _FUEL, ~credit, biogenic=True),
        *legs(resolver, terms, fields, _LEG, is_leg(fields) & ~credit, config),
        by_site(resolver, terms, fields, _SITE, ~credit, config, biogenic=True),
        by_hub(resolver, terms, fields, _HUB, ~credit),
        _by_spend(resolver, terms, fields, amount),
    ], credit


def _by_spend(resolver: Resolver, terms: Terms, fields: Fields, amount: Floats) -> Attempt:
    """Returns the attempt by naics_code, else by the code that stands for the mode."""
    by_code = fields.given("spend_amount") & fields.given("naics_code")
    by_mode = fields.given("spend_amount") & fields.given("transport_mode") & ~by_code

    def make(mode: str, region: str, year: int, basis: str | None, margins: str | None) -> Term:
        return dollar_factor(
            resolver,
            _SPEND,
            "eeio",
            _MODE_CODES[mode.partition("_")[0]],
            boundary_of(basis, margins),
            region,
            year,
            field="transport_mode",
            value=mode,
            # The code is ours, not the record's: prices follow the index of all consumers.
            naics_code=None,
            technological=_MODE_SCORE,
            warnings=["W_SPEND_BASED"],
        )

    columns = [fields.texts("transport_mode"), fields.texts("region"), fields.integers("activity_year")]
    columns += [fields.texts("price_basis"), fields.texts("margins")]
    of_code = spend_based(resolver, terms, fields, _SPEND, by_code)
    factors = terms.find(f"{_SPEND.label} by transport_mode", columns, by_mode, make)
    of_mode = in_dollars(resolver, terms, Prices.of_spend(fields), factors, by_mode)
    term = np.where(by_code, of_code, of_mode)
    return Attempt(_SPEND, by_code | by_mode, np.full(fields.rows, _SPEND.activity_cv), term, amount)
