"""Freight of the UK Government conversion factors, per tonne-km.

    kg_co2e_per_tonne_km = a / load_factor + b,  a = EF50 - EF100,  b = 2 * EF100 - EF50

for a truck of known load: EF50 and EF100 are the figures of the half and the fully laden one. The averages
rest on other loads, so they are rows of their own.
"""

from collections.abc import Iterator

from transforms.factors.importers.desnz_file import Figure, FlatFile, added

# Figures are per km driven or sailed; air figures are per km of the great circle, detours are in them.
_DRIVEN, _GREAT_CIRCLE = "actual", "gcd"

_TRUCKS = {
    "rigid_3_5_to_7_5t": "Rigid (>3.5 - 7.5 tonnes)",
    "rigid_7_5_to_17t": "Rigid (>7.5 tonnes-17 tonnes)",
    "rigid_over_17t": "Rigid (>17 tonnes)",
    "all_rigid": "All rigids",
    "artic_up_to_33t": "Articulated (>3.5 - 33t)",
    "artic_over_33t": "Articulated (>33t)",
    "all_artic": "All artics",
    "all_hgv": "All HGVs",
}
_AMBIENT, _REFRIGERATED = "HGV (all diesel)", "HGV refrigerated (all diesel)"

_OTHERS = {
    "van_up_to_3_5t_diesel": ("Vans", "Average (up to 3.5 tonnes)", "", "Diesel"),
    "freight_train": ("Rail", "Freight train"),
    "container_average": ("Cargo ship", "Container ship", "Average"),
    "bulk_average": ("Cargo ship", "Bulk carrier", "Average"),
    "general_cargo": ("Cargo ship", "General cargo", "Average"),
    "general_cargo_reefer": ("Cargo ship", "Refrigerated cargo", "All dwt"),
    "roro_ferry": ("Cargo ship", "RoRo-Ferry", "Average"),
    "ropax_ferry": ("Cargo ship", "Large RoPax ferry", "Average"),
    "vehicle_carrier": ("Cargo ship", "Vehicle transport", "Average"),
    "crude_tanker": ("Sea tanker", "Crude tanker", "Average"),
    "product_tanker": ("Sea tanker", "Products tanker", "Average"),
    "chemical_tanker": ("Sea tanker", "Chemical tanker", "Average"),
    "lng_tanker": ("Sea tanker", "LNG tanker", "Average"),
    "lpg_tanker": ("Sea tanker", "LPG tanker", "Average"),
}

# "International, to/from non-UK" equals long-haul.
_FLIGHTS = {
    "air_domestic": "Domestic, to/from UK",
    "air_short": "Short-haul, to/from UK",
    "air_long": "Long-haul, to/from UK",
}


def freight(file: FlatFile) -> Iterator[Figure]:
    """Gives the average-laden figures, and the coefficients of trucks of known load."""
    for truck, name in _TRUCKS.items():
        yield from _pair(file, truck, _DRIVEN, _AMBIENT, name, "", "Average laden")
        yield from _pair(file, f"{truck}_reefer", _DRIVEN, _REFRIGERATED, name, "", "Average laden")
        yield from _coefficients(file, truck, name)
    for key, headings in _OTHERS.items():
        yield from _pair(file, key, _DRIVEN, *headings)
    for key, haul in _FLIGHTS.items():
        yield from _pair(file, key, _GREAT_CIRCLE, "Freight flights", haul, "", "Without RF")
        with_rf = _direct(file, "Freight flights", haul, "", "With RF")
        yield Figure("freight", key, "ttw_rf", "tonne_km", with_rf, _GREAT_CIRCLE)


def _pair(file: FlatFile, key: str, basis: str, *headings: str) -> Iterator[Figure]:
    yield Figure("freight", key, "ttw", "tonne_km", _direct(file, *headings), basis)
    yield Figure("freight", key, "wtt", "tonne_km", _upstream(file, *headings), basis)


def _coefficients(file: FlatFile, truck: str, name: str) -> Iterator[Figure]:
    for boundary, read in (("ttw", _direct), ("wtt", _upstream)):
        half, full = (read(file, _AMBIENT, name, "", f"{laden}% Laden") for laden in (50, 100))
        a = None if half is None or full is None else added(half, -full)
        b = None if half is None or full is None else added(full, full, -half)
        yield Figure("freight_load", truck, f"{boundary}_a", "tonne_km", a, _DRIVEN)
        yield Figure("freight_load", truck, f"{boundary}_b", "tonne_km", b, _DRIVEN)


def _direct(file: FlatFile, *headings: str) -> float | None:
    return file.figure("Freighting goods", *headings, unit="tonne.km")


def _upstream(file: FlatFile, kind: str, *headings: str) -> float | None:
    return file.figure("WTT- delivery vehs & freight", f"WTT- {kind}", *headings, unit="tonne.km")
