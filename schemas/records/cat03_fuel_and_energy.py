"""Category 3, fuel- and energy-related activities: the record."""

from typing import Annotated

import pyarrow as pa
from annotated_types import Ge, Lt

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.free_text import classify
from schemas.kinds import NotNegative, Number, Positive, Text, choice, optional, required
from schemas.parsing import FUEL_ALIASES
from schemas.records.batch import Fields
from schemas.records.header import Header

# Bought as energy: what is lost on its way is generated too.
ENERGIES = ("electricity", "heat_steam", "cooling")
FUELS = (
    "natural_gas",
    "diesel",
    "diesel_mineral",
    "gasoline",
    "lpg",
    "fuel_oil",
    "gas_oil",
    "burning_oil",
    "coal",
    "biomass_wood",
    "biomass_wood_chips",
    "biomass_wood_pellets",
    "biomass_biogas",
    "biomass_biofuel",
    "biomass_hvo",
    "biomass_bioethanol",
)

ACTIVITIES = ("A", "B", "C", "D")

CalorificBasis = choice("gross", "net")
_LossShare = Annotated[Number, Ge(0), Lt(1)]  # type: ignore[valid-type]


class FuelAndEnergy(Header):
    """Category 3, upstream of purchased fuels and energy, and losses of grids. region is the country of consumption.

    Source: calculation specification, 14.3.
    """

    fuel_or_energy_type: choice(*ENERGIES, *FUELS, aliases=FUEL_ALIASES) | None = optional(  # type: ignore[valid-type]
        "what was bought; needed, but read from energy_description where it is missing"
    )
    energy_description: Text | None = optional("what was bought, in words")
    quantity: Positive = required("amount bought", unit="quantity_unit")
    quantity_unit: Text = required("unit code of quantity, for example kWh, l, m3, kg")
    activity: choice(*ACTIVITIES, aliases={one.lower(): one for one in ACTIVITIES}) | None = optional(  # type: ignore[valid-type]
        "A upstream of a fuel, B upstream of energy, C losses of grids, D energy bought and resold; where it is missing A, or B and C"
    )
    supplier_upstream_ef: NotNegative | None = optional("supplier's own upstream factor", unit="kg CO2e per quantity_unit")
    supplier_td_losses_ef: NotNegative | None = optional("supplier's own factor of grid losses", unit="kg CO2e per quantity_unit")
    well_to_tank_ef: NotNegative | None = optional(
        "own well-to-tank factor of a fuel, in place of a loaded one", unit="kg CO2e per quantity_unit"
    )
    td_loss_share: _LossShare | None = optional("share lost in transmission and distribution, in place of loaded figures")
    loss_basis: choice("of_generation", "of_delivery") | None = optional("what the share is a share of; of_generation where it is missing")  # type: ignore[valid-type]
    calorific_basis: CalorificBasis | None = optional("behind a quantity of energy of a fuel; gross where it is missing")  # type: ignore[valid-type]
    grid_region: Text | None = optional("key of a loaded sub-national grid, tried before region")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records lack a type of energy, bool[n]."""
        given = fields.given("fuel_or_energy_type")
        if given.all():
            return ~given
        texts = fields.texts("energy_description").dictionary_encode()
        read = [config.classify_free_text and classify("fuel_or_energy_type", text) is not None for text in texts.dictionary.to_pylist()]
        known = pa.array(read, pa.bool_()).take(texts.indices).fill_null(False)
        return ~(given | known.to_numpy(zero_copy_only=False))

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns E_REQUIRED where the type is neither given nor named by the description."""
        name, text = "fuel_or_energy_type", self.energy_description
        if self.fuel_or_energy_type is not None or (config.classify_free_text and classify(name, text) is not None):
            return []
        if text is None:
            why = "and energy_description, from which it could be read, too"
        elif config.classify_free_text:
            why = f"and energy_description {text!r} names none, or several alike"
        else:
            why = "and classify_free_text is off, so energy_description is not read"
        message = f"{name} is missing, {why}; write one of {', '.join((*ENERGIES, *FUELS))}"
        return [Finding(Code.E_REQUIRED, name, None, message)]
