"""Records of waste: from operations (5) and from sold products (12)."""

from hypothesis import strategies as st

from tests.strategies.base import Rows, amount, any_of, header, joined, one, pick, positive, share, some, unlike, whole

_TYPES = ("commercial_industrial", "plastic", "glass", "food", "paper_cardboard", "metal", "soils", "wood")
_TREATMENTS = ("landfill", "landfill", "recycling", "incineration", "incineration_with_energy_recovery", "composting")
_TEXTS = pick(
    ("plastic bottles to landfill", "Food waste, composted: compost", "recycled cardboard", "sludge", "glass and plastic, landfill")
)


def from_operations() -> Rows:
    mass = whole(waste_mass_kg=positive)
    supplied = whole(supplier_disposal_kg_co2e_per_kg=amount)
    kind = whole(waste_type=pick(_TYPES), disposal_method=pick(_TREATMENTS))
    said = joined(whole(waste_description=_TEXTS), some(waste_type=pick(_TYPES), disposal_method=pick(_TREATMENTS)))
    how = some(
        recycling_rate=share,
        emission_factor_kg_co2e_per_kg=amount,
        incineration_energy_recovery_share=share,
    )
    solid = joined(mass, any_of(kind, said, joined(kind, supplied), how), some(incineration_energy_recovery_share=share))
    specific = joined(mass, kind, some(recycling_rate=share))
    return joined(header(5), one(solid, specific, joined(mass, said), whole(wastewater_m3=positive), joined(solid, how)))


_MATERIALS = ("plastic", "metal", "glass", "paper", "cardboard", "organic", "mixed", "electronics")
_items = st.lists(
    joined(whole(material=pick(_MATERIALS[:6]), weight_kg=positive), some(recycling_rate=share)),
    min_size=1,
    max_size=3,
)
_shares = unlike(("landfill_share", "recycling_share", "incineration_share", "composting_share"))
_two_shares = unlike(("landfill_share", "recycling_share"))


def from_products() -> Rows:
    weight = whole(weight_kg=positive)
    detailed = joined(whole(material_composition=_items), some(weight_kg=positive, primary_material=pick(_MATERIALS)))
    single = joined(weight, whole(primary_material=pick(_MATERIALS)))
    # The weights are those of the parts, or nearly.
    fitting = st.tuples(_items, pick((1.0, 1.01, 1.05))).map(
        lambda drawn: {"material_composition": drawn[0], "weight_kg": drawn[1] * sum(item["weight_kg"] for item in drawn[0])}
    )
    how = one(st.just({}), st.just({}), _two_shares, _shares)
    beside = some(packaging=_items, incineration_energy_recovery_share=share)
    return joined(header(12), whole(units_sold=st.integers(1, 5000)), one(detailed, single, weight, fitting), how, beside)
