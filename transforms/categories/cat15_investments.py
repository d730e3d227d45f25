"""Category 15, investments: Scope 1 and 2 of what is financed, attributed by the share that the company finances.

    companies, projects   1 2 reported, 2 energy, 3 production, 4 revenue: AF * emissions
                          5 assets, turnover: outstanding_amount in USD * EF, without AF
    real estate           1 2 reported or metered, 3 energy label, 4 type and area, 5 number of buildings: AF * emissions
    motor vehicles        1 fuel, 2 3 4 distance, 5 number of vehicles: AF * emissions
    countries             1 2 AF * emissions without land use

The digit is the PCAF score of data quality, 1 best to 5, which alone sets the interval. Upstream is reported beside the
total. Formulas: transforms/calculation/pcaf.py, investees.py and financed_objects.py.
Source: PCAF, Global GHG Accounting and Reporting Standard, part A (2022); calculation specification, 14.15.
"""

from dataclasses import replace

import numpy as np

from schemas.arrays import Bools
from schemas.config import Config
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt
from transforms.calculation.financed_objects import motor_vehicles, real_estate, sovereign
from transforms.calculation.investees import corporate
from transforms.calculation.pcaf import attribution
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    shares = attribution(resolver, terms, fields)
    groups = (
        (corporate, shares.corporate),
        (real_estate, shares.real_estate),
        (motor_vehicles, shares.vehicles),
        (sovereign, shares.sovereign),
    )
    found = [replace(one, offered=ours) for group, ours in groups for one in group(resolver, terms, fields, shares, config)]
    return found, np.zeros(fields.rows, bool)
