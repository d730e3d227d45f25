"""Methods of category 1."""

from schemas.methods.method import Method

PCF_NEEDS = "supplier_pcf, quantity and quantity_unit"
AVERAGE = ("quantity, quantity_unit and product_category or product_code", "quantity * EF[product, cradle_to_gate]")
SPEND = "spend_amount * FX / price index * EF[eeio, naics_code]"

PURCHASED_GOODS = (
    Method(
        "tier_1_supplier_pcf",
        1,
        "supplier_specific",
        90.0,
        0.05,
        0.10,
        PCF_NEEDS,
        "quantity * supplier_pcf, else quantity * EF[supplier_pcf, product_code] of a footprint among the factors",
    ),
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
    Method("tier_2_average_data", 2, "average_data", 70.0, 0.10, 0.30, *AVERAGE),
    Method("tier_3_spend_based", 3, "spend_based", 40.0, 0.15, 0.50, "spend_amount and naics_code", SPEND),
)
