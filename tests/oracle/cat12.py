"""Category 12, end-of-life treatment of sold products [14.12]."""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tests.oracle.methods import METHODS
from tests.oracle.terms import Outcome, Term
from tests.oracle.values import Cannot, Row
from tests.oracle.waste import TREATMENTS, Split, burned, default_split, normalised, treatment, waste_term

if TYPE_CHECKING:
    from tests.oracle.calculation import Attempt, Oracle

MATERIALS = {
    "plastic": "plastic",
    **dict.fromkeys(("metal", "metal_steel", "metal_aluminum"), "metal"),
    "glass": "glass",
    **dict.fromkeys(("paper", "cardboard"), "paper_cardboard"),
    "electronics": "electronic",
    "organic": "food",
    "textile": "textiles",
    "wood": "wood",
    "rubber": "rubber",
    **dict.fromkeys(("mixed", "other"), "household_residual"),
}
_SHARES = tuple(f"{how}_share" for how in TREATMENTS)


class _Item(NamedTuple):
    material: str
    kg: float
    recycled: float | None
    name: str


def methods(oracle: "Oracle", record: Row) -> list["Attempt"]:
    has = record.keys()
    detailed, single, mixed = "tier_1_detailed_composition", "tier_2_primary_material", "tier_3_mixed_material"
    return [
        (detailed, "material_composition" in has, lambda: _detailed(oracle, record)),
        (single, {"weight_kg", "primary_material"} <= has, lambda: _single(oracle, record)),
        (mixed, "weight_kg" in has, lambda: _mixed(oracle, record)),
    ]


def _items(record: Row, field: str) -> list[_Item]:
    parts = record.get(field, [])
    return [
        _Item(part["material"], part["weight_kg"], part.get("recycling_rate"), f"{field}[{place}].material")
        for place, part in enumerate(parts)
    ]


def _detailed(oracle: "Oracle", record: Row) -> Outcome:
    items = _items(record, "material_composition")
    gap = abs(sum(item.kg for item in items) - record["weight_kg"]) / record["weight_kg"] if "weight_kg" in record else 0.0
    warnings = {"W_COMPOSITION_GAP"} if gap > 0.02 + 1e-9 else set()
    return _outcome(oracle, record, "tier_1_detailed_composition", items, warnings)


def _single(oracle: "Oracle", record: Row) -> Outcome:
    item = _Item(record["primary_material"], record["weight_kg"], None, "primary_material")
    return _outcome(oracle, record, "tier_2_primary_material", [item], {"W_SINGLE_MATERIAL"})


def _mixed(oracle: "Oracle", record: Row) -> Outcome:
    item = _Item("mixed", record["weight_kg"], None, "weight_kg")
    return _outcome(oracle, record, "tier_3_mixed_material", [item], {"W_ESTIMATED"})


def _outcome(oracle: "Oracle", record: Row, method: str, items: list[_Item], warnings: set[str]) -> Outcome:
    items = items + _items(record, "packaging")
    shares, told, rows = _split(oracle, record)
    parts = [(item, how, share) for item in items for how, share in _of(item, shares).items() if share]
    terms: list[Term] = oracle.all_of(record, [partial(_term, oracle, record, method, *part) for part in parts])
    terms[0].rows += rows
    return Outcome(terms, (METHODS[method].activity_cv,), warnings | told)


def _split(oracle: "Oracle", record: Row) -> Split:
    """Returns the shares of the treatments before an item's own recycling rate."""
    if not set(_SHARES) & record.keys():
        return default_split(oracle, record)
    shares, told = normalised({how: record.get(f"{how}_share", 0.0) for how in TREATMENTS})
    assert shares is not None
    return shares, told, []


def _of(item: _Item, shares: dict[str, float]) -> dict[str, float]:
    if item.recycled is None:
        return shares
    before, rest = shares.get("recycling", 0.0), 1 - item.recycled
    if before > 1 - 1e-9:
        return {"landfill": rest, "recycling": item.recycled}
    others = {how: share * rest / (1 - before) for how, share in shares.items() if how != "recycling"}
    return {**others, "recycling": item.recycled}


def _term(oracle: "Oracle", record: Row, method: str, item: _Item, how: str, share: float) -> Term:
    kind, names = MATERIALS[item.material], (item.name, item.name)
    mass = record["units_sold"] * item.kg * share
    if how == "incineration":
        found = burned(oracle, record, kind, *names)
    else:
        try:
            found = treatment(oracle, record, kind, how, *names)
        except Cannot:
            # What is organic and recycled is composted.
            if how != "recycling" or item.material != "organic":
                raise
            found = treatment(oracle, record, kind, "composting", *names)
    return waste_term(method, found, mass, avoided=how == "recycling")
