"""One way to calculate a category: name, default quality and uncertainty."""

from dataclasses import dataclass


# Compared by identity: a method is a constant, and a key of caches.
@dataclass(frozen=True, eq=False)
class Method:
    """One way to calculate a category.

    Attributes:
        label: name in the result column `method`.
        tier: 1 specific data, 2 average data, 3 spend or other proxy.
        ghgp_method: the GHG Protocol's name of the kind of method.
        dqi_score: 0 to 100, where the factor carries no pedigree scores.
        activity_cv: coefficient of variation of the activity.
        factor_cv: coefficient of variation of the factor, where its row states none.
        needs: the fields that make its data complete, in words.
        formula: kg_co2e in field names.
    """

    label: str
    tier: int
    ghgp_method: str
    dqi_score: float
    activity_cv: float
    factor_cv: float
    needs: str
    formula: str
