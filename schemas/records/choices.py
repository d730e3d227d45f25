"""Enumerations that records of several categories share.

Source: calculation specification, 14.5 (waste), 14.6 (vehicles) and 14.8 (buildings).
"""

from schemas.kinds import choice

BUILDING_TYPES = (
    "office",
    "retail",
    "warehouse",
    "industrial",
    "residential",
    "mixed_use",
    "data_center",
    "lodging",
    "food_service",
    "education",
    "healthcare",
    "other",
)
BuildingType = choice(
    *BUILDING_TYPES, aliases={"office_building": "office", "retail_space": "retail", "manufacturing_facility": "industrial"}
)

# What a factor of travel_land counts in.
VEHICLE_KM = (
    "car_petrol_small",
    "car_petrol_medium",
    "car_petrol_large",
    "car_petrol",
    "car_diesel",
    "car_unknown",
    "car_hybrid",
    "car_phev",
    "car_electric",
    "motorcycle",
    "taxi_vehicle",
    "black_cab_vehicle",
)
PASSENGER_KM = (
    "taxi",
    "black_cab",
    "bus",
    "bus_london",
    "bus_outside_london",
    "coach",
    "train",
    "train_international",
    "light_rail",
    "subway",
    "bicycle",
    "walk",
)
VEHICLE_ALIASES = {"rental_car": "car_unknown", "tram": "light_rail", "metro": "subway", "underground": "subway", "bike": "bicycle"}
VehicleType = choice(*VEHICLE_KM, *PASSENGER_KM, aliases=VEHICLE_ALIASES)

WASTE_TYPES = (
    "commercial_industrial",
    "household_residual",
    "food",
    "garden",
    "mixed_organic",
    "paper_cardboard",
    "wood",
    "textiles",
    "plastic",
    "metal",
    "glass",
    "electronic",
    "batteries",
    "rubber",
    "nappies",
    "plasterboard",
    "soils",
    "asbestos",
    "aggregates_concrete",
    "construction_average",
    "construction_metal",
    "insulation",
    "mineral_oil",
    "hazardous_waste",
    "wastewater",
)
WasteType = choice(
    *WASTE_TYPES,
    aliases={
        "municipal_solid_waste": "household_residual",
        "organic_waste": "mixed_organic",
        "plastic_waste": "plastic",
        "metal_waste": "metal",
        "electronic_waste": "electronic",
        "construction_waste": "aggregates_concrete",
    },
)

DISPOSAL_METHODS = (
    "landfill",
    "landfill_with_gas_recovery",
    "incineration",
    "incineration_with_energy_recovery",
    "recycling",
    "composting",
    "anaerobic_digestion",
    "wastewater_treatment",
)
DisposalMethod = choice(*DISPOSAL_METHODS)
