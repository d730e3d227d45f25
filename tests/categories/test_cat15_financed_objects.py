"""Category 15, investments: buildings, vehicles and countries that are financed, by each score."""

import pytest

from tests.categories.answers import codes_of, refusal_of, result_of
from tests.categories.positions import ALL, CAR, COUNTRY, DIESEL, GAS, RATES, building, stake, vehicles
from tests.records import make_factor, make_record

_REPORTED = {"company_scope1_t_co2e": 20, "company_scope2_t_co2e": 10}
_METERED = {"electricity_kwh": 100_000, "natural_gas_kwh": 50_000}
_DRIVEN = {"vehicle_type": "car_petrol", "vehicle_distance_km": 10_000}


def _of(result):
    return result["method"], result["tier"], result["pcaf_score"], pytest.approx(result["cv"])


@pytest.mark.parametrize("asset_class", ["commercial_real_estate", "mortgages"])
def test_a_building_with_an_energy_label(asset_class):
    # 30 % of 1,000 m2 = 300 m2 * (50 kWh * 0.177 + 80 kWh * 0.18296) = 300 * 23.4868 = 7,046.04 kg.
    # Upstream: 300 * (50 * (0.01853 + 0.0459 + 0.00397) + 80 * 0.03021) = 300 * 5.8368 kg, told beside it.
    result = result_of(building(asset_class=asset_class, epc_label="b", floor_area_m2=1000), ALL)
    assert _of(result) == ("pcaf_real_estate_score_3", 2, 3, 0.25)
    assert result["kg_co2e"] == result["kg_co2e_direct"] == pytest.approx(7_046.04)
    assert result["kg_co2e_upstream"] == pytest.approx(1_751.04)
    assert (result["attribution_factor"], result["warnings"]) == (pytest.approx(0.3), ["W_PHYSICAL_ESTIMATE"])
    # Both carriers are one term, at the intensity of electricity.
    assert {name: cv for name, cv in zip(result["factor_ids"], result["factor_cvs"], strict=True) if cv} == {
        "building_energy:epc_B:electricity@GB/2025/test#parameter": pytest.approx(0.25)
    }


def test_a_building_by_type_and_area():
    # 300 m2 * 200 kWh * 0.177 = 10,620 kg.
    result = result_of(building(building_type="office", floor_area_m2=1000), ALL)
    assert _of(result) == ("pcaf_real_estate_score_4", 2, 4, 0.35)
    assert (result["kg_co2e"], codes_of(result)) == (pytest.approx(10_620), ["W_LOW_DQI", "W_PHYSICAL_ESTIMATE"])


def test_buildings_by_number():
    # 30 % of 2 * 50,000 kg.
    result = result_of(building(building_type="office", building_count=2), ALL)
    assert _of(result) == ("pcaf_real_estate_score_5", 3, 5, 0.5)
    assert (result["kg_co2e"], codes_of(result)) == (pytest.approx(30_000), ["W_LOW_DQI", "W_PHYSICAL_ESTIMATE"])


def test_reported_figures_of_a_building():
    # 30 % of 30 t.
    verified = result_of(building(**_REPORTED, emissions_verified=True))
    assert (_of(verified), verified["kg_co2e"]) == (("pcaf_real_estate_score_1", 1, 1, 0.05), pytest.approx(9_000))
    plain = result_of(building(**_REPORTED))
    assert (_of(plain), plain["kg_co2e"]) == (("pcaf_real_estate_score_2", 1, 2, 0.15), pytest.approx(9_000))
    assert verified["warnings"] == plain["warnings"] == []


def test_metered_energy_of_a_building():
    # 30 % of 100,000 * 0.177 + 50,000 * 0.18296 = 30 % of 26,848 kg.
    result = result_of(building(**_METERED), ALL)
    assert (_of(result), result["kg_co2e"]) == (("pcaf_real_estate_score_2", 1, 2, 0.15), pytest.approx(8_054.4))
    assert result["kg_co2e_upstream"] == pytest.approx(0.3 * (1e5 * 0.0684 + 5e4 * 0.03021))


def test_electricity_at_the_factor_of_its_supplier():
    # 30 % of 100,000 * 0.02 + 50,000 * 0.18296 = 30 % of 11,148 kg. Upstream is still that of the grid.
    result = result_of(building(**_METERED, supplier_kg_co2e_per_kwh=0.02), ALL)
    assert (_of(result), result["kg_co2e"]) == (("pcaf_real_estate_score_1", 1, 1, 0.05), pytest.approx(3_344.4))
    assert result["kg_co2e_upstream"] == pytest.approx(0.3 * (1e5 * 0.0684 + 5e4 * 0.03021))
    values = dict(zip(result["factor_ids"], result["factor_values"], strict=True))
    assert values["record:supplier_kg_co2e_per_kwh"] == 0.02
    assert not any(name.endswith("#generation") for name in values)
    assert result["warnings"] == []


