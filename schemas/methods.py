"""The method registry: what each label means, and its default quality and uncertainty.

A label is a row per category, because defaults differ (tier_3_spend_based is more
uncertain for capital goods). All data-quality and cv constants are conventions of this
project, not published figures.
"""

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


_PCF_NEEDS = "supplier_pcf, quantity and quantity_unit"
_AVERAGE = ("quantity, quantity_unit and product_category or product_code", "quantity * EF[product, cradle_to_gate]")
_SPEND = "spend_amount * FX / price index * EF[eeio, naics_code]"

# In the order in which they are tried.
METHODS: dict[int, tuple[Method, ...]] = {
    1: (
        Method("tier_1_supplier_pcf", 1, "supplier_specific", 90.0, 0.05, 0.10, _PCF_NEEDS, "quantity * supplier_pcf"),
        Method(
            "tier_1_hybrid",
            1,
            "hybrid",
            80.0,
            0.10,
            0.30,
            "supplier_s12_allocated_kg_co2e and hybrid_components",
            "supplier_s12_allocated_kg_co2e + sum(amount * EF)",
        ),
        Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30, *_AVERAGE),
        Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50, "spend_amount and naics_code", _SPEND),
    ),
    2: (
        Method(
            "tier_1_supplier_pcf",
            1,
            "supplier_specific",
            90.0,
            0.05,
            0.10,
            f"supplier_pcf_total_kg_co2e, or {_PCF_NEEDS}",
            "supplier_pcf_total_kg_co2e, else quantity * supplier_pcf",
        ),
        Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30, *_AVERAGE),
        # The factor's cv is that of the asset class, calculated with the category.
        Method(
            "tier_2_asset_spend",
            2,
            "spend_based",
            70.0,
            0.15,
            0.30,
            "spend_amount and emission_factor_kg_co2e_per_usd, or asset_category with a loaded asset_spend factor",
            "spend_amount * FX * emission_factor_kg_co2e_per_usd, or spend_amount * FX / price index * EF[asset_spend, asset_category]",
        ),
        Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.20, 0.50, "spend_amount and naics_code or asset_category", _SPEND),
    ),
}
