"""Greenhouse gases and their global warming potentials over 100 years.

Source: IPCC AR5 (2013, without climate-carbon feedback) and AR6 (2021); blends by mass share. Calculation
specification, 11.
"""

from schemas.kinds import choice

# Gas: AR5, AR6.
_POTENTIALS = {
    "co2": (1.0, 1.0),
    "ch4_fossil": (30.0, 29.8),
    "ch4_non_fossil": (28.0, 27.0),
    "n2o": (265.0, 273.0),
    "hfc_134a": (1300.0, 1530.0),
    "hfc_32": (677.0, 771.0),
    "hfc_125": (3170.0, 3740.0),
    "hfc_143a": (4800.0, 5810.0),
    "hfc_227ea": (3350.0, 3600.0),
    "hfc_23": (12400.0, 14600.0),
    "hfc_245fa": (858.0, 962.0),
    "sf6": (23500.0, 24300.0),
    "nf3": (16100.0, 17400.0),
    "cf4": (6630.0, 7380.0),
    "c2f6": (11100.0, 12400.0),
    "hfc_152a": (138.0, 164.0),
}
_BLENDS = {
    "r_404a": {"hfc_125": 0.44, "hfc_134a": 0.04, "hfc_143a": 0.52},
    "r_407c": {"hfc_32": 0.23, "hfc_125": 0.25, "hfc_134a": 0.52},
    "r_410a": {"hfc_32": 0.5, "hfc_125": 0.5},
}
_SETS = ("AR5", "AR6")

GASES = (*_POTENTIALS, *_BLENDS)

Gas = choice(*GASES)


def gwp(gas: str, gwp_set: str) -> float:
    """Returns the global warming potential of a gas or blend, kg CO2e per kg.

    Args:
        gas: one of GASES.
        gwp_set: AR5 or AR6.
    """
    place = _SETS.index(gwp_set)
    if gas in _BLENDS:
        return sum(share * _POTENTIALS[part][place] for part, share in _BLENDS[gas].items())
    return _POTENTIALS[gas][place]
