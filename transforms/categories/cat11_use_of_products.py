"""Category 11, use of sold products: lifetime emissions of all products sold in the year. Components add up.

    electricity       direct = units_sold * kWh a year * n(L) * EF[grid, generation]; of measured, power, vehicle and default
                      the first that is complete; with an own trajectory g(L) in place of n(L) * EF[grid, generation]
    fuel              direct = units_sold * fuel_amount_per_year * n(L) * EF[fuel, ttw]
    vehicle by km     direct = units_sold * annual_distance_km * n(L) * EF[travel_land, ttw]
    service           direct = server_kwh * pue * EF[grid, generation]
    fuels sold        direct = fuel_sold_amount * EF[fuel, ttw]
    contained gas     direct = units_sold * sum(kg * GWP) * release_share
    leakage           direct = units_sold * sum(charge * GWP) * leak_rate_per_year * n(L)

Upstream is the same activity with well-to-tank and grid losses; it counts under energy_boundary life_cycle. The method
of a record is the first of its components' in the order of the registry.
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 11, direct use-phase
emissions; calculation specification, 14.11.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.codes import Code
from schemas.config import Config
from schemas.methods import METHODS, Method
from schemas.records.batch import Fields
from schemas.records.shares import EXACT, share_sums
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.energy import Sites
from transforms.calculation.land_travel import land_term
from transforms.calculation.lifetimes import Lifetimes, lifetimes
from transforms.calculation.product_energy import burned_term, default_use, grid_term, life_rows, no_life, own_grid_term
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Failure, Term, gas_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver

_METHODS = METHODS[11]
_MEASURED, _SPECS, _DEFAULTS, _FUEL_SOLD, _GASES = _METHODS

_TRAJECTORY = "grid_trajectory_kg_co2e_per_kwh"

_HOURS_PER_DAY, _DAYS_PER_YEAR, _WATTS_PER_KW = 24.0, 365.0, 1000.0


def upstream_counts(fields: Fields, config: Config) -> Bools:
    """Says of which records the total holds the upstream part, bool[n]."""
    boundary = pc.fill_null(fields.texts("energy_boundary"), config.energy_boundary)
    return pc.equal(boundary, "life_cycle").to_numpy(zero_copy_only=False)


@dataclass(frozen=True)
class _Component:
    """One source of emissions of n records.

    Attributes:
        method: gives quality and cv.
        complete: bool[n].
        over_life: whether its amount grows with the lifetime.
        in_use: whether it arises where the products are used.
        parts: of the complete ones.
    """

    method: Method
    complete: Bools
    over_life: bool
    in_use: bool
    parts: Parts


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    life = lifetimes(resolver, fields)
    components = _Components(fields, resolver, terms, config, life).all()
    of_method = np.zeros((len(_METHODS), fields.rows), bool)
    for component in components:
        of_method[_METHODS.index(component.method)] |= component.complete
    # Where all components have one method, what is uncertain of the activity is that of the record as a whole.
    alike = of_method.sum(axis=0) == 1
    activity_cv = np.where(alike, np.array([method.activity_cv for method in _METHODS]) @ of_method, 0.0)
    parts = Parts.join([component.parts for component in components])
    parts = replace(parts, activity_cv=np.where(alike[parts.row], 0.0, parts.activity_cv))
    lives, mixed = (_rows(fields, [one.parts for one in components if getattr(one, name)]) for name in ("over_life", "in_use"))
    sums = share_sums(fields, "use_region_mix")
    told = [
        said_value("W_LIFE_ESTIMATED years=", life.years, life.is_default & lives),
        said_value("W_SHARES_RENORMALISED sum=", sums, mixed & (np.abs(np.nan_to_num(sums, nan=1.0) - 1) > EXACT)),
    ]
    unknown = no_default(resolver, terms, fields, of_method)
    found, left = [], np.ones(fields.rows, bool)
    for method, own in zip(_METHODS, of_method, strict=True):
        if method is _DEFAULTS:
            both = Parts.join([parts, unknown])
            failing = _rows(fields, [unknown])
            found.append(Attempt(method, (own | failing) & left, activity_cv, parts=both, said=(*told, said("W_ESTIMATED", own))))
        else:
            found.append(Attempt(method, own & left, activity_cv, parts=parts, said=told))
        left &= ~own
    return found, np.zeros(fields.rows, bool)


def _rows(fields: Fields, several: Sequence[Parts]) -> Bools:
    """Returns which records have any of some parts, bool[n]."""
    found = np.zeros(fields.rows, bool)
    for parts in several:
        found[parts.row] = True
    return found


def no_default(resolver: Resolver, terms: Terms, fields: Fields, of_method: Bools) -> Parts:
    """Returns a part that failed for each record that leaves its energy to a key without a default.

    Args:
        of_method: bool[methods, n], which methods give an amount.
    """
    energy = of_method[_METHODS.index(_MEASURED)] | of_method[_METHODS.index(_SPECS)] | of_method[_METHODS.index(_DEFAULTS)]
    rows = np.flatnonzero(fields.given("product_key") & fields.given("units_sold") & ~energy)

    def make(key: str) -> Term:
        message = f"product_key is {key!r}, for which no energy use is loaded; give power_rating_watts, or load one with --factors"
        return Term(failure=Failure(Code.E_NO_FACTOR, "product_key", key, message))

    term = terms.find("no default energy", [fields.texts("product_key").take(pa.array(rows))], np.ones(len(rows), bool), make)
    return _parts(rows, term, np.zeros(len(rows)), _DEFAULTS)


class _Components:
    """Makes the components of a batch."""

    def __init__(self, fields: Fields, resolver: Resolver, terms: Terms, config: Config, life: Lifetimes) -> None:
        self._fields, self._resolver, self._terms, self._config, self._life = fields, resolver, terms, config, life
        self._units, self._sites = fields.numbers("units_sold"), _sites(fields)
        self._lives = fields.given("units_sold") & life.told
        self._unit_years = self._units * life.used_years

    def all(self) -> list[_Component]:
        """Returns all components; of electricity each record has one at most."""
        return [*self._electricity(), self._fuel(), self._vehicle(), self._service(), self._fuel_sold(), self._contained(), self._leakage()]

    def _electricity(self) -> list[_Component]:
        fields, left = self._fields, self._lives.copy()
        measured = fields.given("measured_energy_kwh_per_year")
        power = fields.given("power_rating_watts") & fields.given("usage_hours_per_day")
        hours, distance = fields.numbers("usage_hours_per_day"), fields.numbers("annual_distance_km")
        days = np.where(fields.given("usage_days_per_year"), fields.numbers("usage_days_per_year"), _DAYS_PER_YEAR)
        watts, standby = fields.numbers("power_rating_watts"), np.nan_to_num(fields.numbers("standby_watts"))
        kwh_by_power = (watts * hours + standby * (_HOURS_PER_DAY - hours)) * days / _WATTS_PER_KW
        measured_kwh = fields.numbers("measured_energy_kwh_per_year")
        kwh_by_distance = distance * fields.numbers("efficiency_kwh_per_km")
        forms = [
            (_MEASURED, measured & self._life.measured, measured_kwh, "measured_energy_kwh_per_year"),
            (_SPECS, measured, measured_kwh, "measured_energy_kwh_per_year"),
            (_SPECS, power, kwh_by_power, "power_rating_watts"),
            (_SPECS, fields.given("annual_distance_km") & fields.given("efficiency_kwh_per_km"), kwh_by_distance, "efficiency_kwh_per_km"),
            (_DEFAULTS, _has_default(self._resolver, fields), np.ones(fields.rows), "product_key"),
        ]
        found = []
        for method, complete, kwh, name in forms:
            complete = complete & left
            left &= ~complete
            found.append(self._grid(method, complete, self._unit_years * kwh, name, over_life=True))
        return found

    def _grid(self, method: Method, complete: Bools, kwh: Floats, name: str, *, over_life: bool) -> _Component:
        """Returns a component of electricity.

        Args:
            kwh: float64[n], or number of product years where the method gives the energy of one.
            name: of the field that is told where there is no factor.
            over_life: it is used over the lifetime of a product; else in the reporting year.
        """
        own = self._life.grid_kg_per_kwh if over_life else np.full(len(kwh), np.nan)
        resolver = self._resolver

        def make(trajectory: bool, key: str | None, life_key: str | None, home: str, region: str, year: int) -> Term:
            use = None if key is None else default_use(resolver, key, home, year)
            if isinstance(use, Term):
                return use
            failure = no_life(resolver, life_key)
            if failure is not None:
                return Term(failure=failure)
            if trajectory:
                return own_grid_term(resolver, method, _TRAJECTORY, region, year, use, life_key)
            return grid_term(resolver, method, name, region, year, use, life_key)

        no_text = pa.nulls(len(kwh), pa.string())
        fields = self._fields
        columns = [
            pa.array(~np.isnan(own)),
            fields.texts("product_key") if method is _DEFAULTS else no_text,
            self._life.default_key if over_life else no_text,
            fields.texts("region") if method is _DEFAULTS else pa.array(["GLOBAL"]).take(pa.array(np.zeros(len(kwh), np.int64))),
        ]
        parts = self._parts(f"{method.label} {name} {over_life}", columns, method, complete, kwh, make, own)
        return _Component(method, complete, over_life, True, parts)

    def _parts(
        self,
        kind: str,
        columns: list[pa.Array],
        method: Method,
        complete: Bools,
        quantity: Floats,
        make: Callable[..., Term],
        own_value: Floats | None = None,
    ) -> Parts:
        """Returns the parts of a component, one for each region of use.

        Args:
            columns: of n records, the key of its term before region and year.
        """
        sites, year = self._sites, self._fields.integers("activity_year")
        at = pa.array(sites.row)
        amount = quantity[sites.row] * sites.share
        # Without a lifetime it is not a number, and its term says so.
        used = complete[sites.row] & ((amount > 0) | np.isnan(amount))
        keys = [*(column.take(at) for column in columns), sites.region, year.take(at)]
        term = self._terms.find(f"{kind} in use", keys, used, make)
        row = sites.row[used]
        return _parts(row, term[used], amount[used], method, None if own_value is None else own_value[row])

    def _fuel(self) -> _Component:
        fields, resolver = self._fields, self._resolver
        complete = fields.given("fuel_type") & fields.given("fuel_amount_per_year") & self._lives

        def make(life_key: str | None, fuel: str, unit: str | None, region: str, year: int) -> Term:
            failure = no_life(resolver, life_key)
            return Term(failure=failure) if failure else burned_term(resolver, _SPECS, fuel, unit, region, year, life_key, "fuel_unit")

        columns = [self._life.default_key, fields.texts("fuel_type"), fields.texts("fuel_unit")]
        amount = self._unit_years * fields.numbers("fuel_amount_per_year")
        return _Component(_SPECS, complete, True, True, self._parts("fuel burned", columns, _SPECS, complete, amount, make))

    def _vehicle(self) -> _Component:
        fields, resolver = self._fields, self._resolver
        complete = fields.given("annual_distance_km") & fields.given("vehicle_type") & self._lives

        def make(life_key: str | None, vehicle: str, region: str, year: int) -> Term:
            failure = no_life(resolver, life_key)
            if failure is not None:
                return Term(failure=failure)
            return land_term(resolver, _SPECS, vehicle, region, year, "vehicle_type", life_rows(resolver, life_key))

        columns = [self._life.default_key, fields.texts("vehicle_type")]
        amount = self._unit_years * fields.numbers("annual_distance_km")
        return _Component(_SPECS, complete, True, True, self._parts("vehicle", columns, _SPECS, complete, amount, make))

    def _service(self) -> _Component:
        pue = self._fields.numbers("pue")
        kwh = self._fields.numbers("server_kwh") * np.where(np.isnan(pue), 1.0, pue)
        return self._grid(_SPECS, self._fields.given("server_kwh"), kwh, "server_kwh", over_life=False)

    def _fuel_sold(self) -> _Component:
        fields, resolver = self._fields, self._resolver
        complete = fields.given("fuel_type") & fields.given("fuel_sold_amount")

        def make(fuel: str, unit: str | None, region: str, year: int) -> Term:
            return burned_term(resolver, _FUEL_SOLD, fuel, unit, region, year, None, "fuel_sold_unit")

        columns = [fields.texts("fuel_type"), fields.texts("fuel_sold_unit")]
        parts = self._parts("fuel sold", columns, _FUEL_SOLD, complete, fields.numbers("fuel_sold_amount"), make)
        return _Component(_FUEL_SOLD, complete, False, True, parts)

    def _contained(self) -> _Component:
        fields = self._fields
        complete = fields.given("ghg_content_kg") & fields.given("units_sold")
        share = fields.numbers("release_share")
        return self._gases("ghg_content_kg", complete, self._units * np.where(np.isnan(share), 1.0, share), over_life=False)

    def _leakage(self) -> _Component:
        fields = self._fields
        complete = fields.given("refrigerant_charge_kg") & fields.given("leak_rate_per_year") & self._lives
        return self._gases("refrigerant_charge_kg", complete, self._unit_years * fields.numbers("leak_rate_per_year"), over_life=True)

    def _gases(self, name: str, complete: Bools, units: Floats, *, over_life: bool) -> _Component:
        entries = self._fields.elements(name, np.flatnonzero(complete))
        amount = entries.fields.numbers("value") * units[entries.row]
        used, gwp_set = (amount > 0) | np.isnan(amount), self._config.gwp_set
        default_key = self._life.default_key if over_life else pa.nulls(len(units), pa.string())
        columns = [entries.fields.texts("key"), default_key.take(pa.array(entries.row))]

        def make(gas: str, life_key: str | None) -> Term:
            failure = no_life(self._resolver, life_key)
            return Term(failure=failure) if failure else gas_term(gas, gwp_set, _GASES, life_rows(self._resolver, life_key))

        term = self._terms.find("gas of products", columns, used, make)
        return _Component(_GASES, complete, over_life, False, _parts(entries.row[used], term[used], amount[used], _GASES))


def _parts(row: Ints, term: Ints, quantity: Floats, method: Method, own_value: Floats | None = None) -> Parts:
    return Parts(row, term, quantity, np.full(len(row), method.activity_cv), np.full(len(row), -1), own_value)


def _has_default(resolver: Resolver, fields: Fields) -> Bools:
    """Returns for which records a default energy use is loaded; without one the method has no data."""
    keys = fields.texts("product_key").dictionary_encode()
    known = pa.array([resolver.has("product_use", key) for key in keys.dictionary.to_pylist()], pa.bool_())
    return known.take(keys.indices).fill_null(False).to_numpy(zero_copy_only=False)


def _sites(fields: Fields) -> Sites:
    """Returns where the products of each record are used: in its region, or by use_region_mix, whose shares are made up to 1."""
    mixed = fields.given("use_region_mix")
    alone = np.flatnonzero(~mixed)
    home = Sites(alone, fields.texts("region").take(pa.array(alone)), np.ones(len(alone)))
    if not mixed.any():
        return home
    entries = fields.elements("use_region_mix", np.flatnonzero(mixed))
    share = entries.fields.numbers("value") / share_sums(fields, "use_region_mix")[entries.row]
    row = np.concatenate([home.row, entries.row])
    order = np.argsort(row, kind="stable")
    region = pa.concat_arrays([home.region, entries.fields.texts("key")]).take(pa.array(order))
    return Sites(row[order], region, np.concatenate([home.share, share])[order])
