"""Legs of categories 4 and 9: distances and their basis, classes of vehicles, loads, flights, and factors of the record's own."""

import math

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.shipments import AIR, ALL, LOADS, OTHER, ROAD, freight, leg

# Distance .05, weight .03 and a factor of .20: one term.
_CV = math.sqrt((1 + 0.05**2) * (1 + 0.03**2) * (1 + 0.2**2) - 1)


def _kg(record, factors=ALL, **options):
    return result_of(record, factors, **options)["kg_co2e"]


def test_a_shipment_of_three_legs():
    # 12 t by lorry to the port, 180 km as planned: 12 * 180 * 1.05 = 2,268 tonne_km * 0.09502 = 215.50536 kg.
    # By container ship, 8,000 km: 96,000 tonne_km * 0.01977 = 1,897.92 kg. By train, 300 km: 3,600 * 0.0347 = 124.92 kg.
    by_road = leg(km=180, tonnes=12, distance_basis="sfd")
    by_sea, by_rail = leg("sea_container", 8_000, 12), leg("rail_freight", 300, 12, distance_basis="sfd")
    assert [_kg(one) for one in (by_road, by_sea, by_rail)] == pytest.approx([215.50536, 1_897.92, 124.92])


def test_a_leg_is_one_term_of_two_parts():
    result = result_of(leg(), ALL)
    assert (result["method"], result["tier"], result["dqi_score"], result["warnings"]) == ("iso_14083_logistics", 2, 60, [])
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((308.12, 71.96))
    assert result["cv"] == pytest.approx(_CV)
    # The amount stands at the tank-to-wheel row, which leads.
    assert result["factor_ids"] == ["freight:artic_over_33t@GB/2025/test#ttw:actual", "freight:artic_over_33t@GB/2025/test#wtt:actual"]
    assert result["factor_kg_co2e"] == pytest.approx([380.08, 0])
    assert result_of(leg(category=9), ALL)["method"] == "iso_14083_downstream_logistics"


@pytest.mark.parametrize(
    ("mode", "given", "wanted", "km"),
    [
        ("road_truck_heavy", "sfd", "actual", 420),
        ("road_truck_heavy", "actual", "sfd", 400 / 1.05),
        ("sea_container", "sfd", "actual", 460),
        ("sea_container", "actual", "sfd", 400 / 1.15),
        ("rail_freight", "sfd", "actual", 400),
        ("air_freight", "gcd", "actual", 495),
        ("air_freight", "actual", "gcd", 305),
        ("air_freight", "gcd", "gcd", 400),
        # Of a basis that is missing nothing is known, and nothing is converted.
        ("road_truck_heavy", None, "sfd", 400),
        ("road_truck_heavy", "gcd", None, 400),
    ],
)
def test_a_distance_is_put_on_the_basis_of_the_factor(mode, given, wanted, km):
    key = {"road_truck_heavy": "artic_over_33t", "sea_container": "container_average", "rail_freight": "freight_train"}.get(
        mode, "air_short"
    )
    record = leg(mode, distance_basis=given, haul="short" if mode == "air_freight" else None)
    assert _kg(record, freight(key, wanted, wtw=0.1)) == pytest.approx(km)


@pytest.mark.parametrize(
    ("mode", "km", "given", "wanted", "words"),
    [
        ("road_truck_heavy", 400, "gcd", "actual", "distance_basis is gcd, and the factor of road_truck_heavy counts by actual; give"),
        ("inland_waterway", 400, "sfd", "actual", "counts by actual"),
        ("air_freight", 400, "sfd", "gcd", "counts by gcd"),
        ("air_freight", 95, "actual", "gcd", "not longer than the 95 km"),
    ],
)
def test_a_distance_that_does_not_convert_has_no_leg(mode, km, given, wanted, words):
    key = {"air_freight": "air_short", "inland_waterway": "inland_waterway"}.get(mode, "artic_over_33t")
    letter = refusal_of(leg(mode, km, distance_basis=given), freight(key, wanted, wtw=0.1))
    assert (letter["code"], letter["field"], letter["value"]) == ("E_UNIT", "distance_basis", given)
    assert words in letter["message"]
    assert letter["attempted_methods"] == ["iso_14083_logistics"]


