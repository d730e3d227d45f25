"""Category 5, waste generated in operations: the record."""

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import NotNegative, Positive, Share, Text, optional
from schemas.records.batch import Fields
from schemas.records.choices import DisposalMethod, WasteType
from schemas.records.header import Header

# What an amount of wastewater says of itself.
WASTEWATER, WASTEWATER_TREATMENT = "wastewater", "wastewater_treatment"


class WasteInOperations(Header):
    """Category 5, waste and wastewater of the year, treated by others. region is the country of treatment.

    Source: calculation specification, 14.5.
    """

    waste_mass_kg: Positive | None = optional("mass of the waste", unit="kg")
    wastewater_m3: Positive | None = optional(
        "wastewater in place of waste_mass_kg; needs neither waste_type nor disposal_method", unit="m3"
    )
    waste_type: WasteType | None = optional("kind of waste; read from waste_description where it is missing")  # type: ignore[valid-type]
    disposal_method: DisposalMethod | None = optional("treatment of the waste; read from waste_description where it is missing")  # type: ignore[valid-type]
    waste_description: Text | None = optional("what the waste is and how it is treated, in words")
    waste_handler: Text | None = optional("who collects or treats it")
    recycling_rate: Share | None = optional("share of the mass that is recycled; 0 where it is missing")
    supplier_disposal_kg_co2e_per_kg: NotNegative | None = optional("figure of the one who treats it", unit="kg CO2e per kg")
    emission_factor_kg_co2e_per_kg: NotNegative | None = optional("own factor of the treatment by disposal_method", unit="kg CO2e per kg")
    incineration_energy_recovery_share: Share | None = optional(
        "share of what is burned with recovery of energy, where the treatment is not known; 0 where it is missing"
    )

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        said = fields.given("waste_mass_kg") | fields.given("waste_type") | fields.given("disposal_method")
        return fields.given("wastewater_m3") & said

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        if self.wastewater_m3 is None:
            return []
        found = []
        if self.waste_mass_kg is not None:
            message = (
                f"waste_mass_kg is {self.waste_mass_kg:g} and wastewater_m3 is {self.wastewater_m3:g}; give each in a record of its own"
            )
            found.append(Finding(Code.E_INCONSISTENT, "waste_mass_kg", str(self.waste_mass_kg), message))
        implied = {"waste_type": (self.waste_type, WASTEWATER), "disposal_method": (self.disposal_method, WASTEWATER_TREATMENT)}
        others = [f"{name} is {value}" for name, (value, expected) in implied.items() if value not in (None, expected)]
        if others:
            message = (
                f"wastewater_m3 is {self.wastewater_m3:g}, which is {WASTEWATER} in {WASTEWATER_TREATMENT}, and {' and '.join(others)}; "
                "leave that out, or give the amount as waste_mass_kg"
            )
            found.append(Finding(Code.E_INCONSISTENT, "wastewater_m3", str(self.wastewater_m3), message))
        return found
