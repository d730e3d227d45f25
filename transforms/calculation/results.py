"""Turns the chosen attempts of a batch into result rows.

Source: calculation specification, 8 (columns), 9 (interval) and 10.4 (quality).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from schemas.arrow import table_schema
from schemas.config import Config
from schemas.methods import Method
from transforms.calculation.arrays import Bools, Floats, Ints
from transforms.calculation.attempts import Attempt, Choice, Parts
from transforms.calculation.factor_lists import FactorLists
from transforms.calculation.fields import Fields
from transforms.calculation.quality import RATINGS, TOLERANCE, rating
from transforms.calculation.terms import Terms
from transforms.calculation.uncertainty import interval, one_term_std

_RATINGS = pa.array(RATINGS)


class ResultBuilder:
    """The rows of one batch that have a result.

    Args:
        attempts: of all rows of the batch.
        choice: which one each row takes.
        terms: what the attempts refer to.
        credit: bool[n], credit notes: every amount is negated.
        config: options.
    """

    def __init__(self, attempts: Sequence[Attempt], choice: Choice, terms: Terms, credit: Bools, config: Config) -> None:
        self._attempts, self._terms, self._config = attempts, terms, config
        self.rows = np.flatnonzero(choice.attempt >= 0)
        self._chosen = choice.attempt[self.rows]
        self._passed_over = choice.passed_over[self.rows]
        self._credit = credit[self.rows]
        n = len(self.rows)
        self._term = np.empty(n, np.int64)
        self._quantity, self._activity_cv = np.empty(n), np.empty(n)
        self._own_value, self._own_cv = np.full(n, np.nan), np.full(n, np.nan)
        # Methods with several terms: which of the results they gave, and the parts of these.
        self._split: list[tuple[Bools, Method, Parts]] = []
        for place, attempt in enumerate(attempts):
            here = self._chosen == place
            if not here.any():
                continue
            rows = self.rows[here]
            self._term[here] = attempt.term[rows]
            self._quantity[here] = attempt.quantity[rows]
            self._activity_cv[here] = attempt.activity_cv[rows]
            if attempt.own_value is not None:
                self._own_value[here] = attempt.own_value[rows]
            if attempt.own_cv is not None:
                self._own_cv[here] = attempt.own_cv[rows]
            if attempt.parts is not None:
                self._split.append((here, attempt.method, attempt.parts.among(rows)))
        self._amounts()

    def _amounts(self) -> None:
        terms = self._terms
        factor = terms.kg_per_unit[self._term] * np.where(np.isnan(self._own_value), 1.0, self._own_value)
        with np.errstate(over="ignore"):
            # An amount beyond any double is found and refused by its caller.
            self.kg_co2e = self._quantity * factor
        self._cv = np.where(np.isnan(self._own_cv), terms.cv[self._term], self._own_cv)
        self._std_kg = one_term_std(self.kg_co2e, self._activity_cv**2, self._cv)
        # Nothing weighs where nothing is emitted: then the method's constant counts.
        constants = np.array([attempt.method.dqi_score for attempt in self._attempts])[self._chosen]
        self._dqi = np.where(self.kg_co2e == 0, constants, terms.dqi_score[self._term])
        self._pedigree = terms.pedigree_mean[self._term]
        self._mixed_sign = np.zeros(len(self.rows), bool)
        for here, method, parts in self._split:
            self._add_up(np.flatnonzero(here), method, parts)

    def _add_up(self, places: Ints, method: Method, parts: Parts) -> None:
        """Fills amount, variance and quality of rows with several terms."""
        terms, place, term, kg, activity_cv = self._terms, parts.row, parts.term, parts.kg, parts.activity_cv
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        factor_cv = terms.cv[term]
        total = np.add.reduceat(kg, starts)
        # D_g^2 by record and correlation group, R by record.
        groups = terms.group[terms.use[term]]
        cell = place * (int(groups.max()) + 1) + groups
        order = np.argsort(cell, kind="stable")
        cell_starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        # Squares are formed of shares of the largest term: those of the amounts themselves may be beyond any double.
        largest = np.maximum.reduceat(np.abs(kg), starts)
        scale = np.where(largest > 0, largest, 1.0)
        share = kg / np.repeat(scale, np.diff(starts, append=len(kg)))
        squares = np.add.reduceat((share * factor_cv)[order], cell_starts) ** 2
        shared = np.add.reduceat(squares, np.flatnonzero(np.diff(place[order][cell_starts], prepend=-1)))
        own_part = np.add.reduceat(share**2 * activity_cv**2 * (1 + factor_cv**2), starts)
        weight = np.add.reduceat(np.abs(kg), starts)
        dqi = np.add.reduceat(np.abs(kg) * terms.dqi_score[term], starts)
        graded = ~np.isnan(terms.pedigree_mean[term])
        pedigree_weight = np.add.reduceat(np.abs(kg) * graded, starts)
        pedigree = np.add.reduceat(np.abs(kg) * np.where(graded, terms.pedigree_mean[term], 0.0), starts)
        self.kg_co2e[places] = total
        self._std_kg[places] = scale * np.sqrt(shared + own_part)
        self._dqi[places] = np.where(weight > 0, dqi / np.where(weight > 0, weight, 1.0), method.dqi_score)
        self._pedigree[places] = np.where(pedigree_weight > 0, pedigree / np.where(pedigree_weight > 0, pedigree_weight, 1.0), np.nan)

    @property
    def is_finite(self) -> bool:
        """Says whether every amount is one that a double can hold."""
        return bool(np.isfinite(self.kg_co2e).all())

    @property
    def too_large(self) -> Ints:
        """Returns the rows of the batch whose amount is beyond any double."""
        return self.rows[~np.isfinite(self.kg_co2e)]

    @property
    def signed_kg_co2e(self) -> Floats:
        """Returns the amounts, float64[n], kg CO2e: those of credit notes below 0."""
        return np.where(self._credit, -self.kg_co2e, self.kg_co2e)

    def batch(self, category: int, fields: Fields, taken: pa.RecordBatch, memo: Mapping[str, Floats]) -> pa.RecordBatch:
        """Returns the result rows.

        Args:
            category: 1 to 15.
            fields: of the rows that have a result.
            taken: the same rows, for the columns that only pass through.
            memo: memo columns by name, float64 of the same rows, NaN where there is none.
        """
        n = len(self.rows)
        kg_co2e = self.signed_kg_co2e
        spread = interval(kg_co2e, self._std_kg, self._mixed_sign)
        method = [attempt.method for attempt in self._attempts]
        chosen = pa.array(self._chosen)
        columns: dict[str, pa.Array] = {
            "source_id": taken.column("source_id"),
            "source_position": taken.column("source_position"),
            "record_id": fields.texts("record_id"),
            "supplier_id": fields.texts("supplier_id"),
            "supplier_name": fields.texts("supplier_name"),
            "category": pa.array(np.full(n, category, np.int16)),
            "activity_year": fields.integers("activity_year").cast(pa.int16()),
            "kg_co2e": pa.array(kg_co2e),
            "kg_co2e_direct": pa.array(kg_co2e),
            "kg_co2e_upstream": pa.array(np.zeros(n)),
            "tier": pa.array([one.tier for one in method], pa.int16()).take(chosen),
            "ghgp_method": pa.array([one.ghgp_method for one in method]).take(chosen),
            "method": pa.array([one.label for one in method]).take(chosen),
            "std_kg": pa.array(spread.std_kg),
            "p5_kg": pa.array(spread.p5_kg),
            "p50_kg": pa.array(spread.p50_kg),
            "p95_kg": pa.array(spread.p95_kg),
            "cv": _nullable(spread.cv),
            "dqi_score": pa.array(self._dqi),
            "dqi_rating": _RATINGS.take(pa.array(rating(self._dqi))),
            "warnings": self._warnings(),
            "input_sha256": taken.column("input_sha256"),
            "pedigree_mean": _nullable(self._pedigree),
            **self._lists().columns(),
            **{name: _nullable(values) for name, values in memo.items()},
        }
        schema = table_schema("results")
        arrays = [columns[name] if name in columns else pa.nulls(n, schema.field(name).type) for name in schema.names]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _warnings(self) -> pa.Array:
        """Returns list<string>[n]: built once for each distinct combination of what warnings follow from."""
        terms, n = self._terms, len(self.rows)
        low = self._dqi < self._config.low_dqi_threshold - TOLERANCE
        score, scores = _numbered(np.where(low, self._dqi, -1.0))
        # 0: no method was passed over; its number and what was in its way elsewhere.
        passed_over = np.zeros(n, np.int64)
        for place, attempt in enumerate(self._attempts):
            here = self._passed_over == place
            if here.any():
                passed_over[here] = 1 + place + len(self._attempts) * terms.failure[attempt.term[self.rows[here]]]
        code = terms.warning_set[self._term] * scores + score
        code = (code * (1 + len(self._attempts) * len(terms.failures)) + passed_over) * 2 + self._credit
        inverse, distinct = _numbered(code)
        first = np.empty(distinct, np.int64)
        first[inverse[::-1]] = np.arange(n - 1, -1, -1)
        lists = [self._warnings_of(row, int(passed_over[row]), bool(low[row])) for row in first.tolist()]
        return pa.array(lists, pa.list_(pa.string())).take(pa.array(inverse))

    def _warnings_of(self, row: int, passed_over: int, low: bool) -> list[str]:
        known = self._terms.warning_lists
        score = float(self._dqi[row]) if low else None
        key = (int(self._terms.warning_set[self._term[row]]), int(self._chosen[row]), passed_over, score, bool(self._credit[row]))
        found = known.get(key)
        if found is None:
            found = known[key] = self._list_warnings(row, passed_over, low)
        return found

    def _list_warnings(self, row: int, passed_over: int, low: bool) -> list[str]:
        texts = list(self._terms.warning_sets[self._terms.warning_set[self._term[row]]])
        if passed_over:
            failure, place = divmod(passed_over - 1, len(self._attempts))
            texts.append(f"W_TIER_FALLBACK from={self._attempts[place].method.label} reason={self._terms.failures[failure].reason}")
        if low:
            texts.append(f"W_LOW_DQI score={self._dqi[row]:.6g}")
        if self._credit[row]:
            texts.append("W_CREDIT_NOTE")
        by_code: dict[str, str] = {}
        for text in sorted(texts):
            by_code.setdefault(text.partition(" ")[0], text)
        return sorted(by_code.values())

    def _lists(self) -> FactorLists:
        split = [(here, parts) for here, _, parts in self._split]
        return FactorLists(self._terms, self._term, self._own_value, self._own_cv, self._credit, split)

    def uses(self) -> Ints:
        """Returns the places of the factors behind the results and their parts, one for each term."""
        used = [self._term, *(parts.term for _, _, parts in self._split)]
        places = self._terms.use[np.concatenate(used)]
        return places[places >= 0]


def _numbered(values: Floats | Ints) -> tuple[Ints, int]:
    """Returns a number for each distinct value, int64[n], and how many there are. By hashing, which is faster than to sort."""
    encoded = pa.array(values).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)


def _nullable(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
