"""Records for tests: a valid one, with what the test is about."""

from typing import Any

_HEADER = {"record_id": "R-1", "supplier_id": "S-1", "supplier_name": "Supplier One", "region": "GB", "activity_year": 2025}
_OF_CATEGORY: dict[int, dict[str, Any]] = {
    1: {"product_name": "steel coil", "quantity": 1000, "quantity_unit": "kg", "supplier_pcf": 1.85, "pcf_boundary": "cradle_to_gate"},
    11: {"product_name": "lamp", "product_type": "electronics"},
    3: {"fuel_or_energy_type": "electricity", "quantity": 1000, "quantity_unit": "kWh"},
    9: {"transport_mode": "road_van", "distance_km": 30, "weight_tonnes": 0.2},
    10: {"product_name": "resin", "sold_quantity": 1000, "quantity_unit": "kg"},
    6: {"flights": [{"distance_km": 6000, "haul": "long"}]},
    7: {"commute_mode": "car_petrol", "distance_km": 15, "days_per_week": 5},
    4: {"transport_mode": "road_truck_heavy", "distance_km": 500, "weight_tonnes": 25},
    5: {"waste_mass_kg": 1000, "waste_type": "plastic", "disposal_method": "landfill"},
    12: {"product_name": "crate", "units_sold": 1000, "weight_kg": 2, "primary_material": "plastic"},
    8: {"consolidation_approach": "financial_control", "lease_kind": "operating", "electricity_kwh": 1000},
    13: {"consolidation_approach": "operational_control", "lease_kind": "operating", "tenant_s12_kg_co2e": 1000},
    14: {"franchise_count": 10, "franchisee_s1_kg_co2e": 600, "franchisee_s2_kg_co2e": 400},
    15: {"portfolio_company": "Alder plc", "asset_class": "listed_equity", "outstanding_amount": 5_000_000, "evic": 100_000_000},
    2: {"asset_description": "press", "asset_category": "machinery", "supplier_pcf_total_kg_co2e": 4000, "pcf_boundary": "cradle_to_gate"},
}


def make_record(category: int = 1, **changes: Any) -> dict[str, Any]:
    """Returns a valid record of a category with these changes; None takes a field away."""
    record = {**_HEADER, "category": category, **_OF_CATEGORY[category], **changes}
    return {name: value for name, value in record.items() if value is not None}


def make_spend(category: int = 1, **changes: Any) -> dict[str, Any]:
    """Returns a valid record that has nothing but an amount of money: 1,000 USD of 2022 for NAICS 331110."""
    money = {"spend_amount": 1000, "spend_currency": "USD", "spend_year": 2022, "naics_code": "331110", "region": "US"}
    own = {"quantity": None, "quantity_unit": None, "supplier_pcf": None, "supplier_pcf_total_kg_co2e": None, "pcf_boundary": None}
    return make_record(category, **{**own, **money, **changes})


def make_factor(family: str, key: str, boundary: str, value: float, unit: str, **changes: Any) -> dict[str, Any]:
    """Returns a factor row in the layout of the specification: region GB, year 2025, invented."""
    row: dict[str, Any] = {
        "family": family,
        "key": key,
        "boundary": boundary,
        "region": "GB",
        "year": 2025,
        "value": value,
        "unit": unit,
        "basis": None,
        "price_year": None,
        "gwp": "AR5",
        "cv": None,
        "cv_class": None,
        "pedigree": None,
        "source_class": None,
        "correlation_group": None,
        "verified": True,
        "source": "test value",
        "source_version": "test",
        **changes,
    }
    basis = f":{row['basis']}" if row["basis"] else ""
    name = "{family}:{key}@{region}/{year}/{source_version}#{boundary}".format(**row)
    return {"factor_id": name + basis, **row}
