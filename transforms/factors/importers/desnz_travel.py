"""Travel of the UK Government conversion factors: flights, land, nights in hotels.

    car, direct   = fuel + electricity generated
    car, upstream = transmission and distribution + well-to-tank

The figure of an electric car under "Business travel- land" holds the losses in the grid, so it is not taken.
"""

from collections.abc import Iterator

from transforms.factors.importers.desnz_file import Figure, FlatFile, added

_HAULS = {
    "domestic": "Domestic, to/from UK",
    "short": "Short-haul, to/from UK",
    "long": "Long-haul, to/from UK",
    "international": "International, to/from non-UK",
}
_CABINS = {
    "average": "Average passenger",
    "economy": "Economy class",
    "premium_economy": "Premium economy class",
    "business": "Business class",
    "first": "First class",
}
_CABINS_OF = {
    "domestic": ("average",),
    "short": ("average", "economy", "business"),
    "long": tuple(_CABINS),
    "international": tuple(_CABINS),
}

_CARS = {
    "car_petrol_small": ("Small car", "Petrol"),
    "car_petrol_medium": ("Medium car", "Petrol"),
    "car_petrol_large": ("Large car", "Petrol"),
    "car_petrol": ("Average car", "Petrol"),
    "car_diesel": ("Average car", "Diesel"),
    "car_hybrid": ("Average car", "Hybrid"),
    "car_unknown": ("Average car", "Unknown"),
    "car_phev": ("Average car", "Plug-in Hybrid Electric Vehicle"),
    "car_electric": ("Average car", "Battery Electric Vehicle"),
}
_ELECTRIC = ("car_phev", "car_electric")

_VEHICLE_KM, _PASSENGER_KM = ("vehicle_km", "km"), ("passenger_km", "passenger.km")
_OTHERS = {
    "motorcycle": ("Motorbike", "Average", _VEHICLE_KM),
    "taxi": ("Taxis", "Regular taxi", _PASSENGER_KM),
    "taxi_vehicle": ("Taxis", "Regular taxi", _VEHICLE_KM),
    "black_cab": ("Taxis", "Black cab", _PASSENGER_KM),
    "black_cab_vehicle": ("Taxis", "Black cab", _VEHICLE_KM),
    "bus": ("Bus", "Average local bus", _PASSENGER_KM),
    "bus_london": ("Bus", "Local London bus", _PASSENGER_KM),
    "bus_outside_london": ("Bus", "Local bus (not London)", _PASSENGER_KM),
    "coach": ("Bus", "Coach", _PASSENGER_KM),
    "train": ("Rail", "National rail", _PASSENGER_KM),
    "train_international": ("Rail", "International rail", _PASSENGER_KM),
    "light_rail": ("Rail", "Light rail and tram", _PASSENGER_KM),
    "subway": ("Rail", "London Underground", _PASSENGER_KM),
}

# The file lists no trip on foot or by bicycle: neither burns a fuel.
_WITHOUT_FUEL = ("bicycle", "walk")

_COUNTRIES = {
    "Argentina": "AR", "Australia": "AU", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "Chile": "CL",
    "China": "CN", "Colombia": "CO", "Costa Rica": "CR", "Czech Republic": "CZ", "Egypt": "EG", "Fiji": "FJ", "Finland": "FI",
    "France": "FR", "Germany": "DE", "Greece": "GR", "Hong Kong, China": "HK", "India": "IN", "Indonesia": "ID", "Ireland": "IE",
    "Israel": "IL", "Italy": "IT", "Japan": "JP", "Jordan": "JO", "Kazakhstan": "KZ", "Korea": "KR", "Macau, China": "MO",
    "Malaysia": "MY", "Maldives": "MV", "Mexico": "MX", "Netherlands": "NL", "New Zealand": "NZ", "Oman": "OM", "Panama": "PA",
    "Peru": "PE", "Philippines": "PH", "Poland": "PL", "Portugal": "PT", "Qatar": "QA", "Romania": "RO",
    "Russian Federation": "RU", "Saudi Arabia": "SA", "Singapore": "SG", "South Africa": "ZA", "Spain": "ES", "Switzerland": "CH",
    "Taiwan, China": "TW", "Thailand": "TH", "Turkey": "TR", "UK": "GB", "United Arab Emirates": "AE", "United States": "US",
    "Vietnam": "VN",
}  # fmt: skip


def travel(file: FlatFile) -> Iterator[Figure]:
    """Gives the figures of flights, of journeys on land and of nights."""
    yield from _flights(file)
    yield from _land(file)
    for country, region in _COUNTRIES.items():
        night = file.figure("Hotel stay", "Hotel stay", country, unit="Room per night")
        yield Figure("hotel", "stay", "direct", "room_night", night, region=region)


def _flights(file: FlatFile) -> Iterator[Figure]:
    for haul, cabins in _CABINS_OF.items():
        for cabin in cabins:
            # Well-to-tank stands twice, with and without RF, with one value.
            for boundary, group, flights, column in (
                ("ttw", "Business travel- air", "Flights", "Without RF"),
                ("ttw_rf", "Business travel- air", "Flights", "With RF"),
                ("wtt", "WTT- business travel- air", "WTT- flights", "Without RF"),
            ):
                figure = file.figure(group, flights, _HAULS[haul], _CABINS[cabin], column, unit="passenger.km")
                yield Figure("travel_air", f"{haul}:{cabin}", boundary, "passenger_km", figure)


def _land(file: FlatFile) -> Iterator[Figure]:
    for key, car in _CARS.items():
        direct = [_car(file, "Passenger vehicles", "Cars (by size)", *car)]
        upstream = [_car(file, "WTT- pass vehs & travel- land", "WTT- cars (by size)", *car)]
        if key in _ELECTRIC:
            direct.append(_car(file, "UK electricity for EVs", "Cars (by size)", *car))
            upstream.append(_car(file, "UK electricity T&D for EVs", "Cars (by size)", *car))
        yield Figure("travel_land", key, "ttw", "vehicle_km", added(*direct))
        yield Figure("travel_land", key, "wtt", "vehicle_km", added(*upstream))
    for key, (kind, name, (ours, unit)) in _OTHERS.items():
        yield Figure("travel_land", key, "ttw", ours, file.figure("Business travel- land", kind, name, unit=unit))
        yield Figure("travel_land", key, "wtt", ours, file.figure("WTT- pass vehs & travel- land", f"WTT- {kind}", name, unit=unit))
    for key in _WITHOUT_FUEL:
        for boundary in ("ttw", "wtt"):
            yield Figure("travel_land", key, boundary, "passenger_km", 0.0)


def _car(file: FlatFile, group: str, cars: str, size: str, fuel: str) -> float | None:
    return file.figure(group, cars, size, "", fuel, unit="km")
