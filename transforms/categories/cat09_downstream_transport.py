"""Category 9, downstream transportation and distribution: transport, storage and retail that the company does not pay for.

    1 to 4, 6   as category 4 (without the codes that stand for a mode)
    5 averages  direct = T * EF[freight, ttw];  upstream = T * EF[freight, wtt]
                T = total_shipments * (average_distance_km * average_weight_tonnes + distance_weight_covariance)

The total is direct and upstream. Source: ISO 14083:2023; GHG Protocol, Technical Guidance for Calculating Scope 3
Emissions (2013), category 9; calculation specification, 14.9.
"""

import numpy as np

from schemas.arrays import Bools
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.freight import Question, Vehicles, average_term
from transforms.calculation.legs import legs
from transforms.calculation.said import said
from transforms.calculation.shipping import by_fuel, by_hub, by_site, is_leg
from transforms.calculation.spend import amounts, by_spend
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_FUEL, _LEG, _SITE, _HUB, _AVERAGES, _SPEND = METHODS[9]


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes."""
    amount, credit = amounts(fields)
    spend = fields.given("spend_amount") & fields.given("naics_code")
    found = [
        by_fuel(resolver, terms, fields, _FUEL, ~credit, biogenic=False),
        *legs(resolver, terms, fields, _LEG, is_leg(fields) & ~credit, config),
        by_site(resolver, terms, fields, _SITE, ~credit, config, biogenic=False),
        by_hub(resolver, terms, fields, _HUB, ~credit),
        _averages(resolver, terms, fields, ~credit),
        by_spend(resolver, terms, fields, _SPEND, spend, amount),
    ]
    last_mile = said("W_LAST_MILE", fields.flags("is_last_mile"))
    return [one.saying(last_mile) for one in found], credit


def _averages(resolver: Resolver, terms: Terms, fields: Fields, open_rows: Bools) -> Attempt:
    """Returns the attempt by statistics of many shipments, whose mean distance is on the basis of the factor."""
    names = ("total_shipments", "average_distance_km", "average_weight_tonnes", "transport_mode")
    complete = open_rows & np.logical_and.reduce([fields.given(name) for name in names])
    covariance = np.nan_to_num(fields.numbers("distance_weight_covariance"))
    # What floats to less than 0 is 0.
    mean = np.maximum(fields.numbers("average_distance_km") * fields.numbers("average_weight_tonnes") + covariance, 0.0)
    vehicles = Vehicles.of(fields, "average_distance_km")
    term = terms.find(_AVERAGES.label, vehicles.columns, complete, lambda *key: average_term(resolver, _AVERAGES, Question(*key)))
    told = [said("W_AGGREGATE", complete)]
    quantity = fields.numbers("total_shipments") * mean
    return Attempt(_AVERAGES, complete, np.full(fields.rows, _AVERAGES.activity_cv), term, quantity, said=told)
