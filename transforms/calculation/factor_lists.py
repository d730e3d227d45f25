"""The lists of factors in result rows: only where they are not those of the row's factor_use.

Source: calculation specification, 8 (factor_ids and the lists beside it) and 9.6 (what totals need of them).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints
from transforms.calculation.ragged import gather, list_array
from transforms.calculation.split import Split
from transforms.calculation.terms import Terms


@dataclass(frozen=True)
class FactorLists:
    """The factors of n results.

    Attributes:
        terms: what `term` refers to.
        term: int64[n], their terms; -1 where there are several.
        own_value, own_cv: float64[n], factor and cv that the record gives, NaN where it is the term's.
        credit: bool[n], credit notes.
        splits: results with several terms.
    """

    terms: Terms
    term: Ints
    own_value: Floats
    own_cv: Floats
    credit: Bools
    splits: Sequence[Split]

    def columns(self) -> dict[str, pa.Array]:
        """Returns factor_use and the lists of the rows whose lists are not those of their factor_use."""
        terms, n = self.terms, len(self.term)
        several = np.zeros(n, bool)
        for split in self.splits:
            several[split.places] = True
        columns = {"factor_use": pa.array(terms.factor_use[terms.use[self.term]], mask=several)}
        own_value, own_cv = ~np.isnan(self.own_value), ~np.isnan(self.own_cv)
        if several.any():
            return columns | self._lists_of_several(several, own_value, own_cv)
        if own_value.any():
            values = self._one_list(own_value, terms.entry_value, self.own_value)
            columns["factor_values"] = list_array(*values, own_value)
        if own_cv.any():
            cvs = self._one_list(own_cv, None, self.own_cv)
            columns["factor_cvs"] = list_array(*cvs, own_cv)
        return columns

    def _one_list(self, wanted: Bools, entry_values: Floats | None, at_lead: Floats) -> tuple[pa.Array, Ints]:
        """Returns flat values and lengths of the lists of single terms, with the record's own value at the lead."""
        terms = self.terms
        term = terms.use[self.term[wanted]]
        count = terms.entry_count[term]
        values = np.zeros(int(count.sum())) if entry_values is None else entry_values[gather(terms.entry_start[term], count)]
        values[np.cumsum(count) - count + terms.lead[term]] = at_lead[wanted]
        lengths = np.zeros(len(wanted), np.int64)
        lengths[wanted] = count
        return pa.array(values), lengths

    def _lists_of_several(self, several: Bools, own_value: Bools, own_cv: Bools) -> dict[str, pa.Array]:
        """Returns all lists of a batch in which some rows have several terms."""
        terms = self.terms
        places, entries, values_of, kg, cvs = [], [], [], [], []
        for split in self.splits:
            parts = split.parts
            use = terms.use[parts.term]
            count = terms.entry_count[use]
            entry = gather(terms.entry_start[use], count)
            lead = np.cumsum(count) - count + terms.lead[use]
            part_kg, part_cv, value = np.zeros(len(entry)), np.zeros(len(entry)), terms.entry_value[entry]
            part_kg[lead], part_cv[lead] = split.lead_kg, split.lead_cv
            if parts.own_value is not None:
                value[lead] = np.where(np.isnan(parts.own_value), value[lead], parts.own_value)
            places.append(np.repeat(split.places[parts.row], count))
            entries.append(entry)
            values_of.append(value)
            kg.append(part_kg)
            cvs.append(part_cv)
        place, entry, value = np.concatenate(places), np.concatenate(entries), np.concatenate(values_of)
        all_kg, all_cv = np.concatenate(kg), np.concatenate(cvs)
        # A factor that two terms of a record share stands once; its terms are added.
        used, code = np.unique(entry, return_inverse=True)
        names = [(terms.entries[one].factor_id, terms.entries[one].unit) for one in used.tolist()]
        rank_of = {name: rank for rank, name in enumerate(sorted(set(names)))}
        rank = np.array([rank_of[name] for name in names])[code]
        order = np.lexsort((rank, place))
        place, rank, entry, value = place[order], rank[order], entry[order], value[order]
        starts = np.flatnonzero((np.diff(place, prepend=-1) != 0) | (np.diff(rank, prepend=-1) != 0))
        merged_kg = np.add.reduceat(all_kg[order], starts)
        merged_cv = np.maximum.reduceat(all_cv[order], starts)
        # Found in two ways, a factor may have two cvs: then the mean, of which the shared part of the variance follows.
        spread = np.add.reduceat((all_kg * all_cv)[order], starts)
        np.divide(spread, merged_kg, out=merged_cv, where=~np.isclose(spread, merged_kg * merged_cv, rtol=1e-12, atol=0.0))
        entry, place, value = entry[starts], place[starts], value[starts]
        lengths = np.bincount(place, minlength=len(several))
        flat = [terms.entries[one] for one in np.unique(entry).tolist()]
        where = pa.array(np.searchsorted(np.unique(entry), entry))
        lists = {
            "factor_ids": pa.array([one.factor_id for one in flat]).take(where),
            "factor_units": pa.array([one.unit for one in flat]).take(where),
            "factor_kg_co2e": pa.array(np.where(self.credit[place], -merged_kg, merged_kg)),
        }
        columns = {name: list_array(values, lengths, several) for name, values in lists.items()}
        columns["factor_values"] = self._beside(several, lengths, value, own_value & ~several, self.own_value)
        columns["factor_cvs"] = self._beside(several, lengths, merged_cv, own_cv & ~several, self.own_cv, zero=True)
        return columns

    def _beside(self, several: Bools, lengths: Ints, values: Floats, single: Bools, at_lead: Floats, zero: bool = False) -> pa.Array:
        """Returns lists of rows with several terms and of single rows with an own value, in one column."""
        terms = self.terms
        both = lengths.copy()
        term = terms.use[self.term[single]]
        count = terms.entry_count[term]
        both[single] = count
        flat = np.empty(int(both.sum()))
        starts = np.cumsum(both) - both
        flat[gather(starts[several], both[several])] = values
        own = np.zeros(int(count.sum())) if zero else terms.entry_value[gather(terms.entry_start[term], count)]
        own[np.cumsum(count) - count + terms.lead[term]] = at_lead[single]
        flat[gather(starts[single], count)] = own
        return list_array(pa.array(flat), both, several | single)
