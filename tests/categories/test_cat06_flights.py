"""Category 6, flights: radiative forcing, haul and cabin, and factors that the record gives."""

import math

import pytest

from tests.categories.answers import codes_of, result_of
from tests.categories.trips import AIR, ALL, LAND, OWN_FLIGHT, OWN_KM, flight, road, trip


@pytest.mark.parametrize(
    ("option", "of_flight", "forced"),
    [("with_rf", None, True), ("without_rf", None, False), ("with_rf", False, False), ("without_rf", True, True)],
)
def test_a_flight_goes_before_the_option_of_radiative_forcing(option, of_flight, forced):
    result = result_of(flight(haul="long", apply_radiative_forcing=of_flight), ALL, rf=option)
    assert result["kg_co2e"] == pytest.approx(1000 * ((0.11704 if forced else 0.06926) + 0.02461))
    assert codes_of(result) == ["W_RF_INCLUDED" if forced else "W_RF_EXCLUDED"]
    # What forcing adds, or would have added: 1,000 km * (0.11704 - 0.06926).
    assert result["rf_uplift_kg_co2e"] == pytest.approx(47.78)


def test_flights_with_and_without_forcing_are_both_told():
    flights = [{"distance_km": 1000, "haul": "long"}, {"distance_km": 1000, "haul": "long", "apply_radiative_forcing": False}]
    result = result_of(trip(flights=flights), ALL)
    assert codes_of(result) == ["W_RF_EXCLUDED", "W_RF_INCLUDED"]
    assert result["rf_uplift_kg_co2e"] == pytest.approx(2 * 47.78)


def test_without_the_other_row_there_is_no_uplift():
    rows = [row for row in AIR if row["boundary"] != "ttw"]
    assert result_of(flight(haul="long"), rows)["rf_uplift_kg_co2e"] is None
    assert result_of(trip(hotels=[{"nights": 1, "region": "GB"}]), ALL)["rf_uplift_kg_co2e"] is None


@pytest.mark.parametrize(
    ("members", "haul"),
    [
        ({"distance_km": 3700}, "short"),
        ({"distance_km": 3700.1}, "long"),
        ({"distance_km": 500, "origin_country": "GB", "destination_country": "uk"}, "domestic"),
        ({"distance_km": 4000, "origin_country": "GB", "destination_country": "GB"}, "domestic"),
        ({"distance_km": 500, "origin_country": "GB", "destination_country": "FR"}, "short"),
        ({"distance_km": 500, "origin_country": "GB"}, "short"),
    ],
)
def test_a_haul_that_is_not_given_follows_from_countries_and_distance(members, haul):
    result = result_of(flight(**members), ALL)
    assert f"W_HAUL_ASSUMED haul={haul}" in result["warnings"]
    assert any(name.startswith(f"travel_air:{haul}:") for name in result["factor_ids"])


def test_a_haul_that_is_given_is_not_assumed():
    result = result_of(flight(distance_km=500, haul="International", origin_country="GB", destination_country="GB"), ALL)
    assert result["kg_co2e"] == pytest.approx(500 * (0.10916 + 0.01656))
    assert codes_of(result) == ["W_RF_INCLUDED"]


@pytest.mark.parametrize(
    ("haul", "asked", "used", "told"),
    [
        ("long", "first", "long:first", False),
        ("short", "first", "short:business", True),
        ("short", "Premium economy", "short:business", True),
        ("short", None, "short:economy", False),
        ("domestic", "economy", "domestic:average", False),
        ("domestic", "first", "domestic:average", False),
        ("domestic", "average", "domestic:average", False),
    ],
)
def test_a_cabin_that_is_not_published_is_one_that_is(haul, asked, used, told):
    result = result_of(flight(haul=haul, cabin_class=asked), ALL)
    assert {name.partition("@")[0] for name in result["factor_ids"]} == {f"travel_air:{used}"}
    assert ("W_CABIN_FALLBACK" in codes_of(result)) == told
    # A stand-in is no worse a factor.
    assert result["cv"] == pytest.approx(math.sqrt(1.0144 * 1.0225 - 1))


def test_the_cabins_are_named_in_the_warning_and_the_last_of_all_is_the_average():
    rows = [row for row in AIR if row["key"] == "short:average"]
    result = result_of(flight(haul="short", cabin_class="first"), rows)
    assert "W_CABIN_FALLBACK from=first to=average" in result["warnings"]


def test_a_factor_of_the_record_is_used_as_it_is():
    # 1,000 km * 0.11 kg, well-to-wheel: nothing is added to it, and no factor is asked for.
    result = result_of(flight(**{OWN_FLIGHT: 0.11, "ef_boundary": "wtw"}))
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(110), 0.0)
    assert result["factor_ids"] == [f"record:flights[0].{OWN_FLIGHT}"]
    assert (result["factor_values"], result["factor_units"]) == ([0.11], ["passenger_km"])
    assert codes_of(result) == ["W_RF_EXCLUDED"]
    assert result["rf_uplift_kg_co2e"] is None


def test_a_tank_to_wheel_factor_of_the_record_takes_the_rest_from_the_loaded_row():
    # 1,000 km * (0.2 + 0.02249); that forcing is in it is for the record to say, and the option does not matter.
    result = result_of(flight(haul="short", **{OWN_FLIGHT: 0.2, "ef_includes_rf": True}), ALL, rf="without_rf")
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == (pytest.approx(200), pytest.approx(22.49))
    assert codes_of(result) == ["W_RF_INCLUDED"]
    assert result["factor_ids"][0] == f"record:flights[0].{OWN_FLIGHT}" and result["factor_ids"][1].endswith("#wtt")


def test_where_no_row_is_loaded_for_the_rest_that_is_told():
    assert "W_NO_UPSTREAM key=short:economy" in result_of(flight(haul="short", **{OWN_FLIGHT: 0.2}))["warnings"]
    rows = [row for row in AIR if row["boundary"] != "wtt"]
    assert "W_NO_UPSTREAM key=short:economy" in result_of(flight(haul="short"), rows)["warnings"]
    assert "W_NO_UPSTREAM key=train" in result_of(road(vehicle_type="train", distance_km=5, **{OWN_KM: 0.04}))["warnings"]
    loaded = result_of(road(vehicle_type="train", distance_km=5), [row for row in LAND if row["boundary"] == "ttw"])
    assert (loaded["warnings"], loaded["kg_co2e_upstream"]) == (["W_NO_UPSTREAM key=train"], 0.0)
