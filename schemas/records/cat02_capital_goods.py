"""Category 2, capital goods: the record."""

from typing import ClassVar

from schemas.kinds import CodeText, NotNegative, Number, Positive, Share, Text, choice, optional, required
from schemas.records.cat01_purchased_goods import PcfBoundary
from schemas.records.header import Header
from schemas.records.spend import Spend

ASSET_CATEGORIES = ("buildings", "machinery", "vehicles", "it_equipment", "other_equipment")


class CapitalGoods(Spend, Header):
    """Category 2, capital goods acquired in the year, in full. region is the supplier's country.

    Source: calculation specification, 14.2.
    """

    free_of_charge: ClassVar[bool] = False

    asset_description: Text = required("what was bought")
    asset_category: choice(*ASSET_CATEGORIES) | None = optional("class of the asset; read from asset_description where it is missing")  # type: ignore[valid-type]
    quantity: Positive | None = optional("amount bought", unit="quantity_unit")
    quantity_unit: Text | None = optional("unit code of quantity, for example unit, kg, t")
    supplier_pcf: NotNegative | None = optional("product carbon footprint, kg CO2e", unit="kg CO2e per quantity_unit")
    supplier_pcf_total_kg_co2e: NotNegative | None = optional("footprint of the whole purchase", unit="kg CO2e")
    supplier_pcf_cv: Share | None = optional("coefficient of variation of the footprint; 0.10 where it is missing")
    pcf_boundary: PcfBoundary | None = optional("what the footprint covers; cradle_to_gate is assumed where it is missing")  # type: ignore[valid-type]
    product_category: CodeText | None = optional("key of a product factor, looked up first")
    product_code: CodeText | None = optional("key of a product factor, looked up where product_category finds none")
    emission_factor_kg_co2e_per_usd: NotNegative | None = optional("own factor in US dollars of spend_year", unit="kg CO2e per USD")
    emission_factor_cv: Share | None = optional("coefficient of variation of the own factor; that of the asset class where it is missing")
    useful_life_years: Positive | None = optional("for the memo column annualised_kg_co2e only", unit="year")
    spend_amount: Number | None = optional(
        "amount paid; spend_usd gives it in US dollars", unit="spend_currency", aliases=("capex_amount",), usd_alias="spend_usd"
    )
