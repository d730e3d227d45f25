"""The energy of a site or an asset [13.1], measured or from its floor area [14.8]."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tests.oracle.factors import Found
from tests.oracle.gases import gwp_of
from tests.oracle.methods import METHODS
from tests.oracle.terms import Term, gas_term, given_term, row_term
from tests.oracle.values import UNITS, Cannot, Row, known_unit

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

BLOCK = (
    *("electricity_kwh", "natural_gas_kwh", "heating_kwh", "cooling_kwh", "fuel_oil_litres", "gas_oil_litres"),
    *("other_fuels", "refrigerant_leak_kg", "process_kg_co2e"),
)

# Memo biogenic_kg_co2 [8].
_BIOGENIC = (3, 4, 5, 11, 12)

_HEAT = {"heating": "heat_steam", "cooling": "cooling"}

Regions = list[tuple[str, float]]


class Carrier(NamedTuple):
    """The factor of a carrier of energy per unit of the record, direct and upstream."""

    found: Found
    direct: float
    upstream: float
    biogenic: float | None = None


def grid(oracle: "Oracle", record: Row, name: str, region: str | None = None) -> Carrier:
    """Returns electricity per kWh; a life-cycle figure has no upstream part [12.5]."""
    also = ("td_generation", "wtt_generation", "wtt_td", "loss_share")
    found = oracle.find("grid", ("generation", "life_cycle"), "electricity", record, "kWh", name, region=region, also=also)
    if found.boundary == "life_cycle":
        found.warnings.add("W_LIFECYCLE_GRID")
        return Carrier(found, found.value, 0.0)
    return Carrier(found, found.value, delivery(found, found.value))


def grid_upstream(oracle: "Oracle", record: Row, name: str, region: str | None = None) -> Found | None:
    """Returns the rows beside a generation factor that the record gives [14.11, 14.15]; None without any. Value: kg per kWh."""
    try:
        found, _, upstream, _ = grid(oracle, record, name, region)
    except Cannot:
        return None
    if upstream == 0:
        return None
    lost = any(row["boundary"] == "loss_share" for row in found.rows)
    # Generation itself is in use only where it is lost.
    found.rows = [row for row in found.rows if row["boundary"] != "generation" or lost]
    found.value = upstream
    return found


def delivery(found: Found, generation: float) -> float:
    """Returns the upstream part of electricity or heat: losses as published, else by the loss share of generation [14.3]."""
    wtt = found.use("wtt_generation")
    if "td_generation" in found.also:
        return found.use("td_generation") + wtt + found.use("wtt_td")
    if "loss_share" in found.also:
        share = found.use("loss_share")
        return wtt + share / (1 - share) * (generation + wtt)
    return wtt


def heat(oracle: "Oracle", record: Row, key: str, name: str, region: str | None = None) -> Carrier:
    found = oracle.find(
        "heat", ("generation",), key, record, "kWh", name, region=region, also=("td_generation", "wtt_generation", "wtt_td")
    )
    return Carrier(found, found.value, delivery(found, found.value))


def fuel(oracle: "Oracle", record: Row, key: str, unit: str | None, name: str, unit_name: str | None, region: str | None = None) -> Carrier:
    """Returns a fuel burned, per unit of it; energy without a stated basis is gross."""
    unit = known_unit(unit, unit_name or name)
    basis = "gross" if UNITS[unit][0] == "energy" else None
    also = ("wtt", "biogenic")
    found = oracle.find("fuel", ("ttw",), key, record, unit, name, unit_name, region=region, also=also, basis=basis)
    biogenic = found.use("biogenic") if record["category"] in _BIOGENIC and "biogenic" in found.also else None
    return Carrier(found, found.value, found.use("wtt"), biogenic)


def carrier(oracle: "Oracle", record: Row, kind: str, name: str, region: str | None) -> Carrier:
    """Returns a carrier in kWh by its name in the building_energy keys."""
    if kind == "electricity":
        return grid(oracle, record, name, region)
    if kind == "natural_gas":
        return fuel(oracle, record, kind, "kWh", name, None, region)
    return heat(oracle, record, _HEAT[kind], name, region)


def has_energy(record: Row, suffix: str = "") -> bool:
    return any(f"{name}{suffix}" in record for name in BLOCK)


def block_terms(
    oracle: "Oracle", record: Row, method: str, share: float = 1.0, *, regions: Regions | None = None, suffix: str = ""
) -> list[Term]:
    """Returns one term per carrier and region, one per gas, one for the process [13.1]; nothing is looked up for an amount of 0."""
    places: Regions = regions or [(record["region"], 1.0)]
    works: list[Callable[[], Term]] = []
    for part in _carriers(oracle, record, suffix):
        works += [
            partial(_carrier_term, method, part, place, share * weight, record) for place, weight in places if part[0] * share * weight
        ]
    terms: list[Term] = oracle.all_of(record, works)
    for gas, kg in sorted(record.get(f"refrigerant_leak_kg{suffix}", {}).items()):
        gwp, gwp_set = gwp_of(oracle, gas), oracle.options["gwp_set"]
        if kg:
            terms.append(gas_term(method, gas, gwp, gwp_set, kg * gwp * share))
    own = f"process_kg_co2e{suffix}"
    if record.get(own):
        terms.append(given_term(method, own, 1.0, "kg_co2e", record[own] * share, cv=0.0, activity_cv=0.10))
    return terms


# Amount, and what gives the factor in a region.
_Part = tuple[float, Callable[[str], Carrier]]


def _carriers(oracle: "Oracle", record: Row, suffix: str) -> list[_Part]:
    parts: list[_Part] = []
    for kind, stem in (("electricity", "kwh"), ("natural_gas", "kwh"), ("heating", "kwh"), ("cooling", "kwh")):
        name = f"{kind}_{stem}{suffix}"
        if name in record:
            parts.append((record[name], partial(carrier, oracle, record, kind, name)))
    for key in ("fuel_oil", "gas_oil"):
        name = f"{key}_litres{suffix}"
        if name in record:
            parts.append((record[name], partial(fuel, oracle, record, key, "l", name, None)))
    for place, other in enumerate(record.get(f"other_fuels{suffix}", [])):
        names = (f"other_fuels[{place}].fuel_type", f"other_fuels[{place}].unit")
        parts.append((other["amount"], partial(fuel, oracle, record, other["fuel_type"], other.get("unit"), *names)))
    return parts


def _carrier_term(method: str, part: _Part, region: str, share: float, record: Row) -> Term:
    amount, factor = part
    found, direct, upstream, biogenic = factor(region)
    scale = amount * share
    memo = {} if biogenic is None else {"biogenic_kg_co2": scale * biogenic}
    return row_term(method, found, scale * direct, scale * upstream, activity_cv=METHODS[method].activity_cv, memo=memo)


def floor_terms(
    oracle: "Oracle",
    record: Row,
    method: str,
    kind: str,
    name: str,
    area: float,
    *,
    cv: float | None = None,
    regions: Regions | None = None,
) -> list[Term]:
    """Returns one term per region and carrier that the kind of building has an intensity for; all of them err together."""
    places: Regions = regions or [(record["region"], 1.0)]
    kinds = [carrier for carrier in ("electricity", "natural_gas", "heating", "cooling") if has_intensity(oracle, record, kind, carrier)]
    if not kinds:
        raise Cannot("E_NO_FACTOR", name)
    works = [partial(_floor_term, oracle, record, method, kind, name, one, area, place, cv) for place in places for one in kinds]
    terms: list[Term] = oracle.all_of(record, works)
    return terms


def has_intensity(oracle: "Oracle", record: Row, kind: str, one: str) -> bool:
    try:
        _intensity(oracle, record, kind, one)
    except Cannot:
        return False
    return True


def _intensity(oracle: "Oracle", record: Row, kind: str, one: str) -> Found:
    return oracle.find("building_energy", ("parameter",), f"{kind}:{one}", record, "kwh_per_m2_year", "region")


def _floor_term(
    oracle: "Oracle",
    record: Row,
    method: str,
    kind: str,
    name: str,
    one: str,
    area: float,
    place: tuple[str, float],
    cv: float | None,
) -> Term:
    intensity, (found, direct, upstream, _) = _intensity(oracle, record, kind, one), carrier(oracle, record, one, name, place[0])
    kwh = area * place[1] * intensity.value
    intensity.join(found)
    group = f"building_energy/{intensity.lead['key'].rpartition(':')[0]}"
    return row_term(method, intensity, kwh * direct, kwh * upstream, default_cv=cv, group=group)
