"""Reads an enumeration from a text [13.4]."""

_ASSETS = {
    "buildings": "building, warehouse, office, facility, construction",
    "machinery": "machine, machinery, assembly line, press, pump, compressor",
    "vehicles": "vehicle, truck, car, van, fleet, forklift",
    "it_equipment": "computer, server, laptop, monitor, printer, router, data center",
    "other_equipment": "furniture, office furniture, desk, chair, tool, fixture, instrument",
}
_ENERGY = {
    "electricity": "electricity, electric power, kwh",
    "natural_gas": "natural gas, mains gas",
    "diesel": "diesel",
    "gasoline": "gasoline, petrol",
    "fuel_oil": "fuel oil",
    "gas_oil": "gas oil, gasoil",
    "burning_oil": "kerosene, burning oil",
    "coal": "coal, anthracite",
    "lpg": "lpg, propane, butane",
    "heat_steam": "steam, district heat, district heating",
    "cooling": "cooling, chilled water",
}
_WASTE = {
    "commercial_industrial": "office waste, commercial waste, mixed waste, general waste",
    "household_residual": "municipal, household",
    "food": "food, kitchen",
    "garden": "garden",
    "paper_cardboard": "paper, cardboard, carton",
    "plastic": "plastic, polymer",
    "metal": "metal, scrap, steel, aluminium, aluminum, copper",
    "glass": "glass",
    "electronic": "electronic, weee, circuit board",
    "wood": "wood, pallet",
    "textiles": "textile, clothing",
    "aggregates_concrete": "concrete, rubble, brick, demolition",
}
_DISPOSAL = {
    "landfill": "landfill",
    "incineration": "incineration, incinerated",
    "incineration_with_energy_recovery": "energy recovery, waste to energy",
    "recycling": "recycling, recycled",
    "composting": "compost, composting",
    "anaerobic_digestion": "anaerobic, biogas",
}
_BUILDINGS = {
    "office": "office, headquarters",
    "retail": "retail, store, shop",
    "warehouse": "warehouse, distribution center",
    "industrial": "factory, plant, manufacturing",
    "residential": "apartment, residential, condo",
    "data_center": "data center, datacenter",
    "lodging": "hotel",
    "food_service": "restaurant",
    "education": "school, university",
    "healthcare": "hospital, clinic",
}
_FRANCHISES = {
    "coffee_shop": "coffee, cafe",
    "fast_food": "burger, pizza, taco, sandwich",
    "casual_dining": "restaurant, dining, grill",
    "convenience_store": "convenience store",
    "retail_store": "retail, shop",
    "gym_fitness": "gym, fitness",
    "hotel": "hotel, inn",
    "auto_service": "auto, tire, car repair",
    "beauty_salon": "salon, beauty, spa",
    "cleaning_service": "cleaning",
    "education": "school, tutoring",
    "healthcare": "medical, dental",
}

KEYWORDS = {
    "asset_category": _ASSETS,
    "fuel_or_energy_type": _ENERGY,
    "waste_type": _WASTE,
    "disposal_method": _DISPOSAL,
    "building_type": _BUILDINGS,
    "franchise_type": _FRANCHISES,
}

# By category: the enumeration and the text that stands in for it.
TEXT_FIELDS = {
    (2, "asset_category"): "asset_description",
    (3, "fuel_or_energy_type"): "energy_description",
    (5, "waste_type"): "waste_description",
    (5, "disposal_method"): "waste_description",
    (8, "building_type"): "asset_description",
    (13, "building_type"): "asset_description",
    (14, "franchise_type"): "franchise_description",
    (15, "sector"): "portfolio_company_description",
}


def classify(text: str, keywords: dict[str, str] = _ASSETS) -> str | None:
    """Returns the class of a text, None where none or two fit alike."""
    words = "".join(letter if letter.isalnum() else " " for letter in text.lower()).split()
    line = f" {' '.join(words)} "
    scores = {}
    for name, list_of in keywords.items():
        scores[name] = sum(any(f" {form} " in line for form in _forms(keyword.strip())) for keyword in list_of.split(","))
    best = max(scores.values(), default=0)
    winners = [name for name, score in scores.items() if score == best]
    return winners[0] if best and len(winners) == 1 else None


def _forms(keyword: str) -> list[str]:
    """Returns a keyword with each of its words in the singular and with s or es."""
    forms = [""]
    for word in keyword.split():
        forms = [f"{start} {word}{ending}".strip() for start in forms for ending in ("", "s", "es")]
    return forms
