"""Category 10, processing of sold products: the record."""

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.gases import Gas
from schemas.kinds import CodeText, NotNegative, Positive, PositiveShare, Text, map_of, optional, required
from schemas.records.batch import Fields
from schemas.records.choices import DisposalMethod, WasteType
from schemas.records.header import Header


class ProcessingOfSoldProducts(Header):
    """Category 10, processing of intermediate products by those who bought them. region is where they are processed.

    Source: calculation specification, 14.10; the energy block of 13.1 per unit sold.
    """

    product_name: Text = required("what was sold")
    sold_quantity: Positive = required("amount sold", unit="quantity_unit", aliases=("quantity",))
    quantity_unit: Text = required("unit code of sold_quantity, for example kg, t, unit")
    processing_kg_co2e_per_unit: NotNegative | None = optional("processor's own figure, Scope 1 and 2", unit="kg CO2e per quantity_unit")
    electricity_kwh_per_unit: NotNegative | None = optional("electricity", unit="kWh per quantity_unit")
    natural_gas_kwh_per_unit: NotNegative | None = optional("natural gas, gross calorific value", unit="kWh per quantity_unit")
    heating_kwh_per_unit: NotNegative | None = optional("district heat or steam", unit="kWh per quantity_unit")
    cooling_kwh_per_unit: NotNegative | None = optional("district cooling", unit="kWh per quantity_unit")
    fuel_oil_litres_per_unit: NotNegative | None = optional("fuel oil", unit="l per quantity_unit")
    gas_oil_litres_per_unit: NotNegative | None = optional("gas oil", unit="l per quantity_unit")
    process_kg_co2e_per_unit: NotNegative | None = optional("process emissions", unit="kg CO2e per quantity_unit")
    refrigerant_leak_kg_per_unit: map_of(Gas, NotNegative) | None = optional(  # type: ignore[valid-type]
        "refrigerants leaked by gas, for example {r_410a: 0.001}", unit="kg per quantity_unit"
    )
    waste_kg_per_unit: NotNegative | None = optional("waste of the processing", unit="kg per quantity_unit")
    waste_type: WasteType | None = optional("kind of waste; needed with waste_kg_per_unit")  # type: ignore[valid-type]
    disposal_method: DisposalMethod | None = optional("treatment of the waste; needed with waste_kg_per_unit")  # type: ignore[valid-type]
    allocation_share: PositiveShare | None = optional("share of the processing owed to the sold product; 1 where it is missing")
    processing_type: CodeText | None = optional("key of a loaded factor of the process, or of its electricity")
    customer_name: Text | None = optional("who processes it")
    industry_sector: Text | None = optional("industry of the customer")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records have waste of which they don't say enough, bool[n]."""
        known = fields.given("waste_type") & fields.given("disposal_method")
        return (fields.numbers("waste_kg_per_unit") > 0) & ~known

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns E_REQUIRED for what is not said of waste."""
        if not self.waste_kg_per_unit:
            return []
        return [
            Finding(
                Code.E_REQUIRED,
                name,
                None,
                f"{name} is missing, and waste_kg_per_unit is {self.waste_kg_per_unit}; say {what}, or leave out the waste",
            )
            for name, what, value in (
                ("waste_type", "what it is", self.waste_type),
                ("disposal_method", "how it is treated", self.disposal_method),
            )
            if value is None
        ]
