"""Reads a missing enumeration from a record's text: the last resort, and always said in the result.

A keyword matches whole words only; the class with most keywords wins, a tie or no match leaves it unread.
Source: calculation specification, 13.4.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_ASSETS = {
    "buildings": ("building", "warehouse", "office", "facility", "construction"),
    "machinery": ("machine", "machinery", "assembly line", "press", "pump", "compressor"),
    "vehicles": ("vehicle", "truck", "car", "van", "fleet", "forklift"),
    "it_equipment": ("computer", "server", "laptop", "monitor", "printer", "router", "data center"),
    "other_equipment": ("furniture", "office furniture", "desk", "chair", "tool", "fixture", "instrument"),
}

_ENERGY = {
    "electricity": ("electricity", "electric power", "kwh"),
    "natural_gas": ("natural gas", "mains gas"),
    "diesel": ("diesel",),
    "gasoline": ("gasoline", "petrol"),
    "fuel_oil": ("fuel oil",),
    "gas_oil": ("gas oil", "gasoil"),
    "burning_oil": ("kerosene", "burning oil"),
    "coal": ("coal", "anthracite"),
    "lpg": ("lpg", "propane", "butane"),
    "heat_steam": ("steam", "district heat", "district heating"),
    "cooling": ("cooling", "chilled water"),
}
_WASTE = {
    "commercial_industrial": ("office waste", "commercial waste", "mixed waste", "general waste"),
    "household_residual": ("municipal", "household"),
    "food": ("food", "kitchen"),
    "garden": ("garden",),
    "paper_cardboard": ("paper", "cardboard", "carton"),
    "plastic": ("plastic", "polymer"),
    "metal": ("metal", "scrap", "steel", "aluminium", "aluminum", "copper"),
    "glass": ("glass",),
    "electronic": ("electronic", "weee", "circuit board"),
    "wood": ("wood", "pallet"),
    "textiles": ("textile", "clothing"),
    "aggregates_concrete": ("concrete", "rubble", "brick", "demolition"),
}
_DISPOSAL = {
    "landfill": ("landfill",),
    "incineration": ("incineration", "incinerated"),
    "incineration_with_energy_recovery": ("energy recovery", "waste to energy"),
    "recycling": ("recycling", "recycled"),
    "composting": ("compost", "composting"),
    "anaerobic_digestion": ("anaerobic", "biogas"),
}
_BUILDINGS = {
    "office": ("office", "headquarters"),
    "retail": ("retail", "store", "shop"),
    "warehouse": ("warehouse", "distribution center"),
    "industrial": ("factory", "plant", "manufacturing"),
    "residential": ("apartment", "residential", "condo"),
    "data_center": ("data center", "datacenter"),
    "lodging": ("hotel",),
    "food_service": ("restaurant",),
    "education": ("school", "university"),
    "healthcare": ("hospital", "clinic"),
}
_FRANCHISES = {
    "coffee_shop": ("coffee", "cafe"),
    "fast_food": ("burger", "pizza", "taco", "sandwich"),
    "casual_dining": ("restaurant", "dining", "grill"),
    "convenience_store": ("convenience store",),
    "retail_store": ("retail", "shop"),
    "gym_fitness": ("gym", "fitness"),
    "hotel": ("hotel", "inn"),
    "auto_service": ("auto", "tire", "car repair"),
    "beauty_salon": ("salon", "beauty", "spa"),
    "cleaning_service": ("cleaning",),
    "education": ("school", "tutoring"),
    "healthcare": ("medical", "dental"),
}

KEYWORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "asset_category": _ASSETS,
    "fuel_or_energy_type": _ENERGY,
    "waste_type": _WASTE,
    "disposal_method": _DISPOSAL,
    "building_type": _BUILDINGS,
    "franchise_type": _FRANCHISES,
}

# Classes with the keywords of each, as a key of a cache.
Keywords = tuple[tuple[str, tuple[str, ...]], ...]

# Answers kept: descriptions repeat.
_KEPT = 20_000

_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Classified:
    """What a text was read as; confidence is the winner's share of all matches, 0 to 1."""

    value: str
    confidence: float

    def warning(self, field: str) -> str:
        """Returns the text of W_CLASSIFIED."""
        return f"W_CLASSIFIED field={field} value={self.value} confidence={self.confidence:.2f}"


@lru_cache(_KEPT)
def classify(field: str, text: str | None, keywords: Keywords | None = None) -> Classified | None:
    """Returns the class of an enumeration that a text names, None where it names none or two alike.

    Args:
        keywords: of each class; those that the enumeration has where None.
    """
    if text is None:
        return None
    words = _WORDS.findall(text.lower())
    classes = KEYWORDS[field] if keywords is None else dict(keywords)
    scores = {value: sum(_matches(keyword.split(), words) for keyword in own) for value, own in classes.items()}
    best = max(scores.values(), default=0)
    winners = [value for value, score in scores.items() if score == best]
    return Classified(winners[0], best / sum(scores.values())) if best and len(winners) == 1 else None


def _matches(keyword: list[str], words: list[str]) -> bool:
    """Says whether the words of a keyword stand one after the other; a plural s or es is ignored."""
    return any(
        all(word in (wanted, f"{wanted}s", f"{wanted}es") for wanted, word in zip(keyword, words[start:], strict=False))
        for start in range(len(words) - len(keyword) + 1)
    )
