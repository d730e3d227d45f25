"""The options that change a number: one frozen object a run, its hash in every calculation id."""

from enum import Enum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from schemas.families import FAMILIES
from schemas.regions import REGIONS


class CreditNotes(str, Enum):
    """What becomes of a negative spend_amount."""

    REJECT = "reject"
    NET = "net"


class RadiativeForcing(str, Enum):
    """Whether the total of category 6 holds the effects of aviation beyond CO2."""

    WITH = "with_rf"
    WITHOUT = "without_rf"


class EnergyBoundary(str, Enum):
    """What the energy of category 11 holds."""

    SCOPE12 = "scope12"
    LIFE_CYCLE = "life_cycle"


class GwpSet(str, Enum):
    """Global warming potentials for gases given in kg."""

    AR5 = "AR5"
    AR6 = "AR6"


class UncertaintyInput(str, Enum):
    """How the cv fields of a record are to be read."""

    CV = "cv"
    HALFWIDTH95 = "halfwidth95"


FOREIGN_PROXY = {
    "eeio": "US",
    "fuel": "GB",
    "freight": "GB",
    "freight_load": "GB",
    "travel_air": "GB",
    "travel_land": "GB",
    "waste": "GB",
    "telework": "GB",
}


# An electricity grid, a heat network, a hotel or a building of another country stands for nothing.
NO_PROXY = ("grid", "heat", "hotel", "building_energy")


class Config(BaseModel):
    """Options of a calculation; names and defaults are those of the specification."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=True, validate_default=True)

    rf: RadiativeForcing = Field(default=RadiativeForcing.WITH, description="radiative forcing in the total of flights (category 6)")
    energy_boundary: EnergyBoundary = Field(default=EnergyBoundary.SCOPE12, description="boundary of use-phase energy (category 11)")
    gwp_set: GwpSet = Field(default=GwpSet.AR5, description="global warming potentials for gases given in kg")
    low_dqi_threshold: float = Field(default=60.0, ge=0, le=100, description="a dqi_score below it sets W_LOW_DQI")
    classify_free_text: bool = Field(default=True, description="read a missing enumeration from the record's text field")
    uncertainty_input: UncertaintyInput = Field(
        default=UncertaintyInput.CV, description="the records' cv fields are coefficients of variation, or 95 % half-widths"
    )
    foreign_proxy: dict[str, str] = Field(
        default_factory=lambda: dict(FOREIGN_PROXY), description="factor family to the region that may stand in for a missing one"
    )
    source_priority: dict[str, list[str]] = Field(
        default_factory=dict, description="factor family to the sources (source_version) that are taken first"
    )
    pcaf_cv: tuple[float, float, float, float, float] = Field(
        default=(0.05, 0.15, 0.25, 0.35, 0.50), description="cv of PCAF scores 1 to 5 (category 15)"
    )
    allow_unverified: bool = Field(default=True, description="use factor rows that nobody has checked against their source")
    credit_notes: CreditNotes = Field(
        default=CreditNotes.REJECT, description="a negative spend_amount is refused, or netted as a credit note"
    )
    max_dead_letter_share: float = Field(default=0.5, ge=0, le=1, description="a run with a larger share of dead letters fails")

    @field_validator("foreign_proxy")
    @classmethod
    def _check_proxies(cls, proxies: dict[str, str]) -> dict[str, str]:
        for family, region in proxies.items():
            if family not in FAMILIES or family in NO_PROXY:
                allowed = ", ".join(name for name in FAMILIES if name not in NO_PROXY)
                raise ValueError(f"{family} is no family that takes a foreign proxy: {allowed}")
            if region not in REGIONS:
                raise ValueError(f"{region} is no region")
        return proxies

    @field_validator("source_priority")
    @classmethod
    def _check_families(cls, priority: dict[str, list[str]]) -> dict[str, list[str]]:
        for family in priority:
            if family not in FAMILIES:
                raise ValueError(f"{family} is no family of factors: {', '.join(FAMILIES)}")
        return priority

    @field_validator("pcaf_cv")
    @classmethod
    def _check_above_zero(cls, cvs: tuple[float, ...]) -> tuple[float, ...]:
        if min(cvs) <= 0:
            raise ValueError("every cv must be above 0")
        return cvs
