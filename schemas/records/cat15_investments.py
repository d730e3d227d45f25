"""Category 15, investments: the record."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import Boolean, CodeText, Currency, Date, Fuel, NotNegative, Positive, Text, Year, choice, optional, required
from schemas.records.batch import Fields
from schemas.records.choices import BuildingType, VehicleType
from schemas.records.energy import Energy
from schemas.records.header import Header

LISTED = ("listed_equity", "corporate_bonds")
CORPORATE = (*LISTED, "business_loans", "unlisted_equity")
REAL_ESTATE = ("commercial_real_estate", "mortgages")
ASSET_CLASSES = (*CORPORATE, "project_finance", *REAL_ESTATE, "motor_vehicle_loans", "sovereign_debt")


class Production(BaseModel):
    """What a company makes: an amount with the factor that it is multiplied with."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    key: CodeText = required("key of a production factor")
    amount: NotNegative = required("amount made in the year", unit="unit")
    unit: Text | None = optional("unit code of the amount")


class Investments(Energy, Header):
    """Category 15, Scope 1 and 2 of what is financed, attributed. region is the country of the investee or object.

    Source: calculation specification, 14.15; PCAF, Global GHG Accounting and Reporting Standard, part A (2022).
    """

    energy_block_after = "emissions_verified"

    investment_id: Text | None = optional("your id of the position")
    portfolio_company: Text = required("company, project, owner or country that is financed", aliases=("portfolio_company_name",))
    portfolio_company_description: Text | None = optional("what it does")
    asset_class: choice(*ASSET_CLASSES) = required("kind of position")  # type: ignore[valid-type]
    issuer_listed: Boolean | None = optional("whether the company is listed; as the asset class says where it is missing")
    outstanding_amount: Positive = required("amount outstanding", unit="currency")
    currency: Currency | None = optional("ISO 4217 code of all amounts; US dollars are assumed where it is missing and matters")
    value_date: Date | None = optional("date of outstanding_amount; its year is that of exchange rate and prices")
    evic: Positive | None = optional("enterprise value including cash", unit="currency")
    total_equity: NotNegative | None = optional("equity; 0 where it is negative", unit="currency")
    total_debt: NotNegative | None = optional("debt", unit="currency")
    property_value_at_origination: Positive | None = optional("value of the property", unit="currency")
    vehicle_value_at_origination: Positive | None = optional(
        "value of the vehicles; all is attributed where it is missing", unit="currency"
    )
    ppp_gdp: Positive | None = optional("gross domestic product by purchasing power", unit="international USD")
    company_scope1_t_co2e: NotNegative | None = optional("Scope 1 of company, project or object", unit="t CO2e")
    company_scope2_t_co2e: NotNegative | None = optional("its Scope 2", unit="t CO2e")
    company_scope3_t_co2e: NotNegative | None = optional("its Scope 3, told apart", unit="t CO2e")
    emissions_verified: Boolean | None = optional("whether a third party verified them; false where it is missing")
    supplier_kg_co2e_per_kwh: NotNegative | None = optional(
        "real estate: the supplier's own factor for electricity_kwh", unit="kg CO2e per kWh"
    )
    production: list[Production] | None = optional("what the company makes: list of {key, amount, unit}")
    company_revenue: NotNegative | None = optional("its revenue", unit="currency")
    revenue_year: Year | None = optional("year of the revenue; activity_year where it is missing")
    sector: CodeText | None = optional("key of sector factors; read from portfolio_company_description where it is missing")
    building_type: BuildingType | None = optional("use of the building")  # type: ignore[valid-type]
    floor_area_m2: NotNegative | None = optional("area of the building", unit="m2")
    epc_label: choice(*"abcdefg") | None = optional("energy label, A to G")  # type: ignore[valid-type]
    building_count: NotNegative | None = optional("number of buildings", unit="unit")
    vehicle_type: VehicleType | None = optional("kind of vehicle")  # type: ignore[valid-type]
    vehicle_distance_km: NotNegative | None = optional("distance of all vehicles", unit="km per year")
    distance_is_actual: Boolean | None = optional("whether the distance was measured; false where it is missing")
    vehicle_model: Text | None = optional("make and model, where it is known")
    vehicle_count: NotNegative | None = optional("number of vehicles", unit="unit")
    fuel_type: Fuel | None = optional("fuel burned by the vehicles")
    fuel_amount: NotNegative | None = optional("how much of it", unit="fuel_unit")
    fuel_unit: Text | None = optional("unit code of fuel_amount")
    country_emissions_t_co2e: NotNegative | None = optional("emissions of the country without land use", unit="t CO2e")
    country_emissions_with_lulucf_t_co2e: NotNegative | None = optional("the same with land use, told apart", unit="t CO2e")
    initial_sponsor: Boolean | None = optional("whether the company is the initial sponsor of a project")
    project_life_years: Positive | None = optional("expected life of the project", unit="year")

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        return np.asarray(fields.numbers("total_equity") + fields.numbers("total_debt") == 0, bool)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        if self.total_equity == self.total_debt == 0:
            message = "total_equity and total_debt are both 0, and nothing is a share of that; one of them must be > 0: correct it, or leave both blank"
            return [Finding(Code.E_RANGE, "total_equity", "0", message)]
        return []


def is_listed(fields: Fields) -> Bools:
    """Says which companies are listed, bool[n]: as the record says, else as its asset class."""
    by_class = pc.is_in(fields.texts("asset_class"), pa.array(LISTED))
    return pc.coalesce(fields.column("issuer_listed", pa.bool_()), by_class).to_numpy(zero_copy_only=False)
