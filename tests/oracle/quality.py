"""How sure a factor is and how good: its cv and its score, from row, class or method [9.4, 9.5, 10]."""

import math

from tests.oracle.values import Row

# [10.2]: log-variance by score.
_VARIANCE = {
    "reliability": (0, 0.0006, 0.002, 0.008, 0.04),
    "completeness": (0, 0.0001, 0.0006, 0.002, 0.008),
    "temporal": (0, 0.0002, 0.002, 0.008, 0.04),
    "geographic": (0, 0.000025, 0.0001, 0.0006, 0.002),
    "technological": (0, 0.0006, 0.008, 0.04, 0.12),
}

# [10.4]
_SOURCE_CLASSES = {
    **{"primary_measured": 100, "primary_calculated": 95, "lca_database": 90, "ipcc_default": 85, "national_lca": 85},
    **{"national_inventory": 80, "supplier_declared": 80, "literature": 75, "industry_average": 70, "expert_estimate": 60},
    **{"extrapolation": 55, "proxy": 50, "unknown": 30},
}
_TIER_SCORE = {1: 100, 2: 70, 3: 30}

# [9.5]
_CLASSES_OF_CV = {
    0.08: "natural_gas diesel gasoline",
    0.10: "electricity fuel_oil",
    0.12: "coal",
    0.15: "metals minerals glass renewables road pipeline concrete steel_construction",
    0.20: "plastics wood ceramics paper rail air incineration beverages building_materials",
    0.25: "chemicals sea landfill food_processing",
    0.30: "textiles recycling composting construction_services",
    0.35: "it_services crops",
    0.40: "business_services professional_services livestock",
    0.50: "financial_services other",
}
_CLASS_CV = {name: cv for cv, names in _CLASSES_OF_CV.items() for name in names.split()}


def factor_cv(lead: Row, geographic: int, temporal: int, technological: int, default: float) -> float:
    """Returns the cv of a loaded factor; `default` is that of the method [9.4]."""
    variance = _VARIANCE["temporal"][temporal - 1] + _VARIANCE["geographic"][geographic - 1]
    pedigree = lead["pedigree"]
    if lead["cv"] is None and pedigree is not None:
        variance += 0.0006 + _VARIANCE["reliability"][pedigree[0] - 1] + _VARIANCE["completeness"][pedigree[1] - 1]
        variance += _VARIANCE["technological"][max(pedigree[4], technological) - 1]
    else:
        base = lead["cv"]
        if base is None:
            base = _CLASS_CV[lead["cv_class"]] if lead["cv_class"] else default
        variance += math.log(1 + base * base) + _VARIANCE["technological"][technological - 1]
    return math.sqrt(math.exp(variance) - 1)


def pedigree_mean(lead: Row, geographic: int, temporal: int, technological: int) -> float | None:
    """Returns the mean of the five scores, those of the row for time and place replaced by the resolver's."""
    pedigree = lead["pedigree"]
    if pedigree is None:
        return None
    return (pedigree[0] + pedigree[1] + temporal + geographic + max(pedigree[4], technological)) / 5


def composite(mean: float, source_class: str | None, tier: int) -> float:
    """Returns the score of a factor with pedigree: half of it from the pedigree, three tenths from the source, two from the tier."""
    # The breakpoints lie on straight lines: 20 a unit to 1.5, 30 to 2.5, 20 after that.
    pedigree = 100 - 20 * (mean - 1) if mean <= 1.5 else 90 - 30 * (mean - 1.5) if mean <= 2.5 else 60 - 20 * (mean - 2.5)
    parts = [(0.5, pedigree), (0.2, _TIER_SCORE[tier])] + ([(0.3, _SOURCE_CLASSES[source_class])] if source_class else [])
    return sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
