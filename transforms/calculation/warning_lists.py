"""The warnings of results: each list is built once for all rows that say the same.

Source: calculation specification, 7.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from schemas.arrays import Floats, Ints
from transforms.calculation.pairs import PAIR_BITS
from transforms.calculation.quality import TOLERANCE
from transforms.calculation.term import mixed_gwp
from transforms.calculation.terms import Terms

# Lists kept, about 200 bytes each; then they are built anew.
_MOST_KEPT = 40_000


class WarningLists:
    """Builds lists of warnings, sorted, each code once.

    Args:
        terms: hold the sets of warnings, and the lists that were built before.
        low_dqi_threshold: data quality below it is told.
    """

    def __init__(self, terms: Terms, low_dqi_threshold: float) -> None:
        self._terms, self._threshold = terms, low_dqi_threshold

    def fallbacks(self, labels: Sequence[str], passed_over: Ints, reason: Ints) -> list[pa.Array]:
        """Returns what results say of a better method that could not be used: at most one array, string[n].

        Args:
            labels: of the methods.
            passed_over: int64[n], which method, -1 for none.
            reason: int64[n], its failure.
        """
        if not (passed_over >= 0).any():
            return []
        code, _ = _numbered(np.where(passed_over < 0, -1, reason * len(labels) + passed_over))
        texts: list[str | None] = [None] * (int(code.max()) + 1)
        for row in np.unique(code, return_index=True)[1].tolist():
            if passed_over[row] >= 0:
                failure = self._terms.failures[reason[row]]
                texts[code[row]] = f"W_TIER_FALLBACK from={labels[passed_over[row]]} reason={failure.reason}"
        return [pa.array(texts, pa.string()).take(pa.array(code))]

    def together(self, row: Ints, term: Ints, rows: int) -> Ints:
        """Returns the warning set of records with several terms, int64[rows]: what their terms say, each code once.

        Args:
            row: int64[p], the record of each term, rising.
            term: int64[p], without failure.
            rows: number of records.
        """
        terms = self._terms
        said = (terms.warning_set[term] << PAIR_BITS) | terms.gwp_set[term]
        # Terms of a record that say the same count once; the order in which they stand does not matter.
        order = np.lexsort((said, row))
        row, said = row[order], said[order]
        distinct = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(said, prepend=-1) != 0))
        row, said = row[distinct], said[distinct]
        lengths = np.bincount(row, minlength=rows)
        starts = np.cumsum(lengths) - lengths
        sets = np.full(rows, terms.warning_sets.place(()), np.int64)
        for length in np.unique(lengths[lengths > 0]).tolist():
            alike = np.flatnonzero(lengths == length)
            listed = said[starts[alike][:, None] + np.arange(length)]
            kinds, which = np.unique(listed, axis=0, return_inverse=True)
            sets[alike] = np.array([self._joined(tuple(kind)) for kind in kinds.tolist()], np.int64)[which.reshape(-1)]
        return sets

    def _joined(self, said: tuple[int, ...]) -> int:
        terms = self._terms
        known = terms.joined_sets.get(said)
        if known is None:
            gwp_sets = frozenset().union(*(terms.gwp_sets[one & ((1 << PAIR_BITS) - 1)] for one in said))
            texts = dict.fromkeys(text for one in said for text in terms.warning_sets[one >> PAIR_BITS])
            known = terms.joined_sets[said] = terms.warning_sets.place((*texts, *mixed_gwp(gwp_sets)))
        return known

    def build(self, sets: Ints, dqi_score: Floats, said: Sequence[pa.Array]) -> pa.Array:
        """Returns list<string>[n].

        Args:
            sets: int64[n], places in Terms.warning_sets.
            dqi_score: float64[n].
            said: string[n] arrays of further warnings, null where there is none.
        """
        low = dqi_score < self._threshold - TOLERANCE
        code, count = _numbered(sets)
        if low.any():
            scores, distinct = _numbered(np.where(low, dqi_score, -1.0))
            code, count = _numbered(code * distinct + scores)
        for texts in said:
            encoded = texts.dictionary_encode(null_encoding="encode")
            code, count = _numbered(code * len(encoded.dictionary) + encoded.indices.to_numpy())
        first = np.empty(count, np.int64)
        first[code[::-1]] = np.arange(len(code) - 1, -1, -1)
        shown = [texts.take(pa.array(first)).to_pylist() for texts in said]
        scores_of = [f"{score:.6g}" if is_low else None for score, is_low in zip(dqi_score[first], low[first], strict=True)]
        keys = zip(sets[first].tolist(), scores_of, *shown, strict=True)
        lists = [self._list(*key) for key in keys]
        return pa.array(lists, pa.list_(pa.string())).take(pa.array(code))

    def _list(self, warning_set: int, score: str | None, *said: str | None) -> list[str]:
        known = self._terms.warning_lists
        key = (warning_set, score, *said)
        found = known.get(key)
        if found is None:
            if len(known) > _MOST_KEPT:
                known.clear()
            texts = [*self._terms.warning_sets[warning_set], *(text for text in said if text is not None)]
            if score is not None:
                texts.append(f"W_LOW_DQI score={score}")
            by_code: dict[str, str] = {}
            for text in sorted(texts):
                by_code.setdefault(text.partition(" ")[0], text)
            found = known[key] = sorted(by_code.values())
        return found


def _numbered(values: Floats | Ints) -> tuple[Ints, int]:
    """Returns a number for each distinct value, int64[n], and how many there are. By hashing, which is faster than to sort."""
    encoded = pa.array(values).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
