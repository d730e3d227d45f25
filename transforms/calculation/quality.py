"""Data quality: the score of a term and what the distance of its factor costs in certainty.

    composite = (.5 P + .3 Q + .2 T) / (sum of the weights present), 0 to 100
    s^2       = base + fallback;  f = sqrt(exp(s^2) - 1)

P follows from the mean of the five pedigree scores, Q from the class of the source, T from the tier.
Source: calculation specification, 9.4 and 10; log-variances by score as in the ecoinvent data quality
guideline (Weidema et al. 2013). Breakpoints, source values and weights are conventions of this project.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from schemas.families import CLASS_CVS, SOURCE_CLASSES
from schemas.methods import Method
from transforms.calculation.uncertainty import factor_cv
from transforms.factors.row import FactorRow

# Additional log-variance by score, 1 best to 5.
_RELIABILITY = (0.0, 0.0006, 0.002, 0.008, 0.04)
_COMPLETENESS = (0.0, 0.0001, 0.0006, 0.002, 0.008)
_TEMPORAL = (0.0, 0.0002, 0.002, 0.008, 0.04)
_GEOGRAPHIC = (0.0, 0.000025, 0.0001, 0.0006, 0.002)
_TECHNOLOGICAL = (0.0, 0.0006, 0.008, 0.04, 0.12)
_BASE_LOG_VARIANCE = 0.0006

_PEDIGREE_POINTS = (1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
_PEDIGREE_SCORES = (100.0, 90.0, 75.0, 60.0, 50.0, 40.0, 30.0, 20.0, 10.0)
_TIER_SCORES = {1: 100.0, 2: 70.0, 3: 30.0}
_WEIGHTS = (0.5, 0.3, 0.2)

_SMALLEST_CLASS_CV, _LARGEST_CLASS_CV = 0.01, 5.0

# Scores are sums of floats: a mean of 60 that comes out as 59.999999999 is 60.
TOLERANCE = 1e-9

# Answers kept: a row is found in a few ways only.
_KEPT = 20_000

RATINGS = ("excellent", "good", "fair", "poor")
_RATING_LIMITS = (80.0, 60.0, 40.0)


@lru_cache(_KEPT)
def term_quality(
    lead: FactorRow, temporal: int, geographic: int, technological: int, method: Method, default_cv: float
) -> tuple[float, float, float]:
    """Returns cv, dqi_score and mean pedigree of a term; the mean is NaN where the row has no pedigree.

    Args:
        lead: row of the term's direct part.
        temporal, geographic, technological: the worst scores of all rows of the term, as the resolver gives them.
        method: gives the score where the row has no pedigree, and the tier.
        default_cv: used where the row states neither cv nor pedigree nor class.
    """
    cv = _cv(lead, temporal, geographic, technological, default_cv)
    if lead.pedigree is None:
        return cv, method.dqi_score, math.nan
    # Of place and time the resolver knows better; of technology the worse of both counts.
    reliability, completeness, _, _, own = lead.pedigree
    pedigree = (reliability, completeness, temporal, geographic, max(own, technological))
    return cv, composite(pedigree, lead.source_class, method.tier), sum(pedigree) / 5


def _cv(lead: FactorRow, temporal: int, geographic: int, technological: int, default_cv: float) -> float:
    """Returns the cv of a factor with the way it was found."""
    fallback = _TEMPORAL[temporal - 1] + _GEOGRAPHIC[geographic - 1]
    if lead.cv is None and lead.pedigree is not None:
        reliability, completeness, own = lead.pedigree[0], lead.pedigree[1], lead.pedigree[4]
        base = _BASE_LOG_VARIANCE + _RELIABILITY[reliability - 1] + _COMPLETENESS[completeness - 1]
        return factor_cv(base + _TECHNOLOGICAL[max(own, technological) - 1], fallback)
    if lead.cv is not None:
        cv = lead.cv
    elif lead.cv_class is not None:
        cv = min(max(CLASS_CVS[lead.cv_class], _SMALLEST_CLASS_CV), _LARGEST_CLASS_CV)
    else:
        cv = default_cv
    return factor_cv(math.log1p(cv * cv), fallback + _TECHNOLOGICAL[technological - 1])


def composite(pedigree: Sequence[int], source_class: str | None, tier: int) -> float:
    """Returns the data quality score of a factor with pedigree scores, 0 to 100."""
    parts = [float(np.interp(sum(pedigree) / 5, _PEDIGREE_POINTS, _PEDIGREE_SCORES)), _TIER_SCORES[tier]]
    weights = [_WEIGHTS[0], _WEIGHTS[2]]
    if source_class is not None:
        parts.append(SOURCE_CLASSES[source_class])
        weights.append(_WEIGHTS[1])
    score = sum(part * weight for part, weight in zip(parts, weights, strict=True)) / sum(weights)
    return min(max(score, 0.0), 100.0)


def rating(dqi_score: np.ndarray) -> np.ndarray:
    """Returns the place of each score's rating in RATINGS, int64[n]."""
    place = np.zeros(len(dqi_score), np.int64)
    for limit in _RATING_LIMITS:
        place += dqi_score < limit - TOLERANCE
    return place
