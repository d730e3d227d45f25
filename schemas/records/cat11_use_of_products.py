"""Category 11, use of sold products: the record."""

from typing import Annotated

from annotated_types import Ge, Gt, Le

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.gases import Gas
from schemas.kinds import CodeText, Fuel, Integer, NotNegative, Number, Positive, Region, Share, Text, choice, map_of, optional, required
from schemas.records.batch import Fields
from schemas.records.choices import VEHICLE_ALIASES, VEHICLE_KM
from schemas.records.header import Header
from schemas.records.shares import share_finding, shares_wrong

PRODUCT_TYPES = ("appliance", "electronics", "vehicle", "cloud_service", "software", "fuel", "other")

_Life = Annotated[Number, Gt(0), Le(100)]  # type: ignore[valid-type]
_Hours = Annotated[Number, Ge(0), Le(24)]  # type: ignore[valid-type]
_Days = Annotated[Number, Ge(0), Le(366)]  # type: ignore[valid-type]


class UseOfSoldProducts(Header):
    """Category 11, lifetime emissions of what was sold in the year. region is the country of use.

    Source: calculation specification, 14.11.
    """

    product_name: Text = required("what was sold")
    product_type: choice(*PRODUCT_TYPES) = required("kind of product")  # type: ignore[valid-type]
    product_key: CodeText | None = optional("key of loaded energy use and lifetime of the product")
    units_sold: Annotated[Integer, Gt(0)] | None = optional("number of products sold", unit="unit")  # type: ignore[valid-type]
    measured_energy_kwh_per_year: NotNegative | None = optional("measured electricity", unit="kWh per unit and year")
    measured_lifespan_years: _Life | None = optional("measured lifetime", unit="year")
    expected_lifespan_years: _Life | None = optional("expected lifetime; that of product_key where both are missing", unit="year")
    power_rating_watts: NotNegative | None = optional("power in use", unit="W")
    standby_watts: NotNegative | None = optional("power in the hours without use; 0 where it is missing", unit="W")
    usage_hours_per_day: _Hours | None = optional("hours of use a day", unit="h")
    usage_days_per_year: _Days | None = optional("days of use a year; 365 where it is missing", unit="day")
    annual_distance_km: NotNegative | None = optional("distance driven", unit="km per unit and year")
    efficiency_kwh_per_km: NotNegative | None = optional("electricity used by distance", unit="kWh per km")
    vehicle_type: choice(*VEHICLE_KM, aliases=VEHICLE_ALIASES) | None = optional("kind of vehicle, for its emissions by distance")  # type: ignore[valid-type]
    fuel_type: Fuel | None = optional("fuel that a unit burns, or that was sold")
    fuel_amount_per_year: NotNegative | None = optional("fuel burned by a unit in a year", unit="fuel_unit")
    fuel_unit: Text | None = optional("unit code of fuel_amount_per_year")
    server_kwh: NotNegative | None = optional("electricity of the servers for the service delivered in the year", unit="kWh")
    pue: Annotated[Number, Ge(1)] | None = optional("power usage effectiveness of the data centre; 1 where it is missing")  # type: ignore[valid-type]
    fuel_sold_amount: Positive | None = optional("fuel or feedstock sold", unit="fuel_sold_unit")
    fuel_sold_unit: Text | None = optional("unit code of fuel_sold_amount")
    ghg_content_kg: map_of(Gas, NotNegative) | None = optional("gases in a unit that are set free, as {hfc_152a: 0.15}", unit="kg")  # type: ignore[valid-type]
    release_share: Share | None = optional("share of the contained gases that is set free; 1 where it is missing")
    refrigerant_charge_kg: map_of(Gas, NotNegative) | None = optional("refrigerants in a unit, by gas", unit="kg")  # type: ignore[valid-type]
    leak_rate_per_year: Share | None = optional("share of the charge that leaks in a year")
    survival_curve: list[Share] | None = optional("share of the units in use in year 1, 2 and so on; 1 in every year where it is missing")
    grid_trajectory_kg_co2e_per_kwh: list[NotNegative] | None = optional(
        "own grid factor of year 1, 2 and so on; the last one stays", unit="kg CO2e per kWh"
    )
    use_region_mix: map_of(Region, Share) | None = optional("where the units are used: shares by region, in place of region")  # type: ignore[valid-type]
    energy_boundary: choice("scope12", "life_cycle") | None = optional(  # type: ignore[valid-type]
        "whether upstream emissions count in the total; as the option energy_boundary says where it is missing"
    )

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        by_distance = fields.given("annual_distance_km") & fields.given("vehicle_type")
        by_fuel = fields.given("fuel_type") & fields.given("fuel_amount_per_year")
        return (by_distance & (by_fuel | fields.given("efficiency_kwh_per_km"))) | shares_wrong(fields, "use_region_mix")

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        found = share_finding("use_region_mix", self.use_region_mix)
        if self.annual_distance_km is None or self.vehicle_type is None:
            return found
        others = []
        if self.fuel_type is not None and self.fuel_amount_per_year is not None:
            others.append("fuel_amount_per_year")
        if self.efficiency_kwh_per_km is not None:
            others.append("efficiency_kwh_per_km")
        if others:
            message = (
                f"annual_distance_km with vehicle_type {self.vehicle_type} and {' and '.join(others)} say the same energy twice; "
                f"leave out vehicle_type, or {' and '.join(others)}"
            )
            found.append(Finding(Code.E_INCONSISTENT, "annual_distance_km", str(self.annual_distance_km), message))
        return found
