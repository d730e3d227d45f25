"""Category 12, end-of-life treatment of sold products: waste treatment of all products sold in the year and their packaging.

    kg_co2e = units_sold * sum over items and treatments(weight_kg * share * EF[waste, material:treatment])

    1 composition       items are the parts of material_composition and packaging
    2 primary material  one item of weight_kg, all of primary_material, and packaging
    3 mixed material    one item of weight_kg, as household waste, and packaging

Shares are the record's, else those of the region. An item's recycling_rate r replaces the share of recycling s, and the
other shares are multiplied with (1 - r) / (1 - s).
Source: GHG Protocol, Technical Guidance for Calculating Scope 3 Emissions (2013), category 12; calculation
specification, 14.12.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from schemas.config import Config
from schemas.methods import METHODS, Method
from schemas.records.batch import Fields
from schemas.records.cat12_end_of_life import given_shares
from schemas.records.shares import EXACT
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.said import said, said_value
from transforms.calculation.term import Term
from transforms.calculation.terms import Terms
from transforms.calculation.waste import TREATMENTS, Named, Split, Streams, region_shares, split_of, waste_term
from transforms.factors.resolve import Resolver

_COMPOSITION, _PRIMARY, _MIXED = METHODS[12]

# What each material is as waste.
WASTE_TYPES = {
    "plastic": "plastic",
    "metal": "metal",
    "metal_steel": "metal",
    "metal_aluminum": "metal",
    "glass": "glass",
    "paper": "paper_cardboard",
    "cardboard": "paper_cardboard",
    "electronics": "electronic",
    "organic": "food",
    "textile": "textiles",
    "wood": "wood",
    "rubber": "rubber",
    "mixed": "household_residual",
    "other": "household_residual",
}

# Part weights may miss weight_kg by so much, as a share of it.
_LARGEST_GAP = 0.02

_LANDFILL, _RECYCLING = TREATMENTS.index("landfill"), TREATMENTS.index("recycling")


@dataclass(frozen=True)
class _Items:
    """What p items of records are made of.

    Attributes:
        row: int64[p], the record.
        place: int64[p], of the item in the record's list; -1 where it is the product itself.
        material: string[p].
        weight_kg: float64[p], in one unit sold.
        recycling_rate: float64[p], NaN where the item has none of its own.
        field: the field that names the material, for dead letters.
    """

    row: Ints
    place: Ints
    material: pa.Array
    weight_kg: Floats
    recycling_rate: Floats
    field: str


def attempts(fields: Fields, resolver: Resolver, terms: Terms, config: Config) -> tuple[list[Attempt], Bools]:
    """Returns the attempts of a batch in the order of the methods, and which rows are credit notes: none."""
    disposal = _Disposal(fields, resolver, terms)
    listed, weighed = fields.given("material_composition"), fields.given("weight_kg")
    single = weighed & fields.given("primary_material")
    parts, gap = _listed(fields, "material_composition", listed), _composition_gap(fields)
    material = fields.texts("primary_material")
    mixed = pa.array(["mixed"]).take(pa.array(np.zeros(fields.rows, np.int64)))
    return [
        disposal.attempt(_COMPOSITION, listed, parts, said_value("W_COMPOSITION_GAP gap=", gap, gap > _LARGEST_GAP + EXACT)),
        disposal.attempt(_PRIMARY, single, _whole(fields, single, material, "primary_material"), said("W_SINGLE_MATERIAL", single)),
        disposal.attempt(_MIXED, weighed, _whole(fields, weighed, mixed, "weight_kg"), said("W_ESTIMATED", weighed)),
    ], np.zeros(fields.rows, bool)


class _Disposal:
    """Treatment of the items of a batch."""

    def __init__(self, fields: Fields, resolver: Resolver, terms: Terms) -> None:
        self._fields, self._resolver, self._terms = fields, resolver, terms
        given = given_shares(fields)
        self._sums = given.sum(axis=1)
        self._by_region = np.isnan(self._sums)
        own = given / self._sums[:, None]
        self._shares = np.where(self._by_region[:, None], region_shares(resolver, fields, self._by_region), own)
        self._recovery = np.nan_to_num(fields.numbers("incineration_energy_recovery_share"))

    def attempt(self, method: Method, complete: Bools, items: _Items, warning: pa.Array) -> Attempt:
        """Returns the attempt by some items of each record, and its packaging."""
        packaging = _listed(self._fields, "packaging", complete)
        uneven = np.abs(self._sums - 1) > EXACT
        told = [warning, said_value("W_SHARES_RENORMALISED sum=", self._sums, uneven)]
        parts = Parts.join([self._parts(method, items), self._parts(method, packaging)])
        return Attempt(method, complete, np.full(self._fields.rows, method.activity_cv), parts=parts, said=told)

    def _parts(self, method: Method, items: _Items) -> Parts:
        """Returns a part for each item and treatment."""
        resolver = self._resolver

        def make(material: str, treatment: str, shares_burning: bool, by_region: bool, region: str, year: int) -> Term:
            split = split_of(resolver, region, year) if by_region else None
            named = Named(items.field, None if items.field == "weight_kg" else material, items.field)
            return _item_term(resolver, method, material, treatment, region, year, named, shares_burning, split)

        streams = Streams.of(_with_rates(self._shares[items.row], items.recycling_rate), self._recovery[items.row])
        row = items.row[streams.item]
        at = pa.array(row)
        columns = [items.material.take(pa.array(streams.item)), streams.treatment, pa.array(streams.shares_burning)]
        columns += [
            pa.array(self._by_region).take(at),
            self._fields.texts("region").take(at),
            self._fields.integers("activity_year").take(at),
        ]
        term = self._terms.find(f"{method.label} {items.field}", columns, np.ones(len(row), bool), make)
        kg = self._fields.numbers("units_sold")[row] * items.weight_kg[streams.item] * streams.share
        return Parts(row, term, kg, np.zeros(len(row)), items.place[streams.item])


def _item_term(
    resolver: Resolver,
    method: Method,
    material: str,
    treatment: str,
    region: str,
    year: int,
    named: Named,
    shares_burning: bool,
    split: Split | None,
) -> Term:
    """Returns the term of a kg of a material in one treatment; only what is recycled avoids something."""
    kind = WASTE_TYPES[material]
    also = ("avoided", "biogenic") if treatment == "recycling" else ("biogenic",)

    def by(treatment: str) -> Term:
        return waste_term(resolver, method, kind, treatment, region, year, named, also=also, shares_burning=shares_burning, split=split)

    term = by(treatment)
    if term.failure is not None and treatment == "recycling" and material == "organic":
        # Organic waste is recycled by composting it.
        return by("composting")
    return term


def _with_rates(shares: Floats, recycling_rate: Floats) -> Floats:
    """Returns the shares of p items with their own recycling rates.

    Args:
        shares: float64[p, 4], by TREATMENTS.
        recycling_rate: float64[p], NaN where an item has none.
    """
    recycled = shares[:, _RECYCLING]
    all_recycled = recycled > 1 - EXACT
    scale = (1 - recycling_rate) / np.where(all_recycled, 1.0, 1 - recycled)
    changed = shares * scale[:, None]
    changed[all_recycled] = 0.0
    changed[all_recycled, _LANDFILL] = 1 - recycling_rate[all_recycled]
    changed[:, _RECYCLING] = recycling_rate
    return np.where(np.isnan(recycling_rate)[:, None], shares, changed)


def _listed(fields: Fields, name: str, wanted: Bools) -> _Items:
    """Returns the elements of a list of parts."""
    elements = fields.elements(name, np.flatnonzero(wanted))
    of = elements.fields
    return _Items(
        elements.row, elements.place, of.texts("material"), of.numbers("weight_kg"), of.numbers("recycling_rate"), f"{name}[].material"
    )


def _whole(fields: Fields, wanted: Bools, material: pa.Array, field: str) -> _Items:
    """Returns each product as one item."""
    row = np.flatnonzero(wanted)
    weight_kg = fields.numbers("weight_kg")[row]
    return _Items(row, np.full(len(row), -1), material.take(pa.array(row)), weight_kg, np.full(len(row), np.nan), field)


def _composition_gap(fields: Fields) -> Floats:
    """Returns by how much the weights of the parts miss weight_kg, as a share of it, float64[n]; NaN where that is not given."""
    parts = fields.elements("material_composition", np.arange(fields.rows))
    total = np.bincount(parts.row, parts.fields.numbers("weight_kg"), fields.rows)
    weight_kg = fields.numbers("weight_kg")
    return np.abs(total - weight_kg) / weight_kg
