"""The components of the use phase: electricity, fuels, vehicles, services and gases [14.11]."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tests.oracle.energy import Carrier, fuel, grid, grid_upstream
from tests.oracle.factors import Found
from tests.oracle.gases import gwp_of
from tests.oracle.terms import Term, gas_term, given_term, row_term
from tests.oracle.travel import on_land
from tests.oracle.values import Cannot, Row
from tests.oracle.waste import normalised

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

MEASURED, SPECS, DEFAULTS = "tier_1_measured_consumption", "tier_2_calculated_from_specs", "tier_3_product_defaults"
SOLD, GASES = "tier_1_fuel_sold", "tier_1_contained_ghg"
_TRAJECTORY = "grid_trajectory_kg_co2e_per_kwh"
_LIFESPANS = ("measured_lifespan_years", "expected_lifespan_years")


class Component(NamedTuple):
    """A part of the use phase: the method whose constants it takes, and what makes its terms."""

    method: str
    terms: Callable[[], list[Term]]


class UsePhase:
    """The use phase of one record."""

    def __init__(self, oracle: "Oracle", record: Row) -> None:
        self._oracle, self._record = oracle, record
        # Whether it is known how long the product lasts, be it by a row that is still to be found.
        self.has_lifetime = any(name in record for name in (*_LIFESPANS, "product_key"))
        # Whether a product is known to use electricity, be it in another region.
        key = record.get("product_key")
        rows = oracle.resolver.rows
        self.has_default = key is not None and bool(rows("product_use", key) or rows("key_alias", f"product_use:{key}"))

    # --- lifetime

    def _lifetime(self) -> tuple[float, list[Row], set[str]]:
        """Returns years, rows and warnings."""
        for name in _LIFESPANS:
            if name in self._record:
                return self._record[name], [], set()
        rows = self._oracle.resolver.rows("product_life", self._record["product_key"])
        if not rows:
            raise Cannot("E_NO_FACTOR", "product_key")
        row = min(rows, key=lambda row: str(row["factor_id"]))
        return row["value"], [row], {"W_LIFE_ESTIMATED"}

    def _weights(self) -> list[float]:
        """Returns for each year of the lifetime the share of units in use, the last one in part."""
        years = self._lifetime()[0]
        count = math.ceil(years - 1e-9)
        curve = self._record.get("survival_curve", [1.0] * count)
        alive = [curve[year] if year < len(curve) else 0.0 for year in range(count)]
        return [share * min(1.0, years - year) for year, share in enumerate(alive)]

    def _lasting(self, terms: list[Term]) -> list[Term]:
        """Marks the terms that rest on the lifetime; its row takes no part in their certainty [9.4]."""
        _, rows, warnings = self._lifetime()
        for term in terms:
            term.rows, term.warnings = term.rows + rows, term.warnings | warnings
        return terms

    # --- places

    def _by_region(self, work: Callable[[str, float], Term]) -> list[Term]:
        """Returns one term per region of the mix, else that of the record."""
        mix = {self._record["region"]: 1.0}
        told: set[str] = set()
        if "use_region_mix" in self._record:
            shares, told = normalised(self._record["use_region_mix"])
            assert shares is not None
            mix = shares
        works = [lambda region=region, share=share: work(region, share) for region, share in mix.items() if share]
        terms: list[Term] = self._oracle.all_of(self._record, works)
        for term in terms:
            term.warnings |= told
        return terms

    # --- components

    def electricity(self, method: str, kwh_per_year: float, name: str, default: Callable[[], Found] | None = None) -> list[Term]:
        """Electricity of the lifetime; `default` is the row that the amount stems from."""
        weights, kwh = self._weights(), self._record["units_sold"] * kwh_per_year
        years = math.fsum(weights)
        if kwh * years == 0:
            return []

        def place(region: str, share: float) -> Term:
            if _TRAJECTORY in self._record:
                return self._on_trajectory(method, kwh * share, weights, region, name, default)
            found, direct, upstream, _ = grid(self._oracle, self._record, name, region)
            if default is not None:
                found.join(default())
            return row_term(method, found, kwh * share * years * direct, kwh * share * years * upstream)

        return self._lasting(self._by_region(place))

    def _on_trajectory(
        self, method: str, kwh: float, weights: list[float], region: str, name: str, default: Callable[[], Found] | None
    ) -> Term:
        path, years = self._record[_TRAJECTORY], math.fsum(weights)
        summed = math.fsum(weight * path[min(year, len(path) - 1)] for year, weight in enumerate(weights))
        beside = grid_upstream(self._oracle, self._record, name, region)
        upstream = 0.0 if beside is None else kwh * years * beside.value
        mean = summed / years if years else 0.0
        term = given_term(method, _TRAJECTORY, mean, "kWh", kwh * summed, upstream, beside=beside)
        term.warnings |= {"W_NO_UPSTREAM"} if beside is None else set()
        if default is not None:
            found = default()
            term.rows, term.warnings = term.rows + found.rows, term.warnings | found.warnings
        return term

    def _product_use(self) -> Found:
        key = self._record["product_key"]
        return self._oracle.find("product_use", ("parameter",), key, self._record, "kwh_per_unit_year", "product_key")

    def default(self) -> list[Term]:
        return self.electricity(DEFAULTS, self._product_use().value, "product_key", self._product_use)

    def fuel(self) -> list[Term]:
        burned = self._record["units_sold"] * self._record["fuel_amount_per_year"] * math.fsum(self._weights())
        return self._lasting(self._burned(SPECS, burned, "fuel_unit"))

    def fuel_sold(self) -> list[Term]:
        return self._burned(SOLD, self._record["fuel_sold_amount"], "fuel_sold_unit")

    def _burned(self, method: str, amount: float, unit_name: str) -> list[Term]:
        if amount == 0:
            return []

        def place(region: str, share: float) -> Term:
            record, unit = self._record, self._record.get(unit_name)
            one: Carrier = fuel(self._oracle, record, record["fuel_type"], unit, "fuel_type", unit_name, region)
            memo = {} if one.biogenic is None else {"biogenic_kg_co2": amount * share * one.biogenic}
            return row_term(method, one.found, amount * share * one.direct, amount * share * one.upstream, memo=memo)

        return self._by_region(place)

    def vehicle(self) -> list[Term]:
        km = self._record["units_sold"] * self._record["annual_distance_km"] * math.fsum(self._weights())
        if km == 0:
            return []

        def place(region: str, share: float) -> Term:
            found = on_land(self._oracle, self._record, self._record["vehicle_type"], "vehicle_type", region)
            return row_term(SPECS, found, km * share * found.value, km * share * found.use("wtt"))

        return self._lasting(self._by_region(place))

    def service(self) -> list[Term]:
        """The service of the year; a trajectory says nothing about it."""
        kwh = self._record["server_kwh"] * self._record.get("pue", 1.0)
        if kwh == 0:
            return []

        def place(region: str, share: float) -> Term:
            found, direct, upstream, _ = grid(self._oracle, self._record, "server_kwh", region)
            return row_term(SPECS, found, kwh * share * direct, kwh * share * upstream)

        return self._by_region(place)

    def contained(self) -> list[Term]:
        return self._gases("ghg_content_kg", self._record.get("release_share", 1.0))

    def leakage(self) -> list[Term]:
        leaked = self._record["leak_rate_per_year"] * math.fsum(self._weights())
        return self._lasting(self._gases("refrigerant_charge_kg", leaked))

    def _gases(self, name: str, share: float) -> list[Term]:
        scale, gwp_set = self._record["units_sold"] * share, self._oracle.options["gwp_set"]
        return [gas_term(GASES, gas, gwp, gwp_set, scale * kg * gwp) for gas, kg, gwp in self._of(name) if kg * scale]

    def _of(self, name: str) -> list[tuple[str, float, float]]:
        return [(gas, kg, gwp_of(self._oracle, gas)) for gas, kg in self._record[name].items()]
