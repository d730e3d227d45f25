"""Electricity, heat, fuels and homeworking of the UK Government conversion factors."""

from collections.abc import Iterator

from transforms.factors.importers.desnz_file import CO2_OUTSIDE_SCOPES, Figure, FlatFile

# Unit of the file -> ours and its calorific basis. Wood and biogas are per kWh without a stated basis.
_UNITS = {
    "litres": ("l", None),
    "tonnes": ("kg", None),
    "kg": ("kg", None),
    "cubic metres": ("m3", None),
    "kWh (Gross CV)": ("kWh", "gross"),
    "kWh (Net CV)": ("kWh", "net"),
    "kWh": ("kWh", None),
}
_BY_ENERGY = ("kWh (Gross CV)", "kWh (Net CV)")
_OIL = ("litres", "tonnes", *_BY_ENERGY)

# Gas is not weighed when it is sold: a mass of it needs the density of what was in the pipe.
_FUELS = {
    "natural_gas": ("Gaseous fuels", "Natural gas", ("cubic metres", *_BY_ENERGY)),
    "lpg": ("Gaseous fuels", "LPG", _OIL),
    "diesel": ("Liquid fuels", "Diesel (average biofuel blend)", _OIL),
    "diesel_mineral": ("Liquid fuels", "Diesel (100% mineral diesel)", _OIL),
    "gasoline": ("Liquid fuels", "Petrol (average biofuel blend)", _OIL),
    "gasoline_mineral": ("Liquid fuels", "Petrol (100% mineral petrol)", _OIL),
    "fuel_oil": ("Liquid fuels", "Fuel oil", _OIL),
    "gas_oil": ("Liquid fuels", "Gas oil", _OIL),
    "burning_oil": ("Liquid fuels", "Burning oil", _OIL),
    "coal": ("Solid fuels", "Coal (industrial)", ("tonnes", *_BY_ENERGY)),
}
_BIOENERGY = {
    "biomass_wood": ("Biomass", "Wood logs", ("tonnes", "kWh")),
    "biomass_wood_chips": ("Biomass", "Wood chips", ("tonnes", "kWh")),
    "biomass_wood_pellets": ("Biomass", "Wood pellets", ("tonnes", "kWh")),
    "biomass_biogas": ("Biogas", "Biogas", ("tonnes", "kWh")),
    "biomass_biofuel": ("Biofuel", "Biodiesel ME", ("litres", "kg")),
    "biomass_hvo": ("Biofuel", "Biodiesel HVO", ("litres", "kg")),
    "biomass_bioethanol": ("Biofuel", "Bioethanol", ("litres", "kg")),
}
_BLENDS = ("diesel", "gasoline")


def energy(file: FlatFile) -> Iterator[Figure]:
    """Gives the figures of purchased electricity and heat, of fuels, and of an hour at home."""
    uk = ("Electricity: UK", "kWh")
    district = ("5% loss", "kWh")
    for family, key, boundary, headings in (
        ("grid", "electricity", "generation", ("UK electricity", "Electricity generated", *uk)),
        ("grid", "electricity", "td_generation", ("Transmission and distribution", "T&D- UK electricity", *uk)),
        ("grid", "electricity", "wtt_generation", ("WTT- UK electricity", "WTT- UK electricity (generation)", *uk)),
        ("grid", "electricity", "wtt_td", ("WTT- UK electricity", "WTT- UK electricity (T&D)", *uk)),
        ("heat", "heat_steam", "generation", ("Heat and steam", "Heat and steam", "District heat and steam", "kWh")),
        ("heat", "heat_steam", "td_generation", ("Transmission and distribution", "Distribution - district heat & steam", *district)),
        ("heat", "heat_steam", "wtt_generation", ("WTT- heat and steam", "WTT- heat and steam", "District heat and steam", "kWh")),
        ("heat", "heat_steam", "wtt_td", ("WTT- heat and steam", "WTT- district heat & steam distribution", *district)),
    ):
        yield Figure(family, key, boundary, "kWh", file.figure(*headings, unit="kWh"))
    hour = file.figure("Homeworking", "Homeworking (office equipment + heating)", unit="per FTE Working Hour")
    yield Figure("telework", "homeworking", "direct", "fte_hour", hour)
    yield from _fuels(file)


def _fuels(file: FlatFile) -> Iterator[Figure]:
    for key, (kind, name, units) in _FUELS.items():
        for unit in units:
            yield _fuel(file, key, "ttw", unit, "Fuels", kind, name)
            yield _fuel(file, key, "wtt", unit, "WTT- fuels", kind, name)
            # The file gives the biogenic CO2 of a blend per kWh too, without saying whether gross or net.
            if key in _BLENDS and unit not in _BY_ENERGY:
                yield _fuel(file, key, "biogenic", unit, "Outside of scopes", "Forecourt fuels containing biofuel", name)
    for key, (kind, name, units) in _BIOENERGY.items():
        for unit in units:
            yield _fuel(file, key, "ttw", unit, "Bioenergy", kind, name)
            yield _fuel(file, key, "wtt", unit, "WTT- bioenergy", f"WTT- {kind}", name)
            yield _fuel(file, key, "biogenic", unit, "Outside of scopes", kind, name)


def _fuel(file: FlatFile, key: str, boundary: str, unit: str, *headings: str) -> Figure:
    ours, basis = _UNITS[unit]
    if boundary == "biogenic":
        return Figure("fuel", key, boundary, ours, file.figure(*headings, unit=unit, gas=CO2_OUTSIDE_SCOPES), basis)
    return Figure("fuel", key, boundary, ours, file.figure(*headings, unit=unit), basis)
