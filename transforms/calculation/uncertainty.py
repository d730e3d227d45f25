"""The interval around a result, in closed form.

    c_A^2 = prod_k (1 + cv_k^2) - 1
    D_g   = sum over the terms of group g of m_j * f_j ;  S = sum_g D_g^2
    R     = sum_j m_j^2 * cv_j^2 * (1 + f_j^2)
    V     = S + W,  W = c_A^2 * (M^2 + S) + (1 + c_A^2) * R
    sigma^2 = ln(1 + V / M^2),  p50 = M * exp(-sigma^2 / 2),  p5, p95 = p50 * exp(-+ z * sigma)

Every uncertain quantity is lognormal with its stated value as arithmetic mean. Mean and
standard deviation are exact; quantiles are exact for one correlation group without
activities of its own terms, otherwise the approximation of Fenton and Wilkinson.
Source: products and sums of independent lognormal variables; L. F. Fenton, IRE
Transactions on Communications Systems 8 (1960).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# The 95 % quantile of the standard normal distribution.
Z_95 = 1.6448536269514722

# A 95 % half-width is this many standard deviations.
HALFWIDTH_95 = 1.96


@dataclass(frozen=True)
class Interval:
    """Spread of n results.

    Attributes:
        std_kg: float64[n], standard deviation, kg CO2e, never negative.
        p5_kg, p50_kg, p95_kg: float64[n], quantiles, kg CO2e.
        cv: float64[n], std_kg / |kg_co2e|; NaN where kg_co2e is 0.
    """

    std_kg: Floats
    p5_kg: Floats
    p50_kg: Floats
    p95_kg: Floats
    cv: Floats


def factor_cv(base_log_variance: float, fallback_log_variance: float) -> float:
    """Returns the cv of a factor from the log-variance of its row and of the way it was found."""
    return float(np.sqrt(np.expm1(base_log_variance + fallback_log_variance)))


def one_term_std(kg_co2e: Floats, activity_cv_squared: Floats, cv_of_factor: Floats) -> Floats:
    """Returns the standard deviation of n results of one term each, float64[n], kg.

    Args:
        kg_co2e: float64[n], the results. Their squares are never formed: one beyond 1e154 would have none.
        activity_cv_squared: float64[n], c_A^2 of the record's activity.
        cv_of_factor: float64[n], f of the factor.
    """
    shared = cv_of_factor**2
    return np.abs(kg_co2e) * np.sqrt(shared + activity_cv_squared * (1.0 + shared))


def interval(kg_co2e: Floats, std_kg: Floats, mixed_sign: Bools) -> Interval:
    """Returns the spread of n results from their standard deviation.

    Args:
        kg_co2e: float64[n], the results; all terms negative means a credit.
        std_kg: float64[n], not negative.
        mixed_sign: bool[n], the record has terms of both signs: its quantiles are those of a normal distribution.

    Returns:
        The interval; 0 throughout where kg_co2e and std_kg are 0.
    """
    size = np.abs(kg_co2e)
    zero = size == 0
    # A size of 1 keeps the logarithm finite where it is not used.
    cv = std_kg / np.where(zero, 1.0, size)
    log_variance = np.log1p(cv * cv)
    sigma = np.sqrt(log_variance)
    middle = size * np.exp(-0.5 * log_variance)
    low, high = middle * np.exp(-Z_95 * sigma), middle * np.exp(Z_95 * sigma)
    credit = kg_co2e < 0
    p5 = np.where(credit, -high, low)
    p50 = np.where(credit, -middle, middle)
    p95 = np.where(credit, -low, high)
    if mixed_sign.any():
        p5 = np.where(mixed_sign, kg_co2e - Z_95 * std_kg, p5)
        p50 = np.where(mixed_sign, kg_co2e, p50)
        p95 = np.where(mixed_sign, kg_co2e + Z_95 * std_kg, p95)
    return Interval(std_kg, p5, p50, p95, np.where(zero, np.nan, cv))
