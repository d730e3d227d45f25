"""Data quality: the score of a term and what the distance of its factor costs in certainty.

    composite = (.5 P + .3 Q + .2 T) / (sum of the weights present), 0 to 100
    s^2       = base + fallback;  f = sqrt(exp(s^2) - 1)

P follows from the mean of the five pedigree scores, Q from the class of the source, T from the tier.
Source: calculation specification, 9.4 and 10; log-variances by score as in the ecoinvent data quality
guideline (Weidema et al. 2013). Breakpoints, source values and weights are conventions of this project.
"""

import math
from collections.abc import Sequence

import numpy as np

from schemas.families import CLASS_CVS, SOURCE_CLASSES
from schemas.methods import Method
from transforms.calculation.uncertainty import factor_cv
from transforms.factors.resolve import Resolved
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
RATINGS = ("excellent", "good", "fair", "poor")
_RATING_LIMITS = (80.0, 60.0, 40.0)


def pedigree_of(lead: FactorRow, scores: Resolved) -> tuple[int, int, int, int, int] | None:
    """Returns the five scores of a factor: its own for reliability, completeness and technology, the resolver's for place and time."""
    if lead.pedigree is None:
        return None
    reliability, completeness, _, _, technological = lead.pedigree
    return reliability, completeness, scores.temporal, scores.geographic, max(technological, scores.technological)


def term_cv(lead: FactorRow, scores: Resolved, default_cv: float) -> float:
    """Returns the cv of a factor with the way it was found.

    Args:
        lead: row of the term's direct part.
        scores: the worst scores of all rows of the term.
        default_cv: of the method, used where the row states neither cv nor pedigree nor class.
    """
    fallback = _TEMPORAL[scores.temporal - 1] + _GEOGRAPHIC[scores.geographic - 1]
    if lead.cv is None and lead.pedigree is not None:
        reliability, completeness, technological = lead.pedigree[0], lead.pedigree[1], lead.pedigree[4]
        base = _BASE_LOG_VARIANCE + _RELIABILITY[reliability - 1] + _COMPLETENESS[completeness - 1]
        return factor_cv(base + _TECHNOLOGICAL[max(technological, scores.technological) - 1], fallback)
    if lead.cv is not None:
        cv = lead.cv
    elif lead.cv_class is not None:
        cv = min(max(CLASS_CVS[lead.cv_class], _SMALLEST_CLASS_CV), _LARGEST_CLASS_CV)
    else:
        cv = default_cv
    return factor_cv(math.log1p(cv * cv), fallback + _TECHNOLOGICAL[scores.technological - 1])


def composite(pedigree: Sequence[int], source_class: str | None, tier: int) -> float:
    """Returns the data quality score of a factor with pedigree scores, 0 to 100."""
    parts = [float(np.interp(sum(pedigree) / 5, _PEDIGREE_POINTS, _PEDIGREE_SCORES)), _TIER_SCORES[tier]]
    weights = [_WEIGHTS[0], _WEIGHTS[2]]
    if source_class is not None:
        parts.append(SOURCE_CLASSES[source_class])
        weights.append(_WEIGHTS[1])
    score = sum(part * weight for part, weight in zip(parts, weights, strict=True)) / sum(weights)
    return min(max(score, 0.0), 100.0)


def term_quality(lead: FactorRow, scores: Resolved, method: Method) -> tuple[float, float]:
    """Returns dqi_score and mean pedigree of a term; the mean is NaN where the row has no pedigree."""
    pedigree = pedigree_of(lead, scores)
    if pedigree is None:
        return method.dqi_score, math.nan
    return composite(pedigree, lead.source_class, method.tier), sum(pedigree) / 5


def rating(dqi_score: np.ndarray) -> np.ndarray:
    """Returns the place of each score's rating in RATINGS, int64[n]."""
    place = np.zeros(len(dqi_score), np.int64)
    for limit in _RATING_LIMITS:
        place += dqi_score < limit - TOLERANCE
    return place
