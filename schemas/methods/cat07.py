"""Methods of category 7."""

from schemas.methods.method import Method

_TELEWORK = "num_employees * telework_days_per_week * weeks_per_year * hours_per_day * EF[telework, homeworking]"

COMMUTING = (
    Method(
        "detailed_commute_data",
        2,
        "distance_based",
        60.0,
        0.10,
        0.15,
        "commute_mode, distance_km and days_per_week",
        f"2 * distance_km * days_per_week * weeks_per_year * num_employees * EF[travel_land, commute_mode] / car_occupancy + {_TELEWORK}",
    ),
    Method("telework_energy", 2, "average_data", 60.0, 0.10, 0.30, "telework_days_per_week without a commute", _TELEWORK),
    Method(
        "aggregate_average",
        3,
        "average_data",
        40.0,
        0.20,
        0.30,
        "total_employees, average_commute_km and mode_shares",
        "total_employees * 2 * average_commute_km * working_days_per_year * (1 - wfh_share) * sum(share * EF[travel_land, mode])",
    ),
)
