"""Category 1, purchased goods and services: the record."""

from pydantic import BaseModel, ConfigDict

from schemas.kinds import Boolean, CodeText, Integer, NotNegative, Positive, Share, Text, choice, optional, required
from schemas.records.header import Header
from schemas.records.spend import Spend

PcfBoundary = choice("cradle_to_gate", "gate_to_gate", "cradle_to_grave")


class HybridComponent(BaseModel):
    """One input of the supplier: an amount with the factor that it is multiplied with."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    kind: choice("material", "transport", "waste", "other") = required("material, transport, waste, or other (already emissions)")  # type: ignore[valid-type]
    amount: NotNegative = required("amount", unit="unit")
    unit: Text | None = optional("unit code of the amount; transport in tonne_km, other in kg_co2e or t_co2e")
    factor_key: CodeText | None = optional("key of the factor: a product, a vehicle class, or waste type:treatment; none for other")


class PurchasedGoods(Spend, Header):
    """Category 1, purchased goods and services. region is the supplier's country.

    Source: calculation specification, 14.1.
    """

    product_name: Text = required("what was bought")
    quantity: Positive | None = optional("amount bought", unit="quantity_unit")
    quantity_unit: Text | None = optional("unit code of quantity, for example kg, t, l, kWh, unit")
    supplier_pcf: NotNegative | None = optional(
        "product carbon footprint without biogenic uptake, kg CO2e", unit="kg CO2e per quantity_unit"
    )
    supplier_pcf_cv: Share | None = optional("coefficient of variation of supplier_pcf; 0.10 where it is missing")
    pcf_boundary: PcfBoundary | None = optional("what the footprint covers; cradle_to_gate is assumed where it is missing")  # type: ignore[valid-type]
    pcf_reference_year: Integer | None = optional("year of the footprint, for disclosure only")
    pcf_verified: Boolean | None = optional("whether a third party verified the footprint, for disclosure only")
    supplier_s12_allocated_kg_co2e: NotNegative | None = optional("the supplier's Scope 1 and 2 allocated to the purchase", unit="kg CO2e")
    hybrid_components: list[HybridComponent] | None = optional("the supplier's own inputs: list of {kind, amount, unit, factor_key}")
    product_category: CodeText | None = optional("key of a product factor, looked up first")
    product_code: CodeText | None = optional(
        "key of a product factor, looked up where product_category finds none; or the product id of a supplier's footprint among the factors"
    )
