"""The energy block: what a site or an asset used, carrier by carrier."""

from pydantic import BaseModel

from schemas.gases import Gas
from schemas.kinds import Fuel, NotNegative, Text, map_of, optional, required


class OtherFuel(BaseModel):
    """A further fuel of a site."""

    fuel_type: Fuel = required("key of a fuel factor, for example diesel or lpg")
    amount: NotNegative = required("amount burned", unit="unit")
    unit: Text | None = optional("unit code of amount, for example l, kg, kWh")


class Energy(BaseModel):
    """Energy, refrigerants and process emissions. Source: calculation specification, 13.1."""

    electricity_kwh: NotNegative | None = optional("electricity", unit="kWh")
    natural_gas_kwh: NotNegative | None = optional("natural gas, gross calorific value", unit="kWh")
    heating_kwh: NotNegative | None = optional("district heat or steam", unit="kWh")
    cooling_kwh: NotNegative | None = optional("district cooling", unit="kWh")
    fuel_oil_litres: NotNegative | None = optional("fuel oil", unit="l")
    gas_oil_litres: NotNegative | None = optional("gas oil", unit="l")
    other_fuels: list[OtherFuel] | None = optional("further fuels: list of {fuel_type, amount, unit}")
    refrigerant_leak_kg: map_of(Gas, NotNegative) | None = optional("refrigerants leaked by gas, for example {r_410a: 2.5}", unit="kg")  # type: ignore[valid-type]
    process_kg_co2e: NotNegative | None = optional("process emissions", unit="kg CO2e")
