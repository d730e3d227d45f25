"""Twice the activity is twice the result, in every category and by every method."""

import pytest
from hypothesis import HealthCheck, given, settings

from schemas.config import Config
from schemas.records import RECORDS
from schemas.records.energy import Energy
from tests.strategies import FACTORS, records
from transforms.calculate_records import RecordCalculator
from transforms.factors.table import FactorTable

_BLOCK = tuple(Energy.model_fields)
_TRANSPORT = (*_BLOCK, "weight_tonnes", "fuel_amount", "hub_quantity", "spend_amount")

# What the whole amount of a record is proportional to, whatever its method; of lists and maps all amounts in them.
_ACTIVITY = {
    3: ("quantity",),
    4: _TRANSPORT,
    5: ("waste_mass_kg", "wastewater_m3"),
    6: ("spend_amount", "flights", "hotels", "ground_transport"),
    7: ("num_employees", "total_employees"),
    8: (*_BLOCK, "lessor_s12_kg_co2e", "floor_area_m2", "asset_count"),
    9: (*_TRANSPORT, "total_shipments"),
    10: ("sold_quantity",),
    11: ("units_sold", "server_kwh", "fuel_sold_amount"),
    12: ("units_sold",),
    13: (*_BLOCK, "tenant_s12_kg_co2e", "floor_area_m2", "asset_count"),
    14: (*_BLOCK, "franchisee_s1_kg_co2e", "franchisee_s2_kg_co2e", "avg_floor_area_m2", "floor_area_m2", "revenue_amount"),
    15: (
        *(*_BLOCK, "company_scope1_t_co2e", "company_scope2_t_co2e", "company_scope3_t_co2e", "production", "company_revenue"),
        *("floor_area_m2", "building_count", "vehicle_distance_km", "vehicle_count", "fuel_amount", "country_emissions_t_co2e"),
    ),
}
# Members of lists that are the activity of an element; a flight of twice the length would be one of another haul.
_MEMBERS = {
    "flights": ("num_passengers",),
    "hotels": ("rooms",),
    "ground_transport": ("distance_km", "fuel_amount"),
    "other_fuels": ("amount",),
    "production": ("amount",),
}
# Methods by what is not doubled here: the position itself, of which a share is capped elsewhere, and outlets, which must add up.
_BY_OTHER = ("pcaf_score_5_assets", "pcaf_score_5_turnover", "tier_2_outlet_average")


def _doubled(name, value):
    if isinstance(value, dict):
        return {key: 2 * one for key, one in value.items()}
    if isinstance(value, list):
        ones = dict.fromkeys(_MEMBERS[name][:1] if name in ("flights", "hotels") else (), 1)
        return [
            {**element, **{one: 2 * element.get(one, ones.get(one)) for one in _MEMBERS[name] if one in element or one in ones}}
            for element in value
        ]
    return 2 * value


@pytest.mark.parametrize("category", [category for category in RECORDS if category >= 3])
def test_twice_the_activity_is_twice_the_result(category):
    calculator = RecordCalculator(FactorTable.from_rows(FACTORS, Config()), Config())
    compared = 0

    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(records(category))
    def check(record):
        nonlocal compared
        # One employee or shipment may be meant where none is said.
        record = {"num_employees": 1, **record} if category == 7 else record
        twice = {name: _doubled(name, value) if name in _ACTIVITY[category] else value for name, value in record.items()}
        once, other = (answer.get("result") for answer in calculator.calculate([record, twice]))
        assert (once is None) == (other is None)
        if once is None or once["method"] in _BY_OTHER:
            return
        assert once["method"] == other["method"]
        for column in ("kg_co2e", "kg_co2e_direct", "kg_co2e_upstream", "std_kg", "p5_kg", "p95_kg"):
            assert other[column] == pytest.approx(2 * once[column], rel=1e-9, abs=1e-300), (column, record)
        compared += 1

    check()
    assert compared > 20
