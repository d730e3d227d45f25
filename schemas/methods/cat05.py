"""Methods of category 5."""

from schemas.methods.method import Method

WASTE_IN_OPERATIONS = (
    Method(
        "tier_1_supplier_disposal",
        1,
        "supplier_specific",
        90.0,
        0.05,
        0.15,
        "waste_mass_kg and supplier_disposal_kg_co2e_per_kg",
        "waste_mass_kg * supplier_disposal_kg_co2e_per_kg",
    ),
    # The factor's cv is that of the treatment, calculated with the category.
    Method(
        "tier_2_waste_specific",
        2,
        "waste_type_specific",
        70.0,
        0.10,
        0.40,
        "waste_mass_kg, waste_type and disposal_method, or wastewater_m3",
        "waste_mass_kg * ((1 - recycling_rate) * EF[waste, waste_type:disposal_method] + recycling_rate * EF[waste, waste_type:recycling]); "
        "emission_factor_kg_co2e_per_kg in place of the first EF; or wastewater_m3 * EF[waste, wastewater:wastewater_treatment]",
    ),
    Method(
        "tier_3_generic_waste",
        3,
        "average_data",
        40.0,
        0.15,
        0.50,
        "waste_mass_kg",
        "waste_mass_kg * sum(share[treatment_split, treatment] * EF[waste, waste_type:treatment])",
    ),
)