def test_a_supplier_whose_electricity_emits_nothing_needs_no_generation():
    result = result_of(building(electricity_kwh=1000, supplier_kg_co2e_per_kwh=0))
    assert (result["kg_co2e"], result["kg_co2e_upstream"], result["warnings"]) == (0, 0, ["W_NO_UPSTREAM key=electricity"])


def test_a_suppliers_factor_without_electricity_is_none():
    record = building(natural_gas_kwh=50_000, supplier_kg_co2e_per_kwh=0.02)
    assert result_of(record, GAS)["method"] == "pcaf_real_estate_score_2"


def test_which_figures_of_a_building_go_first():
    own = {**_METERED, "supplier_kg_co2e_per_kwh": 0.02}
    # Verified figures go before energy of the same score; others come after the better score of energy.
    assert result_of(building(**own, **_REPORTED, emissions_verified=True), ALL)["kg_co2e"] == pytest.approx(9_000)
    assert result_of(building(**own, **_REPORTED), ALL)["kg_co2e"] == pytest.approx(3_344.4)
    assert result_of(building(**_METERED, **_REPORTED), ALL)["kg_co2e"] == pytest.approx(9_000)
    # Verified figures of energy are no figures of emissions.
    assert result_of(building(**_METERED, emissions_verified=True), ALL)["pcaf_score"] == 2


def test_a_building_without_a_value_has_no_share():
    letter = refusal_of(building(**_REPORTED, property_value_at_origination=None))
    assert (letter["code"], letter["field"]) == ("E_NO_TIER", None)
    assert "give property_value_at_origination with company_scope1_t_co2e" in letter["message"]


def test_a_label_without_an_intensity_leaves_it_to_the_type():
    result = result_of(building(epc_label="G", building_type="office", floor_area_m2=1000), ALL)
    assert result["method"] == "pcaf_real_estate_score_4"
    assert "W_TIER_FALLBACK from=pcaf_real_estate_score_3 reason=E_NO_FACTOR" in result["warnings"]


def test_fuel_of_vehicles():
    # A half of 1,000 l * 2.57082 kg; upstream a half of 1,000 * 0.61101 beside it.
    result = result_of(vehicles(fuel_type="Diesel", fuel_amount=1000, fuel_unit="l"), ALL)
    assert (_of(result), result["kg_co2e"]) == (("pcaf_motor_vehicle_score_1", 1, 1, 0.05), pytest.approx(1_285.41))
    assert (result["kg_co2e_upstream"], result["warnings"]) == (pytest.approx(305.505), [])
    # In gallons of the United States it is 3.785411784 times that.
    gallons = result_of(vehicles(fuel_type="diesel", fuel_amount=1000, fuel_unit="US_gal"), ALL)
    assert gallons["kg_co2e"] == pytest.approx(1_285.41 * 3.785411784)


@pytest.mark.parametrize(
    ("known", "score", "cv", "warnings"),
    [
        ({"vehicle_model": "Hatch", "distance_is_actual": True}, 2, 0.15, []),
        ({"vehicle_model": "Hatch", "distance_is_actual": False}, 3, 0.25, ["W_PHYSICAL_ESTIMATE"]),
        ({"vehicle_model": "Hatch"}, 3, 0.25, ["W_PHYSICAL_ESTIMATE"]),
        ({"distance_is_actual": True}, 4, 0.35, ["W_LOW_DQI", "W_PHYSICAL_ESTIMATE"]),
        ({}, 4, 0.35, ["W_LOW_DQI", "W_PHYSICAL_ESTIMATE"]),
    ],
)
def test_distance_of_vehicles_by_what_is_known(known, score, cv, warnings):
    # A half of 10,000 km * 0.16272 kg.
    result = result_of(vehicles(**_DRIVEN, **known), ALL)
    assert _of(result) == (f"pcaf_motor_vehicle_score_{score}", 2, score, cv)
    assert (result["kg_co2e"], result["kg_co2e_upstream"]) == (pytest.approx(813.6), pytest.approx(229.95))
    assert codes_of(result) == warnings


def test_vehicles_by_number():
    # A half of 2 * 2,000 kg.
    result = result_of(vehicles(vehicle_count=2), ALL)
    assert (_of(result), result["kg_co2e"]) == (("pcaf_motor_vehicle_score_5", 3, 5, 0.5), pytest.approx(2_000))
    assert codes_of(result) == ["W_LOW_DQI", "W_PHYSICAL_ESTIMATE"]


def test_vehicles_of_unknown_value_count_in_full():
    result = result_of(vehicles(**_DRIVEN, vehicle_model="Hatch", distance_is_actual=True, vehicle_value_at_origination=None), ALL)
    assert (result["kg_co2e"], result["attribution_factor"]) == (pytest.approx(1_627.2), 1)
    assert result["warnings"] == ["W_AF_ASSUMED"]


