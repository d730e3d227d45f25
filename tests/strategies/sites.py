"""Records of energy and of what uses it: fuels (3), leases (8, 13), processing (10), products in use (11), franchises (14)."""

from hypothesis import strategies as st

from tests.strategies.base import (
    BUILDINGS,
    UNITS,
    VEHICLES,
    Rows,
    amount,
    any_of,
    energy,
    fuelled,
    gases,
    header,
    joined,
    one,
    part,
    pick,
    positive,
    share,
    small,
    some,
    unlike,
    whole,
)

_POWERS = ("electricity", "electricity", "electricity", "heat_steam", "cooling")
_POWER_UNITS = pick(("kWh", "kWh", "MWh", "GJ"))
_hours = pick((0.0, 8.0, 24.0)) | st.floats(0.1, 24)
_TEXTS = pick(
    ("Office building", "warehouse: diesel", "plain", "natural gas", "coffee shop", "a restaurant and a hotel", "Electricity, kWh")
)


_OWN_KEYS = ("site_blend", "thin_blend", "b7", "peat")


def fuels_and_energy() -> Rows:
    fuel, power = fuelled("fuel_or_energy_type", "quantity_unit"), whole(fuel_or_energy_type=pick(_POWERS), quantity_unit=_POWER_UNITS)
    said = joined(whole(energy_description=_TEXTS), whole(quantity_unit=pick(("kWh", "l"))))
    unsaid = whole(fuel_or_energy_type=pick(_POWERS), quantity_unit=pick(UNITS))
    losses = some(td_loss_share=pick((0.0, 0.06)), loss_basis=pick(("of_generation", "of_delivery")), grid_region=st.just("US-CAMX"))
    how = some(
        activity=pick("ABCD"),
        calorific_basis=pick(("gross", "net")),
        grid_region=pick(("US-CAMX", "US-X")),
        well_to_tank_ef=amount,
    )
    given = whole(well_to_tank_ef=amount)
    supplied = some(supplier_upstream_ef=amount, supplier_td_losses_ef=amount)
    known = one(fuel, joined(fuel, given), power, joined(power, losses), joined(power, whole(activity=pick("BCD")), losses))
    bought = whole(quantity=positive, quantity_unit=st.just("l"))
    records = joined(header(3), bought, one(known, known, known, joined(known, how), said, unsaid, joined(fuel, supplied)))
    # The enumeration is closed: keys of factors of one's own are none of it.
    return records.filter(lambda record: record.get("fuel_or_energy_type") not in _OWN_KEYS)


# Each within its cell of the table or with a part of it unknown; one in some belongs elsewhere and is filtered.
_lease = some(
    consolidation_approach=pick(("operational_control", "financial_control", "equity_share")),
    lease_kind=pick(("operating", "finance")),
)
_time = one(
    st.just({}),
    whole(months_in_year=st.floats(0.5, 12)),
    some(lease_start_date=pick(("2019-07-01", "2025-03-01")), lease_end_date=pick(("2025-10-31", "2031-12-31"))),
)
_kind = some(building_type=pick(BUILDINGS), asset_description=_TEXTS)
_floor = joined(whole(floor_area_m2=positive, building_type=pick(BUILDINGS[:3])), _time) | joined(
    whole(floor_area_m2=positive), _kind, _time
)
_assets = joined(whole(asset_key=pick(("forklift", "lift_truck", "crane")), asset_count=amount), _time)
_scope = pick(("leased_space", "whole_building"))


def upstream_leases() -> Rows:
    lessor = joined(whole(lessor_s12_kg_co2e=amount), some(share_of_building=part))
    measured = joined(energy, some(energy_scope=_scope, share_of_building=part, grid_region=st.just("US-CAMX")))
    return joined(header(8), _lease, any_of(measured, lessor, _floor, _assets))


def downstream_leases() -> Rows:
    tenant = whole(tenant_s12_kg_co2e=amount)
    measured = joined(energy, some(energy_scope=_scope, leased_share=part))
    return joined(header(13), _lease, any_of(measured, tenant, _floor, _assets), some(leased_share=part))


