"""Methods of category 2."""

from schemas.methods.cat01 import AVERAGE, PCF_NEEDS, SPEND
from schemas.methods.method import Method

CAPITAL_GOODS = (
    Method(
        "tier_1_supplier_pcf",
        1,
        "supplier_specific",
        90.0,
        0.05,
        0.10,
        f"supplier_pcf_total_kg_co2e, or {PCF_NEEDS}",
        "supplier_pcf_total_kg_co2e, else quantity * supplier_pcf",
    ),
    Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30, *AVERAGE),
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
    Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.20, 0.50, "spend_amount and naics_code or asset_category", SPEND),
)
