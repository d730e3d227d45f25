"""Methods of category 12."""

from schemas.methods.method import Method

_SUM = "(weight_kg * share of the treatment * EF[waste, material:treatment])"

END_OF_LIFE = (
    Method(
        "tier_1_detailed_composition",
        1,
        "waste_type_specific",
        80.0,
        0.10,
        0.20,
        "units_sold and material_composition",
        f"units_sold * sum over material_composition and packaging {_SUM}",
    ),
    Method(
        "tier_2_primary_material",
        2,
        "waste_type_specific",
        65.0,
        0.15,
        0.25,
        "units_sold, weight_kg and primary_material",
        f"units_sold * sum over the product, all of primary_material, and packaging {_SUM}",
    ),
    Method(
        "tier_3_mixed_material",
        3,
        "average_data",
        45.0,
        0.30,
        0.35,
        "units_sold and weight_kg",
        f"units_sold * sum over the product, as household waste, and packaging {_SUM}",
    ),
)
