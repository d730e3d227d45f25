"""Invented records that are valid and normalised, and factor rows for them: what property tests compare two calculations on."""

from functools import lru_cache

from tests.oracle import contradictions
from tests.strategies import investments, moving, sites, waste
from tests.strategies.base import Rows
from tests.strategies.factors import FACTORS

__all__ = ["FACTORS", "records"]

_CATEGORIES = {
    3: sites.fuels_and_energy,
    4: moving.upstream_transport,
    5: waste.from_operations,
    6: moving.business_travel,
    7: moving.commuting,
    8: sites.upstream_leases,
    9: moving.downstream_transport,
    10: sites.processing,
    11: sites.use_of_products,
    12: waste.from_products,
    13: sites.downstream_leases,
    14: sites.franchises,
    15: investments.investments,
}


@lru_cache
def records(category: int) -> Rows:
    """Returns records of a category, 3 to 15; none that its own fields speak against, with the options as delivered."""
    return _CATEGORIES[category]().filter(lambda record: not contradictions(record))
