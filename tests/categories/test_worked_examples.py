"""One example a category that can be checked by hand: published factors of the United Kingdom for 2025, and the arithmetic beside it."""

import pytest

from tests.categories.answers import codes_of, result_of
from tests.records import make_factor

_UK = {"region": "GB", "activity_year": 2025, "record_id": "R-1"}
_GRID = [
    make_factor("grid", "electricity", "generation", 0.177, "kWh"),
    make_factor("grid", "electricity", "td_generation", 0.01853, "kWh"),
    make_factor("grid", "electricity", "wtt_generation", 0.0459, "kWh"),
    make_factor("grid", "electricity", "wtt_td", 0.00397, "kWh"),
]
_GAS = [
    make_factor("fuel", "natural_gas", "ttw", 0.18296, "kWh", basis="gross"),
    make_factor("fuel", "natural_gas", "wtt", 0.03021, "kWh", basis="gross"),
]
_DIESEL = [make_factor("fuel", "diesel", "ttw", 2.57082, "l"), make_factor("fuel", "diesel", "wtt", 0.61101, "l")]


def _factors(family, key, unit, **values):
    return [make_factor(family, key, boundary, value, unit) for boundary, value in values.items()]


def test_category_3_losses_and_upstream_of_electricity():
    # 10,000 kWh * (0.0459 + 0.01853 + 0.00397) kg/kWh = 684 kg, of which what was lost on the way: 185.3 kg direct.
    result = result_of({**_UK, "category": 3, "fuel_or_energy_type": "electricity", "quantity": 10_000, "quantity_unit": "kWh"}, _GRID)
    assert result["kg_co2e"] == pytest.approx(684)
    assert result["kg_co2e_direct"] == pytest.approx(185.3)


def test_category_3_losses_by_a_share_of_generation():
    # Of 94 kWh delivered 6 were lost: 10,000 * 6 / 94 * (0.177 + 0.0459), and 10,000 * 0.0459 upstream of what was used.
    record = {**_UK, "category": 3, "fuel_or_energy_type": "power", "quantity": 10_000, "quantity_unit": "kWh", "td_loss_share": 0.06}
    assert result_of(record, _GRID)["kg_co2e"] == pytest.approx(10_000 * (6 / 94 * (0.177 + 0.0459) + 0.0459))


def test_category_4_a_lorry_on_the_shortest_feasible_distance():
    # 10 t * 400 km * 1.05 (detour) = 4,200 tonne_km; * 0.07703 = 323.526 kg, and * 0.01799 = 75.558 kg upstream.
    factors = [
        make_factor("freight", "artic_over_33t", "ttw", 0.07703, "tonne_km", basis="actual"),
        make_factor("freight", "artic_over_33t", "wtt", 0.01799, "tonne_km", basis="actual"),
    ]
    leg = {"transport_mode": "road_truck_heavy", "distance_km": 400, "distance_basis": "sfd", "weight_tonnes": 10}
    result = result_of({**_UK, "category": 4, **leg}, factors)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((323.526, 75.558))
    assert result["kg_co2e"] == pytest.approx(399.084)


def test_category_4_a_load_that_is_known():
    # a / LF + b: 0.03624 / 0.5 + 0.02364 = 0.09612 kg/tonne_km; 1,000 tonne_km are 96.12 kg. Upstream: 0.00841 / 0.5 + 0.00562.
    factors = _factors("freight_load", "artic_over_33t", "tonne_km", ttw_a=0.03624, ttw_b=0.02364, wtt_a=0.00841, wtt_b=0.00562)
    leg = {"transport_mode": "road_truck_heavy", "distance_km": 100, "weight_tonnes": 10, "load_factor": 0.5}
    result = result_of({**_UK, "category": 4, **leg}, factors)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((96.12, 22.44))
    assert codes_of(result) == ["W_LOW_LOAD"]
    # One term: distance .05, weight .03, load .05 * (a / LF) / (a / LF + b), and the factor's .20.
    load_cv = 0.05 * (0.0893) / (0.0893 + 0.02926)
    product = (1 + 0.05**2) * (1 + 0.03**2) * (1 + load_cv**2) * (1 + 0.2**2)
    assert result["cv"] == pytest.approx((product - 1) ** 0.5)


