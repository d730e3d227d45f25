"""Category 6, business travel: examples by hand, each kind of leg and warning, and what is refused."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.trips import ALL, MONEY, OWN_FLIGHT, OWN_KM, OWN_NIGHT, SPEND, factors_of, road, trip
from tests.records import make_record


def test_three_groups_travel_by_road_and_air():
    # Example [6.1] of the GHG Protocol's Technical Guidance (2013), category 6, distance-based method, with its illustrative factors:
    # road 10 / 2 * 50 * 1 + 20 / 2 * 200 * 2 + 100 / 3 * 100 * 4 = 17,583.33 kg,
    # air 10 * 10,000 * 5 + 20 * 15,000 * 6 + 100 * 12,000 * 5 = 8,300,000 kg; together 8,317,583.33 kg.
    factors = [
        *factors_of("travel_land", "car_hybrid", "vehicle_km", ttw=1),
        *factors_of("travel_land", "car_petrol", "vehicle_km", ttw=2),
        *factors_of("travel_air", "long:average", "passenger_km", ttw=5),
        *factors_of("travel_air", "short:average", "passenger_km", ttw=6),
    ]
    groups = [
        (10, {"vehicle_type": "car_hybrid", "distance_km": 50, "occupants": 2}, 10_000, "long"),
        (20, {"vehicle_type": "car_petrol", "distance_km": 200, "occupants": 2}, 15_000, "short"),
        # Of four wheel drives there is no row: the record gives their factor.
        (100, {"vehicle_type": "car_unknown", "distance_km": 100, "occupants": 3, OWN_KM: 4}, 12_000, "long"),
    ]
    total = 0.0
    for people, car, distance_km, haul in groups:
        flown = {"distance_km": distance_km, "haul": haul, "cabin_class": "average", "num_passengers": people}
        travelled = trip(flights=[flown], ground_transport=[{**car, "num_passengers": people}])
        total += result_of(travelled, factors, rf="without_rf")["kg_co2e"]
    assert total == pytest.approx(8_317_583.33)


def test_a_trip_of_a_flight_nights_and_a_car():
    # 6,000 km * (0.11704 + 0.02461) = 849.9 kg, 3 nights * 10.4 = 31.2 kg, 100 km * (0.16272 + 0.04599) = 20.871 kg.
    record = make_record(6, hotels=[{"nights": 3, "region": "GB"}], ground_transport=[{"vehicle_type": "car_petrol", "distance_km": 100}])
    result = result_of(record, ALL)
    assert result["kg_co2e"] == pytest.approx(901.971)
    assert result["kg_co2e_direct"] == pytest.approx(6000 * 0.11704 + 31.2 + 16.272)
    assert result["kg_co2e_upstream"] == pytest.approx(6000 * 0.02461 + 4.599)
    assert (result["method"], result["tier"], result["ghgp_method"]) == ("business_travel_combined", 2, "distance_based")
    assert result["dqi_score"] == 65.0
    # Legs on different factors err each by itself: activity .12 and factor .15, (1.0144 * 1.0225 - 1).
    assert result["std_kg"] == pytest.approx(math.sqrt((1.0144 * 1.0225 - 1) * (849.9**2 + 31.2**2 + 20.871**2)))


def test_legs_on_one_factor_err_together():
    # Two flights of 6,000 km: the factor's part is that of 12,000 km, the distances err each by itself.
    result = result_of(trip(flights=[{"distance_km": 6000, "haul": "long"}] * 2), ALL)
    assert result["kg_co2e"] == pytest.approx(1_699.8)
    variance = (1_699.8 * 0.15) ** 2 + 2 * (849.9 * 0.12) ** 2 * 1.0225
    assert result["std_kg"] == pytest.approx(math.sqrt(variance))
    assert result["factor_kg_co2e"] == [pytest.approx(0), pytest.approx(1_699.8), pytest.approx(0)]


def test_each_own_factor_of_a_trip_keeps_its_value():
    flights = [{"distance_km": 1000, "haul": "long", "ef_boundary": "wtw", OWN_FLIGHT: value} for value in (0.1, 0.0, 0.3)]
    hotels = [{"nights": 2, "region": "AT", OWN_NIGHT: value} for value in (20, 30)]
    roads = [{"vehicle_type": "taxi", "distance_km": 10, OWN_KM: value} for value in (0.2, 0.4)]
    result = result_of(trip(flights=flights, hotels=hotels, ground_transport=roads), ALL)
    shown = dict(zip(result["factor_ids"], zip(result["factor_values"], result["factor_kg_co2e"], strict=True), strict=True))
    assert {name: value for name, (value, _) in shown.items() if name.startswith("record:")} == {
        **{f"record:flights[{place}].{OWN_FLIGHT}": value for place, value in enumerate((0.1, 0.0, 0.3))},
        **{f"record:hotels[{place}].{OWN_NIGHT}": value for place, value in enumerate((20, 30))},
        **{f"record:ground_transport[{place}].{OWN_KM}": value for place, value in enumerate((0.2, 0.4))},
    }
    # 1,000 * (0.1 + 0 + 0.3) + 2 * (20 + 30) + 10 * (0.2 + 0.4) + 20 * 0.03697 of the taxis' fuel.
    assert result["kg_co2e"] == pytest.approx(400 + 100 + 6 + 0.7394)
    assert math.fsum(result["factor_kg_co2e"]) == pytest.approx(result["kg_co2e"])


def test_own_factors_of_one_trip_err_each_by_itself():
    flights = [{"distance_km": 1000, "ef_boundary": "wtw", OWN_FLIGHT: 0.1}] * 2
    # Two terms of 100 kg: activity .12, factor .15 each.
    assert result_of(trip(flights=flights))["std_kg"] == pytest.approx(math.sqrt(2 * 100**2 * (1.0144 * 1.0225 - 1)))


def test_rooms_and_nights_in_the_country_of_the_hotel():
    # 2 rooms * 4 nights * 16.1 kg in the United States; hotels have no upstream part, and that is no gap.
    result = result_of(trip(hotels=[{"nights": 4, "rooms": 2, "region": "us"}]), ALL)
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(128.8), 0.0)
    assert result["warnings"] == []


@pytest.mark.parametrize(
    ("people", "km"),
    [
        ({}, 200),
        ({"num_passengers": 2}, 200),
        ({"num_passengers": 2, "occupants": 4}, 100),
        ({"num_passengers": 2, "occupants": 1}, 400),
        ({"occupants": 2.5}, 80),
    ],
)
def test_travellers_share_a_car_unless_the_record_says_who_sits_in_it(people, km):
    result = result_of(road(vehicle_type="car_petrol", distance_km=200, **people), ALL)
    assert result["kg_co2e"] == pytest.approx(km * (0.16272 + 0.04599))


def test_a_seat_in_a_train_is_each_travellers_own():
    # 3 travellers * 300 km; how many others sit in the train is in the factor.
    result = result_of(road(vehicle_type="train", distance_km=300, num_passengers=3, occupants=100), ALL)
    assert result["kg_co2e"] == pytest.approx(900 * (0.03546 + 0.00897))


def test_older_names_of_vehicles_are_understood():
    result = result_of(road(vehicle_type="Rental car", distance_km=100), ALL)
    assert result["kg_co2e"] == pytest.approx(100 * (0.16725 + 0.04399))


def test_fuel_goes_before_distance():
    # 38 litres of petrol * (2.06916 + 0.58094).
    leg = {"fuel_type": "petrol", "fuel_amount": 38, "fuel_unit": "l"}
    result = result_of(road(**leg, vehicle_type="car_petrol", distance_km=500), ALL)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(78.62808), pytest.approx(22.07572))


def test_spend_by_code():
    # 1,000 dollars of 2022 * 0.9 kg.
    result = result_of(trip(**MONEY), SPEND)
    assert (result["method"], result["tier"], result["kg_co2e"]) == ("tier_3_spend_based", 3, pytest.approx(900))
    assert {"W_SPEND_BASED", "W_LOW_DQI"} <= {*codes_of(result)}
    assert "W_CURRENCY_ASSUMED" in codes_of(result_of(trip(**{**MONEY, "spend_currency": None}), SPEND))


def test_legs_go_before_spend():
    assert result_of(make_record(6, **MONEY), [*ALL, *SPEND])["method"] == "business_travel_combined"


def test_a_trip_of_which_a_leg_has_no_factor_falls_back_on_spend_as_a_whole():
    record = trip(flights=[{"distance_km": 6000, "haul": "long"}], hotels=[{"nights": 1, "region": "AT"}], **MONEY)
    result = result_of(record, [*ALL, *SPEND])
    assert (result["method"], result["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(900))
    assert "W_TIER_FALLBACK from=business_travel_combined reason=E_NO_FACTOR" in result["warnings"]


def test_a_leg_without_data_makes_the_whole_trip_incomplete():
    legs = {"flights": [{"distance_km": 6000, "haul": "long"}], "ground_transport": [{"vehicle_type": "train"}]}
    result = result_of(trip(**legs, **MONEY), [*ALL, *SPEND])
    # Not tried, so nothing fell back.
    assert (result["method"], "W_TIER_FALLBACK" in codes_of(result)) == ("tier_3_spend_based", False)
    assert refusal_of(trip(**legs), ALL)["code"] == "E_NO_TIER"


def test_a_credit_note_is_calculated_by_spend_alone():
    record = make_record(6, **{**MONEY, "spend_amount": -1000})
    result = result_of(record, [*ALL, *SPEND], credit_notes="net")
    assert (result["method"], result["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(-900))
    assert "W_CREDIT_NOTE" in codes_of(result)
    assert refusal_of(record, [*ALL, *SPEND])["field"] == "spend_amount"


def test_flights_and_cars_from_abroad_are_told_hotels_are_never_taken_from_there():
    result = result_of(make_record(6, region="DE"), ALL)
    assert "W_FOREIGN_PROXY from=DE to=GB" in result["warnings"]
    assert refusal_of(make_record(6, region="DE"), ALL, foreign_proxy={})["code"] == "E_NO_FACTOR"
    assert refusal_of(trip(hotels=[{"nights": 1, "region": "DE"}]), ALL)["field"] == "hotels[0].region"


@pytest.mark.parametrize(
    ("legs", "code", "field", "value", "words"),
    [
        ({"trip_id": "T-1"}, "E_NO_TIER", None, None, "give flights, hotels or ground_transport"),
        ({"flights": [], "hotels": [], "ground_transport": []}, "E_NO_TIER", None, None, "or spend_amount and naics_code"),
        ({"flights": [{"distance_km": 9}, {"distance_km": 9}, {"distance_km": 0}]}, "E_RANGE", "flights[2].distance_km", "0", "> 0"),
        ({"flights": [{"distance_km": 9, "num_passengers": 0}]}, "E_RANGE", "flights[0].num_passengers", "0", ">= 1"),
        ({"flights": [{"distance_km": 9, OWN_FLIGHT: -1}]}, "E_RANGE", f"flights[0].{OWN_FLIGHT}", "-1", ">= 0"),
        ({"flights": [{"haul": "long"}]}, "E_REQUIRED", "flights[0].distance_km", None, "missing"),
        ({"flights": [{"distance_km": 9, "haul": "far"}]}, "E_ENUM", "flights[0].haul", "far", "domestic, short, long, international"),
        ({"flights": [{"distance_km": 9, "cabin_class": "busines"}]}, "E_ENUM", "flights[0].cabin_class", "busines", "mean business?"),
        ({"flights": [{"distance_km": 9, "origin_country": "XX"}]}, "E_ENUM", "flights[0].origin_country", "XX", "ISO 3166"),
        ({"flights": [{"distance_km": "far"}]}, "E_TYPE", "flights[0].distance_km", "far", "decimal point"),
        ({"flights": [{"distance_km": 9, "ef_includes_rf": "perhaps"}]}, "E_TYPE", "flights[0].ef_includes_rf", "perhaps", "true or false"),
        ({"flights": "LHR-JFK"}, "E_TYPE", "flights", "LHR-JFK", "not a list"),
        ({"hotels": [{"nights": 1, "region": "GB"}, {"nights": 0, "region": "GB"}]}, "E_RANGE", "hotels[1].nights", "0", ">= 1"),
        ({"hotels": [{"nights": 2}]}, "E_REQUIRED", "hotels[0].region", None, "country of the hotel"),
        ({"hotels": [{"nights": 2.5, "region": "GB"}]}, "E_TYPE", "hotels[0].nights", "2.5", "whole number"),
        ({"hotels": [{"nights": 1, "region": "GB"}, {"nights": 1, "region": "AT"}]}, "E_NO_FACTOR", "hotels[1].region", "AT", "--factors"),
        (
            {"flights": [{"distance_km": 9, "haul": "long"}, {"distance_km": 9, "haul": "international", "cabin_class": "first"}]},
            *("E_NO_FACTOR", "flights[1].cabin_class", "first", "'international:first' in GB"),
        ),
        (
            {"ground_transport": [{"vehicle_type": "train", "distance_km": 1}, {"vehicle_type": "coach", "distance_km": 1}]},
            *("E_NO_FACTOR", "ground_transport[1].vehicle_type", "coach", "--factors"),
        ),
        ({"ground_transport": [{"vehicle_type": "lorry"}]}, "E_ENUM", "ground_transport[0].vehicle_type", "lorry", "car_petrol"),
        (
            {"ground_transport": [{"vehicle_type": "taxi", "distance_km": 1, "occupants": 0.5}]},
            *("E_RANGE", "ground_transport[0].occupants", "0.5", ">= 1"),
        ),
        (
            {"ground_transport": [{"fuel_type": "petrol", "fuel_amount": 5}]},
            *("E_UNIT", "ground_transport[0].fuel_unit", None, "write a unit code"),
        ),
        (
            {"ground_transport": [{"fuel_type": "petrol", "fuel_amount": 5, "fuel_unit": "kg"}]},
            *("E_UNIT", "ground_transport[0].fuel_unit", "kg", "does not convert"),
        ),
        (
            {"ground_transport": [{"fuel_type": "peat", "fuel_amount": 5, "fuel_unit": "kg"}]},
            *("E_NO_FACTOR", "ground_transport[0].fuel_type", "peat", "--factors"),
        ),
        (MONEY, "E_NO_FACTOR", "naics_code", "481111", "--factors"),
    ],
)
def test_refusals(legs, code, field, value, words):
    letter = refusal_of(trip(**legs), ALL)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value)
    assert words in letter["message"]


def test_of_several_legs_without_a_factor_the_first_field_is_named():
    legs = {"hotels": [{"nights": 1, "region": "AT"}], "ground_transport": [{"vehicle_type": "coach", "distance_km": 1}]}
    assert refusal_of(trip(**legs), ALL)["field"] == "hotels[0].region"
    # A unit goes before a factor.
    legs["ground_transport"].append({"fuel_type": "petrol", "fuel_amount": 5, "fuel_unit": "barrel"})
    letter = refusal_of(trip(**legs), ALL)
    assert (letter["code"], letter["field"]) == ("E_UNIT", "ground_transport[1].fuel_unit")
