"""Category 4, upstream transportation: fuel, sites, hubs and money, the order of the methods, and what is refused. Legs are in test_cat04_legs.py."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.shipments import ALL, DIESEL, GAS, GRID, HUBS, OTHER, ROAD, SPEND, bought, leg, no_leg
from tests.records import make_factor

_FUEL = {"fuel_type": "diesel", "fuel_amount": 640, "fuel_unit": "l"}


@pytest.mark.parametrize(("share", "of_all"), [(None, 1), (1, 1), (0.4, 0.4)])
def test_a_share_of_the_fuel_of_a_round_trip(share, of_all):
    # 640 l * 2.57082 = 1,645.3248 kg and 640 * 0.61101 = 391.0464 kg; biogenic CO2, 640 * 0.14 = 89.6 kg, beside it.
    result = result_of(no_leg(**_FUEL, allocation_share=share), ALL)
    assert (result["method"], result["tier"], result["dqi_score"], result["warnings"]) == ("tier_1_fuel_based", 1, 85, [])
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((1_645.3248 * of_all, 391.0464 * of_all))
    assert result["kg_co2e"] == pytest.approx(2_036.3712 * of_all)
    assert result["biogenic_kg_co2"] == pytest.approx(89.6 * of_all)
    # Fuel .05, factor .10.
    assert result["cv"] == pytest.approx(math.sqrt(1.0025 * 1.01 - 1))


def test_fuel_in_another_unit_converts():
    by_gallon = result_of(no_leg(fuel_type="Diesel", fuel_amount=100, fuel_unit="US_gal"), ALL)
    assert by_gallon["kg_co2e"] == pytest.approx(378.5411784 * 3.18183)
    density = make_factor("fuel_property", "diesel", "parameter", 0.84, "kg_per_l", gwp=None)
    by_mass = result_of(no_leg(fuel_type="diesel", fuel_amount=84, fuel_unit="kg"), [*DIESEL, density])
    assert by_mass["kg_co2e"] == pytest.approx(318.183)
    assert codes_of(by_mass) == ["W_UNIT_CONVERTED"]


def test_a_share_of_the_energy_of_a_warehouse():
    # A quarter of 42,000 kWh * (0.177 + 0.0684) and 18,000 kWh * (0.18296 + 0.03021).
    result = result_of(no_leg(electricity_kwh=42_000, natural_gas_kwh=18_000, site_allocation_share=0.25), ALL)
    assert (result["method"], result["dqi_score"], result["warnings"]) == ("tier_1_site_energy", 75, [])
    assert result["kg_co2e_direct"] == pytest.approx(0.25 * (7_434 + 3_293.28))
    assert result["kg_co2e_upstream"] == pytest.approx(0.25 * (2_872.8 + 543.78))
    assert result["kg_co2e"] == result["kg_co2e_direct"] + result["kg_co2e_upstream"]
    # Each carrier is a term of its own: .04 and .12.
    assert result["std_kg"] == pytest.approx(0.25 * math.hypot(10_306.8, 3_837.06) * math.sqrt(1.0016 * 1.0144 - 1))


def test_what_leaks_and_what_is_burned_at_a_site():
    record = no_leg(
        refrigerant_leak_kg={"r_410a": 2}, process_kg_co2e=100, other_fuels=[{"fuel_type": "diesel", "amount": 10, "unit": "l"}]
    )
    result = result_of(record, DIESEL)
    # AR5: R-410A is half HFC-32 (677) and half HFC-125 (3,170): 1,923.5.
    assert result["kg_co2e_direct"] == pytest.approx(2 * 1_923.5 + 100 + 25.7082)
    assert (result["kg_co2e_upstream"], result["biogenic_kg_co2"]) == pytest.approx((6.1101, 1.4))


def test_a_grid_with_a_life_cycle_figure_alone():
    result = result_of(no_leg(electricity_kwh=1_000), [make_factor("grid", "electricity", "life_cycle", 0.2, "kWh")])
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"], result["warnings"]) == (pytest.approx(200), 0, ["W_LIFECYCLE_GRID"])


@pytest.mark.parametrize(
    ("hub", "quantity", "unit", "kg"),
    [("container_terminal", 350, "t", 420), ("container_terminal", 350_000, "kg", 420), ("cold_store", 6_000, "m3_day", 300)],
)
def test_what_goes_through_a_hub(hub, quantity, unit, kg):
    result = result_of(no_leg(hub_type=hub, hub_quantity=quantity, hub_unit=unit), HUBS)
    assert (result["method"], result["tier"], result["dqi_score"], result["warnings"]) == ("tier_2_hub_average", 2, 60, [])
    assert (result["kg_co2e"], result["kg_co2e_direct"]) == pytest.approx((kg, kg))
    assert result["cv"] == pytest.approx(math.sqrt(1.01 * 1.09 - 1))


@pytest.mark.parametrize(
    ("mode", "kg"),
    [
        ("road_van", 5_950),
        ("road_truck_unknown", 5_950),
        ("rail_freight_electric", 4_660),
        ("sea_ro_ro", 8_160),
        ("inland_waterway", 8_160),
        ("air_cargo", 6_440),
    ],
)
def test_money_for_a_mode_of_transport(mode, kg):
    result = result_of(bought(transport_mode=mode), SPEND)
    assert (result["method"], result["kg_co2e"], result["kg_co2e_upstream"]) == ("tier_3_spend_based", pytest.approx(kg), 0)
    assert codes_of(result) == ["W_LOW_DQI", "W_SPEND_BASED", "W_YEAR_FALLBACK"]


def test_a_code_goes_before_the_mode():
    record = bought(transport_mode="road_van", naics_code="493110")
    assert result_of(record, SPEND)["kg_co2e"] == pytest.approx(3_000)
    # A factor of three years before, .0002; and the code that stands for a mode is not the buyer's: technological score 2, .0006.
    log_variance = math.log(1.25) + 0.0002 + 0.0006
    result = result_of(bought(transport_mode="road_van"), SPEND)
    assert result["cv"] == pytest.approx(math.sqrt((1 + 0.15**2) * math.exp(log_variance) - 1))


def test_pounds_are_dollars_of_the_factors_year():
    # 8,000 GBP of 2022 * 1.25, and 10,750 USD of 2024 * 100 / 107.5: both are 10,000 USD of 2022.
    assert result_of(bought(8_000, transport_mode="road_van", spend_currency="GBP"), ALL)["kg_co2e"] == pytest.approx(5_950)
    assert result_of(bought(10_750, transport_mode="road_van", spend_year=2024), ALL)["kg_co2e"] == pytest.approx(5_950)
    assert "W_CURRENCY_ASSUMED" in codes_of(result_of(bought(transport_mode="road_van", spend_currency=None), ALL))


def test_prices_without_margins_have_factors_of_their_own():
    without = make_factor("eeio", "484121", "without_margins", 0.5, "USD", region="US", year=2022, price_year=2022)
    assert result_of(bought(transport_mode="road_van", margins="without"), [*SPEND, without])["kg_co2e"] == pytest.approx(5_000)
    assert refusal_of(bought(transport_mode="road_van", margins="without"), SPEND)["code"] == "E_NO_FACTOR"


def test_a_credit_note_is_money_alone():
    # The leg goes with the money that was taken back, and is no leg that was driven.
    record = {**leg(), **bought(-10_000, transport_mode="road_van")}
    result = result_of(record, ALL, credit_notes="net")
    assert (result["method"], result["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(-5_950))
    assert result["p5_kg"] < result["p50_kg"] < result["p95_kg"] < 0
    assert "W_CREDIT_NOTE" in codes_of(result)
    letter = refusal_of(record, ALL)
    assert (letter["code"], letter["field"], letter["value"]) == ("E_RANGE", "spend_amount", "-10000")
    alone = refusal_of(bought(-10_000), ALL, credit_notes="net")
    assert (alone["code"], alone["field"]) == ("E_NO_TIER", None)


def test_methods_are_tried_in_the_order_of_the_specification():
    record = {**leg(), **_FUEL, "spend_amount": 10_000, "spend_currency": "USD", "spend_year": 2022}
    assert result_of(record, ALL)["method"] == "tier_1_fuel_based"
    by_leg = result_of(record, [*ROAD, *SPEND])
    assert by_leg["method"] == "iso_14083_logistics"
    assert by_leg["warnings"] == ["W_TIER_FALLBACK from=tier_1_fuel_based reason=E_NO_FACTOR"]
    by_money = result_of(record, SPEND)
    assert by_money["method"] == "tier_3_spend_based"
    assert "W_TIER_FALLBACK from=tier_1_fuel_based reason=E_NO_FACTOR" in by_money["warnings"]


def test_energy_of_a_site_goes_before_its_average():
    record = no_leg(electricity_kwh=10, hub_type="container_terminal", hub_quantity=100, hub_unit="t")
    assert result_of(record, ALL)["method"] == "tier_1_site_energy"
    assert result_of(record, HUBS)["warnings"] == ["W_TIER_FALLBACK from=tier_1_site_energy reason=E_NO_FACTOR"]


def test_a_distance_of_the_wrong_basis_leaves_the_leg_to_its_price():
    record = leg(distance_basis="gcd", spend_amount=10_000, spend_currency="USD", spend_year=2022)
    result = result_of(record, ALL)
    assert (result["method"], result["kg_co2e"]) == ("tier_3_spend_based", pytest.approx(5_950))
    assert "W_TIER_FALLBACK from=iso_14083_logistics reason=E_UNIT" in result["warnings"]


def test_nothing_burned_is_nothing_emitted():
    result = result_of(no_leg(fuel_type="diesel", fuel_amount=0, fuel_unit="l"), ALL)
    assert (result["kg_co2e"], result["std_kg"], result["cv"], result["dqi_score"]) == (0, 0, None, 85)


@pytest.mark.parametrize(
    ("changes", "code", "field", "words"),
    [
        ({"region": None}, "E_REQUIRED", "region", "region is missing"),
        ({"distance_km": 0}, "E_RANGE", "distance_km", "> 0"),
        ({"distance_km": "400 km"}, "E_TYPE", "distance_km", "400 km"),
        ({"weight_tonnes": -1}, "E_RANGE", "weight_tonnes", "> 0"),
        ({"load_factor": 85}, "E_RANGE", "load_factor", "did you mean 0.85?"),
        ({"load_factor": 0}, "E_RANGE", "load_factor", "> 0"),
        ({"distance_basis": "road"}, "E_ENUM", "distance_basis", "sfd"),
        ({"haul": "medium"}, "E_ENUM", "haul", "domestic"),
        ({"temperature": "frozen"}, "E_ENUM", "temperature", "reefer"),
        ({"vehicle_class": "artic"}, "E_ENUM", "vehicle_class", "all_artic"),
        ({"emission_factor_kg_co2e_per_tonne_km": -0.1}, "E_RANGE", "emission_factor_kg_co2e_per_tonne_km", ">= 0"),
        ({"emission_factor_cv": 15}, "E_RANGE", "emission_factor_cv", "did you mean 0.15?"),
        ({"ef_boundary": "wtt"}, "E_ENUM", "ef_boundary", "wtw"),
        ({"allocation_share": 1.5}, "E_RANGE", "allocation_share", "1.5"),
        ({"electricity_kwh": 10}, "E_INCONSISTENT", "transport_mode", "road_truck_heavy and tells of a leg, electricity_kwh of a hub"),
        ({"hub_type": "container_terminal"}, "E_INCONSISTENT", "transport_mode", "make two records of them"),
    ],
)
def test_a_bad_value_is_told_with_limit_and_remedy(changes, code, field, words):
    letter = refusal_of(leg(**changes), ALL)
    assert (letter["code"], letter["field"]) == (code, field)
    assert words in letter["message"]


@pytest.mark.parametrize(
    ("record", "code", "field", "value", "words"),
    [
        (no_leg(), "E_NO_TIER", None, None, "spend_amount and naics_code or transport_mode"),
        (no_leg(transport_mode="road_van", distance_km=10), "E_NO_TIER", None, None, "distance_km and weight_tonnes"),
        (no_leg(spend_amount=5), "E_NO_TIER", None, None, "naics_code"),
        (no_leg(**{**_FUEL, "fuel_unit": None}), "E_UNIT", "fuel_unit", None, "fuel_unit is missing"),
        (no_leg(**{**_FUEL, "fuel_unit": "ton"}), "E_UNIT", "fuel_unit", "ton", "three masses"),
        (no_leg(**{**_FUEL, "fuel_type": "peat"}), "E_NO_FACTOR", "fuel_type", "peat", "correct it, or load"),
        (no_leg(hub_type="container_terminal", hub_quantity=1, hub_unit="m2_day"), "E_UNIT", "hub_unit", "m2_day", "does not convert"),
        (no_leg(hub_type="depot", hub_quantity=1, hub_unit="t"), "E_NO_FACTOR", "hub_type", "depot", "correct it, or load"),
        (
            no_leg(other_fuels=[{"fuel_type": "diesel", "amount": 1, "unit": "l"}, {"fuel_type": "diesel", "amount": 1, "unit": "ton"}]),
            "E_UNIT",
            "other_fuels[1].unit",
            "ton",
            "other_fuels[1].unit",
        ),
        (leg("sea_bulk"), "E_NO_FACTOR", "transport_mode", "sea_bulk", "'bulk_average'"),
        (leg("sea_bulk", vehicle_class="lng_tanker"), "E_NO_FACTOR", "vehicle_class", "lng_tanker", "--factors"),
        (bought(transport_mode="road_van", spend_currency="CHF"), "E_NO_FACTOR", "spend_currency", "CHF", "exchange rate"),
        (bought(naics_code="999999"), "E_NO_FACTOR", "naics_code", "999999", "naics_code"),
    ],
)
def test_what_no_method_can_use_is_told_with_the_remedy(record, code, field, value, words):
    letter = refusal_of(record, ALL)
    assert (letter["code"], letter["field"], letter["value"]) == (code, field, value), letter["message"]
    assert words in letter["message"]


def test_a_row_that_is_not_verified_is_said_to_be_or_not_used():
    factors = [*GRID, *GAS, *(dict(row, verified=False) for row in OTHER)]
    result = result_of(leg("rail_freight"), factors)
    assert result["warnings"] == ["W_FACTOR_UNSOURCED factor_id=freight:freight_train@GB/2025/test#ttw:actual"]
    assert refusal_of(leg("rail_freight"), factors, allow_unverified=False)["code"] == "E_NO_FACTOR"
