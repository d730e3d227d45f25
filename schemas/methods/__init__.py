"""The method registry: what each label means, and its default quality and uncertainty.

A label is a row per category, because defaults differ (tier_3_spend_based is more
uncertain for capital goods). All data-quality and cv constants are conventions of this
project, not published figures.
"""

from schemas.methods.cat01 import PURCHASED_GOODS
from schemas.methods.cat02 import CAPITAL_GOODS
from schemas.methods.cat03 import FUEL_AND_ENERGY
from schemas.methods.cat04 import UPSTREAM_TRANSPORT
from schemas.methods.cat05 import WASTE_IN_OPERATIONS
from schemas.methods.cat06 import BUSINESS_TRAVEL
from schemas.methods.cat07 import COMMUTING
from schemas.methods.cat08 import UPSTREAM_LEASED
from schemas.methods.cat09 import DOWNSTREAM_TRANSPORT
from schemas.methods.cat10 import PROCESSING_OF_SOLD_PRODUCTS
from schemas.methods.cat11 import USE_OF_SOLD_PRODUCTS
from schemas.methods.cat12 import END_OF_LIFE
from schemas.methods.cat13 import DOWNSTREAM_LEASED
from schemas.methods.cat14 import FRANCHISES
from schemas.methods.cat15 import INVESTMENTS
from schemas.methods.method import Method

__all__ = ["METHODS", "Method"]

# By category, in the order in which they are tried.
METHODS: dict[int, tuple[Method, ...]] = {
    1: PURCHASED_GOODS,
    2: CAPITAL_GOODS,
    3: FUEL_AND_ENERGY,
    4: UPSTREAM_TRANSPORT,
    5: WASTE_IN_OPERATIONS,
    6: BUSINESS_TRAVEL,
    7: COMMUTING,
    8: UPSTREAM_LEASED,
    9: DOWNSTREAM_TRANSPORT,
    10: PROCESSING_OF_SOLD_PRODUCTS,
    11: USE_OF_SOLD_PRODUCTS,
    12: END_OF_LIFE,
    13: DOWNSTREAM_LEASED,
    14: FRANCHISES,
    15: INVESTMENTS,
}
