"""Methods of category 3."""

from schemas.methods.method import Method

FUEL_AND_ENERGY = (
    Method(
        "tier_1_supplier_upstream",
        1,
        "supplier_specific",
        90.0,
        0.05,
        0.10,
        "supplier_upstream_ef or supplier_td_losses_ef",
        "quantity * (supplier_upstream_ef + supplier_td_losses_ef)",
    ),
    # The factor's cv is that of the energy, calculated with the category.
    Method(
        "tier_2_wtt_factors",
        2,
        "average_data",
        70.0,
        0.10,
        0.15,
        "fuel_or_energy_type or an energy_description that names one",
        "quantity * (EF[fuel, wtt] or well_to_tank_ef) of fuels; "
        "quantity * (EF[wtt_generation] + EF[td_generation] + EF[wtt_td], or losses * (EF[generation] + EF[wtt_generation])) of energy",
    ),
)