def test_category_5_waste_of_which_a_part_is_recycled():
    # 1,000 kg paper: 600 kg to landfill * 1.1644894 + 400 kg recycled * 0.00468568 = 698.69364 + 1.874272 kg.
    factors = [
        make_factor("waste", "paper_cardboard:landfill", "treatment", 1.1644894, "kg"),
        make_factor("waste", "paper_cardboard:recycling", "treatment", 0.00468568, "kg"),
    ]
    waste = {"waste_mass_kg": 1000, "waste_type": "paper_cardboard", "disposal_method": "landfill", "recycling_rate": 0.4}
    assert result_of({**_UK, "category": 5, **waste}, factors)["kg_co2e"] == pytest.approx(700.567912)


def test_category_6_a_flight_with_and_without_radiative_forcing():
    # 2 travellers * 6,000 km: 12,000 * (0.11704 + 0.02461) = 1,699.8 kg; without forcing 12,000 * (0.06926 + 0.02461).
    factors = _factors("travel_air", "long:economy", "passenger_km", ttw_rf=0.11704, ttw=0.06926, wtt=0.02461)
    trip = {**_UK, "category": 6, "flights": [{"distance_km": 6000, "num_passengers": 2, "haul": "long"}]}
    result = result_of(trip, factors)
    assert result["kg_co2e"] == pytest.approx(1_699.8)
    assert result["rf_uplift_kg_co2e"] == pytest.approx(573.36)
    assert result_of(trip, factors, rf="without_rf")["kg_co2e"] == pytest.approx(1_126.44)


def test_category_7_a_car_both_ways():
    # 2 * 15 km * 5 days * 48 weeks = 7,200 km * (0.16272 + 0.04599) = 1,502.712 kg.
    factors = _factors("travel_land", "car_petrol", "vehicle_km", ttw=0.16272, wtt=0.04599)
    record = {**_UK, "category": 7, "commute_mode": "car_petrol", "distance_km": 15, "days_per_week": 5}
    assert result_of(record, factors)["kg_co2e"] == pytest.approx(1_502.712)
    assert result_of({**record, "car_occupancy": 2}, factors)["kg_co2e"] == pytest.approx(751.356)


def test_category_8_a_share_of_a_metered_building():
    # 30 % of (50,000 kWh * 0.177 + 20,000 kWh * 0.18296) = 30 % of 12,509.2 kg; what is upstream is told beside it.
    lease = {"energy_scope": "whole_building", "share_of_building": 0.3, "electricity_kwh": 50_000, "natural_gas_kwh": 20_000}
    result = result_of({**_UK, "category": 8, **lease}, [*_GRID, *_GAS])
    assert result["kg_co2e"] == pytest.approx(3_752.76)
    assert result["kg_co2e_upstream"] == pytest.approx(0.3 * (50_000 * 0.0684 + 20_000 * 0.03021))


def test_category_9_statistics_of_many_shipments():
    # 1,000 * (300 km * 0.02 t + 0.5 covariance) = 6,500 tonne_km * 0.78225 = 5,084.625 kg.
    factors = _factors("freight", "van_up_to_3_5t_diesel", "tonne_km", ttw=0.6313, wtt=0.15095)
    shipped = {"total_shipments": 1000, "average_distance_km": 300, "average_weight_tonnes": 0.02, "distance_weight_covariance": 0.5}
    assert result_of({**_UK, "category": 9, "transport_mode": "road_van", **shipped}, factors)["kg_co2e"] == pytest.approx(5_084.625)


def test_category_10_energy_of_a_processor():
    # 200 t * 0.5 * (100 kWh * 0.177 + 40 kWh * 0.18296) = 100 * 25.0184 kg.
    sold = {"product_name": "coil", "sold_quantity": 200, "quantity_unit": "t", "allocation_share": 0.5}
    energy = {"electricity_kwh_per_unit": 100, "natural_gas_kwh_per_unit": 40}
    assert result_of({**_UK, "category": 10, **sold, **energy}, [*_GRID, *_GAS])["kg_co2e"] == pytest.approx(2_501.84)


def test_category_10_energy_of_a_kind_of_processing_in_another_unit():
    # 2 t = 2,000 kg * 0.35 kWh/kg = 700 kWh * 0.177 kg.
    energy = make_factor("process_energy", "stamping", "parameter", 0.35, "kwh_per_unit", basis="kg", gwp=None)
    sold = {"product_name": "coil", "sold_quantity": 2, "quantity_unit": "t", "processing_type": "stamping"}
    assert result_of({**_UK, "category": 10, **sold}, [*_GRID, energy])["kg_co2e"] == pytest.approx(123.9)