@pytest.mark.parametrize(("km", "haul", "kg_per_tonne_km"), [(3_700, "short", 0.96054), (3_700.1, "long", 0.66646)])
def test_a_flight_is_short_up_to_3700_km(km, haul, kg_per_tonne_km):
    result = result_of(leg("air_freight", km, 1), ALL)
    assert result["kg_co2e"] == pytest.approx(km * kg_per_tonne_km)
    assert result["warnings"] == [f"W_HAUL_ASSUMED haul={haul}"]


def test_a_haul_that_is_given_is_taken():
    # 5 t * 100 km * 3.2936; radiative forcing beside it: 500 * (4.60397 - 2.71931), never in the total.
    result = result_of(leg("air_cargo", 100, 5, haul="domestic"), ALL)
    assert (result["kg_co2e"], result["rf_uplift_kg_co2e"]) == pytest.approx((1_646.8, 942.33))
    assert result["warnings"] == []
    assert result_of(leg(haul="long"), ALL)["rf_uplift_kg_co2e"] is None


def test_a_class_of_aircraft_needs_no_haul():
    # A class without rows of its own takes those of the haul, which is then an assumption.
    assert result_of(leg("air_freight", 400, 1, vehicle_class="air_long"), AIR)["warnings"] == []
    only_short = freight("air_short", "gcd", ttw=0.7, wtt=0.2)
    told = result_of(leg("air_freight", 400, 1, vehicle_class="air_long"), only_short)["warnings"]
    assert told == ["W_HAUL_ASSUMED haul=short", "W_KEY_FALLBACK from=air_long to=air_short"]


def test_a_vehicle_class_goes_before_the_class_of_the_mode():
    assert _kg(leg(vehicle_class="all_artic")) == pytest.approx(4_000 * 0.09623)
    result = result_of(leg(vehicle_class="artic_up_to_33t"), ALL)
    assert result["kg_co2e"] == pytest.approx(4_000 * 0.09502)
    assert result["warnings"] == ["W_KEY_FALLBACK from=artic_up_to_33t to=artic_over_33t"]
    # Technological score 2: .0006 more log-variance.
    log_variance = math.log(1 + 0.2**2) + 0.0006
    assert result["cv"] == pytest.approx(math.sqrt((1 + 0.05**2) * (1 + 0.03**2) * math.exp(log_variance) - 1))


def test_cooled_goods_take_the_factor_of_cooled_vehicles():
    assert _kg(leg("road_truck_medium", temperature="reefer")) == pytest.approx(4_000 * 0.54337)
    assert _kg(leg("road_truck_medium", temperature="ambient")) == pytest.approx(4_000 * 0.45608)
    letter = refusal_of(leg("road_van", temperature="reefer"), ALL)
    assert (letter["code"], letter["field"]) == ("E_NO_FACTOR", "transport_mode")
    assert "'van_up_to_3_5t_diesel_reefer'" in letter["message"]


def test_the_nearest_row_counts_though_it_is_well_to_wheel():
    factors = [*ROAD, *freight("artic_over_33t", region="FR", wtw=0.11)]
    result = result_of(leg(region="FR"), factors)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"], result["warnings"]) == (pytest.approx(440), 0, [])
    # Belgium has none and takes the one of Great Britain, in two parts.
    assert result_of(leg(region="BE"), factors)["warnings"] == ["W_FOREIGN_PROXY from=BE to=GB"]


def test_tank_to_wheel_alone_says_that_upstream_is_missing():
    result = result_of(leg("inland_waterway"), OTHER)
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(124), 0)
    assert result["warnings"] == ["W_NO_UPSTREAM key=inland_waterway"]


def test_a_factor_of_another_year_says_so():
    assert result_of(leg(activity_year=2030), ROAD)["warnings"] == ["W_YEAR_FALLBACK delta=5"]


def test_a_known_load_takes_the_place_of_the_average_one():
    # 0.11578 / 0.5 + 0.03271 = 0.26427 and 0.02788 / 0.5 + 0.00797 = 0.06373 kg per tonne_km.
    result = result_of(leg("road_truck_medium", load_factor=0.5), ALL)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((1_057.08, 254.92))
    assert result["warnings"] == ["W_LOW_LOAD lf=0.5"]
    # One term, with the cv of the load as one more of the record.
    load = 0.05 * 0.28732 / (0.28732 + 0.04068)
    assert result["cv"] == pytest.approx(math.sqrt((1 + load**2) * (1 + _CV**2) - 1))
    assert result["dqi_score"] == 60
    assert sum(result["factor_kg_co2e"]) == pytest.approx(1_312)


