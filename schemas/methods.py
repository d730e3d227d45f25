"""The method registry: what each label means, and its default quality and uncertainty.

A label is a row per category, because defaults differ (tier_3_spend_based is more
uncertain for capital goods). All data-quality and cv constants are conventions of this
project, not published figures.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """One way to calculate a category.

    Attributes:
        label: name in the result column `method`.
        tier: 1 specific data, 2 average data, 3 spend or other proxy.
        ghgp_method: the GHG Protocol's name of the kind of method.
        dqi_score: 0 to 100, where the factor carries no pedigree scores.
        activity_cv: coefficient of variation of the activity.
        factor_cv: coefficient of variation of the factor, where its row states none.
    """

    label: str
    tier: int
    ghgp_method: str
    dqi_score: float
    activity_cv: float
    factor_cv: float


# In the order in which they are tried.
METHODS: dict[int, tuple[Method, ...]] = {
    1: (
        Method("tier_1_supplier_pcf", 1, "supplier_specific", 90.0, 0.05, 0.10),
        Method("tier_1_hybrid", 1, "hybrid", 80.0, 0.10, 0.30),
        Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30),
        Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50),
    ),
    2: (
        Method("tier_1_supplier_pcf", 1, "supplier_specific", 90.0, 0.05, 0.10),
        Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30),
        # The factor's cv is that of the asset class, calculated with the category.
        Method("tier_2_asset_spend", 2, "spend_based", 70.0, 0.15, 0.30),
        Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.20, 0.50),
    ),
}
