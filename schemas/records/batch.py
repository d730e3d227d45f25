"""The fields of a batch: columns by name, whether the batch has them or not."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.arrays import Bools, Floats, Ints


class Fields:
    """Columns of n records; a column that the batch lacks is null throughout."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch = batch
        self._names = set(batch.schema.names)
        self.rows = batch.num_rows

    def column(self, name: str, kind: pa.DataType) -> pa.Array:
        """Returns the column, or nulls of this type."""
        return self._batch.column(name) if name in self._names else pa.nulls(self.rows, kind)

    def texts(self, name: str) -> pa.Array:
        """Returns string[n]."""
        return self.column(name, pa.string())

    def integers(self, name: str) -> pa.Array:
        """Returns int64[n]."""
        return self.column(name, pa.int64())

    def numbers(self, name: str) -> Floats:
        """Returns float64[n], NaN where the record gives none."""
        if name not in self._names:
            return np.full(self.rows, np.nan)
        return self._batch.column(name).to_numpy(zero_copy_only=False)

    def given(self, name: str) -> Bools:
        """Returns bool[n], which records give the field."""
        if name not in self._names:
            return np.zeros(self.rows, bool)
        column = self._batch.column(name)
        return np.ones(self.rows, bool) if column.null_count == 0 else column.is_valid().to_numpy(zero_copy_only=False)

    def flags(self, name: str) -> Bools:
        """Returns bool[n], which records say true; false where one says nothing."""
        column = self.column(name, pa.bool_())
        return column.fill_null(False).to_numpy(zero_copy_only=False)

    def take(self, rows: Ints) -> "Fields":
        """Returns some of the records, in this order."""
        return Fields(self._batch.take(pa.array(rows)))

    def elements(self, name: str, records: Ints) -> "Elements":
        """Returns the elements of a list or the entries of a map (members `key` and `value`) of some records.

        Args:
            records: int64[k], rising.
        """
        if name not in self._names:
            return Elements(np.zeros(0, np.int64), np.zeros(0, np.int64), Fields(pa.RecordBatch.from_pylist([])))
        lists = self._batch.column(name)
        if len(records) < self.rows:
            lists = lists.take(pa.array(records))
        lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        starts = np.cumsum(lengths) - lengths
        place = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
        return Elements(np.repeat(records, lengths), place, Fields(pa.RecordBatch.from_struct_array(lists.flatten())))


@dataclass(frozen=True)
class Elements:
    """Elements of the lists of many records, one after the other.

    Attributes:
        row: int64[p], the record.
        place: int64[p], of the element in its list.
        fields: of the p elements.
    """

    row: Ints
    place: Ints
    fields: Fields

    def only(self, wanted: Bools) -> "Elements":
        """Returns some of the elements.

        Args:
            wanted: bool[p].
        """
        return Elements(self.row[wanted], self.place[wanted], self.fields.take(np.flatnonzero(wanted)))
