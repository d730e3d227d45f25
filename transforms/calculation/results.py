"""Turns the chosen attempts of a batch into result rows.

Source: calculation specification, 1.3 (direct and upstream), 8 (columns), 9 (interval) and 10.4 (quality).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from schemas.arrow import table_schema
from schemas.config import Config
from schemas.records.batch import Fields
from transforms.calculation.attempts import Attempt, Choice
from transforms.calculation.factor_lists import FactorLists
from transforms.calculation.quality import RATINGS, rating
from transforms.calculation.split import Split, signs_differ
from transforms.calculation.term import MEMOS
from transforms.calculation.terms import Terms
from transforms.calculation.uncertainty import interval, one_term_std
from transforms.calculation.warning_lists import WarningLists

_RATINGS = pa.array(RATINGS)

# Above it the upper end of an interval may be beyond any double; the world emits 1e14 a year.
_LARGEST_KG = 1e300


class ResultBuilder:
    """The rows of one batch that have a result.

    Args:
        attempts: of all rows of the batch.
        choice: which one each row takes.
        terms: what the attempts refer to.
        credit: bool[n], credit notes: every amount is negated.
        upstream_counts: bool[n], kg_co2e holds the upstream part.
        config: options.
    """

    def __init__(
        self, attempts: Sequence[Attempt], choice: Choice, terms: Terms, credit: Bools, upstream_counts: Bools, config: Config
    ) -> None:
        self._attempts, self._terms, self._config = attempts, terms, config
        self.rows = np.flatnonzero(choice.attempt >= 0)
        self._chosen = choice.attempt[self.rows]
        self._passed_over, self._reason = choice.passed_over[self.rows], choice.reason[self.rows]
        self._credit, self._upstream_counts = credit[self.rows], upstream_counts[self.rows]
        n = len(self.rows)
        # -1 where the amount is a sum of several terms.
        self._term = np.full(n, -1, np.int64)
        self._activity_cv, self._quantity = np.empty(n), np.zeros(n)
        self._own_value, self._own_cv = np.full(n, np.nan), np.full(n, np.nan)
        self._memo: dict[str, Floats] = {}
        self._splits: list[Split] = []
        for place, attempt in enumerate(attempts):
            here = self._chosen == place
            if here.any():
                self._take(attempt, here)
        self._amounts()

    def _take(self, attempt: Attempt, here: Bools) -> None:
        """Takes the rows that chose an attempt."""
        rows = self.rows[here]
        self._activity_cv[here] = attempt.activity_cv[rows]
        for name, values in attempt.memo.items():
            self._memo.setdefault(name, np.full(len(self.rows), np.nan))[here] = values[rows]
        if attempt.parts is not None:
            self._splits.append(Split(self._terms, attempt, np.flatnonzero(here), attempt.parts.among(rows), self._upstream_counts))
            return
        self._term[here], self._quantity[here] = attempt.term[rows], attempt.quantity[rows]
        if attempt.own_value is not None:
            self._own_value[here] = attempt.own_value[rows]
        if attempt.own_cv is not None:
            self._own_cv[here] = attempt.own_cv[rows]

    def _amounts(self) -> None:
        terms, term = self._terms, self._term
        factor = terms.kg_per_unit[term] * np.where(np.isnan(self._own_value), 1.0, self._own_value)
        self._direct = self._quantity * factor
        self._upstream = self._quantity * terms.upstream_kg_per_unit[term]
        self.kg_co2e = np.where(self._upstream_counts, self._direct + self._upstream, self._direct)
        for name in MEMOS:
            of_term = terms.memo[name]
            if of_term is None:
                continue
            per_unit = np.where(term >= 0, of_term[term], np.nan)
            if not np.isnan(per_unit).all():
                self._memo.setdefault(name, np.full(len(term), np.nan))
                self._memo[name] = np.where(np.isnan(per_unit), self._memo[name], self._quantity * per_unit)
        self._cv = np.where(np.isnan(self._own_cv), terms.cv[term], self._own_cv)
        self._std_kg = one_term_std(self.kg_co2e, self._activity_cv**2, self._cv)
        self._dqi = terms.dqi_score[term]
        self._pedigree = terms.pedigree_mean[term]
        self._mixed_sign = np.zeros(len(self.rows), bool)
        for split in self._splits:
            self._add_up(split)
        # Nothing weighs where nothing is emitted: then the method's constant counts.
        constants = np.array([attempt.method.dqi_score for attempt in self._attempts])[self._chosen]
        self._dqi = np.where(self.kg_co2e == 0, constants, self._dqi)

    def _add_up(self, split: Split) -> None:
        """Fills amount, variance and quality of rows with several terms."""
        places = split.places
        self._direct[places], self._upstream[places] = split.sum(split.direct), split.sum(split.upstream)
        self.kg_co2e[places] = split.sum(split.kg)
        self._std_kg[places] = split.std_kg(self._activity_cv[places])
        self._dqi[places], self._pedigree[places] = split.quality()
        self._mixed_sign[places] = signs_differ(split)
        for name, values in split.memo().items():
            self._memo.setdefault(name, np.full(len(self.rows), np.nan))[places] = values

    @property
    def too_large(self) -> Ints:
        """Returns the rows of the batch whose amount, or its interval, is beyond what a double can hold."""
        amounts = (self._direct, self._upstream, self.kg_co2e, self._std_kg)
        return self.rows[~np.all([np.abs(kg) <= _LARGEST_KG for kg in amounts], axis=0)]

    def _signed(self, kg: Floats) -> Floats:
        """Returns amounts, those of credit notes below 0."""
        return np.where(self._credit, -kg, kg)

    @property
    def signed_kg_co2e(self) -> Floats:
        """Returns the totals, float64[n], kg CO2e: those of credit notes below 0."""
        return self._signed(self.kg_co2e)

    def batch(self, category: int, fields: Fields, taken: pa.RecordBatch, derived: Mapping[str, Floats]) -> pa.RecordBatch:
        """Returns the result rows.

        Args:
            category: 1 to 15.
            fields: of the rows that have a result.
            taken: the same rows, for the columns that only pass through.
            derived: memo columns that follow from kg_co2e, float64 of the same rows, NaN where there is none.
        """
        n = len(self.rows)
        kg_co2e = self.signed_kg_co2e
        spread = interval(kg_co2e, self._std_kg, self._mixed_sign)
        method = [attempt.method for attempt in self._attempts]
        chosen = pa.array(self._chosen)
        schema = table_schema("results")
        memo = {**{name: self._signed(values) for name, values in self._memo.items()}, **derived}
        columns: dict[str, pa.Array] = {
            "source_id": taken.column("source_id"),
            "source_position": taken.column("source_position"),
            "record_id": fields.texts("record_id"),
            "supplier_id": fields.texts("supplier_id"),
            "supplier_name": fields.texts("supplier_name"),
            "category": pa.array(np.full(n, category, np.int16)),
            "activity_year": fields.integers("activity_year").cast(pa.int16()),
            "kg_co2e": pa.array(kg_co2e),
            "kg_co2e_direct": pa.array(self._signed(self._direct)),
            "kg_co2e_upstream": pa.array(self._signed(self._upstream)),
            "tier": pa.array([one.tier for one in method], pa.int16()).take(chosen),
            "ghgp_method": pa.array([one.ghgp_method for one in method]).take(chosen),
            "method": pa.array([one.label for one in method]).take(chosen),
            "std_kg": pa.array(spread.std_kg),
            "p5_kg": pa.array(spread.p5_kg),
            "p50_kg": pa.array(spread.p50_kg),
            "p95_kg": pa.array(spread.p95_kg),
            "cv": _nullable(spread.cv, pa.float64()),
            "dqi_score": pa.array(self._dqi),
            "dqi_rating": _RATINGS.take(pa.array(rating(self._dqi))),
            "warnings": self._warnings(),
            "input_sha256": taken.column("input_sha256"),
            "pedigree_mean": _nullable(self._pedigree, pa.float64()),
            **FactorLists(self._terms, self._term, self._own_value, self._own_cv, self._credit, self._splits).columns(),
            **{name: _nullable(values, schema.field(name).type) for name, values in memo.items()},
        }
        arrays = [columns[name] if name in columns else pa.nulls(n, schema.field(name).type) for name in schema.names]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _warnings(self) -> pa.Array:
        """Returns list<string>[n]."""
        terms, n = self._terms, len(self.rows)
        lists = WarningLists(terms, self._config.low_dqi_threshold)
        said = [text.take(pa.array(self.rows)) for text in self._said()]
        sets = terms.warning_set[self._term]
        for split in self._splits:
            sets[split.places] = lists.together(split.parts.row, split.parts.term, len(split.places))
        fallback = lists.fallbacks([attempt.method.label for attempt in self._attempts], self._passed_over, self._reason)
        flags = [("W_CREDIT_NOTE", self._credit), ("W_MIXED_SIGN", self._mixed_sign)]
        flagged = [pa.array([code]).take(pa.array(np.zeros(n, np.int64), mask=~where)) for code, where in flags if where.any()]
        return lists.build(sets, self._dqi, [*said, *fallback, *flagged])

    def _said(self) -> list[pa.Array]:
        """Returns what the chosen attempts say of values of the records: string arrays of all rows of the batch."""
        found = []
        for place, attempt in enumerate(self._attempts):
            if not attempt.said or not (self._chosen == place).any():
                continue
            chosen = np.zeros(len(attempt.complete), bool)
            chosen[self.rows[self._chosen == place]] = True
            nothing = pa.nulls(len(chosen), pa.string())
            found += [pa.compute.if_else(pa.array(chosen), text, nothing) for text in attempt.said if text.null_count < len(text)]
        return found

    def uses(self) -> Ints:
        """Returns the places of the factors behind the results and their parts, one for each term."""
        used = [self._term[self._term >= 0], *(split.parts.term for split in self._splits)]
        places = self._terms.use[np.concatenate(used)]
        return places[places >= 0]


def _nullable(values: Floats, kind: pa.DataType) -> pa.Array:
    return pa.array(values, mask=np.isnan(values)).cast(kind)
