"""Records of investments (15)."""

from hypothesis import strategies as st

from tests.strategies.base import (
    BUILDINGS,
    VEHICLES,
    Rows,
    amount,
    any_of,
    energy,
    fuelled,
    header,
    joined,
    one,
    pick,
    positive,
    some,
    whole,
)

_money = st.floats(1e3, 1e9)
_held = joined(
    whole(portfolio_company=st.just("A plc"), outstanding_amount=_money),
    some(
        currency=pick(("USD", "EUR", "CHF")),
        value_date=pick(("2024-12-31", "2022-06-30")),
        company_scope3_t_co2e=amount,
        initial_sponsor=st.booleans(),
        project_life_years=st.integers(1, 60),
    ),
)
_one_scope, _both_scopes = whole(company_scope1_t_co2e=amount), whole(company_scope1_t_co2e=amount, company_scope2_t_co2e=amount)
_reported = joined(one(_one_scope, _both_scopes, whole(company_scope2_t_co2e=amount)), some(emissions_verified=st.booleans()))
_product = joined(whole(key=pick(("cement", "steel", "glass")), amount=amount), some(unit=pick(("kg", "t", "t", "t", "unit"))))
_sector = some(
    sector=pick(("manufacturing", "retail", "mining")), portfolio_company_description=pick(("Manufacturing of toys", "retail", "fund"))
)


def _corporate() -> Rows:
    kinds = pick(("listed_equity", "corporate_bonds", "business_loans", "unlisted_equity", "project_finance"))
    funded = some(evic=_money, total_equity=amount, total_debt=_money, issuer_listed=st.booleans())
    known = whole(evic=_money, total_equity=amount, total_debt=_money)
    produced = whole(production=st.lists(_product, min_size=1, max_size=3))
    earned = joined(whole(company_revenue=amount), some(revenue_year=pick((2022, 2024, 2018))), _sector)
    methods = any_of(_reported, energy, produced, earned, _sector)
    unknown = joined(some(evic=_money), _sector)
    return joined(whole(asset_class=kinds), one(joined(funded, methods), joined(known, methods), joined(known, methods), unknown))


def _real_estate() -> Rows:
    valued = whole(property_value_at_origination=_money)
    value = one(valued, valued, valued, st.just({}))
    supplied = joined(energy, whole(electricity_kwh=amount, supplier_kg_co2e_per_kwh=amount))
    labelled = whole(epc_label=pick("BD"), floor_area_m2=positive)
    typed = joined(whole(building_type=pick(BUILDINGS)), some(floor_area_m2=positive, building_count=amount))
    counted = whole(building_type=pick(("office", "warehouse")), building_count=amount)
    kinds = pick(("commercial_real_estate", "mortgages"))
    return joined(whole(asset_class=kinds), value, any_of(_reported, energy, supplied, labelled, typed, counted))


def _vehicles() -> Rows:
    value = some(vehicle_value_at_origination=_money)
    fuel = joined(fuelled("fuel_type", "fuel_unit"), whole(fuel_amount=amount))
    driven = joined(
        whole(vehicle_type=pick((*VEHICLES, "bus")), vehicle_distance_km=amount),
        some(distance_is_actual=st.booleans(), vehicle_model=st.just("Hatch")),
    )
    counted = whole(vehicle_count=amount)
    return joined(whole(asset_class=st.just("motor_vehicle_loans")), value, any_of(fuel, driven, counted))


def _sovereign() -> Rows:
    country = whole(asset_class=st.just("sovereign_debt"), country_emissions_t_co2e=amount, ppp_gdp=st.floats(1e9, 1e13))
    beside = some(country_emissions_with_lulucf_t_co2e=amount, emissions_verified=st.booleans())
    bare = whole(asset_class=st.just("sovereign_debt"))
    return joined(one(country, country, country, bare), beside)


def investments() -> Rows:
    return joined(header(15), _held, one(_corporate(), _real_estate(), _vehicles(), _sovereign()))
