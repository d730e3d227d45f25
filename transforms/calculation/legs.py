"""The distance-based method of freight: a leg at average load, at a load that is known, or with a factor of the record.

    average    direct = weight_tonnes * d' * EF[freight, ttw];  upstream = weight_tonnes * d' * EF[freight, wtt]
    known      EF = a / load_factor + b, for ttw and wtt each
    own        direct = weight_tonnes * d' * emission_factor_kg_co2e_per_tonne_km

Source: ISO 14083:2023; calculation specification, 14.4 and 9.3 (load factor).
"""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.config import Config
from schemas.methods import Method
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.footprint import given_cv
from transforms.calculation.freight import UNIT, Distances, Question, Vehicles, average, average_term, converted
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Term, factor_term, record_term
from transforms.calculation.terms import Terms
from transforms.factors.resolve import Resolver
from transforms.factors.resolved import Resolved, Unresolved

_DISTANCE_CV, _WEIGHT_CV, _LOAD_CV = 0.05, 0.03, 0.05
_LOW_LOAD = 0.70 - 1e-9
_BASES = ("gcd", "sfd", "actual")

_OWN = "emission_factor_kg_co2e_per_tonne_km"
_OWN_CV, _OWN_DQI = 0.15, 76.0


def legs(resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools, config: Config) -> list[Attempt]:
    """Returns the attempts of legs: those of one factor each, and those of several.

    Args:
        complete: bool[n], records with mode, distance and weight.
    """
    return _Legs(resolver, terms, fields, method, complete, config).attempts()