def processing() -> Rows:
    sold = whole(product_name=st.just("resin"), sold_quantity=positive, quantity_unit=pick(("kg", "t", "unit", "piece", "l", "pallet")))
    direct = whole(processing_kg_co2e_per_unit=amount)
    burned = some(
        electricity_kwh_per_unit=amount,
        natural_gas_kwh_per_unit=amount,
        heating_kwh_per_unit=amount,
        cooling_kwh_per_unit=amount,
        fuel_oil_litres_per_unit=amount,
        gas_oil_litres_per_unit=amount,
        process_kg_co2e_per_unit=amount,
        refrigerant_leak_kg_per_unit=gases,
    )
    left = whole(waste_kg_per_unit=amount, waste_type=pick(("plastic", "food", "soils")), disposal_method=pick(("landfill", "recycling")))
    typed = whole(processing_type=pick(("extrusion", "painting", "stamping", "assembly", "polishing")))
    simple = whole(electricity_kwh_per_unit=positive)
    methods = any_of(direct, simple, joined(simple, left), burned, joined(burned, left), typed)
    return joined(header(10), sold, one(methods, typed), some(allocation_share=part))


_lives = some(measured_lifespan_years=small, expected_lifespan_years=small)
_life = one(_lives, whole(measured_lifespan_years=small), whole(expected_lifespan_years=small))
_lasting = joined(whole(expected_lifespan_years=small), _life)
_MIX = unlike(("GB", "DE", "FR"))
_measured = joined(whole(measured_energy_kwh_per_year=amount), _life)
_rated = joined(
    whole(power_rating_watts=amount, usage_hours_per_day=_hours),
    some(standby_watts=amount, usage_days_per_year=pick((0, 250, 366))),
    _lasting,
)
_driven = joined(whole(annual_distance_km=amount), one(whole(efficiency_kwh_per_km=amount), whole(vehicle_type=pick(VEHICLES))), _lasting)
_fuelled = joined(fuelled("fuel_type", "fuel_unit"), whole(fuel_amount_per_year=amount), _lasting)
_keyed = joined(whole(product_key=pick(("washing_machine", "laptop", "fridge", "toaster"))), _life)
_sold_fuel = joined(fuelled("fuel_type", "fuel_sold_unit"), whole(fuel_sold_amount=positive))
_service = joined(whole(server_kwh=amount), some(pue=st.floats(1, 3)))
_gassed = joined(whole(ghg_content_kg=gases), some(release_share=share))
_leaking = joined(whole(refrigerant_charge_kg=gases, leak_rate_per_year=share), _lasting)


def use_of_products() -> Rows:
    sold = whole(product_name=st.just("thing"), product_type=pick(("appliance", "electronics", "vehicle", "other")))
    counted = whole(units_sold=st.integers(1, 5000))
    units = one(counted, counted, counted, st.just({}))
    how = some(
        survival_curve=st.lists(share, min_size=1, max_size=5),
        grid_trajectory_kg_co2e_per_kwh=st.lists(amount, min_size=1, max_size=4),
        use_region_mix=_MIX,
        energy_boundary=pick(("scope12", "life_cycle")),
    )
    alone = one(_measured, _rated, _driven, _fuelled, _keyed, _sold_fuel, _service, _gassed, _leaking)
    # Fuel and distance exclude each other, so not all at once.
    several = one(any_of(_measured, _rated, _keyed, _sold_fuel, _service, _gassed, _leaking, _fuelled), any_of(_driven, _keyed, _gassed))
    return joined(header(11), sold, units, one(alone, several), one(st.just({}), how))


_FRANCHISES = ("qsr", "coffee_shop", "retail_store", "hotel", "education", "beauty_salon")


def franchises() -> Rows:
    regions = ("GB", "DE", "FR", "US")
    counted = st.lists(st.integers(0, 40), min_size=4, max_size=4).filter(any)
    spread = counted.map(lambda counts: {"franchise_count": sum(counts), "locations_by_region": dict(zip(regions, counts, strict=True))})
    outlets = spread | whole(franchise_count=st.integers(1, 300))
    typed = whole(franchise_type=pick(_FRANCHISES))
    kind = one(typed, typed, typed, whole(franchise_description=_TEXTS), st.just({}))
    reported = some(franchisee_s1_kg_co2e=amount, franchisee_s2_kg_co2e=amount)
    both = whole(franchisee_s1_kg_co2e=amount, franchisee_s2_kg_co2e=amount)
    area = joined(whole(avg_floor_area_m2=positive), some(floor_area_m2=positive))
    revenue = joined(
        whole(revenue_amount=amount),
        some(revenue_currency=pick(("USD", "EUR", "CHF")), revenue_year=pick((2022, 2024, 2025)), sector=pick(("manufacturing", "retail"))),
    )
    methods = one(any_of(reported, both, energy, area, revenue), area, revenue, st.just({}))
    return joined(header(14), outlets, kind, methods, some(operational_control=pick(("franchisee", "shared"))))
