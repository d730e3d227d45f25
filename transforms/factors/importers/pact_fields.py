"""The members of a PACT product footprint: their names in versions 3 and 2, and how a value is read.

Source: PACT Technical Specifications for PCF Data Exchange 3.0 (WBCSD, 2025) and 2.x (2023, 2024). Numbers are decimal
strings with a point.
"""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from schemas import parsing

UNITS = {
    "liter": "l",
    "kilogram": "kg",
    "cubic meter": "m3",
    "kilowatt hour": "kWh",
    "megajoule": "MJ",
    "ton kilometer": "tonne_km",
    "square meter": "m2",
    "piece": "unit",
}


_FIRST_YEAR, _LAST_YEAR = 1900, 2100


class Layout(NamedTuple):
    """Names of one version: unit and amount of the declared unit, potentials, and what sums up to the footprint.

    Attributes:
        whole: of each alternative the first must be given, the others count where they are.
        at_least_0, at_most_0: further amounts whose sign is fixed.
    """

    unit: str
    amount: str
    potentials: tuple[str, ...]
    whole: tuple[tuple[str, ...], ...]
    at_least_0: tuple[str, ...]
    at_most_0: tuple[str, ...]


LAYOUTS = {
    "3": Layout(
        "declaredUnitOfMeasurement",
        "declaredUnitAmount",
        ("ipccCharacterizationFactors",),
        (("pcfExcludingBiogenicUptake",),),
        (
            "productMassPerDeclaredUnit",
            "fossilGhgEmissions",
            "landUseChangeGhgEmissions",
            "landManagementFossilGhgEmissions",
            "landManagementBiogenicCO2Emissions",
            "biogenicNonCO2Emissions",
            "aircraftGhgEmissions",
            "packagingGhgEmissions",
            "fossilCarbonContent",
            "biogenicCarbonContent",
        ),
        ("biogenicCO2Uptake", "landManagementBiogenicCO2Removals"),
    ),
    "2": Layout(
        "declaredUnit",
        "unitaryProductAmount",
        ("ipccCharacterizationFactorsSources", "characterizationFactors"),
        (
            ("pCfExcludingBiogenic", "dLucGhgEmissions", "landManagementGhgEmissions", "otherBiogenicGhgEmissions"),
            ("fossilGhgEmissions", "biogenicEmissions.landUseEmissions", "biogenicEmissions.otherEmissions"),
        ),
        ("fossilGhgEmissions", "iLucGhgEmissions", "aircraftGhgEmissions", "packagingGhgEmissions", "fossilCarbonContent"),
        ("biogenicCarbonWithdrawal",),
    ),
}


class Reader:
    """Reads the members of one footprint.

    Attributes:
        faults: what is wrong with them so far, each with the name of its member.
    """

    def __init__(self, footprint: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        self._footprint = footprint

    def given(self, name: str) -> Any:
        """Returns a member, with dots between the levels; None where there is none, or it is blank."""
        value: Any = self._footprint
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value if parsing.is_present(value) else None

    def text(self, name: str) -> str:
        """Returns a text; blank where there is none, and then it is among the faults."""
        value = self.given(name)
        if isinstance(value, str):
            return parsing.text(value)
        self.faults.append(f"{name} is missing" if value is None else f"{name} is {parsing.shown(value)}, no text")
        return ""

    def texts(self, name: str) -> list[str]:
        """Returns a list of texts, or a single one as such a list; empty where there is none or it is among the faults."""
        value = self.given(name)
        found = [value] if isinstance(value, str) else value or []
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return list(dict.fromkeys(parsing.text(one) for one in found))
        self.faults.append(f"{name} is {parsing.shown(value)}, no list of texts")
        return []

    def number(self, name: str, sign: int = 1) -> float | None:
        """Returns an amount, None where it is not given; its sign is 1 for at least 0, -1 for at most 0."""
        value = self.given(name)
        if value is None:
            return None
        try:
            found = parsing.number(value)
        except parsing.Wrong as wrong:
            self.faults.append(f"{name} {wrong.complaint}")
            return None
        if found * sign < 0:
            self.faults.append(f"{name} is {parsing.shown(value)}; it is at {'least' if sign > 0 else 'most'} 0")
        return found

    def moment(self, name: str) -> datetime | None:
        """Returns a moment, in UTC where no zone is said; None where it is not given or can't be read."""
        value = self.given(name)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
            if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
                raise ValueError
        except ValueError:
            self.faults.append(f"{name} is {parsing.shown(value)}, no time; write for example 2025-01-01T00:00:00Z")
            return None
        return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
