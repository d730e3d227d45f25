"""Families of factors: what each is keyed by and which boundaries and units its rows may have.

Source: calculation specification, 12.2 and 12.3.
"""

from dataclasses import dataclass

from schemas.units import DIMENSIONS


@dataclass(frozen=True)
class Family:
    """One kind of factor.

    Attributes:
        key: what its key names.
        boundaries: what a row may cover.
        units: dimensions, and units of parameters, that a row may count in.
    """

    key: str
    boundaries: tuple[str, ...]
    units: tuple[str, ...]


_PARAMETER = ("parameter",)
# All but money and what already is emissions.
_GOODS = tuple(name for name in DIMENSIONS if name not in ("money", "emissions"))
_FREIGHT = ("transport activity",)

# A supplier's own figure for one product. No family of the specification: its rows come from the footprints of PACT, and their
# basis is the span of years that they may be used for, for example 2024/2027.
SUPPLIER_PCF = "supplier_pcf"

FAMILIES: dict[str, Family] = {
    "eeio": Family("NAICS code, 2 to 6 digits", ("with_margins", "without_margins", "basic_price"), ("money",)),
    "product": Family("product code or taxonomy key", ("cradle_to_gate",), _GOODS),
    SUPPLIER_PCF: Family("product id that a supplier's footprint names, for example urn:gtin:4712345060507", ("cradle_to_gate",), _GOODS),
    "asset_spend": Family("asset category", ("cradle_to_gate",), ("money",)),
    "grid": Family("electricity", ("generation", "td_generation", "wtt_generation", "wtt_td", "life_cycle", "loss_share"), ("energy",)),
    "heat": Family("heat_steam or cooling", ("generation", "td_generation", "wtt_generation", "wtt_td"), ("energy",)),
    "fuel": Family("fuel type", ("ttw", "wtt", "biogenic"), ("mass", "volume", "energy")),
    "key_alias": Family("family:key as given", _PARAMETER, ("share",)),
    "fuel_property": Family("fuel type", _PARAMETER, ("kg_per_l", "kwh_per_kg")),
    "freight": Family("vehicle class or mode", ("ttw", "ttw_rf", "wtt", "wtw"), _FREIGHT),
    "freight_load": Family("vehicle class", ("ttw_a", "ttw_b", "wtt_a", "wtt_b"), _FREIGHT),
    "hub": Family("hub type", ("direct",), ("mass", "floor storage", "volume storage")),
    "travel_air": Family("haul:cabin", ("ttw", "ttw_rf", "wtt"), ("passenger travel",)),
    "travel_land": Family("vehicle type", ("ttw", "wtt"), ("passenger travel", "vehicle travel")),
    "hotel": Family("stay", ("direct",), ("stay",)),
    "telework": Family("homeworking", ("direct",), ("work",)),
    "waste": Family("waste type:treatment", ("treatment", "avoided", "biogenic"), ("mass", "volume")),
    "treatment_split": Family("treatment", _PARAMETER, ("share",)),
    "building_energy": Family("building type:carrier", _PARAMETER, ("kwh_per_m2_year",)),
    "asset_average": Family("asset key", ("scope12",), ("count",)),
    "process": Family("processing type", ("scope12",), _GOODS),
    "process_energy": Family("processing type", _PARAMETER, ("kwh_per_unit",)),
    "product_use": Family("product key", _PARAMETER, ("kwh_per_unit_year",)),
    "product_life": Family("product key", _PARAMETER, ("year",)),
    "outlet_average": Family("franchise type", ("scope12",), ("count",)),
    "sector_revenue": Family("sector key", ("scope12",), ("money",)),
    "sector_assets": Family("sector key", ("scope12",), ("money",)),
    "sector_turnover": Family("sector key", _PARAMETER, ("share",)),
    "production": Family("product key", ("scope12",), _GOODS),
    "fx": Family("currency code", _PARAMETER, ("usd_per_unit",)),
    "price_index": Family("series", _PARAMETER, ("index",)),
}

# An alias never serves these.
NO_ALIAS = ("fx", "price_index", "product_life", "treatment_split", "fuel_property")

SOURCE_CLASSES = {
    "primary_measured": 100.0,
    "primary_calculated": 95.0,
    "lca_database": 90.0,
    "ipcc_default": 85.0,
    "national_lca": 85.0,
    "national_inventory": 80.0,
    "supplier_declared": 80.0,
    "literature": 75.0,
    "industry_average": 70.0,
    "expert_estimate": 60.0,
    "extrapolation": 55.0,
    "proxy": 50.0,
    "unknown": 30.0,
}

# Coefficients of variation of classes of factors; conventions of this project.
CLASS_CVS = {
    "metals": 0.15,
    "plastics": 0.20,
    "chemicals": 0.25,
    "textiles": 0.30,
    "wood": 0.20,
    "minerals": 0.15,
    "glass": 0.15,
    "ceramics": 0.20,
    "paper": 0.20,
    "electricity": 0.10,
    "natural_gas": 0.08,
    "coal": 0.12,
    "fuel_oil": 0.10,
    "diesel": 0.08,
    "gasoline": 0.08,
    "renewables": 0.15,
    "road": 0.15,
    "rail": 0.20,
    "sea": 0.25,
    "air": 0.20,
    "pipeline": 0.15,
    "business_services": 0.40,
    "financial_services": 0.50,
    "it_services": 0.35,
    "professional_services": 0.40,
    "landfill": 0.25,
    "incineration": 0.20,
    "recycling": 0.30,
    "composting": 0.30,
    "crops": 0.35,
    "livestock": 0.40,
    "food_processing": 0.25,
    "beverages": 0.20,
    "concrete": 0.15,
    "steel_construction": 0.15,
    "building_materials": 0.20,
    "construction_services": 0.30,
    "other": 0.50,
}
