"""Category 14, franchises: the record."""

from typing import Annotated

import numpy as np
import pyarrow.compute as pc
from annotated_types import Ge

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import CodeText, Count, Currency, Integer, NotNegative, Positive, Region, Text, Year, choice, map_of, optional, required
from schemas.records.batch import Fields
from schemas.records.energy import Energy
from schemas.records.header import Header

FRANCHISE_TYPES = (
    "qsr",
    "casual_dining",
    "fast_food",
    "coffee_shop",
    "retail_store",
    "convenience_store",
    "gym_fitness",
    "hotel",
    "auto_service",
    "beauty_salon",
    "cleaning_service",
    "education",
    "healthcare",
    "other",
)


class Franchises(Energy, Header):
    """Category 14, outlets of franchisees. region is the country of the outlets unless locations_by_region is given.

    Source: calculation specification, 14.14.
    """

    energy_block_after = "franchisee_s2_kg_co2e"

    franchise_id: Text | None = optional("your id of the franchise")
    franchise_name: Text | None = optional("its name")
    franchise_description: Text | None = optional("what it does")
    franchise_type: choice(*FRANCHISE_TYPES) | None = optional("kind of outlet; read from franchise_description where it is missing")  # type: ignore[valid-type]
    franchise_count: Count = required("number of outlets", unit="unit", aliases=("num_locations",))
    operational_control: choice("franchisee", "franchisor", "shared") | None = optional("who runs the outlets")  # type: ignore[valid-type]
    locations_by_region: map_of(Region, Annotated[Integer, Ge(0)]) | None = optional("outlets by region, as {GB: 7, FR: 3}")  # type: ignore[valid-type]
    franchisee_s1_kg_co2e: NotNegative | None = optional("Scope 1 of all outlets", unit="kg CO2e")
    franchisee_s2_kg_co2e: NotNegative | None = optional("Scope 2 of all outlets", unit="kg CO2e")
    avg_floor_area_m2: Positive | None = optional("area of an outlet", unit="m2")
    floor_area_m2: Positive | None = optional("area of all outlets; wins over avg_floor_area_m2", unit="m2")
    revenue_amount: NotNegative | None = optional(
        "revenue of all outlets; revenue_usd gives it in US dollars", unit="revenue_currency", usd_alias="revenue_usd"
    )
    revenue_currency: Currency | None = optional("ISO 4217 code; US dollars are assumed where it is missing")
    revenue_year: Year | None = optional("year of the prices; activity_year where it is missing")
    sector: CodeText | None = optional("key of a sector_revenue factor; franchise_type where it is missing")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        control = pc.fill_null(pc.equal(fields.texts("operational_control"), "franchisor"), False).to_numpy(zero_copy_only=False)
        if not fields.given("locations_by_region").any():
            return np.asarray(control, bool)
        places = fields.elements("locations_by_region", np.arange(fields.rows))
        outlets = np.bincount(places.row, places.fields.numbers("value"), fields.rows)
        return np.asarray(control | (fields.given("locations_by_region") & (outlets != fields.numbers("franchise_count"))), bool)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        found = []
        if self.locations_by_region is not None and sum(self.locations_by_region.values()) != self.franchise_count:
            total = sum(self.locations_by_region.values())
            message = f"locations_by_region adds up to {total}, and franchise_count is {self.franchise_count}; correct the one or the other"
            found.append(Finding(Code.E_INCONSISTENT, "locations_by_region", str(total), message))
        if self.operational_control == "franchisor":
            message = "operational_control is franchisor: such outlets are Scope 1 and 2 of the company, not category 14; report them there"
            found.append(Finding(Code.E_BOUNDARY, "operational_control", self.operational_control, message))
        return found
