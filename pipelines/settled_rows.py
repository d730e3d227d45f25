"""A slim row of each record in a database of its own, which goes to disk where it gets large.

Ids are settled as the audit of a run does: of rows under one record_id the first stays.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

import duckdb
import pyarrow as pa

from schemas.faults import UserFault

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {"memory_limit": "100MB", "preserve_insertion_order": False, "threads": 1}
_ROWS_AT_ONCE = 20_000

_IDENTITY = {"source_id": pa.int32(), "source_position": pa.int64(), "record_id": pa.string(), "input_sha256": pa.binary(32)}

# The same content is a line that came twice, another is a second record.
_RANKED = """
CREATE TABLE ranked AS
SELECT source_id, source_position, record_id, input_sha256, row_number() OVER w AS rank,
    first_value(source_id) OVER w AS kept_source_id, first_value(source_position) OVER w AS kept_position,
    first_value(input_sha256) OVER w AS kept_sha256
FROM records SEMI JOIN (SELECT record_id FROM records WHERE {has_result} GROUP BY record_id HAVING count(*) > 1) USING (record_id)
WHERE {has_result}
WINDOW w AS (PARTITION BY record_id ORDER BY source_id, source_position)"""

_REPEATED, _CLAIMED = "rank > 1 AND input_sha256 = kept_sha256", "rank > 1 AND input_sha256 <> kept_sha256"

_Rows = TypeVar("_Rows", bound="SettledRows")


class NoRoom(UserFault):
    """Memory or disk don't hold the rows. Not a fault of the file that is read at the moment."""


class Claim(NamedTuple):
    """A record that claims the id of another, and where that one is."""

    source_id: int
    source_position: int
    record_id: str
    kept_source_id: int
    kept_position: int


class SettledRows:
    """The rows of some files, in the table `records`. A context manager: the database goes with it.

    Args:
        folder: an empty one, for what does not fit into memory.
        columns: what is kept of a record beside its place, record_id and digest.
        has_result: says of a row in SQL whether it has a result; one without takes no part in who has an id.

    Raises:
        NoRoom: by any method.
    """

    def __init__(self, folder: str, columns: Mapping[str, pa.DataType], has_result: str) -> None:
        self._folder, self._has_result = folder, has_result
        self._schema = pa.schema({**_IDENTITY, **columns})
        with self._room():
            self._connection = duckdb.connect(f"{folder}/records.duckdb", config=_SETTINGS)
            self._connection.register("nothing", self._schema.empty_table())
            self._connection.execute("CREATE TABLE records AS FROM nothing")
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self: _Rows) -> _Rows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.close()

    def keep(self, batch: pa.RecordBatch, columns: Mapping[str, pa.Array]) -> None:
        """Notes n records.

        Args:
            batch: as they are calculated.
            columns: of the columns, one of n each; values of other widths are converted.
        """
        arrays = [columns[name] if name in columns else batch.column(name) for name in self._schema.names]
        cast = [array.cast(kind) for array, kind in zip(arrays, self._schema.types, strict=True)]
        self._waiting.append(pa.RecordBatch.from_arrays(cast, schema=self._schema))
        if sum(one.num_rows for one in self._waiting) >= _ROWS_AT_ONCE:
            self._store()

    def settle(self) -> tuple[int, int]:
        """Takes out rows whose record_id another has. To be called once, behind the last `keep`.

        Returns:
            The number of lines that came twice, and of records that claim the id of another.
        """
        self._store()
        with self._room():
            self._connection.execute(_RANKED.format(has_result=self._has_result))
        [counts] = self.rows(f"SELECT count(*) FILTER ({_REPEATED}), count(*) FILTER ({_CLAIMED}) FROM ranked")
        with self._room():
            self._connection.execute(
                "DELETE FROM records USING ranked r "
                "WHERE rank > 1 AND (records.source_id, records.source_position) = (r.source_id, r.source_position)"
            )
        return counts[0], counts[1]

    def claims(self, most: int) -> list[Claim]:
        """Returns the first records that claim the id of another, after `settle`."""
        columns = ", ".join(Claim._fields)
        return [Claim(*row) for row in self.rows(f"SELECT {columns} FROM ranked WHERE {_CLAIMED} ORDER BY 1, 2 LIMIT {most}")]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Returns the answer of a query on the table `records`."""
        with self._room():
            return self._connection.execute(query).fetchall()

    def _store(self) -> None:
        if self._waiting:
            waiting, self._waiting = pa.Table.from_batches(self._waiting), []
            with self._room():
                self._connection.register("waiting", waiting)
                self._connection.execute("INSERT INTO records FROM waiting")
                self._connection.unregister("waiting")

    @contextmanager
    def _room(self) -> Iterator[None]:
        """Tells what to do where there is no room. Another fault of DuckDB's is ours."""
        try:
            yield
        except (duckdb.OperationalError, duckdb.FatalException) as error:
            fault = NoRoom(
                f"there is no room for a small row of each record in {self._folder} ({str(error).strip().splitlines()[0]}); "
                "free space there, let TMPDIR name another folder, or give fewer files at once"
            )
        else:
            return
        # Raised outside the handler: a sentence needs no history.
        raise fault
