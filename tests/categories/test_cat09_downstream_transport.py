"""Category 9, downstream transportation: statistics of shipments, the last mile, shops, and what differs from category 4."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.shipments import ALL, HUBS, ROAD, SPEND, bought, freight, leg, no_leg

_SHIPPED = {"transport_mode": "road_van", "total_shipments": 42_000, "average_distance_km": 310, "average_weight_tonnes": 0.012}


def _shipments(**changes):
    """Returns statistics of 156,240 tonne_km."""
    return no_leg(9, **{**_SHIPPED, **changes})


def test_parcels_of_a_year_by_their_averages():
    # 42,000 * 310 km * 0.012 t = 156,240 tonne_km; * 0.6313 = 98,634.312 kg, and * 0.15095 = 23,584.428 kg upstream.
    result = result_of(_shipments(), ALL)
    assert (result["method"], result["tier"], result["dqi_score"]) == ("aggregate_shipping_statistics", 3, 45)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((98_634.312, 23_584.428))
    assert result["kg_co2e"] == pytest.approx(122_218.74)
    # Averages .20, factor .30.
    assert result["cv"] == pytest.approx(math.sqrt(1.04 * 1.09 - 1))
    assert result["warnings"] == ["W_AGGREGATE", "W_LOW_DQI score=45"]


def test_averages_of_two_shipments_and_their_covariance_are_the_shipments():
    # 100 km with 1 t and 300 km with 3 t: averages of 200 km and 2 t, covariance (100 * 1 + 100 * 1) / 2 = 100. 1,000 tonne_km.
    shipped = {"total_shipments": 2, "average_distance_km": 200, "average_weight_tonnes": 2}
    together = result_of(_shipments(**shipped, distance_weight_covariance=100), ROAD)
    alone = [result_of(leg("road_van", km, tonnes, 9), ROAD)["kg_co2e"] for km, tonnes in ((100, 1), (300, 3))]
    assert together["kg_co2e"] == pytest.approx(sum(alone))
    # Without it 200 of 1,000 tonne_km are missing.
    assert result_of(_shipments(**shipped), ROAD)["kg_co2e"] == pytest.approx(0.8 * sum(alone))


def test_shipments_whose_covariance_takes_all_away_are_none():
    # 0.7 * 0.1 floats to less than 0.07.
    assert 0.7 * 0.1 - 0.07 < 0
    result = result_of(_shipments(average_distance_km=0.7, average_weight_tonnes=0.1, distance_weight_covariance=-0.07), ROAD)
    assert (result["kg_co2e"], result["cv"]) == (0, None)


def test_a_covariance_that_makes_the_activity_negative_is_a_contradiction():
    letter = refusal_of(_shipments(distance_weight_covariance=-4), ALL)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_INCONSISTENT", "average_distance_km", "310.0")
    assert "is 3.72, and distance_weight_covariance -4 makes it negative; correct one of them" in letter["message"]


@pytest.mark.parametrize(("km", "haul", "kg_per_tonne_km"), [(3_700, "short", 0.96054), (3_701, "long", 0.66646)])
def test_the_mean_distance_says_what_flights_they_are(km, haul, kg_per_tonne_km):
    flown = {"transport_mode": "air_freight", "total_shipments": 10, "average_distance_km": km, "average_weight_tonnes": 1}
    result = result_of(_shipments(**flown), ALL)
    assert result["kg_co2e"] == pytest.approx(10 * km * kg_per_tonne_km)
    assert f"W_HAUL_ASSUMED haul={haul}" in result["warnings"]
    assert result["rf_uplift_kg_co2e"] > 0
    assert not {"W_HAUL_ASSUMED"} & {*codes_of(result_of(_shipments(**flown, haul="long"), ALL))}


def test_averages_take_class_cooling_and_the_nearest_row_as_legs_do():
    cooled = _shipments(transport_mode="road_truck_medium", temperature="reefer")
    assert result_of(cooled, ALL)["kg_co2e"] == pytest.approx(156_240 * 0.54337)
    assert result_of(_shipments(vehicle_class="all_artic"), ALL)["kg_co2e"] == pytest.approx(156_240 * 0.09623)
    local = result_of(_shipments(region="FR"), [*ROAD, *freight("van_up_to_3_5t_diesel", region="FR", wtw=0.7)])
    assert (local["kg_co2e_direct"], local["kg_co2e_upstream"]) == (pytest.approx(156_240 * 0.7), 0)


@pytest.mark.parametrize(
    ("changes", "method"),
    [
        ({"fuel_type": "diesel", "fuel_amount": 100, "fuel_unit": "l"}, "tier_1_fuel_based"),
        ({"transport_mode": "road_van", "distance_km": 18, "weight_tonnes": 0.05}, "iso_14083_downstream_logistics"),
        (
            {"transport_mode": "road_truck_heavy", "distance_km": 18, "weight_tonnes": 5, "load_factor": 0.8},
            "iso_14083_downstream_logistics",
        ),
        ({"electricity_kwh": 5}, "tier_1_site_energy"),
        ({"hub_type": "container_terminal", "hub_quantity": 1, "hub_unit": "t"}, "tier_2_hub_average"),
        (_SHIPPED, "aggregate_shipping_statistics"),
        ({"spend_amount": 5, "spend_currency": "USD", "spend_year": 2022, "naics_code": "492110"}, "tier_3_spend_based"),
    ],
)
def test_the_last_mile_is_told_by_every_method(changes, method):
    told = result_of(no_leg(9, **changes, is_last_mile=True), ALL)
    assert (told["method"], "W_LAST_MILE" in told["warnings"]) == (method, True)
    for other in (False, None):
        assert "W_LAST_MILE" not in result_of(no_leg(9, **changes, is_last_mile=other), ALL)["warnings"]


def test_a_leg_is_that_of_category_4_and_biogenic_carbon_is_not_told():
    # 10 t * 400 km * 1.05 * 0.09502 = 399.084 kg.
    record = leg(distance_basis="sfd", category=9)
    assert result_of(record, ALL)["kg_co2e"] == pytest.approx(399.084)
    burned = {"fuel_type": "diesel", "fuel_amount": 100, "fuel_unit": "l"}
    upstream, downstream = (result_of(no_leg(category, **burned), ALL) for category in (4, 9))
    assert upstream["kg_co2e"] == downstream["kg_co2e"] == pytest.approx(318.183)
    assert (upstream["biogenic_kg_co2"], downstream["biogenic_kg_co2"]) == (pytest.approx(14), None)


def test_a_shop_counts_by_the_share_of_area_and_time():
    # 150,000 kWh * 0.2454 for a tenth of the shelf over half of the year.
    result = result_of(no_leg(9, electricity_kwh=150_000, site_allocation_share=0.05), ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_1_site_energy", pytest.approx(1_840.5))


def test_a_leg_goes_before_averages_and_averages_before_money():
    money = {"spend_amount": 10_000, "spend_currency": "USD", "spend_year": 2022, "naics_code": "492110"}
    record = _shipments(distance_km=30, weight_tonnes=0.2, **money)
    assert result_of(record, ALL)["method"] == "iso_14083_downstream_logistics"
    assert result_of({**record, "distance_basis": "gcd"}, ALL)["method"] == "aggregate_shipping_statistics"
    by_money = result_of(record, SPEND)
    assert (by_money["method"], by_money["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(2_500))
    assert "W_TIER_FALLBACK from=iso_14083_downstream_logistics reason=E_NO_FACTOR" in by_money["warnings"]


def test_no_code_stands_for_a_mode_here():
    assert result_of(bought(naics_code="492110", category=9), SPEND)["kg_co2e"] == pytest.approx(2_500)
    letter = refusal_of(bought(transport_mode="road_van", category=9), SPEND)
    assert (letter["code"], letter["field"]) == ("E_NO_TIER", None)
    assert letter["message"].endswith("; or spend_amount and naics_code")


def test_a_credit_note_is_money_alone():
    record = _shipments(spend_amount=-10_000, spend_currency="USD", spend_year=2022, naics_code="492110")
    result = result_of(record, ALL, credit_notes="net")
    assert (result["method"], result["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(-2_500))
    assert {"W_CREDIT_NOTE"} <= {*codes_of(result)}
    assert refusal_of(record, ALL)["code"] == "E_RANGE"


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"total_shipments": 0}, "E_RANGE", "total_shipments", ">= 1"),
        ({"total_shipments": 1.5}, "E_TYPE", "total_shipments", "1.5"),
        ({"average_distance_km": 0}, "E_RANGE", "average_distance_km", "> 0"),
        ({"average_weight_tonnes": "-2"}, "E_RANGE", "average_weight_tonnes", "> 0"),
        ({"distance_weight_covariance": "NaN"}, "E_RANGE", "distance_weight_covariance", "no quantity"),
        # Of two faults of a kind the first field of the table is named: that of the spend block, which category 4 has too.
        ({"spend_amount": -1, "total_shipments": 0}, "E_RANGE", "spend_amount", "--credit_notes=net"),
        ({"is_last_mile": "perhaps"}, "E_TYPE", "is_last_mile", "true or false"),
        ({"transport_mode": "bike"}, "E_ENUM", "transport_mode", "road_van"),
        ({"hub_type": "depot"}, "E_INCONSISTENT", "transport_mode", "road_van and tells of a leg, hub_type of a hub or warehouse"),
        ({"transport_mode": None}, "E_NO_TIER", None, "average_weight_tonnes and transport_mode"),
        ({"total_shipments": None}, "E_NO_TIER", None, "total_shipments"),
        ({"transport_mode": "sea_bulk"}, "E_NO_FACTOR", "transport_mode", "'bulk_average'"),
    ],
)
def test_a_bad_record_is_refused_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(_shipments(**changes), ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


def test_a_hub_without_a_unit_is_refused():
    letter = refusal_of(no_leg(9, hub_type="container_terminal", hub_quantity=5), HUBS)
    assert (letter["code"], letter["field"], letter["attempted_methods"]) == ("E_UNIT", "hub_unit", ["tier_2_hub_average"])
    assert "hub_unit is missing" in letter["message"]