@pytest.mark.parametrize(("load", "codes"), [(0.69, ["W_LOW_LOAD"]), (0.7, []), (1, [])])
def test_a_low_load_is_one_below_seven_tenths(load, codes):
    assert codes_of(result_of(leg(load_factor=load), ALL)) == codes


@pytest.mark.parametrize(
    "record",
    [
        leg("rail_freight", load_factor=0.5),
        leg("air_freight", haul="long", load_factor=0.5),
        leg(vehicle_class="all_artic", load_factor=0.5),
        leg("road_truck_medium", temperature="reefer", load_factor=0.5),
        leg(emission_factor_kg_co2e_per_tonne_km=0.1, load_factor=0.5),
    ],
)
def test_a_load_without_coefficients_is_ignored_and_said_to_be(record):
    result = result_of(record, ALL)
    assert result["warnings"] == ["W_LOAD_FACTOR_IGNORED"]
    assert result["kg_co2e"] == _kg({name: value for name, value in record.items() if name != "load_factor"})


def test_coefficients_without_an_upstream_part_say_so():
    result = result_of(leg(load_factor=0.8), [row for row in LOADS if not row["boundary"].startswith("wtt")])
    assert result["kg_co2e"] == pytest.approx(4_000 * (0.03624 / 0.8 + 0.02364))
    assert result["warnings"] == ["W_NO_UPSTREAM key=artic_over_33t"]


def test_a_factor_of_the_record_goes_before_all_others():
    # 4,000 tonne_km * 0.06: well-to-wheel, and no factor has to be loaded.
    result = result_of(leg(emission_factor_kg_co2e_per_tonne_km=0.06))
    assert (result["kg_co2e"], result["kg_co2e_upstream"], result["dqi_score"]) == (pytest.approx(240), 0, 76)
    assert result["cv"] == pytest.approx(math.sqrt((1 + 0.05**2) * (1 + 0.03**2) * (1 + 0.15**2) - 1))
    assert result["factor_ids"] == ["record:emission_factor_kg_co2e_per_tonne_km"]
    assert result["warnings"] == []


@pytest.mark.parametrize(("options", "cv"), [({}, 0.196), ({"uncertainty_input": "halfwidth95"}, 0.1)])
def test_the_cv_of_an_own_factor_is_read_as_the_run_says(options, cv):
    record = leg(emission_factor_kg_co2e_per_tonne_km=0.06, emission_factor_cv=0.196)
    assert result_of(record, **options)["cv"] == pytest.approx(math.sqrt((1 + 0.05**2) * (1 + 0.03**2) * (1 + cv**2) - 1))


def test_an_own_factor_of_the_vehicle_alone_gets_the_upstream_part_of_its_class():
    record = leg(emission_factor_kg_co2e_per_tonne_km=0.06, ef_boundary="ttw")
    result = result_of(record, ALL)
    assert (result["kg_co2e_direct"], result["kg_co2e_upstream"]) == pytest.approx((240, 4_000 * 0.01799))
    # One term, with the cv of the record's factor.
    assert result["factor_cvs"][result["factor_ids"].index("record:emission_factor_kg_co2e_per_tonne_km")] == pytest.approx(0.15)
    assert result["cv"] == pytest.approx(math.sqrt((1 + 0.05**2) * (1 + 0.03**2) * (1 + 0.15**2) - 1))
    alone = result_of(record)
    assert (alone["kg_co2e"], codes_of(alone)) == (pytest.approx(240), ["W_NO_UPSTREAM"])


def test_each_factor_counts_by_its_own_basis():
    # Own factor by the shortest feasible distance, 400 km; the upstream part by the actual one, 420 km.
    own = {"emission_factor_kg_co2e_per_tonne_km": 0.06, "distance_basis": "sfd"}
    assert _kg(leg(**own)) == pytest.approx(240)
    assert _kg(leg(**own, ef_basis="actual")) == pytest.approx(252)
    assert _kg(leg(**own, ef_boundary="ttw")) == pytest.approx(240 + 10 * 420 * 0.01799)
    letter = refusal_of(leg(**{**own, "distance_basis": "gcd"}, ef_basis="actual"), ALL)
    assert (letter["code"], letter["field"]) == ("E_UNIT", "distance_basis")
