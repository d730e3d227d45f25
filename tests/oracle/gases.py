"""Global warming potentials, 100 years [11]."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.oracle.calculation import Oracle

# AR5, AR6.
_GASES = {
    "co2": (1, 1),
    "ch4_fossil": (30, 29.8),
    "ch4_non_fossil": (28, 27.0),
    "n2o": (265, 273),
    "hfc_134a": (1300, 1530),
    "hfc_32": (677, 771),
    "hfc_125": (3170, 3740),
    "hfc_143a": (4800, 5810),
    "hfc_227ea": (3350, 3600),
    "hfc_23": (12400, 14600),
    "hfc_245fa": (858, 962),
    "sf6": (23500, 24300),
    "nf3": (16100, 17400),
    "cf4": (6630, 7380),
    "c2f6": (11100, 12400),
    "hfc_152a": (138, 164),
}

_BLENDS = {
    "r_404a": {"hfc_125": 0.44, "hfc_134a": 0.04, "hfc_143a": 0.52},
    "r_407c": {"hfc_32": 0.23, "hfc_125": 0.25, "hfc_134a": 0.52},
    "r_410a": {"hfc_32": 0.5, "hfc_125": 0.5},
}

GASES = (*_GASES, *_BLENDS)


def gwp_of(oracle: "Oracle", gas: str) -> float:
    """Returns kg CO2e per kg of a gas, of a blend by mass share."""
    place = ("AR5", "AR6").index(oracle.options["gwp_set"])
    return float(sum(share * _GASES[one][place] for one, share in _BLENDS.get(gas, {gas: 1.0}).items()))