def test_category_12_a_product_by_its_materials():
    # 100 units * (2 kg glass + 0.5 kg paper), half to landfill, half recycled:
    # 100 * (2 * (0.5 * 0.00898311 + 0.5 * 0.00468568) + 0.5 * (0.5 * 1.1644894 + 0.5 * 0.00468568)).
    cells = {"glass:landfill": 0.00898311, "glass:recycling": 0.00468568}
    cells |= {"paper_cardboard:landfill": 1.1644894, "paper_cardboard:recycling": 0.00468568}
    factors = [make_factor("waste", key, "treatment", value, "kg") for key, value in cells.items()]
    items = [{"material": "glass", "weight_kg": 2}, {"material": "paper", "weight_kg": 0.5}]
    record = {"units_sold": 100, "material_composition": items, "landfill_share": 0.5, "recycling_share": 0.5}
    assert result_of({**_UK, "category": 12, **record}, factors)["kg_co2e"] == pytest.approx(100 * (0.01366879 + 0.29229377))


def test_category_13_a_building_by_its_area():
    # 1,000 m2 * 6 of 12 months * 200 kWh/m2 * 0.177 kg/kWh = 17,700 kg.
    intensity = make_factor("building_energy", "office:electricity", "parameter", 200, "kwh_per_m2_year", gwp=None)
    let = {"building_type": "office", "floor_area_m2": 1000, "months_in_year": 6}
    result = result_of({**_UK, "category": 13, **let}, [*_GRID, intensity])
    assert result["kg_co2e"] == pytest.approx(17_700)
    assert "W_AREA_INTENSITY kwh_per_m2_year=200" in result["warnings"]


def test_category_14_outlets_in_two_countries():
    # 7 of 10 outlets in GB, 3 in FR: 200,000 kWh * (0.7 * 0.177 + 0.3 * 0.05) = 27,780 kg.
    france = make_factor("grid", "electricity", "generation", 0.05, "kWh", region="FR")
    outlets = {"franchise_count": 10, "locations_by_region": {"GB": 7, "FR": 3}, "electricity_kwh": 200_000}
    assert result_of({**_UK, "category": 14, **outlets}, [*_GRID, france])["kg_co2e"] == pytest.approx(27_780)


def test_category_15_a_share_of_a_listed_company():
    # PCAF: 5 million / enterprise value of 100 million = 5 % of 12,000 t + 8,000 t = 1,000 t.
    position = {"portfolio_company": "A", "asset_class": "listed_equity", "outstanding_amount": 5e6, "evic": 1e8}
    figures = {"company_scope1_t_co2e": 12_000, "company_scope2_t_co2e": 8_000, "emissions_verified": True}
    result = result_of({**_UK, "category": 15, **position, **figures})
    assert result["kg_co2e"] == pytest.approx(1_000_000)
    assert (result["pcaf_score"], result["attribution_factor"]) == (1, pytest.approx(0.05))


def test_category_15_a_loan_to_a_company_that_is_not_listed_is_one_of_equity_and_debt():
    # 3 million of (4 + 8) million: 25 % of 1,000 litres of diesel a year, 25 % * 2,570.82 kg.
    position = {
        "portfolio_company": "B",
        "asset_class": "business_loans",
        "outstanding_amount": 3e6,
        "total_equity": 4e6,
        "total_debt": 8e6,
    }
    fuels = {"other_fuels": [{"fuel_type": "diesel", "amount": 1000, "unit": "l"}]}
    assert result_of({**_UK, "category": 15, **position, **fuels}, _DIESEL)["kg_co2e"] == pytest.approx(642.705)


def test_category_15_more_than_the_whole_counts_as_the_whole():
    position = {"portfolio_company": "C", "asset_class": "mortgages", "outstanding_amount": 120, "property_value_at_origination": 100}
    result = result_of({**_UK, "category": 15, **position, "company_scope1_t_co2e": 1})
    assert result["kg_co2e"] == pytest.approx(1000)
    assert {"W_AF_CAPPED af=1.2", "W_SCOPE_MISSING given=company_scope1_t_co2e"} <= {*result["warnings"]}
