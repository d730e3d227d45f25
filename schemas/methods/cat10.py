"""Methods of category 10."""

from schemas.methods.method import Method

PROCESSING_OF_SOLD_PRODUCTS = (
    Method(
        "tier_1_direct_processing_emissions",
        1,
        "site_specific",
        85.0,
        0.05,
        0.08,
        "processing_kg_co2e_per_unit",
        "sold_quantity * allocation_share * processing_kg_co2e_per_unit",
    ),
    Method(
        "tier_1_energy_based",
        1,
        "site_specific",
        85.0,
        0.05,
        0.12,
        "energy, refrigerants or process emissions per unit, for example electricity_kwh_per_unit",
        "sold_quantity * allocation_share * (sum(energy per unit * EF) + waste_kg_per_unit * EF[waste, treatment])",
    ),
    Method(
        "tier_2_industry_specific",
        2,
        "average_data",
        65.0,
        0.10,
        0.30,
        "processing_type with a loaded process factor",
        "sold_quantity * EF[process, processing_type]",
    ),
    Method(
        "tier_3_process_energy_proxy",
        3,
        "proxy",
        45.0,
        0.15,
        0.35,
        "processing_type with a loaded process_energy figure",
        "sold_quantity * E[process_energy, processing_type] * EF[grid, generation]",
    ),
)
