"""Results of several terms each: their sums, their variance and their quality.

    D_g = sum over the terms of group g of m_j * f_j ;  S = sum_g D_g^2
    R   = sum_j m_j^2 * cv_j^2 * (1 + f_j^2)
    V   = S + c_A^2 * (M^2 + S) + (1 + c_A^2) * R

Source: calculation specification, 9.1 and 10.4.
"""

from functools import cached_property

import numpy as np

from schemas.arrays import Bools, Floats, Ints
from transforms.calculation.attempts import Attempt, Parts
from transforms.calculation.quality import term_quality
from transforms.calculation.term import MEMOS, SCORES
from transforms.calculation.terms import Terms


class Split:
    """The k results of one attempt whose amounts are sums of p parts.

    Args:
        terms: what the parts refer to.
        attempt: the method, and whether the parts of a record are one term.
        places: int64[k], places of the records among the results of the batch.
        parts: theirs; `row` is a place in `places`.
        upstream_counts: bool[results], kg_co2e holds the upstream part.

    Attributes:
        places, parts: as given.
        direct, upstream: float64[p], kg CO2e.
        kg: float64[p], what a part adds to kg_co2e.
        lead_kg, lead_cv: float64[p], amount and cv of the part's term where it leads one, else 0.
    """

    def __init__(self, terms: Terms, attempt: Attempt, places: Ints, parts: Parts, upstream_counts: Bools) -> None:
        self._terms, self._method, self.places, self.parts = terms, attempt.method, places, parts
        row, term = parts.row, parts.term
        own = 1.0 if parts.own_value is None else np.where(np.isnan(parts.own_value), 1.0, parts.own_value)
        self.direct = parts.quantity * terms.kg_per_unit[term] * own
        self.upstream = parts.quantity * terms.upstream_kg_per_unit[term]
        self.kg = np.where(upstream_counts[places][row], self.direct + self.upstream, self.direct)
        cv = terms.cv[term]
        self._cv: Floats = cv if parts.own_cv is None else np.where(np.isnan(parts.own_cv), cv, parts.own_cv)
        self._group = terms.group[terms.use[term]]
        self._dqi, self._pedigree = terms.dqi_score[term], terms.pedigree_mean[term]
        self.lead_kg, self.lead_cv = self.kg, self._cv
        if attempt.joint and len(row):
            first = np.flatnonzero(np.diff(row, prepend=-1))
            of_record = np.repeat(first, np.diff(first, append=len(row)))
            leads = np.zeros(len(row), bool)
            leads[first] = True
            self._group = self._group[of_record]
            self._cv, self._dqi, self._pedigree = (values[np.cumsum(leads) - 1] for values in self._as_one(first))
            self.lead_kg = np.where(leads, self.sum(self.kg)[row], 0.0)
            self.lead_cv = np.where(leads, self._cv, 0.0)

    def _as_one(self, first: Ints) -> tuple[Floats, Floats, Floats]:
        """Returns cv, dqi_score and mean pedigree of records whose parts are one term: the lead's, with the worst scores of all parts.

        Args:
            first: int64[k], each record's first part.
        """
        terms, term = self._terms, self.parts.term
        lead = term[first]
        worst = [np.maximum.reduceat(getattr(terms, name)[term], first) for name in SCORES]
        found = [self._cv[first], self._dqi[first], self._pedigree[first]]
        worse = np.any([score > getattr(terms, name)[lead] for name, score in zip(SCORES, worst, strict=True)], axis=0)
        rows = np.flatnonzero(worse & (terms.grade[lead] >= 0))
        if len(rows):
            kinds, kind = np.unique(np.stack([terms.grade[lead[rows]], *(score[rows] for score in worst)]), axis=1, return_inverse=True)
            qualities = []
            for grade, *scores in kinds.T.tolist():
                row, method, default_cv = terms.grades[grade]
                qualities.append(term_quality(row, *scores, method, default_cv))
            own_cv = self.parts.own_cv
            own = np.zeros(len(first), bool) if own_cv is None else ~np.isnan(own_cv[first])
            for place, values in enumerate(np.array(qualities)[kind.reshape(-1)].T):
                found[place] = found[place].copy()
                found[place][rows] = np.where(own[rows], found[place][rows], values) if place == 0 else values
        return found[0], found[1], found[2]

    def sum(self, values: Floats) -> Floats:
        """Returns the sums of values of the parts by record, float64[k]."""
        return np.bincount(self.parts.row, values, len(self.places)).astype(np.float64, copy=False)

    @cached_property
    def _shares(self) -> tuple[Floats, Floats]:
        """Returns the amounts as shares of the record's largest, float64[p], and that largest one, float64[k].

        Sums and squares are formed of these: those of the amounts themselves may be beyond any double.
        """
        largest = np.zeros(len(self.places))
        np.maximum.at(largest, self.parts.row, np.abs(self.kg))
        scale = np.where(largest > 0, largest, 1.0)
        return self.kg / scale[self.parts.row], scale

    def std_kg(self, activity_cv: Floats) -> Floats:
        """Returns the standard deviations, float64[k], kg CO2e.

        Args:
            activity_cv: float64[k], of what multiplies the whole amount.
        """
        row, count = self.parts.row, len(self.places)
        share, scale = self._shares
        groups = int(self._group.max(initial=0)) + 1
        used, cells = np.unique(row * groups + self._group, return_inverse=True)
        shared = np.bincount(used // groups, np.bincount(cells, share * self._cv, len(used)) ** 2, count)
        own = self.sum(share**2 * self.parts.activity_cv**2 * (1 + self._cv**2))
        whole = activity_cv**2
        variance = shared + whole * (self.sum(share) ** 2 + shared) + (1 + whole) * own
        return scale * np.sqrt(variance)

    def quality(self) -> tuple[Floats, Floats]:
        """Returns dqi_score and mean pedigree, float64[k] each, weighted with the amounts; the mean is NaN without pedigree."""
        weight = np.abs(self._shares[0])
        total = self.sum(weight)
        dqi = self.sum(weight * self._dqi)
        # Where nothing weighs, all count alike.
        graded = np.where(np.isnan(self._pedigree), 0.0, np.where(total[self.parts.row] > 0, weight, 1.0))
        graded_total, graded_sum = self.sum(graded), self.sum(graded * np.nan_to_num(self._pedigree))
        return (
            np.where(total > 0, dqi / np.where(total > 0, total, 1.0), self._method.dqi_score),
            np.where(graded_total > 0, graded_sum / np.where(graded_total > 0, graded_total, 1.0), np.nan),
        )

    def memo(self) -> dict[str, Floats]:
        """Returns the memo columns that the terms give, float64[k], NaN where no part of a record has any."""
        found = {}
        for name in MEMOS:
            of_term = self._terms.memo[name]
            if of_term is None:
                continue
            per_unit = of_term[self.parts.term]
            has = ~np.isnan(per_unit)
            if has.any():
                sums = self.sum(np.where(has, self.parts.quantity * np.nan_to_num(per_unit), 0.0))
                found[name] = np.where(self.sum(has.astype(float)) > 0, sums, np.nan)
        return found


def signs_differ(split: Split) -> Bools:
    """Says which records have terms of both signs, bool[k]."""
    if not (split.kg < 0).any():
        return np.zeros(len(split.places), bool)
    return (split.sum((split.kg < 0).astype(float)) > 0) & (split.sum((split.kg > 0).astype(float)) > 0)
