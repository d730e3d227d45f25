"""Category 5, waste generated in operations: treatment of the year's waste by others.

    1 supplier figure  kg_co2e = waste_mass_kg * supplier_disposal_kg_co2e_per_kg
    2 waste-specific   kg_co2e = waste_mass_kg * ((1 - recycling_rate) * EF[waste, waste_type:disposal_method]
                                                  + recycling_rate * EF[waste, waste_type:recycling]),
                       with emission_factor_kg_co2e_per_kg in place of the first EF; or
                       kg_co2e = wastewater_m3 * EF[waste, wastewater:wastewater_treatment]
    3 generic          kg_co2e = waste_mass_kg * sum(share_k(region) * EF[waste, waste_type:k])

Recycling and recovery of energy carry collection and transport only: the user of what comes of them counts the rest.
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 5, supplier-specific,
waste-type-specific and average-data methods; calculation specification, 14.5.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.arrays import Bools, Floats, Ints
from schemas.config import Config
from schemas.methods import METHODS
from schemas.records.batch import Fields
from schemas.records.cat05_waste import WASTEWATER, WASTEWATER_TREATMENT
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.classes import Classes
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Term, record_term
from transforms.calculation.terms import Terms
from transforms.calculation.waste import Named, Streams, region_shares, split_of, waste_term
from transforms.factors.resolve import Resolver

_SUPPLIER, _SPECIFIC, _GENERIC = METHODS[5]

_OWN_FACTOR = "emission_factor_kg_co2e_per_kg"

# Conventions of this project, where the row states none.
FACTOR_CVS = {
    "landfill": 0.40,
    "landfill_with_gas_recovery": 0.35,
    "incineration": 0.30,
    "incineration_with_energy_recovery": 0.25,
    "recycling": 0.35,
    "composting": 0.30,
    "anaerobic_digestion": 0.28,
    "wastewater_treatment": 0.35,
}

# What a company's waste is taken for where nothing is said of it.
_DEFAULT_TYPE = "commercial_industrial"


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    return [
        _supplier(fields, terms),
        _specific(fields, resolver, terms, config),
        _generic(fields, resolver, terms),
    ], np.zeros(fields.rows, bool)


def _supplier(fields: Fields, terms: Terms) -> Attempt:
    name = "supplier_disposal_kg_co2e_per_kg"
    complete = fields.given("waste_mass_kg") & fields.given(name)
    term = np.full(fields.rows, terms.place("figure of a disposer", lambda: record_term(name, "kg", _SUPPLIER)))
    return Attempt(
        _SUPPLIER, complete, _activity_cv(_SUPPLIER.activity_cv, fields), term, fields.numbers("waste_mass_kg"), fields.numbers(name)
    )


def _specific(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> Attempt:
    """Returns the attempt by type and treatment: what is disposed of, and what is recycled of it."""
    water = fields.given("wastewater_m3")
    own = fields.given(_OWN_FACTOR) & ~water
    rate = np.nan_to_num(fields.numbers("recycling_rate"))
    waste_type = Classes(fields, "waste_type", "waste_description", config)
    method = Classes(fields, "disposal_method", "waste_description", config)
    of_type = ~water & (~own | (rate > 0))
    complete = water | (fields.given("waste_mass_kg") & method.known & (waste_type.known | ~of_type))
    types = pc.if_else(water, WASTEWATER, waste_type.any)
    treatments = pc.if_else(water, WASTEWATER_TREATMENT, method.any)
    amount = np.where(water, fields.numbers("wastewater_m3"), fields.numbers("waste_mass_kg"))

    def loaded(kind: str, treatment: str, by_volume: bool, region: str, year: int) -> Term:
        named = Named("waste_type", kind, "wastewater_m3" if by_volume else "waste_mass_kg")
        unit = "m3" if by_volume else "kg"
        return waste_term(resolver, _SPECIFIC, kind, treatment, region, year, named, unit=unit, default_cv=FACTOR_CVS[treatment])

    def given(treatment: str) -> Term:
        return record_term(_OWN_FACTOR, "kg", _SPECIFIC, cv=FACTOR_CVS[treatment])

    place = [pa.array(water), fields.texts("region"), fields.integers("activity_year")]
    disposed, recycled = complete & (rate < 1), complete & (rate > 0)
    by_own = terms.find("own factor of a treatment", [treatments], disposed & own, given)
    by_row = terms.find("waste and treatment", [types, treatments, *place], disposed & ~own, loaded)
    recycling = pa.array(["recycling"]).take(pa.array(np.zeros(fields.rows, np.int64)))
    by_recycling = terms.find("waste and treatment", [types, recycling, *place], recycled, loaded)
    parts = Parts.join(
        [
            _parts(disposed, np.where(own, by_own, by_row), amount * (1 - rate), np.where(own, fields.numbers(_OWN_FACTOR), np.nan)),
            _parts(recycled, by_recycling, amount * rate),
        ]
    )
    nothing = pa.nulls(fields.rows, pa.string())
    told = [
        said_value("W_RECYCLING_APPLIED rate=", rate, recycled),
        pc.if_else(water, nothing, method.warning),
        pc.if_else(of_type, waste_type.warning, nothing),
    ]
    return Attempt(_SPECIFIC, complete, _activity_cv(_SPECIFIC.activity_cv, fields), parts=parts, said=told)


def _generic(fields: Fields, resolver: Resolver, terms: Terms) -> Attempt:
    """Returns the attempt by what the region does with its waste."""
    complete = fields.given("waste_mass_kg")
    records = np.flatnonzero(complete)
    recovery = np.nan_to_num(fields.numbers("incineration_energy_recovery_share"))[records]
    streams = Streams.of(region_shares(resolver, fields, complete)[records], recovery)
    row = records[streams.item]

    def make(kind: str | None, treatment: str, shares_burning: bool, region: str, year: int) -> Term:
        named, split = Named("waste_type", kind, "waste_mass_kg"), split_of(resolver, region, year)
        own_type = kind or _DEFAULT_TYPE
        return waste_term(resolver, _GENERIC, own_type, treatment, region, year, named, shares_burning=shares_burning, split=split)

    at = pa.array(row)
    columns = [fields.texts("waste_type").take(at), streams.treatment, pa.array(streams.shares_burning)]
    columns += [fields.texts("region").take(at), fields.integers("activity_year").take(at)]
    term = terms.find("waste as the region treats it", columns, np.ones(len(row), bool), make)
    parts = Parts(row, term, fields.numbers("waste_mass_kg")[row] * streams.share, np.zeros(len(row)), np.full(len(row), -1))
    told = [said("W_GENERIC_WASTE", complete)]
    return Attempt(_GENERIC, complete, _activity_cv(_GENERIC.activity_cv, fields), parts=parts, said=told)


def _parts(wanted: Bools, term: Ints, quantity: Floats, own_value: Floats | None = None) -> Parts:
    """Returns a part of each wanted record; all that is uncertain of its amount is that of the record."""
    row = np.flatnonzero(wanted)
    return Parts(row, term[row], quantity[row], np.zeros(len(row)), np.full(len(row), -1), None if own_value is None else own_value[row])


def _activity_cv(cv: float, fields: Fields) -> Floats:
    return np.full(fields.rows, cv)
