"""Waste and wastewater of the UK Government conversion factors.

Recycling and energy recovery carry collection, sorting and transport only: what they replace belongs to
whoever uses it. Landfill figures include UK gas capture.
"""

from collections.abc import Iterator

from transforms.factors.importers.desnz_file import Figure, FlatFile

# Of the kinds of plastic, metal and equipment the average or mixed one; they hardly differ.
_WASTES = {
    "commercial_industrial": ("Refuse", "Commercial and industrial waste"),
    "household_residual": ("Refuse", "Household residual waste"),
    "food": ("Refuse", "Organic: food and drink waste"),
    "garden": ("Refuse", "Organic: garden waste"),
    "mixed_organic": ("Refuse", "Organic: mixed food and garden waste"),
    "paper_cardboard": ("Paper", "Paper and board: mixed"),
    "wood": ("Construction", "Wood"),
    "textiles": ("Other", "Clothing"),
    "plastic": ("Plastic", "Plastics: average plastics"),
    "metal": ("Metal", "Metal: scrap metal"),
    "glass": ("Other", "Glass"),
    "electronic": ("Electrical items", "WEEE - mixed"),
    "batteries": ("Electrical items", "Batteries"),
    "rubber": ("Construction", "Tyres"),
    "plasterboard": ("Construction", "Plasterboard"),
    "soils": ("Construction", "Soils"),
    "asbestos": ("Construction", "Asbestos"),
    "aggregates_concrete": ("Construction", "Aggregates"),
    "construction_average": ("Construction", "Average construction"),
    "construction_metal": ("Construction", "Metals"),
    "insulation": ("Construction", "Insulation"),
    "mineral_oil": ("Construction", "Mineral oil"),
}

# What was called combustion until then is incineration with energy recovery since.
_RENAMED_IN = 2025


def waste(file: FlatFile, year: int) -> Iterator[Figure]:
    """Gives the figures of each waste and treatment, per kg, and of wastewater, per m3."""
    recovery = "Incineration with Energy Recovery" if year >= _RENAMED_IN else "Combustion"
    for key, headings in _WASTES.items():
        of = {
            column: file.figure("Waste disposal", *headings, "", column, unit="tonnes")
            for column in ("Landfill", "Closed-loop", "Open-loop", "Composting", "Anaerobic digestion", recovery)
        }
        # Where both loops are published they have one figure.
        loop = of["Open-loop"] if of["Closed-loop"] is None else of["Closed-loop"]
        for treatment, value in (
            ("landfill", of["Landfill"]),
            ("recycling", loop),
            ("incineration_with_energy_recovery", of[recovery]),
            ("composting", of["Composting"]),
            ("anaerobic_digestion", of["Anaerobic digestion"]),
        ):
            yield Figure("waste", f"{key}:{treatment}", "treatment", "kg", value)
    treated = file.figure("Water treatment", "Water treatment", "Water treatment", unit="cubic metres")
    yield Figure("waste", "wastewater:wastewater_treatment", "treatment", "m3", treated)