def test_vehicles_without_upstream_factors_say_so():
    assert "W_NO_UPSTREAM key=car_petrol" in result_of(vehicles(**_DRIVEN), CAR[:1])["warnings"]
    fuel = {"fuel_type": "diesel", "fuel_amount": 1, "fuel_unit": "l"}
    assert result_of(vehicles(**fuel), DIESEL[:1])["warnings"] == ["W_NO_UPSTREAM key=diesel"]


def test_a_country_by_its_economy():
    # 8,000,000 GBP * 1.25 = 10,000,000 USD of 2,000,000 million = 0.000005; of 400 million t = 2,000 t, with land use of 360 million t.
    held = {**COUNTRY, "outstanding_amount": 8e6, "currency": "GBP", "value_date": "2024-03-31"}
    record = stake(**held, country_emissions_with_lulucf_t_co2e=3.6e8, company_scope3_t_co2e=1e6)
    result = result_of(record, RATES)
    assert (result["method"], result["tier"], result["pcaf_score"]) == ("pcaf_sovereign_score_2", 2, 2)
    assert (result["kg_co2e"], result["attribution_factor"]) == (pytest.approx(2_000_000), pytest.approx(5e-6))
    assert (result["lulucf_kg_co2e"], result["investee_scope3_kg_co2e"]) == (pytest.approx(1_800_000), pytest.approx(5_000))
    # The rate is one of the factors; no price index is.
    assert [name.partition(":")[0] for name in result["factor_ids"]] == ["fx", "record"]
    verified = result_of(record | {"emissions_verified": True}, RATES)
    assert (verified["method"], verified["tier"], verified["pcaf_score"]) == ("pcaf_sovereign_score_1", 1, 1)
    assert (verified["cv"], verified["kg_co2e"]) == (pytest.approx(0.05), pytest.approx(2_000_000))


def test_land_use_is_told_of_countries_alone():
    assert result_of(stake(**_REPORTED, country_emissions_with_lulucf_t_co2e=5))["lulucf_kg_co2e"] is None


def test_factors_of_another_country_do_not_widen_the_interval():
    # Figures of GB stand in for FR: they are told, and the score alone sets the interval.
    result = result_of(vehicles(**_DRIVEN, region="FR"), ALL)
    assert (result["cv"], codes_of(result)) == (pytest.approx(0.35), ["W_FOREIGN_PROXY", "W_LOW_DQI", "W_PHYSICAL_ESTIMATE"])


def test_the_cv_of_a_fuels_row_does_not_count():
    fuel = {"fuel_type": "diesel", "fuel_amount": 1, "fuel_unit": "l"}
    result = result_of(vehicles(**fuel), [make_factor("fuel", "diesel", "ttw", 2.5, "l", cv=0.9)])
    assert (result["cv"], set(result["factor_cvs"])) == (pytest.approx(0.05), {0})


def test_data_of_another_class_are_not_used():
    # Neither the energy of a vehicle, nor the fuel of a building, nor the distance of a company.
    assert refusal_of(vehicles(electricity_kwh=5), ALL)["code"] == "E_NO_TIER"
    assert refusal_of(building(fuel_type="diesel", fuel_amount=1, fuel_unit="l"), ALL)["code"] == "E_NO_TIER"
    assert refusal_of(make_record(15, **_DRIVEN), ALL)["code"] == "E_NO_TIER"
    assert refusal_of(vehicles(**_REPORTED), ALL)["code"] == "E_NO_TIER"


@pytest.mark.parametrize(
    ("changes", "score", "cv"),
    [
        ({**_REPORTED, "emissions_verified": True}, 1, 0.01),
        (_METERED, 2, 0.02),
        ({"epc_label": "B", "floor_area_m2": 5}, 3, 0.03),
        ({"building_type": "office", "floor_area_m2": 5}, 4, 0.04),
        ({"building_type": "office", "building_count": 5}, 5, 0.06),
    ],
)
def test_cvs_of_the_scores_can_be_set(changes, score, cv):
    result = result_of(building(**changes), ALL, pcaf_cv=(0.01, 0.02, 0.03, 0.04, 0.06))
    assert (result["pcaf_score"], result["cv"]) == (score, pytest.approx(cv))


def test_cvs_of_vehicles_can_be_set():
    cvs = {"pcaf_cv": (0.01, 0.02, 0.03, 0.04, 0.06)}
    fuel = {"fuel_type": "diesel", "fuel_amount": 1, "fuel_unit": "l"}
    model = {**_DRIVEN, "vehicle_model": "Hatch"}
    for known, cv in (
        (fuel, 0.01),
        ({**model, "distance_is_actual": True}, 0.02),
        (model, 0.03),
        (_DRIVEN, 0.04),
        ({"vehicle_count": 1}, 0.06),
    ):
        assert result_of(vehicles(**known), ALL, **cvs)["cv"] == pytest.approx(cv)