class _Legs:
    """Makes the attempts of a batch."""

    def __init__(self, resolver: Resolver, terms: Terms, fields: Fields, method: Method, complete: Bools, config: Config) -> None:
        self._resolver, self._terms, self._fields, self._method, self._config = resolver, terms, fields, method, config
        self._vehicles = Vehicles.of(fields, "distance_km")
        self._given, self._weight = fields.texts("distance_basis"), fields.numbers("weight_tonnes")
        self._own = complete & fields.given(_OWN)
        tank_to_wheel = pc.fill_null(pc.equal(fields.texts("ef_boundary"), "ttw"), False).to_numpy(zero_copy_only=False)
        self._own_tank_to_wheel = self._own & tank_to_wheel
        self._loaded = self._with_coefficients(complete & ~self._own & fields.given("load_factor"))
        self._average = complete & ~self._own & ~self._loaded
        self._complete = complete

    def attempts(self) -> list[Attempt]:
        """Returns both attempts."""
        ignored = self._fields.given("load_factor") & ~self._loaded
        told = [said("W_LOAD_FACTOR_IGNORED", ignored)]
        return [self._single(told), self._several(told)]

    def _find(self, kind: str, wanted: Bools, make: Callable[[Question], Term]) -> Ints:
        return self._terms.find(f"{self._method.label} {kind}", self._vehicles.columns, wanted, lambda *key: make(Question(*key)))

    def _bases(self, kind: str, wanted: Bools, find: Callable[[Question], Resolved | Unresolved | None]) -> pa.Array:
        """Returns the distance basis of the lead rows, string[n]; null where there is none."""

        def make(question: Question) -> Term:
            found = find(question)
            basis = None if found is None or isinstance(found, Unresolved) else found.lead.basis
            return Term(float(_BASES.index(basis)) if basis in _BASES else -1.0, part=True)

        term = self._find(f"basis of {kind}", wanted, make)
        self._terms.grow()
        codes = self._terms.kg_per_unit[term] if wanted.any() else np.full(len(wanted), -1.0)
        code = np.where(wanted & (codes >= 0), codes, 0).astype(np.int64)
        return pa.array(_BASES).take(pa.array(code, mask=~(wanted & (codes >= 0))))

    def _with_coefficients(self, wanted: Bools) -> Bools:
        """Returns for which records coefficients of load are loaded."""
        if not wanted.any():
            return wanted

        def make(question: Question) -> Term:
            return Term(0.0 if question.find_load(self._resolver) is None else 1.0, part=True)

        term = self._find("has coefficients", wanted, make)
        self._terms.grow()
        return wanted & (self._terms.kg_per_unit[term] == 1.0)

    def _distances(self, wanted: pa.Array, complete: Bools) -> Distances:
        return converted(self._terms, self._fields, self._vehicles.mode, self._given, wanted, complete)

    def _activity_cv(self, load_cv: Floats | float = 0.0) -> Floats:
        """Returns the cv of distance, weight and load together, float64[n]."""
        product = (1 + _DISTANCE_CV**2) * (1 + _WEIGHT_CV**2) * (1 + np.asarray(load_cv) ** 2)
        return np.sqrt(product - 1) * np.ones(self._fields.rows)

    def _single(self, told: Sequence[pa.Array]) -> Attempt:
        """Returns the attempt of legs at average load, and of those with a well-to-wheel factor of their own."""
        own = self._own & ~self._own_tank_to_wheel
        complete = self._average | own
        term = self._find("average", self._average, lambda question: average_term(self._resolver, self._method, question))
        basis = self._bases("average", self._average, lambda question: average(self._resolver, question))
        distances = self._distances(pc.if_else(pa.array(own), self._own_basis, basis), complete)
        term = np.where(own, self._terms.place((_OWN, self._method.label), self._own_term), term)
        self._terms.grow()
        # That there is no factor goes before what its distance would be.
        term = np.where((distances.wrong >= 0) & ~self._terms.failed[term], distances.wrong, term)
        own_value = np.where(own, self._fields.numbers(_OWN), np.nan)
        own_cv = np.where(own, given_cv(self._fields, "emission_factor_cv", self._config), np.nan)
        quantity = self._weight * distances.km
        return Attempt(self._method, complete, self._activity_cv(), term, quantity, own_value, own_cv, said=told)

    @property
    def _own_basis(self) -> pa.Array:
        return pc.coalesce(self._fields.texts("ef_basis"), self._given)

    def _own_term(self) -> Term:
        return record_term(_OWN, UNIT, self._method, cv=_OWN_CV)._replace(dqi_score=_OWN_DQI)

    def _several(self, told: Sequence[pa.Array]) -> Attempt:
        """Returns the attempt of legs with a known load, and of those whose own factor is tank-to-wheel."""
        complete = self._loaded | self._own_tank_to_wheel
        if not complete.any():
            return Attempt(self._method, complete, self._activity_cv())
        loaded, load_cv = self._loaded_parts()
        own, alone = self._own_parts()
        load = self._fields.numbers("load_factor")
        more = [said_value("W_LOW_LOAD lf=", load, self._loaded & (load < _LOW_LOAD)), alone]
        parts = Parts.join([*loaded, *own])
        return Attempt(self._method, complete, self._activity_cv(load_cv), parts=parts, joint=True, said=[*told, *more])

    def _loaded_parts(self) -> tuple[list[Parts], Floats]:
        """Returns both summands of a / load_factor + b, and the cv that the load adds, float64[n]."""
        terms, rows = self._terms, np.flatnonzero(self._loaded)
        found = [self._find(f"load {letter}", self._loaded, self._coefficient(letter)) for letter in "ab"]
        basis = self._bases("load", self._loaded, lambda question: question.find_load(self._resolver))
        distances = self._distances(basis, self._loaded)
        load_cv = np.zeros(self._fields.rows)
        if not len(rows):
            return [], load_cv
        load, activity = self._fields.numbers("load_factor")[rows], (self._weight * distances.km)[rows]
        a, b = (terms.kg_per_unit[one[rows]] + terms.upstream_kg_per_unit[one[rows]] for one in found)
        both = a / load + b
        load_cv[rows] = np.where(both > 0, _LOAD_CV * (a / load) / np.where(both > 0, both, 1.0), 0.0)
        first, second = (np.where(distances.wrong[rows] >= 0, distances.wrong[rows], one[rows]) for one in found)
        none, no_place = np.zeros(len(rows)), np.full(len(rows), -1)
        return [Parts(rows, first, activity / load, none, no_place), Parts(rows, second, activity, none, no_place)], load_cv

    def _coefficient(self, letter: str) -> Callable[[Question], Term]:
        def make(question: Question) -> Term:
            found = question.find_load(self._resolver)
            assert found is not None
            direct = found.value if letter == "a" else found.also["ttw_b"]
            told = [f"W_NO_UPSTREAM key={found.lead.key}"] if "wtt_a" in found.missing else []
            return factor_term(found, self._method, kg_per_unit=direct, upstream_kg_per_unit=found.also[f"wtt_{letter}"], warnings=told)

        return make

    def _own_parts(self) -> tuple[list[Parts], pa.Array]:
        """Returns legs with a tank-to-wheel factor of their own, their upstream parts, and the warning of those without one."""
        wanted, rows = self._own_tank_to_wheel, np.flatnonzero(self._own_tank_to_wheel)
        distances = self._distances(self._own_basis, wanted)
        none, no_place = np.zeros(len(rows)), np.full(len(rows), -1)
        own = self._terms.place((_OWN, self._method.label), self._own_term)
        direct = Parts(
            rows,
            np.where(distances.wrong[rows] >= 0, distances.wrong[rows], own),
            (self._weight * distances.km)[rows],
            none,
            no_place,
            np.where(distances.wrong[rows] >= 0, np.nan, self._fields.numbers(_OWN)[rows]),
            given_cv(self._fields, "emission_factor_cv", self._config)[rows],
        )
        term = self._find("upstream beside an own factor", wanted, self._upstream)
        basis = self._bases("upstream", wanted, lambda question: question.find(self._resolver, ("wtt",)))
        beside = self._distances(basis, wanted)
        self._terms.grow()
        has = wanted & (beside.wrong < 0)
        has[wanted] &= ~self._terms.failed[term[wanted]]
        rows = np.flatnonzero(has)
        none, no_place = np.zeros(len(rows)), np.full(len(rows), -1)
        upstream = Parts(rows, term[rows], (self._weight * beside.km)[rows], none, no_place)
        return [direct, upstream], said("W_NO_UPSTREAM", wanted & ~has)

    def _upstream(self, question: Question) -> Term:
        found = question.find(self._resolver, ("wtt",))
        if isinstance(found, Unresolved):
            return Term(failure=question.no_factor(found))
        return factor_term(found, self._method, kg_per_unit=0.0, upstream_kg_per_unit=found.value)
