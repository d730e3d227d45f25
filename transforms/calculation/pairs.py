"""Factors per dollar with the worth of a currency: each is found once, and their pairs are put together by index.

The amounts of all new pairs are worked out at once; only what they are shown with costs Python, and that is shared.
"""

from typing import TYPE_CHECKING

import numpy as np

from schemas.arrays import Ints
from transforms.calculation.keys import Numbered
from transforms.calculation.term import MEMOS, SCORES, Term, basis_of

if TYPE_CHECKING:
    from transforms.calculation.terms import Terms

# Two places in one int64.
PAIR_BITS = 31
_SECOND = (1 << PAIR_BITS) - 1


class Pairs:
    """The pairs that a process has met.

    Args:
        terms: hold the parts, and take the terms of their pairs.
    """

    def __init__(self, terms: "Terms") -> None:
        self._terms = terms
        self._pairs = Numbered()
        self._uses: dict[int, tuple[int, int]] = {}
        self._told: dict[tuple[int, ...], int] = {}

    def places(self, factors: Ints, worths: Ints) -> Ints:
        """Returns the terms of pairs, int64[k].

        Args:
            factors, worths: int64[k], parts; a worth is -1 where the factor failed.
        """
        codes = (factors << PAIR_BITS) | (worths + 1)
        found = self._pairs.look_up(codes)
        missing = found < 0
        if missing.any():
            new, inverse = np.unique(codes[missing], return_inverse=True)
            numbers = self._add(new >> PAIR_BITS, (new & _SECOND) - 1)
            self._pairs.add(new, numbers)
            found[missing] = numbers[inverse]
        return found

    def _add(self, factor: Ints, worth: Ints) -> Ints:
        """Adds the terms of k new pairs; returns their numbers."""
        terms, count = self._terms, len(factor)
        failure = np.where(terms.failure[factor] >= 0, terms.failure[factor], np.where(worth >= 0, terms.failure[worth], -1))
        good = failure < 0
        use, told = np.full(count, -1, np.int64), terms.warning_set[factor].copy()
        parts = (terms.part[factor] << PAIR_BITS) | terms.part[worth]
        distinct, which = np.unique(parts[good], return_inverse=True)
        known = [self._use(pair) for pair in distinct.tolist()]
        use[good] = np.array([place for place, _ in known], np.int64)[which]
        more = np.array([warnings for _, warnings in known], np.int64)[which]
        sets = np.stack([told[good], terms.warning_set[worth[good]], more])
        kinds, kind = np.unique(sets, axis=1, return_inverse=True)
        told[good] = np.array([self._warnings(*one) for one in kinds.T.tolist()], np.int64)[kind.reshape(-1)]
        none = np.full(count, -1, np.int64)
        return terms.append(
            count,
            {
                "kg_per_unit": np.where(good, terms.kg_per_unit[worth] * terms.kg_per_unit[factor], np.nan),
                "upstream_kg_per_unit": np.zeros(count),
                "cv": terms.cv[factor],
                "dqi_score": terms.dqi_score[factor],
                "pedigree_mean": terms.pedigree_mean[factor],
                "failed": ~good,
                "failure": failure,
                "use": use,
                "warning_set": told,
                "gwp_set": terms.gwp_set[factor],
                **dict.fromkeys(("part", "price", "grade"), none),
                **{name: np.ones(count, np.int64) for name in SCORES},
                **{name: np.full(count, np.nan) for name in MEMOS},
            },
        )

    def _use(self, pair: int) -> tuple[int, int]:
        """Returns the place of the factors of two parts together, and that of what their rows warn of."""
        known = self._uses.get(pair)
        if known is None:
            basis, lead, cv, group = self._terms.parts[pair >> PAIR_BITS]
            worth = self._terms.parts[pair & _SECOND][0]
            row = next(row for row in basis.rows if row.factor_id == basis.entries[lead].factor_id)
            both, place = basis_of(row, (*basis.rows, *worth.rows))
            use = self._terms.place_of_use(Term(cv=cv, basis=both, lead=place, group=group))
            known = self._uses[pair] = use, self._terms.warning_sets.place(both.warnings)
        return known

    def _warnings(self, *sets: int) -> int:
        known = self._told.get(sets)
        if known is None:
            of_place = self._terms.warning_sets
            known = self._told[sets] = of_place.place(tuple(text for one in sets for text in of_place[one]))
        return known
