"""The closed form of the interval."""

import numpy as np
import pytest

from transforms.calculation.uncertainty import Z_95, factor_cv, interval, one_term_std

_ONE_SIGN = np.array([False])


def _spread(kg_co2e, activity_cv, cv_of_factor, mixed=_ONE_SIGN):
    kg = np.array([kg_co2e])
    return interval(kg, one_term_std(kg, np.array([activity_cv**2]), np.array([cv_of_factor])), mixed)


def test_worked_example():
    # 1,000 kg at 1.85 kg CO2e per kg, activity cv .05, factor cv .10:
    # V/M^2 = 1.0025 * 1.01 - 1 = .012525, std = 1,850 * sqrt(.012525) = 207.0430.
    # sigma^2 = ln 1.012525 = .01244720, p50 = 1,850 * exp(-.00622360) = 1,838.5221,
    # p95 = p50 * exp(1.64485363 * .11156702) = 2,208.8533, p5 = 1,530.2797.
    got = _spread(1850.0, 0.05, 0.10)
    np.testing.assert_allclose(
        [got.std_kg[0], got.p5_kg[0], got.p50_kg[0], got.p95_kg[0]],
        [207.043020892, 1530.27970779, 1838.52208384, 2208.85334593],
        rtol=1e-9,
    )
    assert got.cv[0] == pytest.approx(np.sqrt(0.012525), rel=1e-12)


def test_the_product_rule_keeps_its_cross_term():
    # .10 and .60 make .6112, not the .6083 of quadrature.
    assert _spread(1.0, 0.10, 0.60).cv[0] == pytest.approx(0.6112, abs=5e-5)


def test_nothing_has_no_spread():
    got = _spread(0.0, 0.05, 0.10)
    assert (got.std_kg[0], got.p5_kg[0], got.p50_kg[0], got.p95_kg[0]) == (0, 0, 0, 0)
    assert np.isnan(got.cv[0])


def test_a_credit_is_the_mirror_of_its_purchase():
    bought, credited = _spread(410.0, 0.15, 0.50), _spread(-410.0, 0.15, 0.50)
    assert credited.p5_kg[0] == -bought.p95_kg[0]
    assert credited.p50_kg[0] == -bought.p50_kg[0]
    assert credited.p95_kg[0] == -bought.p5_kg[0]
    assert credited.std_kg[0] == bought.std_kg[0]


def test_terms_of_both_signs_have_normal_quantiles():
    got = interval(np.array([10.0]), np.array([2.0]), np.array([True]))
    # std 2: 10 -+ 1.6449 * 2.
    np.testing.assert_allclose([got.p5_kg[0], got.p50_kg[0], got.p95_kg[0]], [10 - 2 * Z_95, 10.0, 10 + 2 * Z_95], rtol=1e-15)


def test_a_fallback_widens_the_factor():
    # Spend on a factor with cv .50, by a foreign proxy (score 5: .002): sqrt(1.25 * e^.002 - 1) = sqrt(.2525025) = .5024963.
    assert factor_cv(np.log(1.25), 0.002) == pytest.approx(0.5024963, abs=1e-7)


def test_a_row_does_not_depend_on_its_neighbours():
    kg = np.array([410.0, 0.0, -3.5, 1e9])
    cvs = np.array([0.5, 0.1, 0.2, 0.0])
    no = np.zeros(4, dtype=bool)
    together = interval(kg, one_term_std(kg, np.full(4, 0.0225), cvs), no)
    for row in range(4):
        one = slice(row, row + 1)
        alone = interval(kg[one], one_term_std(kg[one], np.array([0.0225]), cvs[one]), no[one])
        np.testing.assert_array_equal(together.p95_kg[one], alone.p95_kg)
        np.testing.assert_array_equal(together.std_kg[one], alone.std_kg)
