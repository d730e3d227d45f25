"""Parts that strategies of several categories share: the header, amounts, money and energy of a site."""

from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]
Rows = st.SearchStrategy[Row]

pick = st.sampled_from

REGIONS = ("GB", "GB", "GB", "DE", "FR", "US", "IT", "JP", "EU", "GLOBAL")
YEARS = (2025, 2025, 2025, 2024, 2022, 2019, 2012, 2031)
GASES = ("hfc_134a", "r_410a", "sf6", "ch4_fossil", "co2")
VEHICLES = ("car_petrol", "car_diesel", "car_electric", "car_unknown", "motorcycle")
PASSENGERS = ("bus", "train", "bicycle", "subway")
BUILDINGS = ("office", "warehouse", "food_service", "education")
FUELS = ("diesel", "gasoline", "natural_gas", "lpg", "fuel_oil", "coal", "biomass_wood", "site_blend", "thin_blend", "b7", "peat")
UNITS = ("l", "l", "kg", "t", "kWh", "MJ", "m3", "US_gal", "barrel")
_FITTING = (
    *(("diesel", "l"), ("diesel", "kg"), ("gasoline", "US_gal"), ("natural_gas", "kWh"), ("natural_gas", "m3"), ("natural_gas", "kg")),
    *(("coal", "t"), ("coal", "MJ"), ("lpg", "l"), ("site_blend", "l"), ("thin_blend", "l"), ("b7", "l"), ("biomass_wood", "kWh")),
)

positive = pick((0.001, 1.0, 3.0, 1234.5)) | st.floats(0.01, 1e6)
amount = st.just(0.0) | positive
share = pick((0.0, 0.25, 1.0)) | st.floats(0.01, 0.99)
part = pick((0.25, 1.0)) | st.floats(0.01, 1.0)
small = st.floats(0.01, 60.0)
gases = st.dictionaries(pick(GASES), amount, min_size=1, max_size=3)


def some(**fields: st.SearchStrategy[Any]) -> Rows:
    """Returns any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


def whole(**fields: st.SearchStrategy[Any]) -> Rows:
    """Returns all of the fields."""
    return st.fixed_dictionaries(fields)


def joined(*parts: Rows) -> Rows:
    """Returns the fields of all the parts."""
    return st.tuples(*parts).map(lambda rows: {name: value for row in rows for name, value in row.items()})


@st.composite
def one(draw: st.DrawFn, *strategies: st.SearchStrategy[Any]) -> Any:
    """Returns what one of the strategies gives, each as often; st.one_of would count the branches inside them."""
    return draw(strategies[draw(st.integers(0, len(strategies) - 1))])


@st.composite
def any_of(draw: st.DrawFn, *blocks: Rows) -> Row:
    """Returns the fields of one of the blocks, often of two or three: a record with data for several methods."""
    found: Row = {}
    for _ in range(draw(pick((1, 1, 2, 3)))):
        found |= draw(one(*blocks))
    return found


def fuelled(type_name: str, unit_name: str) -> Rows:
    """Returns a fuel and its unit, most often one that its factor has or converts into."""
    fitting = pick(_FITTING).map(lambda pair: {type_name: pair[0], unit_name: pair[1]})
    other = joined(whole(**{type_name: pick(FUELS)}), some(**{unit_name: pick(UNITS)}))
    return one(fitting, fitting, fitting, other)


def header(category: int) -> Rows:
    return whole(record_id=st.just("R-1"), category=st.just(category), region=pick(REGIONS), activity_year=pick(YEARS))


def unlike(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Returns weights of some of the values that sum to 1, or nearly."""
    # Two at least: one alone would be more than 1 with a sum of 1.009.
    weights = st.lists(st.integers(0, 9), min_size=len(values), max_size=len(values)).filter(lambda drawn: sum(map(bool, drawn)) > 1)
    return st.tuples(weights, pick((1.0, 1.0, 0.995, 1.009))).map(
        lambda drawn: {name: weight / sum(drawn[0]) * drawn[1] for name, weight in zip(values, drawn[0], strict=True)}
    )


spend = joined(
    whole(spend_amount=amount),
    some(
        spend_currency=pick(("USD", "USD", "EUR", "CHF")),
        spend_year=pick((2020, 2022, 2024, 2025, 2018)),
        naics_code=pick(("484121", "483111", "481111", "48-49", "921000")),
        price_basis=pick(("purchaser", "basic")),
        margins=pick(("with", "without")),
    ),
)

_other_fuel = joined(fuelled("fuel_type", "unit"), whole(amount=amount))
other_fuels = st.lists(_other_fuel, min_size=1, max_size=3)

energy = one(
    whole(electricity_kwh=amount, natural_gas_kwh=amount),
    whole(electricity_kwh=positive),
    whole(heating_kwh=amount, gas_oil_litres=amount),
    whole(other_fuels=other_fuels),
    whole(refrigerant_leak_kg=gases),
    some(
        electricity_kwh=amount,
        natural_gas_kwh=amount,
        heating_kwh=amount,
        cooling_kwh=amount,
        fuel_oil_litres=amount,
        gas_oil_litres=amount,
        other_fuels=other_fuels,
        refrigerant_leak_kg=gases,
        process_kg_co2e=amount,
    ),
)
