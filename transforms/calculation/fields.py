"""The fields of a batch: columns by name, whether the batch has them or not."""

import numpy as np
import pyarrow as pa

from transforms.calculation.arrays import Bools, Floats


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
