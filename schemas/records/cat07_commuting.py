"""Category 7, employee commuting: the record."""

from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from annotated_types import Ge, Gt, Le

from schemas.arrays import Bools
from schemas.codes import Code
from schemas.config import Config
from schemas.findings import Finding
from schemas.kinds import Count, NotNegative, Number, Positive, Share, choice, map_of, optional
from schemas.records.batch import Fields
from schemas.records.choices import VEHICLE_ALIASES
from schemas.records.header import Header
from schemas.records.shares import share_finding, shares_wrong

COMMUTE_MODES = (
    *("car_petrol", "car_diesel", "car_hybrid", "car_phev", "car_electric", "car_unknown", "carpool", "motorcycle"),
    *("bus", "bus_london", "bus_outside_london", "coach", "train", "subway", "light_rail", "bicycle", "walk"),
)
CommuteMode = choice(*COMMUTE_MODES, aliases={alias: mode for alias, mode in VEHICLE_ALIASES.items() if mode in COMMUTE_MODES})

_DAYS_OF_A_WEEK = 7
# Limits of sums are met within this.
_TOLERANCE = 1e-9

_DaysPerWeek = Annotated[Number, Gt(0), Le(_DAYS_OF_A_WEEK)]  # type: ignore[valid-type]
_TeleworkDays = Annotated[Number, Ge(0), Le(_DAYS_OF_A_WEEK)]  # type: ignore[valid-type]
_Weeks = Annotated[Number, Gt(0), Le(53)]  # type: ignore[valid-type]
_Hours = Annotated[Number, Gt(0), Le(24)]  # type: ignore[valid-type]
_WorkingDays = Annotated[Number, Gt(0), Le(366)]  # type: ignore[valid-type]
_Occupancy = Annotated[Number, Ge(1)]  # type: ignore[valid-type]


class Commuting(Header):
    """Category 7, travel between home and work in vehicles of others, and work at home. region is the country of the workplace.

    Source: calculation specification, 14.7.
    """

    commute_mode: CommuteMode | None = optional("how they travel")  # type: ignore[valid-type]
    distance_km: Positive | None = optional("distance one way", unit="km")
    days_per_week: _DaysPerWeek | None = optional("days of commuting", unit="day per week")
    num_employees: Count | None = optional("employees that the record stands for; 1 where it is missing")
    weeks_per_year: _Weeks | None = optional("working weeks; 48 where it is missing", unit="week")
    car_occupancy: _Occupancy | None = optional("people in a car; 1 where it is missing, needed for carpool")
    emission_factor_kg_co2e_per_km: NotNegative | None = optional("own factor per km of the vehicle, or of a passenger")
    emission_factor_cv: Share | None = optional("coefficient of variation of the own factor; 0.10 where it is missing")
    ef_boundary: choice("ttw", "wtw") | None = optional("what the own factor covers; ttw where it is missing")  # type: ignore[valid-type]
    telework_days_per_week: _TeleworkDays | None = optional("days of work at home", unit="day per week")
    hours_per_day: _Hours | None = optional("hours of such a day; 8 where it is missing", unit="h")
    total_employees: Count | None = optional("employees, for averages of a whole workforce")
    average_commute_km: Positive | None = optional("their mean distance one way", unit="km")
    working_days_per_year: _WorkingDays | None = optional("working days; 240 where it is missing", unit="day")
    wfh_share: Share | None = optional("share of the days worked at home; 0 where it is missing")
    mode_shares: map_of(CommuteMode, Share) | None = optional("how they travel: shares by mode, as {car_petrol: 0.6, bus: 0.4}")  # type: ignore[valid-type]

    @classmethod
    def suspects(cls, fields: Fields, config: Config) -> Bools:
        """Says which of n records may contradict themselves, bool[n]."""
        with np.errstate(invalid="ignore"):
            too_many = fields.numbers("days_per_week") + fields.numbers("telework_days_per_week") > _DAYS_OF_A_WEEK + _TOLERANCE
        pooled = pc.fill_null(pc.equal(fields.texts("commute_mode"), "carpool"), False).to_numpy(zero_copy_only=False)
        if fields.given("mode_shares").any():
            shares = fields.elements("mode_shares", np.arange(fields.rows))
            pooled = pooled.copy()
            pooled[shares.row[pc.is_in(shares.fields.texts("key"), pa.array(["carpool"])).to_numpy(zero_copy_only=False)]] = True
        return np.asarray(too_many | (pooled & ~fields.given("car_occupancy")) | shares_wrong(fields, "mode_shares"), bool)

    def contradictions(self, config: Config) -> list[Finding]:
        """Returns what is wrong with values of the record that are right each by itself."""
        found = []
        shared = (self.mode_shares or {}).get("carpool", 0) > 0
        if self.car_occupancy is None and (self.commute_mode == "carpool" or shared):
            message = "car_occupancy is missing, and a carpool is shared by that many; give the number of people in the car"
            found.append(Finding(Code.E_REQUIRED, "car_occupancy", None, message))
        days = (self.days_per_week or 0) + (self.telework_days_per_week or 0)
        if self.days_per_week is not None and days > _DAYS_OF_A_WEEK + _TOLERANCE:
            message = f"days_per_week and telework_days_per_week add up to {days:g}, and a week has 7 days; correct one of them"
            found.append(Finding(Code.E_INCONSISTENT, "days_per_week", str(self.days_per_week), message))
        return found + share_finding("mode_shares", self.mode_shares)
